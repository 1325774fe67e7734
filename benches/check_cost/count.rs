//! What is lost and what is late, from the times of results.

use std::{collections::BTreeMap, ops::Range};

/// Every check is due once in this many milliseconds.
const INTERVAL: i64 = 1000;

/// A result is late when it comes more than this many milliseconds after it was due.
const LATE: i64 = 200;

/// A result on the edge of the period may be so many milliseconds on its other side.
const EDGE: i64 = 100;

/// Results of one period.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Results {
    pub arrived: i64,
    /// Whole intervals without a result.
    pub lost: i64,
    /// Results that came late, yet within half an interval.
    pub late: i64,
}

/// Counts; `rows` are checks with times, in order. Checks that never had a result are not in it.
pub fn count(rows: &[(i64, i64)], period: &Range<i64>, checks: usize) -> Results {
    let mut times: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (check, at) in rows {
        times.entry(*check).or_default().push(*at);
    }
    let silent = i64::try_from(checks.saturating_sub(times.len())).unwrap_or(i64::MAX);
    let mut results =
        Results { lost: silent * ((period.end - period.start) / INTERVAL), ..Results::default() };
    for times in times.values() {
        add(times, period, &mut results);
    }
    results
}

/// Adds one check. A result is due one interval after the one before: litemon delays, and never
/// bunches, what it could not do in time.
fn add(times: &[i64], period: &Range<i64>, results: &mut Results) {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return };
    results.arrived += i64::try_from(times.len()).unwrap_or(i64::MAX);
    for edge in [first - period.start, period.end - last] {
        results.lost += (edge - EDGE).max(0) / INTERVAL;
    }
    for gap in times.iter().zip(times.iter().skip(1)).map(|(before, after)| after - before) {
        // The half is what rounds.
        let missing = (gap + INTERVAL / 2) / INTERVAL - 1;
        results.lost += missing.max(0);
        results.late += i64::from(missing <= 0 && gap > INTERVAL + LATE);
    }
}
