//! Spans of time as devices write them.

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Seconds of numbers with their units: `2w3d14h22m11s`, `2 weeks, 3 days, 4 hours, 5 minutes`.
/// `RouterOS` may end with a clock: `1d02:03:04`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let (spans, clock) = match text.rfind(|c: char| !c.is_ascii_digit() && c != ':') {
        Some(at) if text.contains(':') => text.split_at_checked(at + 1)?,
        None if text.contains(':') => ("", text),
        _ => (text, ""),
    };
    let mut sum = clock_seconds(clock)?;
    let mut rest = spans.trim_matches(|c: char| c.is_whitespace() || c == ',');
    if rest.is_empty() && clock.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, behind) = rest.split_at_checked(digits)?;
        let behind = behind.trim_start();
        let end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(end)?;
        let number: u64 = number.parse().ok()?;
        sum = sum.checked_add(number.checked_mul(unit_seconds(unit)?)?)?;
        rest = behind.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    Some(sum)
}

fn clock_seconds(clock: &str) -> Option<u64> {
    if clock.is_empty() {
        return Some(0);
    }
    clock
        .split(':')
        .try_fold(0_u64, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?))
}

fn unit_seconds(unit: &str) -> Option<u64> {
    match unit {
        "s" | "second" | "seconds" => Some(1),
        "m" | "minute" | "minutes" => Some(MINUTE),
        "h" | "hour" | "hours" => Some(HOUR),
        "d" | "day" | "days" => Some(DAY),
        "w" | "week" | "weeks" => Some(WEEK),
        // IOS counts years of 365 days.
        "y" | "year" | "years" => Some(365 * DAY),
        _ => None,
    }
}

/// In words for people: the two largest units, as `17d 14h`, `3m 5s`.
pub(crate) fn in_words(seconds: u64) -> String {
    let units = [(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (1, "s")];
    let mut left = seconds;
    let mut words = Vec::new();
    for (unit, word) in units {
        let count = left / unit;
        left %= unit;
        if count > 0 || !words.is_empty() {
            words.push(format!("{count}{word}"));
        }
        if words.len() == 2 {
            break;
        }
    }
    if words.is_empty() { "0s".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_devices_write_them() {
        for (text, value) in [
            ("2w3d14h22m11s", Some(2 * WEEK + 3 * DAY + 14 * HOUR + 22 * MINUTE + 11)),
            ("11s", Some(11)),
            ("1d02:03:04", Some(DAY + 2 * HOUR + 3 * MINUTE + 4)),
            ("02:03:04", Some(2 * HOUR + 3 * MINUTE + 4)),
            ("2w1d00:00:01", Some(15 * DAY + 1)),
            ("2 weeks, 3 days, 4 hours, 5 minutes", Some(17 * DAY + 4 * HOUR + 5 * MINUTE)),
            ("1 year, 1 week, 1 day, 1 hour, 1 minute", Some(373 * DAY + HOUR + MINUTE)),
            ("0 minutes", Some(0)),
            ("", None),
            ("soon", None),
            ("5", None),
            ("5 fortnights", None),
            ("99999999999999999999s", None),
            ("9999999999999999999w", None),
            ("1d::", None),
        ] {
            assert_eq!(seconds(text), value, "{text:?}");
        }
    }

    #[test]
    fn spans_read_well() {
        assert_eq!(in_words(0), "0s");
        assert_eq!(in_words(59), "59s");
        assert_eq!(in_words(185), "3m 5s");
        assert_eq!(in_words(HOUR), "1h 0m");
        assert_eq!(in_words(17 * DAY + 14 * HOUR + 5), "17d 14h");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_written_is_read(text in "[0-9wdhms:, é]{0,30}") {
            let _ = seconds(&text);
        }
    }
}
