//! Getting notices to whom they are for: workers of their own, back-off, dead letters.
//!
//! The journal keeps the outbox; the delivery works it off. It takes entries that are committed
//! already, makes attempts, and reports every change for the journal and the history to keep. Order
//! holds within a lane (notifier, recipient, incident); lanes go side by side, and each recipient
//! has a place of its own, so that nothing that hangs keeps others waiting.
//!
//! After a crash nothing is lost, and at most the attempts that were in flight are made again. The
//! same holds for an attempt that was given up at its deadline: it may have arrived.

mod arrival;
mod queue;
mod retry;
mod settle;
mod status;
mod worker;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, mpsc, watch};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

pub use arrival::{Course, course, reported};
pub use retry::{GIVE_UP_AFTER, LONGEST_RETRY_AFTER, LONGEST_WAIT, back_off};
pub use settle::{Receiver, Settlement, settle_recovery, undelivered_notice};
pub use status::{DeadLetter, DeliveryStatus, NotifierStatus};

use crate::{
    clock::Clock,
    model::{AttemptRecord, Name, NoticeId, OutboxEntry},
};
use queue::Queue;

use super::Notifier;

/// The notifiers that are alive, by name.
pub type Notifiers = BTreeMap<Name, Arc<dyn Notifier>>;

/// An entry changed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeliveryUpdate {
    /// The entry as it is now: state, attempts, the time of the next attempt.
    pub entry: OutboxEntry,
    /// The attempt that changed it; `None` when it was superseded, or merged with its recovery.
    pub attempt: Option<AttemptRecord>,
}

/// How soon what waits is tried once there is reason to.
const HURRY: Duration = Duration::from_secs(2);

/// How much goes on at once.
///
/// Beyond these, each recipient of each notifier may always have one attempt in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Attempts in flight.
    pub overall: usize,
    /// Of one notifier.
    pub per_notifier: usize,
    /// To one recipient of one notifier.
    pub per_recipient: usize,
    /// Entries that wait; what comes beyond stays in the journal until the next start.
    pub pending: usize,
    /// Updates that wait for their reader.
    pub updates: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { overall: 64, per_notifier: 16, per_recipient: 4, pending: 100_000, updates: 256 }
    }
}

/// The running delivery. Dropping it ends everything at once; what was in flight may have arrived.
#[derive(Debug)]
pub struct Delivery {
    shared: Arc<Shared>,
    status: watch::Receiver<Arc<DeliveryStatus>>,
    worker: AbortOnDropHandle<()>,
}

/// What the handle and the worker share.
#[derive(Debug)]
struct Shared {
    // A mutex of std: it is held for moments and never over an await.
    queue: Mutex<Queue>,
    notifiers: Mutex<Arc<Notifiers>>,
    wake: Notify,
    stop: CancellationToken,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

impl Delivery {
    /// Starts to deliver, with what an earlier run left pending. The receiver must be read: while
    /// nobody does, lanes with unread news stand still (the others go on).
    ///
    /// Must be called within a tokio runtime.
    #[must_use]
    pub fn start(
        notifiers: Notifiers,
        clock: Arc<dyn Clock>,
        limits: Limits,
        initial: Vec<OutboxEntry>,
    ) -> (Self, mpsc::Receiver<DeliveryUpdate>) {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            notifiers: Mutex::new(Arc::new(notifiers)),
            wake: Notify::new(),
            stop: CancellationToken::new(),
            clock,
            limits,
        });
        let (updates, reader) = mpsc::channel(limits.updates.max(1));
        let (status, watcher) = watch::channel(Arc::default());
        let worker = worker::Worker::new(Arc::clone(&shared), updates, status);
        let worker = AbortOnDropHandle::new(tokio::spawn(worker.run()));
        let delivery = Self { shared, status: watcher, worker };
        delivery.push(initial);
        (delivery, reader)
    }

    /// Hands over entries that the journal holds. Never waits. Entries known already are passed
    /// over; returns how many found no room (see [`Limits::pending`]).
    pub fn push(&self, entries: Vec<OutboxEntry>) -> usize {
        let (now, instant) = (self.shared.clock.now(), self.shared.clock.instant());
        let mut refused = 0;
        let mut queue = self.shared.queue();
        for entry in entries {
            refused += usize::from(!queue.push(entry, now, instant, &self.shared.limits));
        }
        drop(queue);
        if refused > 0 {
            tracing::error!(refused, "too many notices wait; the journal keeps the rest");
        }
        self.shared.wake.notify_one();
        refused
    }

    /// Takes back entries whose attempt is not in flight, such as those of a remedy once the problem
    /// is over. Returns them superseded, for the caller to persist; no update tells of them.
    #[must_use = "what is withdrawn has to be persisted"]
    pub fn withdraw(&self, ids: &[NoticeId]) -> Vec<OutboxEntry> {
        let gone = self.shared.queue().withdraw(ids);
        self.shared.wake.notify_one();
        gone
    }

    /// The network works again: what waits for another attempt gets it soon, however often it failed.
    /// Not at once, so that a problem that is over meanwhile becomes one message with its end.
    pub fn hurry(&self) {
        self.shared.queue().hurry(self.shared.clock.instant() + HURRY);
        self.shared.wake.notify_one();
    }

    /// Sends through other notifiers from now on; attempts in flight end with the old ones. Pending
    /// entries of a notifier that is gone become dead letters.
    pub fn replace_notifiers(&self, notifiers: Notifiers) {
        *self.shared.notifiers.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(notifiers);
        self.shared.wake.notify_one();
    }

    /// How it goes.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Arc<DeliveryStatus>> {
        self.status.clone()
    }

    /// Ends: no new attempt begins, those in flight have `grace` to end and be reported. The rest
    /// stays pending in the journal. The reader of updates must go on reading meanwhile.
    ///
    /// Cancel safety: dropping the future lets go of nothing; the delivery ends by itself, or at
    /// once when it is dropped.
    pub async fn shutdown(&self, grace: Duration) {
        self.shared.stop.cancel();
        let mut status = self.status.clone();
        let ended = async { while status.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(grace, ended).await;
        self.worker.abort();
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No panic leaves a lane half changed, so a poisoned queue is still a queue.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notifier(&self, name: &Name) -> Option<Arc<dyn Notifier>> {
        self.notifiers.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}
