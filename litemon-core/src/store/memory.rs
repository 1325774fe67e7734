use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;

use super::{IncidentHistory, Store, StoreError};
use crate::model::{
    AttemptRecord, CheckId, CurrentStatus, HistoryRecord, Incident, IncidentNumber, NoticeId,
    NoticeRecord, StatusChange, Timestamp, ValueRecord,
};

/// History in memory, without a bound: for tests, simulation, and short-lived embedders.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// Held while a map is read or written, never over an await.
    data: Mutex<Data>,
    failing: AtomicBool,
}

#[derive(Debug, Default)]
struct Data {
    values: BTreeMap<(CheckId, Timestamp), f64>,
    current: BTreeMap<CheckId, CurrentStatus>,
    changes: BTreeMap<(CheckId, Timestamp), StatusChange>,
    incidents: BTreeMap<IncidentNumber, Incident>,
    notices: BTreeMap<NoticeId, NoticeRecord>,
    attempts: BTreeMap<(NoticeId, u32), AttemptRecord>,
}

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets every call fail from now on, as a database does that is down; or work again.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    fn data(&self, doing: &'static str) -> Result<MutexGuard<'_, Data>, StoreError> {
        if self.failing.load(Ordering::SeqCst) {
            let source = "it was told to fail".into();
            return Err(StoreError { place: "in memory".into(), doing, source });
        }
        Ok(self.data.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Data {
    fn put(&mut self, record: HistoryRecord) {
        match record {
            HistoryRecord::Value(value) if !value.value.is_finite() => {}
            HistoryRecord::Value(value) => {
                self.values.insert((value.check, value.at), value.value);
            }
            HistoryRecord::Current(new) => {
                let newer = |old: &CurrentStatus| old.at > new.at;
                if !self.current.get(&new.check).is_some_and(newer) {
                    self.current.insert(new.check.clone(), new);
                }
            }
            HistoryRecord::Change(change) => {
                self.changes.insert((change.check.clone(), change.at), change);
            }
            HistoryRecord::Incident(new) => {
                let closed = |old: &Incident| old.closed.is_some() && new.closed.is_none();
                if !self.incidents.get(&new.number).is_some_and(closed) {
                    self.incidents.insert(new.number, new);
                }
            }
            HistoryRecord::Notice(notice) => {
                self.notices.insert(notice.id, notice);
            }
            HistoryRecord::Attempt(attempt) => {
                self.attempts.insert((attempt.notice, attempt.attempt), attempt);
            }
        }
    }
}

/// The entries of a map by check and time that are in `from <= at < to`.
fn span<'a, V>(
    map: &'a BTreeMap<(CheckId, Timestamp), V>,
    check: &CheckId,
    from: Timestamp,
    to: Timestamp,
) -> impl Iterator<Item = (Timestamp, &'a V)> {
    // A range that ends before it begins would panic.
    let to = to.max(from);
    map.range((check.clone(), from)..(check.clone(), to)).map(|((_, at), value)| (*at, value))
}

#[async_trait]
impl Store for MemoryStore {
    async fn migrate(&self) -> Result<(), StoreError> {
        self.data("migrating").map(drop)
    }

    async fn append(&self, records: &[HistoryRecord]) -> Result<(), StoreError> {
        let mut data = self.data("appending")?;
        records.iter().for_each(|record| data.put(record.clone()));
        Ok(())
    }

    async fn current(&self) -> Result<Vec<CurrentStatus>, StoreError> {
        Ok(self.data("reading")?.current.values().cloned().collect())
    }

    async fn values(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<ValueRecord>, StoreError> {
        let data = self.data("reading")?;
        let values = span(&data.values, check, from, to);
        let record =
            |(at, value): (_, &f64)| ValueRecord { check: check.clone(), at, value: *value };
        Ok(values.map(record).take(most).collect())
    }

    async fn changes(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<StatusChange>, StoreError> {
        let data = self.data("reading")?;
        let changes = span(&data.changes, check, from, to);
        Ok(changes.map(|(_, change)| change.clone()).take(most).collect())
    }

    async fn incidents(
        &self,
        before: Option<IncidentNumber>,
        most: usize,
    ) -> Result<Vec<Incident>, StoreError> {
        let data = self.data("reading")?;
        let before = before.unwrap_or(IncidentNumber::MAX);
        Ok(data.incidents.range(..before).rev().map(|(_, one)| one.clone()).take(most).collect())
    }

    async fn last_numbers(&self) -> Result<(IncidentNumber, NoticeId), StoreError> {
        let data = self.data("reading")?;
        let last = |key: Option<&i64>| key.copied().unwrap_or(0);
        Ok((last(data.incidents.keys().next_back()), last(data.notices.keys().next_back())))
    }

    async fn incident(
        &self,
        number: IncidentNumber,
    ) -> Result<Option<IncidentHistory>, StoreError> {
        let data = self.data("reading")?;
        let Some(incident) = data.incidents.get(&number).cloned() else { return Ok(None) };
        let notices: Vec<_> =
            data.notices.values().filter(|one| one.incident == Some(number)).cloned().collect();
        Ok(Some(IncidentHistory::new(incident, notices, data.attempts.values().cloned())))
    }
}
