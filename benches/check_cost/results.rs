//! What a run of litemon has done, as its history says. Nothing else here knows how that is kept.

use std::{ops::Range, path::Path};

use litemon_core::clock::{Clock as _, SystemClock};
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

use crate::count::{Results, count};

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
        "SELECT check_id, at FROM raw_values WHERE at >= ? AND at < ? ORDER BY check_id, at",
    )
    .bind(period.start)
    .bind(period.end)
    .fetch_all(&mut history)
    .await
    .expect("values");
    count(&rows, &period, checks)
}
