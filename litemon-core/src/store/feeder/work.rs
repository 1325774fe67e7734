use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{FeedStatus, FeederSettings, Queue};
use crate::{
    journal::{Journal, JournalError},
    model::{Failure, HistoryRecord},
    store::{Store, StoreError},
};

/// How long kept history is handed over before newer records get their turn to be kept.
const SLICE: Duration = Duration::from_secs(2);

/// The longest one call to the journal may take.
const JOURNAL_LIMIT: Duration = Duration::from_secs(10);

pub(super) struct Worker {
    store: Arc<dyn Store>,
    journal: Arc<dyn Journal>,
    settings: FeederSettings,
    queue: Arc<Queue>,
    status: watch::Sender<FeedStatus>,
    closing: watch::Receiver<Option<Instant>>,
    /// The tables are as they should be, as far as is known.
    migrated: bool,
    /// Something is in the journal, or may be: then newer records go there, too.
    kept: bool,
    pause: Pause,
    /// Records lost beyond those that the queue counts.
    lost: u64,
}

/// The store was away, and is left alone for a while.
struct Pause {
    next: Option<Instant>,
    length: Duration,
}

/// Why a hand-over failed.
enum Trouble {
    /// The store is away.
    Away(String),
    /// A record is at fault.
    Refused(String),
}

impl Worker {
    pub(super) fn new(
        store: Arc<dyn Store>,
        journal: Arc<dyn Journal>,
        settings: FeederSettings,
        queue: Arc<Queue>,
        status: watch::Sender<FeedStatus>,
        closing: watch::Receiver<Option<Instant>>,
    ) -> Self {
        let pause = Pause { next: None, length: settings.pause };
        Self {
            store,
            journal,
            settings,
            queue,
            status,
            closing,
            migrated: false,
            // An earlier run may have left something.
            kept: true,
            pause,
            lost: 0,
        }
    }

    pub(super) async fn run(mut self) {
        while self.closing_at().is_none() {
            self.turn().await;
            self.wait().await;
        }
        while self.queue.len() > 0 {
            self.last_turn().await;
        }
    }

    /// Hands over or keeps what there is.
    async fn turn(&mut self) {
        if self.kept && self.store_may_be_tried() {
            self.drain().await;
        }
        while self.closing_at().is_none() {
            let batch = self.queue.take(self.settings.batch);
            let full = batch.len() == self.settings.batch;
            if !batch.is_empty() && !self.put(batch).await {
                break;
            }
            if !full {
                break;
            }
        }
        self.tell();
    }

    /// Whether it found a place for the records; else they are in the queue again.
    async fn put(&mut self, batch: Vec<HistoryRecord>) -> bool {
        // What is kept goes first, unless it cannot be reached: better late than never.
        let behind_kept = self.kept && self.status.borrow().spool_error.is_none();
        let placed = self.store_may_be_tried() && !behind_kept && self.append_all(&batch).await;
        if placed || self.keep(&batch).await {
            self.queue.settled();
            return true;
        }
        self.queue.put_back(batch);
        false
    }

    /// Waits for a full batch, the longest linger, the store's next try, or the end. While kept
    /// history is handed over there is nothing to wait for.
    async fn wait(&mut self) {
        let spool_works = self.status.borrow().spool_error.is_none();
        if self.kept && spool_works && self.pause.next.is_none() {
            return tokio::task::yield_now().await;
        }
        let now = Instant::now();
        let mut until = now + self.settings.linger;
        if let Some(next) = self.pause.next.filter(|next| *next > now) {
            until = until.min(next);
        }
        let queue = Arc::clone(&self.queue);
        let batch = self.settings.batch;
        let full = async {
            while queue.len() < batch {
                queue.pushed().await;
            }
        };
        // Without a place to put them, full batches would make this a busy loop.
        let stuck = !spool_works && self.pause.next.is_some();
        let mut closing = self.closing.clone();
        tokio::select! {
            () = sleep_until(until) => {}
            () = full, if !stuck => {}
            _ = closing.wait_for(Option::is_some) => {}
        }
    }

    fn store_may_be_tried(&self) -> bool {
        self.pause.next.is_none_or(|next| next <= Instant::now())
    }

    fn closing_at(&self) -> Option<Instant> {
        *self.closing.borrow()
    }

    /// Hands over kept history for one slice of time.
    async fn drain(&mut self) {
        let end = Instant::now() + SLICE;
        while self.closing_at().is_none() && Instant::now() < end {
            let read = within(self.journal.spooled(self.settings.batch)).await;
            let (records, mark) = match self.journal_said(read) {
                Some((_, mark)) if mark.0 <= 0 => {
                    self.kept = false;
                    return;
                }
                Some(read) => read,
                None => return,
            };
            // Nothing readable in it, but a mark: forget that, and go on.
            if records.is_empty() && self.nothing_kept().await {
                self.kept = false;
                return;
            }
            if !self.append_all(&records).await {
                return;
            }
            let forgotten = within(self.journal.unspool(mark)).await;
            if self.journal_said(forgotten).is_none() {
                return;
            }
            self.tell_spooled().await;
        }
    }

