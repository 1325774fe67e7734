use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::model::HistoryRecord;

/// Records on their way, in order. When it is full the oldest that can be spared goes.
#[derive(Debug)]
pub(super) struct Queue {
    /// Held for a push or a take only, so that a sender never waits for longer.
    inner: Mutex<Inner>,
    most: usize,
    pushed: Notify,
}

/// What can be spared and what cannot, each with its place in the common order: so the oldest that
/// can be spared is found at once.
#[derive(Debug, Default)]
struct Inner {
    spare: VecDeque<(i64, HistoryRecord)>,
    dear: VecDeque<(i64, HistoryRecord)>,
    next: i64,
    /// Taken, and not yet known to be safe.
    out: usize,
    lost: u64,
}

/// Measured numbers are many, and what a check is now is soon said again; what happened and what
/// was sent is said once.
const fn can_be_spared(record: &HistoryRecord) -> bool {
    matches!(record, HistoryRecord::Value(_) | HistoryRecord::Current(_))
}

impl Queue {
    pub(super) fn new(most: usize) -> Self {
        Self { inner: Mutex::default(), most: most.max(1), pushed: Notify::new() }
    }

    pub(super) fn push(&self, record: HistoryRecord) {
        // Neither JSON nor a database holds one.
        if matches!(&record, HistoryRecord::Value(value) if !value.value.is_finite()) {
            return;
        }
        let mut inner = self.lock();
        let place = inner.next;
        inner.next += 1;
        inner.put_last(place, record);
        inner.shed(self.most);
        drop(inner);
        self.pushed.notify_one();
    }

    /// Takes the oldest, at most `most`; [`Self::put_back`] or [`Self::settled`] has to follow.
    pub(super) fn take(&self, most: usize) -> Vec<HistoryRecord> {
        let mut inner = self.lock();
        let count = inner.len().min(most);
        inner.out = count;
        (0..count).filter_map(|_| inner.pop()).collect()
    }

    /// Puts records back before all others, in their order.
    pub(super) fn put_back(&self, records: Vec<HistoryRecord>) {
        let mut inner = self.lock();
        inner.out = 0;
        let mut place = inner.first().unwrap_or(inner.next);
        for record in records.into_iter().rev() {
            place -= 1;
            let spared = can_be_spared(&record);
            let queue = if spared { &mut inner.spare } else { &mut inner.dear };
            queue.push_front((place, record));
        }
        inner.shed(self.most);
    }

    /// What was taken has a place.
    pub(super) fn settled(&self) {
        self.lock().out = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Records without a place of their own yet.
    pub(super) fn unsettled(&self) -> usize {
        let inner = self.lock();
        inner.len() + inner.out
    }

    /// How many records had to go.
    pub(super) fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// Resolves when something was pushed since the last time. Cancel safe.
    pub(super) async fn pushed(&self) {
        self.pushed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn len(&self) -> usize {
        self.spare.len() + self.dear.len()
    }

    fn put_last(&mut self, place: i64, record: HistoryRecord) {
        let queue = if can_be_spared(&record) { &mut self.spare } else { &mut self.dear };
        queue.push_back((place, record));
    }

    fn shed(&mut self, most: usize) {
        while self.len() > most {
            if self.spare.pop_front().or_else(|| self.dear.pop_front()).is_none() {
                return;
            }
            self.lost = self.lost.saturating_add(1);
        }
    }

    fn first(&self) -> Option<i64> {
        let [spare, dear] = [&self.spare, &self.dear].map(|queue| queue.front().map(|one| one.0));
        spare.into_iter().chain(dear).min()
    }

    fn pop(&mut self) -> Option<HistoryRecord> {
        let first = self.first()?;
        let of_spare = self.spare.front().is_some_and(|one| one.0 == first);
        let queue = if of_spare { &mut self.spare } else { &mut self.dear };
        queue.pop_front().map(|(_, record)| record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AttemptRecord, AttemptResult, CheckId, Timestamp, ValueRecord};

    fn value(n: i64) -> HistoryRecord {
        let check = CheckId::parse("a/cpu").unwrap();
        HistoryRecord::Value(ValueRecord { check, at: Timestamp::from_millis(n), value: 1.0 })
    }

    fn attempt(n: i64) -> HistoryRecord {
        HistoryRecord::Attempt(AttemptRecord {
            notice: n,
            attempt: 1,
            at: Timestamp::default(),
            took_ms: 0,
            result: AttemptResult::Accepted,
            detail: String::new(),
        })
    }

    #[test]
    fn what_goes_in_comes_out_in_order() {
        let queue = Queue::new(10);
        let records = [value(1), attempt(2), attempt(3), value(4)];
        records.iter().for_each(|record| queue.push(record.clone()));
        let first = queue.take(2);
        assert_eq!(first, records[..2]);
        queue.put_back(first);
        assert_eq!(queue.take(9), records);
        assert_eq!((queue.len(), queue.lost()), (0, 0));
    }

    #[test]
    fn values_go_first_the_oldest_before_the_others() {
        let queue = Queue::new(3);
        [value(1), attempt(2), value(3), attempt(4)].into_iter().for_each(|it| queue.push(it));
        assert_eq!(queue.lost(), 1);
        queue.push(attempt(5));
        queue.push(value(6));
        assert_eq!(queue.take(9), [attempt(2), attempt(4), attempt(5)]);
        assert_eq!(queue.lost(), 3);
    }

    #[test]
    fn without_values_the_oldest_goes() {
        let queue = Queue::new(2);
        (1..=3).for_each(|n| queue.push(attempt(n)));
        queue.put_back(vec![attempt(0)]);
        assert_eq!(queue.take(9), [attempt(2), attempt(3)]);
        assert_eq!(queue.lost(), 2);
    }
}
