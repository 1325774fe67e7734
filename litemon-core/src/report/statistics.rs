//! What was counted: the number of a day is the last one that was seen of it, which is its highest,
//! as a day's count only grows.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    Counted,
    availability::Window,
    span::{Period, Span, day_of},
};
use crate::model::{CheckId, Observation, Series, Timestamp, Zone};

/// The name of the number that counts all of them.
const TOTAL: &str = "total";

/// What was counted in a window. `series` reaches from its beginning to now, `now` is when the total
/// of `seen` is of.
pub(super) fn counted(
    check: &CheckId,
    series: &Series,
    seen: Option<&Observation>,
    window: Window,
    now: Timestamp,
    zone: &Zone,
) -> Counted {
    let counts = by_day(series, window.0, zone);
    let last = Timestamp::from_millis(window.1.as_millis().saturating_sub(1));
    let (first, last) = (day_of(window.0, zone), day_of(last, zone));
    let within = || counts.range(first..=last).map(|(_, count)| *count);
    let later: Vec<Date> = days(last, day_of(now, zone)).skip(1).collect();
    let since: Option<f64> = later.iter().map(|day| counts.get(day).copied()).sum();
    Counted {
        check: check.clone(),
        growth: within().next().is_some().then(|| within().sum()),
        // What came since is taken off; where a day is missing, nobody knows how many that were.
        total: total(seen).zip(since).map(|(total, since)| total - since),
        days: (within().count(), days(first, last).count()),
    }
}

fn by_day(series: &Series, from: Timestamp, zone: &Zone) -> BTreeMap<Date, f64> {
    let mut counts = BTreeMap::new();
    for row in series.samples.iter().filter(|row| row.at >= from) {
        let count: &mut f64 = counts.entry(day_of(row.at, zone)).or_insert(row.max);
        *count = count.max(row.max);
    }
    counts
}

/// The days from one to another, both included: as many as a report may have.
fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    first.series(jiff::Span::new().days(1)).take_while(move |day| *day <= last).take(10 * 366)
}

fn total(seen: Option<&Observation>) -> Option<f64> {
    let Observation::Numbers { numbers, .. } = seen? else { return None };
    numbers.iter().find(|number| number.name == TOTAL)?.value
}

/// From the beginning of a window's first day to its last day's end, so that whole days are counted.
pub(super) fn whole_days(window: Window, zone: &Zone) -> Window {
    let last = Timestamp::from_millis(window.1.as_millis().saturating_sub(1));
    let day = |at| Span::holding(Period::Day, at, zone);
    (day(window.0).from, day(last).to)
}
