use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, watch};

use crate::{
    clock::Clock,
    journal::{Batch, Journal, JournalError},
    model::OutboxEntry,
    notify::delivery::Delivery,
};

/// How long a commit may take before notices go out without it.
const COMMIT_WITHIN: Duration = Duration::from_secs(2);
/// As many slow commits in a row are a fault to tell people of; fewer are a busy disk.
const SLOW_IN_A_ROW: u32 = 3;
/// How often a journal that failed is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// What waits to be written. What comes later replaces what came before, key by key, so that it
/// stays bounded by the number of checks and open notices however long the journal is away.
#[derive(Debug, Default)]
struct Inbox {
    batch: Batch,
    send: Vec<OutboxEntry>,
}

/// The way into the journal: takes at once, writes in groups, and hands notices on when they are
/// written. When they cannot be written they are handed on all the same, and marked so.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    inbox: Arc<Mutex<Inbox>>,
    filled: Arc<Notify>,
}

impl Ledger {
    /// Takes something to write, and notices to send once it is written. Never waits.
    pub(super) fn write(&self, batch: Batch, send: Vec<OutboxEntry>) {
        if batch.is_empty() && send.is_empty() {
            return;
        }
        let mut inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.batch.merge(batch);
        inbox.send.extend(send);
        drop(inbox);
        self.filled.notify_one();
    }

    fn take(&self) -> Inbox {
        std::mem::take(&mut *self.inbox.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_empty(&self) -> bool {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.batch.is_empty() && inbox.send.is_empty()
    }
}

/// The task behind a [`Ledger`].
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) ledger: Ledger,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) clock: Arc<dyn Clock>,
    /// Notices that are written, or that go out although they are not.
    pub(super) out: Arc<Delivery>,
    /// What is wrong with the journal.
    pub(super) fault: watch::Sender<Option<String>>,
    /// Commits in a row that took too long.
    pub(super) slow: u32,
}

impl Writer {
    /// Writes until the ledger's owner says that nothing more comes, and once more after that.
    pub(super) async fn run(mut self, end: tokio_util::sync::CancellationToken) {
        let mut owed = Batch::default();
        loop {
            let ending = end.is_cancelled();
            let Inbox { batch, send } = self.ledger.take();
            owed.merge(batch);
            let failing = self.fault.borrow().is_some();
            if failing && !send.is_empty() {
                // It failed a moment ago; the notices do not wait to see it fail again.
                self.send(send, true);
                self.commit(&mut owed).await;
            } else {
                let written = self.commit(&mut owed).await;
                self.send(send, !written);
            }
            if ending && (self.ledger.is_empty() || self.fault.borrow().is_some()) {
                return;
            }
            self.wait(&owed, &end).await;
        }
    }

    async fn wait(&self, owed: &Batch, end: &tokio_util::sync::CancellationToken) {
        let again = self.clock.instant() + RETRY_EVERY;
        tokio::select! {
            () = self.ledger.filled.notified() => {}
            () = end.cancelled() => {}
            () = self.clock.sleep_until(again), if !owed.is_empty() => {}
        }
    }

    /// Writes what is owed; on failure it stays owed.
    async fn commit(&mut self, owed: &mut Batch) -> bool {
        if owed.is_empty() {
            return true;
        }
        let commit = tokio::time::timeout(COMMIT_WITHIN, self.journal.commit(owed)).await;
        self.slow = if commit.is_err() { self.slow.saturating_add(1) } else { 0 };
        match commit {
            Ok(Ok(())) => {
                *owed = Batch::default();
                self.set_fault(None);
                return true;
            }
            Ok(Err(error)) => self.set_fault(Some(chain(&error))),
            Err(_) if self.slow >= SLOW_IN_A_ROW => {
                self.set_fault(Some(format!(
                    "the journal is not written within {COMMIT_WITHIN:?}"
                )));
            }
            Err(_) => tracing::warn!("the journal was not written within {COMMIT_WITHIN:?}"),
        }
        false
    }

    fn set_fault(&self, fault: Option<String>) {
        self.fault.send_if_modified(|known| {
            let changed = *known != fault;
            if changed && let Some(line) = &fault {
                tracing::error!("{line}; notices go out from memory until it is back");
            } else if changed {
                tracing::info!("the journal can be written again");
            }
            *known = fault;
            changed
        });
    }

    fn send(&self, mut entries: Vec<OutboxEntry>, unjournaled: bool) {
        if entries.is_empty() {
            return;
        }
        for entry in &mut entries {
            entry.notice.unjournaled |= unjournaled;
        }
        self.out.push(entries);
    }
}

fn chain(error: &JournalError) -> String {
    crate::model::Failure::internal(error).message
}
