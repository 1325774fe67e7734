//! Every word of a page, in every language. The words stand in `text/LANGUAGE/AREA.ftl`.

mod accounts;
mod area;
pub(crate) mod catalog;
pub(crate) mod charts;
mod duty;
mod failure;
mod frame;
mod incidents;
pub(crate) mod inventory;
pub(crate) mod jobs;
mod list;
mod months;
mod numbers;
mod page;
mod planned;
mod report;
pub(crate) mod rolling;
mod silence;
#[cfg(test)]
mod tests;
mod text;
mod units;

use std::{ops::Deref, sync::OnceLock, time::Duration};

use litemon_core::model::Language;

use text::Text;

area::areas! {
    page: page::PageWords,
    accounts: accounts::AccountWords,
    catalog: catalog::CatalogWords,
    charts: charts::ChartWords,
    duty: duty::DutyWords,
    failure: failure::FailureWords,
    frame: frame::FrameWords,
    incidents: incidents::IncidentWords,
    inventory: inventory::InventoryWords,
    jobs: jobs::JobWords,
    list: list::ListWords,
    months: months::MonthWords,
    numbers: numbers::NumberWords,
    planned: planned::PlannedWords,
    report: report::ReportWords,
    rolling: rolling::RollingWords,
    silence: silence::SilenceWords,
    units: units::UnitWords,
}

/// Words that many pages have need no name of an area.
impl Deref for Words {
    type Target = page::PageWords;

    fn deref(&self) -> &page::PageWords {
        &self.page
    }
}

/// The files of one language, read once.
fn text(language: Language) -> &'static Text {
    static ENGLISH: OnceLock<Text> = OnceLock::new();
    static INDONESIAN: OnceLock<Text> = OnceLock::new();
    let english = || ENGLISH.get_or_init(|| Text::read("en", ENGLISH_FILES, None));
    match language {
        Language::Indonesian => {
            INDONESIAN.get_or_init(|| Text::read("id", INDONESIAN_FILES, Some(english())))
        }
        _ => english(),
    }
}

impl Words {
    /// The words of a language, which are made at their first use and kept.
    pub(crate) fn of(language: Language) -> &'static Self {
        static ENGLISH: OnceLock<Words> = OnceLock::new();
        static INDONESIAN: OnceLock<Words> = OnceLock::new();
        match language {
            Language::Indonesian => INDONESIAN.get_or_init(|| Self::new("id", text(language))),
            _ => ENGLISH.get_or_init(|| Self::new("en", text(language))),
        }
    }

    /// A duration in its largest unit: `45 s`, `2 min`, `3 h`, `12 d`.
    pub(crate) fn duration(&self, duration: Duration) -> String {
        let seconds = duration.as_secs();
        let (count, unit) = match seconds {
            0..60 => (seconds, self.units.second),
            60..3600 => (seconds / 60, self.units.minute),
            3600..172_800 => (seconds / 3600, self.units.hour),
            _ => (seconds / 86_400, self.units.day),
        };
        format!("{count}\u{a0}{unit}")
    }
}
