//! A history that keeps no more than incidents: simulated months need no memory for what nobody reads.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;

use crate::{
    model::{
        CheckId, CurrentStatus, HistoryRecord, Incident, IncidentNumber, StatusChange, Timestamp,
        ValueRecord,
    },
    store::{IncidentHistory, Store, StoreError},
};

/// Takes everything while it is up.
#[derive(Debug, Default)]
pub(super) struct Oblivion {
    down: AtomicBool,
    /// As they were last. Held for moments and never over an await.
    incidents: Mutex<BTreeMap<IncidentNumber, Incident>>,
}

impl Oblivion {
    pub(super) fn set_up(&self, up: bool) {
        self.down.store(!up, Ordering::SeqCst);
    }

    pub(super) fn incidents(&self) -> BTreeMap<IncidentNumber, Incident> {
        self.incidents.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn answer<T: Default>(&self, doing: &'static str) -> Result<T, StoreError> {
        if self.down.load(Ordering::SeqCst) {
            let source = "it is down, by the timeline".into();
            return Err(StoreError { place: "the simulated store".into(), doing, source });
        }
        Ok(T::default())
    }
}

#[async_trait]
impl Store for Oblivion {
    async fn migrate(&self) -> Result<(), StoreError> {
        self.answer("migrating")
    }

    async fn append(&self, records: &[HistoryRecord]) -> Result<(), StoreError> {
        self.answer::<()>("appending")?;
        let mut incidents = self.incidents.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            if let HistoryRecord::Incident(incident) = record {
                incidents.insert(incident.number, incident.clone());
            }
        }
        Ok(())
    }

    async fn current(&self) -> Result<Vec<CurrentStatus>, StoreError> {
        self.answer("reading")
    }

    async fn values(
        &self,
        _: &CheckId,
        _: Timestamp,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<ValueRecord>, StoreError> {
        self.answer("reading")
    }

    async fn changes(
        &self,
        _: &CheckId,
        _: Timestamp,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<StatusChange>, StoreError> {
        self.answer("reading")
    }

    async fn incidents(
        &self,
        _: Option<IncidentNumber>,
        _: usize,
    ) -> Result<Vec<Incident>, StoreError> {
        self.answer("reading")
    }

    async fn incident(&self, _: IncidentNumber) -> Result<Option<IncidentHistory>, StoreError> {
        self.answer("reading")
    }
}
