//! Carries history to its store, and keeps it while the store is away.

mod queue;
#[cfg(test)]
mod tests;
mod work;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use self::{queue::Queue, work::Worker};
use super::Store;
use crate::{journal::Journal, model::HistoryRecord};

/// How the feeder works.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FeederSettings {
    /// The most records that wait in memory.
    pub queue: usize,
    /// The most records handed over at once.
    pub batch: usize,
    /// The longest a record waits for others to be handed over with.
    pub linger: Duration,
    /// The longest one hand-over may take.
    pub deadline: Duration,
    /// From a failure to the next try, at first; doubled each time.
    pub pause: Duration,
    /// The longest it becomes.
    pub longest_pause: Duration,
}

impl Default for FeederSettings {
    fn default() -> Self {
        Self {
            queue: 50_000,
            batch: 1000,
            linger: Duration::from_secs(1),
            // A little over what each store allows itself, so that its own error is the one told.
            deadline: Duration::from_secs(12),
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(15),
        }
    }
}

/// How it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeedStatus {
    /// Whether the last hand-over worked; `None` before the first.
    pub up: Option<bool>,
    /// Why it did not, in one line.
    pub error: Option<String>,
    /// Why history cannot be kept in the journal either, in one line.
    pub spool_error: Option<String>,
    /// About how many records wait in the journal.
    pub spooled: u64,
    /// Records that wait in memory.
    pub queued: usize,
    /// Records that were lost since the start: the queue or the spool was full, or the store
    /// refused them.
    pub lost: u64,
}

/// Carries history from the monitor to its store.
///
/// Records that the store does not take are kept in the journal, and handed over in their order
/// once it does, before newer ones. Dropping it ends its task at once; [`Feeder::close`] first
/// brings what is in memory to safety.
#[derive(Debug)]
pub struct Feeder {
    handle: FeederHandle,
    status: watch::Receiver<FeedStatus>,
    closing: watch::Sender<Option<Instant>>,
    task: Option<JoinHandle<()>>,
}

/// Where records are put in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct FeederHandle {
    queue: Arc<Queue>,
}

impl FeederHandle {
    /// Takes a record; never waits. When the queue is full, the oldest measured value or current
    /// status in it is lost, and only without one of these the oldest of what is left.
    pub fn push(&self, record: HistoryRecord) {
        self.queue.push(record);
    }
}

impl Feeder {
    /// Starts it on the present tokio runtime. The store need not be there: it is migrated at the
    /// first contact, and after each failure.
    #[must_use]
    pub fn start(
        store: Arc<dyn Store>,
        journal: Arc<dyn Journal>,
        settings: FeederSettings,
    ) -> Self {
        let queue = Arc::new(Queue::new(settings.queue));
        let (status, watched) = watch::channel(FeedStatus::default());
        let (closing, close) = watch::channel(None);
        let worker = Worker::new(store, journal, settings, Arc::clone(&queue), status, close);
        let task = Some(tokio::spawn(worker.run()));
        Self { handle: FeederHandle { queue }, status: watched, closing, task }
    }

    /// Where records are put in.
    #[must_use]
    pub fn handle(&self) -> FeederHandle {
        self.handle.clone()
    }

    /// How it goes.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<FeedStatus> {
        self.status.clone()
    }

    /// Hands over what is in memory, or keeps it in the journal, and ends. Returns how many
    /// records are lost because neither was possible within `limit`.
    pub async fn close(mut self, limit: Duration) -> usize {
        let deadline = Instant::now() + limit;
        self.closing.send_replace(Some(deadline));
        if let Some(task) = &mut self.task {
            // Its panic, if any, was reported when it happened.
            let _ = timeout_at(deadline, task).await;
        }
        self.handle.queue.unsettled()
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