    async fn nothing_kept(&self) -> bool {
        matches!(within(self.journal.spool_len()).await, Ok(0))
    }

    /// Hands over records, leaving out those that the store refuses for themselves.
    async fn append_all(&mut self, records: &[HistoryRecord]) -> bool {
        let mut pieces = vec![records];
        while let Some(piece) = pieces.pop() {
            match self.append(piece).await {
                Ok(()) => self.is_up(),
                Err(Trouble::Away(error)) => {
                    self.is_down(error);
                    return false;
                }
                Err(Trouble::Refused(error)) if piece.len() <= 1 => {
                    tracing::warn!(error, "the store refuses a record; it is left out");
                    self.lost = self.lost.saturating_add(1);
                }
                Err(Trouble::Refused(_)) => {
                    let (first, second) = piece.split_at(piece.len() / 2);
                    pieces.extend([second, first]);
                }
            }
        }
        true
    }

    async fn append(&mut self, records: &[HistoryRecord]) -> Result<(), Trouble> {
        let limit = self.settings.deadline;
        let mut closing = self.closing.clone();
        let handing_over = timeout(limit, async {
            if !self.migrated {
                self.store.migrate().await?;
                self.migrated = true;
            }
            self.store.append(records).await
        });
        let end = async {
            let deadline = closing.wait_for(Option::is_some).await.ok().and_then(|at| *at);
            // Half of what is left is for the journal.
            let now = Instant::now();
            let left = deadline.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
            sleep_until(now + left / 2).await;
        };
        let appended = tokio::select! {
            appended = handing_over => appended,
            () = end => return Err(Trouble::Away("no answer before the end".into())),
        };
        match appended {
            Ok(appended) => appended.map_err(Trouble::from),
            Err(_) => Err(Trouble::Away(format!("no answer within {} s", limit.as_secs()))),
        }
    }

    /// Whether the journal keeps the records.
    async fn keep(&mut self, batch: &[HistoryRecord]) -> bool {
        let spooled = within(self.journal.spool(batch)).await;
        let Some(lost) = self.journal_said(spooled) else { return false };
        self.lost = self.lost.saturating_add(lost);
        self.kept = true;
        self.tell_spooled().await;
        true
    }

    /// At the end: each batch once to the store if it is there, else to the journal.
    async fn last_turn(&mut self) {
        let batch = self.queue.take(self.settings.batch);
        if !self.put(batch).await {
            // Until the deadline ends this task.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.tell();
    }

    fn is_up(&mut self) {
        self.pause = Pause { next: None, length: self.settings.pause };
        self.status.send_if_modified(|status| {
            let changed = status.up != Some(true);
            (status.up, status.error) = (Some(true), None);
            changed
        });
    }

    fn is_down(&mut self, error: String) {
        self.migrated = false;
        let jitter = rand::random_range(0.75..1.25);
        self.pause.next = Some(Instant::now() + self.pause.length.mul_f64(jitter));
        self.pause.length = (self.pause.length * 2).min(self.settings.longest_pause);
        self.status.send_if_modified(|status| {
            let changed = status.up != Some(false) || status.error.as_ref() != Some(&error);
            (status.up, status.error) = (Some(false), Some(error));
            changed
        });
    }

    /// Notes how the journal is, and gives what it gave.
    fn journal_said<T>(&self, result: Result<T, String>) -> Option<T> {
        let (value, error) = match result {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error)),
        };
        self.status.send_if_modified(|status| {
            let changed = status.spool_error != error;
            status.spool_error = error;
            changed
        });
        value
    }

    async fn tell_spooled(&self) {
        if let Ok(spooled) = within(self.journal.spool_len()).await {
            self.status.send_if_modified(|status| {
                let changed = status.spooled != spooled;
                status.spooled = spooled;
                changed
            });
        }
    }

    fn tell(&self) {
        let (queued, lost) = (self.queue.len(), self.lost.saturating_add(self.queue.lost()));
        self.status.send_if_modified(|status| {
            let changed = status.queued != queued || status.lost != lost;
            (status.queued, status.lost) = (queued, lost);
            changed
        });
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        let line = Failure::internal(&error).message;
        if error.refuses_record() { Self::Refused(line) } else { Self::Away(line) }
    }
}

/// A call to the journal, with a deadline, and its error as a line.
async fn within<T>(call: impl Future<Output = Result<T, JournalError>>) -> Result<T, String> {
    match timeout(JOURNAL_LIMIT, call).await {
        Ok(result) => result.map_err(|error| Failure::internal(&error).message),
        Err(_) => Err(format!("the journal did not answer within {} s", JOURNAL_LIMIT.as_secs())),
    }
}
