//! Every word of a page, in every language. A missing one does not compile.

pub(crate) mod charts;
mod english;
mod frame;
mod incidents;
mod indonesian;
mod list;
mod numbers;

use std::time::Duration;

use litemon_core::model::{FailureKind, Language};

pub(crate) use english::ENGLISH;
pub(crate) use indonesian::INDONESIAN;

/// The words of one language.
pub(crate) struct Words {
    /// Its code (BCP 47).
    pub(crate) code: &'static str,
    pub(crate) overview: &'static str,
    pub(crate) servers: &'static str,
    pub(crate) other_checks: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) live: &'static str,
    pub(crate) without_scripts: &'static str,
    pub(crate) last_result: &'static str,
    pub(crate) ago: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) stale_notice: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) waiting_hint: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) nothing_hint: &'static str,
    pub(crate) stale: &'static str,
    pub(crate) stale_hint: &'static str,
    pub(crate) journal_hint: &'static str,
    pub(crate) own_fault: &'static str,
    pub(crate) unreachable: &'static str,
    pub(crate) is_unreachable: &'static str,
    pub(crate) refuses_login: &'static str,
    pub(crate) key_untrusted: &'static str,
    pub(crate) is_busy: &'static str,
    pub(crate) is_off: &'static str,
    pub(crate) is_unknown: &'static str,
    pub(crate) is_critical: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) warns: &'static str,
    pub(crate) above: &'static str,
    pub(crate) since: &'static str,
    pub(crate) told: &'static str,
    pub(crate) telling: &'static str,
    pub(crate) queued: &'static str,
    pub(crate) not_reached: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) on: &'static str,
    pub(crate) off: &'static str,
    pub(crate) ok: &'static str,
    pub(crate) warning: &'static str,
    pub(crate) critical: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) no_value: &'static str,
    pub(crate) history: &'static str,
    pub(crate) history_summary: fn(usize, usize) -> String,
    pub(crate) check: &'static str,
    pub(crate) state: &'static str,
    pub(crate) value: &'static str,
    pub(crate) since_head: &'static str,
    pub(crate) last_head: &'static str,
    pub(crate) address: &'static str,
    pub(crate) attempt: fn(u32, u32) -> String,
    pub(crate) problems: fn(usize) -> String,
    pub(crate) all_run: fn(usize) -> String,
    pub(crate) all_checks: fn(usize) -> String,
    pub(crate) some_run: fn(usize, usize) -> String,
    pub(crate) services_off: fn(usize) -> String,
    pub(crate) over: &'static str,
    pub(crate) not_found: &'static str,
    pub(crate) not_found_hint: &'static str,
    pub(crate) not_allowed: &'static str,
    pub(crate) not_allowed_hint: &'static str,
    pub(crate) wrong_host: &'static str,
    pub(crate) wrong_host_hint: &'static str,
    pub(crate) back: &'static str,
    pub(crate) failure: fn(FailureKind) -> &'static str,
    pub(crate) units: Units,
    pub(crate) frame: frame::FrameWords,
    pub(crate) incidents: incidents::IncidentWords,
    pub(crate) numbers: numbers::NumberWords,
    pub(crate) charts: charts::ChartWords,
    pub(crate) list: list::ListWords,
}

/// Units of a duration.
pub(crate) struct Units {
    pub(crate) second: &'static str,
    pub(crate) minute: &'static str,
    pub(crate) hour: &'static str,
    pub(crate) day: &'static str,
}

impl Words {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::Indonesian => &INDONESIAN,
            _ => &ENGLISH,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_their_largest_unit() {
        for (seconds, expected) in
            [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (172_800, "2 d")]
        {
            let text = ENGLISH.duration(Duration::from_secs(seconds)).replace('\u{a0}', " ");
            assert_eq!(text, expected);
        }
        assert!(INDONESIAN.duration(Duration::from_secs(3600)).ends_with("jam"));
    }
}
