//! What a run of litemon has done, as its history says. Nothing else here knows how that is kept.

use std::{collections::BTreeMap, ops::Range, path::Path};

use litemon_core::clock::{Clock as _, SystemClock};
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

/// Every check is due once in this many milliseconds.
const INTERVAL: i64 = 1000;

/// A result is late when it comes more than this many milliseconds after it was due.
const LATE: i64 = 100;

/// Results of one period.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Results {
    pub arrived: i64,
    /// Whole intervals without a result.
    pub lost: i64,
    /// Results that came late, yet within half an interval.
    pub late: i64,
}

/// The time, in milliseconds, on the clock that litemon uses.
pub fn now() -> i64 {
    SystemClock.now().as_millis()
}

/// Reads the values that were measured in a period, from the SQLite history in `state`.
pub async fn read(state: &Path, period: Range<i64>, checks: usize) -> Results {
    let mut history = SqliteConnectOptions::new()
        .filename(state.join("litemon.db"))
        .read_only(true)
        .connect()
        .await
        .expect("the history");
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT check_id, at FROM check_values WHERE at >= ? AND at < ? ORDER BY check_id, at",
    )
    .bind(period.start)
    .bind(period.end)
    .fetch_all(&mut history)
    .await
    .expect("values");
    judge(&rows, &period, checks)
}

/// Counts; `rows` are checks with times, in order. Checks that never had a result are not in it.
fn judge(rows: &[(i64, i64)], period: &Range<i64>, checks: usize) -> Results {
    let mut times: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (check, at) in rows {
        times.entry(*check).or_default().push(*at);
    }
    let silent = i64::try_from(checks.saturating_sub(times.len())).unwrap_or(i64::MAX);
    let mut results =
        Results { lost: silent * ((period.end - period.start) / INTERVAL), ..Results::default() };
    for times in times.values() {
        count(times, period, &mut results);
    }
    results
}

/// Adds one check. A result is due one interval after the one before: litemon delays, and never
/// bunches, what it could not do in time.
fn count(times: &[i64], period: &Range<i64>, results: &mut Results) {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return };
    results.arrived += i64::try_from(times.len()).unwrap_or(i64::MAX);
    results.lost += (first - period.start) / INTERVAL + (period.end - last) / INTERVAL;
    for gap in times.iter().zip(times.iter().skip(1)).map(|(before, after)| after - before) {
        // The half is what rounds.
        let missing = (gap + INTERVAL / 2) / INTERVAL - 1;
        results.lost += missing.max(0);
        results.late += i64::from(missing <= 0 && gap > INTERVAL + LATE);
    }
}
