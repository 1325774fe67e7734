use std::fmt;

use super::{Timestamp, Zone};

/// Times that come again and again: a cron pattern of five fields, meant in a zone.
///
/// At the turn of clocks a time of day that is left out comes with the hour after it, and one that
/// comes twice counts once.
#[derive(Clone, Debug)]
pub struct Cron {
    pattern: croner::Cron,
    text: String,
    zone: Zone,
}

/// A pattern that is none of cron's.
#[derive(Debug, thiserror::Error)]
#[error("it is no cron pattern: {0}")]
pub struct NoPattern(#[from] croner::errors::CronError);

impl Cron {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`NoPattern`] when it cannot be read.
    pub fn new(pattern: &str, zone: Zone) -> Result<Self, NoPattern> {
        Ok(Self { pattern: pattern.parse()?, text: pattern.to_owned(), zone })
    }

    /// The first time after a moment; `None` when there is none within years.
    #[must_use]
    pub fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        // Patterns know whole seconds.
        let second = Timestamp::from_millis(moment.as_millis().div_euclid(1000) * 1000);
        let from = second.jiff().to_zoned(self.zone.0.clone());
        let next = self.pattern.find_next_occurrence(&from, false).ok()?;
        let next = Timestamp::from_millis(next.timestamp().as_millisecond());
        (next > moment).then_some(next)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The zone it is meant in.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }
}

/// Pattern and zone: two that are written alike mean the same times.
impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.text, self.zone.name().unwrap_or("local"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn times_are_right_when_the_clock_turns() {
        for (pattern, zone, after, expected) in [
            // At 02:00 it becomes 03:00: what is left out comes with the hour after it.
            ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
            ("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
            // At 03:00 it becomes 02:00: what comes twice counts once.
            ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
            ("30 2 * * *", "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"),
            // Every quarter of an hour goes on through both.
            ("*/15 * * * *", "Europe/Berlin", "2026-03-29T00:45:00Z", "2026-03-29T01:00:00Z"),
            ("*/15 * * * *", "Europe/Berlin", "2026-10-25T00:45:00Z", "2026-10-25T01:00:00Z"),
            ("0 3 * * SUN", "Asia/Jakarta", "2026-11-30T00:00:00Z", "2026-12-05T20:00:00Z"),
            ("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            // Not the moment itself, nor what is left of its second.
            ("* * * * *", "UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"),
            ("* * * * *", "UTC", "2026-01-01T00:00:00.5Z", "2026-01-01T00:01:00Z"),
        ] {
            let cron = Cron::new(pattern, Zone::named(zone).unwrap()).unwrap();
            let next = cron.after(time(after)).unwrap();
            assert_eq!(next.to_string(), expected, "{cron} after {after}");
        }
        assert!(Cron::new("soon", Zone::utc()).is_err());
        assert_eq!(
            Cron::new("0 0 31 2 *", Zone::utc()).unwrap().after(time("2026-01-01T00:00:00Z")),
            None
        );
    }
}
