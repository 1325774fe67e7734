//! How the figures of a report are written.

use std::time::Duration;

use litemon_core::{
    model::{CheckId, Timestamp, Zone},
    report::{Report, percent},
};

use crate::words::Words;

/// A reader: language and zone.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) words: &'static Words,
    pub(super) zone: &'a Zone,
}

impl Reader<'_> {
    /// A duration in its two largest units: `12 s`, `4 min 10 s`, `3 h 5 min`, `2 d 4 h`.
    pub(super) fn lasting(&self, time: Duration) -> String {
        let units = &self.words.units;
        let seconds = time.as_secs();
        let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
        let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
        let parts =
            [(days, units.day), (hours, units.hour), (minutes, units.minute), (rest, units.second)];
        let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(3);
        let told: Vec<_> = parts
            .iter()
            .skip(first)
            .take(2)
            .enumerate()
            .filter(|(place, (count, _))| *place == 0 || *count > 0)
            .map(|(_, (count, unit))| format!("{count}\u{a0}{unit}"))
            .collect();
        told.join(" ")
    }

    /// A duration, or a dash for none.
    pub(super) fn time_or_dash(&self, time: Duration) -> String {
        if time.is_zero() { "–".to_owned() } else { self.lasting(time) }
    }

    /// `99.98 %`, or a dash when nothing is known.
    pub(super) fn share(&self, share: Option<f64>) -> String {
        let Some(share) = share else { return "–".to_owned() };
        format!("{}\u{a0}%", percent(share).replace('.', self.words.numbers.decimal))
    }

    /// A measured number with one decimal.
    pub(super) fn amount(&self, value: f64, unit: &str) -> String {
        let number = self.words.numbers.write(value, 1);
        if unit.is_empty() { number } else { format!("{number}\u{a0}{unit}") }
    }

    /// A count, or a dash when it is not known.
    pub(super) fn count(&self, value: Option<f64>) -> String {
        value.map_or_else(|| "–".to_owned(), |value| self.words.numbers.amount(value))
    }

    /// `2016-04-14 05:33`
    pub(super) fn moment(&self, at: Timestamp) -> String {
        self.zone.format("%Y-%m-%d %H:%M", at)
    }

    /// The time of a report: days where it has whole ones, else moments.
    pub(super) fn span(&self, report: &Report) -> String {
        let span = &report.span;
        if !span.is_whole_days(self.zone) {
            return self.words.report.to(self.moment(span.from), self.moment(span.to));
        }
        let (first, last) = (span.first_day(self.zone), span.last_day(self.zone));
        if first == last { first } else { self.words.report.to(first, last) }
    }

    /// What a check is called beside its server.
    pub(super) fn name(check: &CheckId) -> String {
        format!("{} {}", check.owner(), check.name())
    }
}
