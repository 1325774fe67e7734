//! Times as they are written in a timeline.

use std::time::Duration;

use crate::{
    config::TimeSpan,
    model::{Timestamp, Zone},
};

/// What is expected where no time could be read.
pub(super) const EXPECTED: &str = "expected a time from the start, as \"90s\", or of the clock, as \"05:40\" or \"2026-11-21 05:40\"";

/// A time from the start: as a duration, as a time of the clock (the first one behind the start), or
/// as a date and time. `None` when it is none of these, or lies before the start.
pub(super) fn offset(text: &str, start: Timestamp, zone: &Zone) -> Option<Duration> {
    if let Ok(TimeSpan(after)) = text.parse() {
        return Some(after);
    }
    let at = zone.read(text).or_else(|| time_of_day(text, start, zone))?;
    (at >= start).then(|| at.since(start))
}

fn time_of_day(text: &str, start: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let time: jiff::civil::Time = text.parse().ok()?;
    let mut day = start.jiff().to_zoned(zone.0.clone()).date();
    for _ in 0..2 {
        let at = day.to_datetime(time).to_zoned(zone.0.clone()).ok()?;
        let at = Timestamp::from_millis(at.timestamp().as_millisecond());
        if at >= start {
            return Some(at);
        }
        day = day.tomorrow().ok()?;
    }
    None
}

/// By how much a clock is set, in milliseconds: `+30m`, `-2h`.
pub(super) fn shift(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let TimeSpan(by) = rest.parse().ok()?;
    i64::try_from(by.as_millis()).ok().map(|by| sign * by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_from_the_start_and_of_the_clock() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let start = zone.read("2026-10-24 23:00").unwrap();
        let seconds = |text| offset(text, start, &zone).map(|after| after.as_secs());
        for (text, after) in [
            ("0s", 0),
            ("1h30m", 5400),
            ("23:00", 0),
            ("23:00:10", 10),
            ("01:00", 7200),
            // The hour from 02:00 comes twice in this night.
            ("02:30", 3 * 3600 + 1800),
            ("03:30", 5 * 3600 + 1800),
            ("2026-10-25 03:30", 5 * 3600 + 1800),
            ("2026-10-25T03:30:10", 5 * 3600 + 1810),
            ("22:00", 24 * 3600),
        ] {
            assert_eq!(seconds(text), Some(after), "{text}");
        }
        for text in ["", "soon", "25:00", "2026-10-24 22:00", "-5s"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_clock_is_set_forward_and_back() {
        assert_eq!(
            [shift("-2h"), shift("+30m"), shift("2h"), shift("+")],
            [Some(-7_200_000), Some(1_800_000), None, None]
        );
    }
}
