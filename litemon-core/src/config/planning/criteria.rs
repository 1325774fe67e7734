//! When a check runs and how it is judged.

use std::time::Duration;

use super::{Planner, layers::Effective};
use crate::{
    config::{
        KeyPath, TimeSpan,
        file::{CheckEntry, CheckKeys},
    },
    model::{CheckKind, Criteria, Schedule, Threshold},
};

const SHORTEST: Duration = Duration::from_millis(100);
const MOST_ATTEMPTS: u32 = 1_000;

impl Planner<'_> {
    pub(super) fn schedule(&mut self, keys: &CheckKeys, at: &dyn Fn(&str) -> KeyPath) -> Schedule {
        let usual = Schedule::default();
        let span = |span: Option<TimeSpan>, usual| span.map_or(usual, |span| span.0);
        let schedule = Schedule {
            interval: span(keys.interval, usual.interval),
            timeout: span(keys.timeout, usual.timeout),
            attempts: keys.attempts.unwrap_or(usual.attempts),
            retry_interval: span(keys.retry_interval, usual.retry_interval),
            recover_attempts: keys.recover_attempts.unwrap_or(usual.recover_attempts),
        };
        for (key, value) in [
            ("interval", schedule.interval),
            ("timeout", schedule.timeout),
            ("retry_interval", schedule.retry_interval),
        ] {
            if value < SHORTEST {
                self.wrong(
                    at(key),
                    format!("is too short; expected at least {}", TimeSpan(SHORTEST)),
                );
            }
        }
        for (key, value) in
            [("attempts", schedule.attempts), ("recover_attempts", schedule.recover_attempts)]
        {
            if !(1..=MOST_ATTEMPTS).contains(&value) {
                self.wrong(at(key), format!("expected 1 to {MOST_ATTEMPTS}"));
            }
        }
        schedule
    }

    pub(super) fn criteria(
        &mut self,
        effective: &Effective,
        kind: CheckKind,
        at: &dyn Fn(&str) -> KeyPath,
    ) -> Criteria {
        let entry = &effective.entry;
        let limits = [("threshold", entry.threshold), ("warn", entry.warn), ("clear", entry.clear)];
        for (key, value) in limits {
            let Some(value) = value else { continue };
            if !value.is_finite() {
                self.wrong(at(key), "expected a finite number");
            } else if kind == CheckKind::Resource && !(0.0..=100.0).contains(&value) {
                self.wrong(at(key), "expected a percentage, 0 to 100");
            }
        }
        self.order_of_limits(entry, at);
        let hold = entry.hold.map_or(Duration::ZERO, |span| span.0);
        match entry.warn.or(entry.threshold) {
            None => Criteria::On,
            Some(_) => Criteria::Threshold(Threshold {
                critical: entry.threshold,
                warn: entry.warn,
                clear: entry.clear,
                hold,
            }),
        }
    }

    fn order_of_limits(&mut self, entry: &CheckEntry, at: &dyn Fn(&str) -> KeyPath) {
        let lowest = entry.warn.or(entry.threshold);
        if let (Some(warn), Some(threshold)) = (entry.warn, entry.threshold)
            && warn > threshold
        {
            self.wrong(at("warn"), format!("is above the threshold of {threshold}"));
        }
        match (entry.clear, lowest) {
            (Some(clear), Some(lowest)) if clear > lowest => {
                self.wrong(at("clear"), format!("is above the limit of {lowest} that it clears"));
            }
            (Some(_), None) => self.wrong(at("clear"), "needs a threshold or warn"),
            _ => {}
        }
        if entry.hold.is_some_and(|hold| !hold.0.is_zero()) && lowest.is_none() {
            self.wrong(at("for"), "needs a threshold or warn");
        }
    }
}
