//! The axis of time: hours, days, weeks and months as they begin where the reader lives.

use jiff::civil;
use litemon_core::model::{Timestamp, Zone};

use super::{Window, range::Range};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Milliseconds to add to UTC in a zone at a moment.
pub(crate) fn offset(zone: &Zone, at: Timestamp) -> i64 {
    let text = zone.format("%z", at);
    let (sign, digits) = match text.split_at_checked(1) {
        Some(("-", digits)) => (-1, digits),
        Some((_, digits)) => (1, digits),
        None => return 0,
    };
    let number = |range| digits.get(range).and_then(|part: &str| part.parse::<i64>().ok());
    sign * (number(0..2).unwrap_or(0) * HOUR + number(2..4).unwrap_or(0) * MINUTE)
}

/// The moments that are named below a chart, oldest first: at most 16.
pub(crate) fn ticks(zone: &Zone, window: Window, range: Range) -> Vec<Timestamp> {
    let mut ticks = match range {
        Range::Hour => steps(zone, window, 10 * MINUTE, 0),
        Range::Day => steps(zone, window, 3 * HOUR, 0),
        Range::Week => steps(zone, window, DAY, 0),
        // 1970-01-05 was a Monday.
        Range::Month => steps(zone, window, 7 * DAY, 4 * DAY),
        Range::Year => months(zone, window),
    };
    ticks.retain(|at| window.from <= *at && *at <= window.to);
    ticks.truncate(16);
    ticks
}

/// Whole steps of the reader's time, counted from `anchor`.
fn steps(zone: &Zone, window: Window, step: i64, anchor: i64) -> Vec<Timestamp> {
    let local = window.from.as_millis().saturating_add(offset(zone, window.from));
    let first = (local.saturating_sub(anchor)).div_euclid(step).saturating_mul(step);
    let first = first.saturating_add(anchor);
    (0..40_i64).map(|count| utc(zone, first.saturating_add(count.saturating_mul(step)))).collect()
}

/// The first of each month.
fn months(zone: &Zone, window: Window) -> Vec<Timestamp> {
    let number = |format| zone.format(format, window.from).parse::<i16>().unwrap_or(1);
    let (year, month) = (number("%Y"), number("%m"));
    let start = |count: i16| {
        let months = month - 1 + count;
        let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
        let date = civil::Date::new(year.checked_add(months.div_euclid(12))?, month, 1).ok()?;
        let epoch = civil::date(1970, 1, 1);
        let days = date.since((jiff::Unit::Day, epoch)).ok()?.get_days();
        Some(utc(zone, i64::from(days) * DAY))
    };
    (0..14).filter_map(start).collect()
}

/// The moment at which clocks in the zone show this. Where they show it twice, or never, one of
/// those that are near.
fn utc(zone: &Zone, local: i64) -> Timestamp {
    let guess =
        Timestamp::from_millis(local.saturating_sub(offset(zone, Timestamp::from_millis(local))));
    Timestamp::from_millis(local.saturating_sub(offset(zone, guess)))
}
