//! What a row takes on disk, and what a chart takes to read.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use litemon_core::{
    model::{
        CheckId, CurrentStatus, HistoryRecord, Incident, IncidentNumber, StatusChange, Timestamp,
        ValueRecord,
    },
    store::{IncidentHistory, Store, StoreError},
};
use tokio::time::Instant;

use crate::database::{Database, END};

/// Bytes of a raw value, of a minute, of an hour: of many, put in as they come.
pub async fn bytes(database: &mut Database) {
    let checks = 400;
    database.checks(checks).await;
    let mut before = database.size().await;
    for (table, long, count) in [
        ("raw_values", 10_000, 8640),
        ("minute_values", 60_000, 4000),
        ("hour_values", 3_600_000, 4000),
    ] {
        if table == "raw_values" {
            database.raw(checks, 1).await;
        } else {
            database.rows(table, long, count).await;
        }
        let size = database.size().await;
        let each = (size - before) as f64 / (checks * count) as f64;
        println!("{}: a row of {table} takes {each:.1} bytes", database.name);
        before = size;
    }
}

/// A chart of 30 days from hour rows, beside the same from raw values.
pub async fn charts(database: &mut Database, checks: i64, raw_checks: i64) {
    let days = 30;
    database.checks(checks).await;
    database.rows("hour_values", 3_600_000, days * 24).await;
    database.raw(raw_checks, days).await;
    database.all_rolled().await;
    compare(database, checks, raw_checks).await;
}

/// Of a database that was filled for it.
pub async fn compare(database: &Database, checks: i64, raw_checks: i64) {
    let days = 30;
    let raw = RawOnly(Arc::clone(&database.store));
    let (hours, values) =
        (times(&*database.store, raw_checks).await, times(&raw, raw_checks).await);
    println!(
        "{}: a chart of {days} days takes {hours:.1?}, from raw values {values:.1?}: {:.0} times as long \
         ({checks} checks, raw values of {raw_checks} of them)",
        database.name,
        values.as_secs_f64() / hours.as_secs_f64(),
    );
}

/// The median over some checks.
async fn times(store: &dyn Store, checks: i64) -> Duration {
    let to = Timestamp::from_millis(END);
    let from = to.minus(Duration::from_secs(30 * 86_400));
    let mut times = Vec::new();
    for n in 0..checks {
        let check = CheckId::parse(&format!("server-{}/check-{}", n / 10, n % 10)).unwrap();
        let began = Instant::now();
        let series = store.series(&check, from, to, 300).await.unwrap();
        times.push(began.elapsed());
        assert_eq!(series.samples.len(), 720, "{:?}", series.resolution);
    }
    times.sort();
    times[times.len() / 2]
}

/// A store that keeps no rows but raw ones: what is provided works on these.
#[derive(Debug)]
struct RawOnly(Arc<dyn Store>);

#[async_trait]
impl Store for RawOnly {
    async fn migrate(&self) -> Result<(), StoreError> {
        self.0.migrate().await
    }

    async fn append(&self, records: &[HistoryRecord]) -> Result<(), StoreError> {
        self.0.append(records).await
    }

    async fn current(&self) -> Result<Vec<CurrentStatus>, StoreError> {
        self.0.current().await
    }

    async fn values(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<ValueRecord>, StoreError> {
        // A day at a time: more would take longer than one call may.
        let mut values = Vec::new();
        let mut begin = from;
        while begin < to {
            let end = begin.plus(Duration::from_secs(86_400)).min(to);
            values.extend(self.0.values(check, begin, end, most - values.len()).await?);
            begin = end;
        }
        Ok(values)
    }

    async fn changes(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<StatusChange>, StoreError> {
        self.0.changes(check, from, to, most).await
    }

    async fn incidents(
        &self,
        before: Option<IncidentNumber>,
        most: usize,
    ) -> Result<Vec<Incident>, StoreError> {
        self.0.incidents(before, most).await
    }

    async fn incident(
        &self,
        number: IncidentNumber,
    ) -> Result<Option<IncidentHistory>, StoreError> {
        self.0.incident(number).await
    }
}
