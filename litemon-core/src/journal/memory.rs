use std::{
    collections::BTreeMap,
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;

use super::{Batch, Image, Journal, JournalError, SpoolBound, SpoolMark};
use crate::model::{HistoryRecord, Incident};

/// A journal that lasts as long as the process: for embedders that keep nothing, tests and
/// simulation.
#[derive(Debug)]
pub struct MemoryJournal {
    /// Held while it is read or written, never over an await.
    data: Mutex<Data>,
    failing: AtomicBool,
    most: usize,
}

#[derive(Debug)]
struct Data {
    image: Image,
    spool: VecDeque<HistoryRecord>,
    /// The mark of the first kept record.
    first: i64,
}

impl Default for MemoryJournal {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryJournal {
    /// An empty one. It keeps as many records of history as [`SpoolBound`] says by default.
    #[must_use]
    pub fn new() -> Self {
        Self::bounded(SpoolBound::default().records)
    }

    /// An empty one that keeps at most so many records of history.
    #[must_use]
    pub fn bounded(records: u64) -> Self {
        let image = Image { next_incident: 1, next_notice: 1, ..Image::default() };
        let data = Data { image, spool: VecDeque::new(), first: 1 };
        Self {
            data: Mutex::new(data),
            failing: AtomicBool::new(false),
            most: usize::try_from(records).unwrap_or(usize::MAX),
        }
    }

    /// Lets every call fail from now on, as a full disk does; or work again.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    fn data(&self, doing: &'static str) -> Result<MutexGuard<'_, Data>, JournalError> {
        if self.failing.load(Ordering::SeqCst) {
            let source = "it was told to fail".into();
            return Err(JournalError { place: "in memory".into(), doing, source });
        }
        Ok(self.data.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `None` takes an entry out.
fn put<K: Ord + Clone, V: Clone>(into: &mut BTreeMap<K, V>, from: &BTreeMap<K, Option<V>>) {
    for (key, value) in from {
        match value {
            Some(value) => into.insert(key.clone(), value.clone()),
            None => into.remove(key),
        };
    }
}

impl Image {
    /// What the image is after a batch.
    fn apply(&mut self, batch: &Batch) {
        put(&mut self.states, &batch.states);
        put(&mut self.holds, &batch.holds);
        put(&mut self.tellings, &batch.tellings);
        put(&mut self.windows, &batch.windows);
        for (number, incident) in &batch.incidents {
            self.incidents.insert(*number, incident.clone());
        }
        for (id, entry) in &batch.outbox {
            self.outbox.insert(*id, entry.clone());
        }
        self.flows.extend(batch.flows.clone());
        self.prune(batch);
        self.next_incident = batch.next_incident.unwrap_or(self.next_incident);
        self.next_notice = batch.next_notice.unwrap_or(self.next_notice);
        self.next_window = batch.next_window.unwrap_or(self.next_window);
        self.last_result = batch.last_result.or(self.last_result);
    }

    fn prune(&mut self, batch: &Batch) {
        let closed_at = |incident: &Incident| incident.closed.map(|(at, _)| at);
        let told = batch.outbox.values().map(|entry| entry.notice.at);
        let closed = batch.incidents.values().filter_map(closed_at);
        if let Some(newest) = told.chain(closed).max() {
            let before = newest.minus(super::KEPT);
            self.incidents.retain(|_, incident| closed_at(incident).is_none_or(|at| at >= before));
        }
        let Self { incidents, outbox, .. } = self;
        let open = |number| incidents.get(&number).is_some_and(|i: &Incident| i.closed.is_none());
        outbox.retain(|_, entry| {
            entry.state.is_open()
                || entry.awaits_report()
                || entry.notice.incident.is_some_and(open)
        });
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn load(&self) -> Result<Image, JournalError> {
        Ok(self.data("read")?.image.clone())
    }

    async fn commit(&self, batch: &Batch) -> Result<(), JournalError> {
        self.data("written")?.image.apply(batch);
        Ok(())
    }

    async fn spool(&self, records: &[HistoryRecord]) -> Result<u64, JournalError> {
        let mut data = self.data("written")?;
        data.spool.extend(records.iter().cloned());
        let over = data.spool.len().saturating_sub(self.most);
        data.spool.drain(..over);
        data.first = data.first.saturating_add(i64::try_from(over).unwrap_or(i64::MAX));
        Ok(u64::try_from(over).unwrap_or(u64::MAX))
    }

    async fn spooled(&self, most: usize) -> Result<(Vec<HistoryRecord>, SpoolMark), JournalError> {
        let data = self.data("read")?;
        let records: Vec<_> = data.spool.iter().take(most).cloned().collect();
        let count = i64::try_from(records.len()).unwrap_or(i64::MAX);
        Ok((records, SpoolMark(data.first.saturating_add(count) - 1)))
    }

    async fn spool_len(&self) -> Result<u64, JournalError> {
        Ok(u64::try_from(self.data("read")?.spool.len()).unwrap_or(u64::MAX))
    }

    async fn unspool(&self, up_to: SpoolMark) -> Result<(), JournalError> {
        let mut data = self.data("written")?;
        while data.first <= up_to.0 && data.spool.pop_front().is_some() {
            data.first += 1;
        }
        Ok(())
    }
}
