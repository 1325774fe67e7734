//! The loop that owns every attempt.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::Instant,
};

use super::{
    DeliveryUpdate, Shared,
    queue::{Job, LaneKey},
    retry::{Verdict, chance, verdict},
    status::DeliveryStatus,
};
use crate::{
    model::{AttemptRecord, OutboxEntry, Timestamp},
    notify::{Accepted, Notifier, SendError},
};

/// A notifier has to keep its deadline by itself; one that does not is dropped this much later.
const OVERTIME: Duration = Duration::from_millis(250);

pub(super) struct Worker {
    shared: Arc<Shared>,
    updates: mpsc::Sender<DeliveryUpdate>,
    watcher: watch::Sender<Arc<DeliveryStatus>>,
    status: DeliveryStatus,
    // Owns every task: they end with the worker.
    tasks: JoinSet<Done>,
}

/// A task ended.
enum Done {
    /// An attempt, which is still to be reported.
    Attempted { lane: LaneKey, began: Timestamp, took: Duration, verdict: Verdict },
    /// The report of an attempt: the lane goes on with this entry, not before the given moment.
    Reported { lane: LaneKey, entry: OutboxEntry, due: Instant },
    /// The report of a merge.
    Merged { lane: LaneKey, entries: Vec<OutboxEntry> },
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        updates: mpsc::Sender<DeliveryUpdate>,
        watcher: watch::Sender<Arc<DeliveryStatus>>,
    ) -> Self {
        let status = DeliveryStatus::default();
        Self { shared, updates, watcher, status, tasks: JoinSet::new() }
    }

    pub(super) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        while !shared.stop.is_cancelled() {
            self.start_what_may();
            self.publish();
            let due = shared.queue().next_due(shared.clock.instant());
            tokio::select! {
                () = shared.stop.cancelled() => {}
                () = shared.wake.notified() => {}
                Some(done) = self.tasks.join_next() => self.take(done),
                () = sleep_until(&shared, due), if due.is_some() => {}
            }
        }
        while let Some(done) = self.tasks.join_next().await {
            self.take(done);
            self.publish();
        }
    }

    fn start_what_may(&mut self) {
        let now = self.shared.clock.instant();
        let jobs = self.shared.queue().take(now, &self.shared.limits);
        for (lane, job) in jobs {
            match job {
                Job::Attempt(entry) => {
                    self.tasks.spawn(attempt(Arc::clone(&self.shared), lane, *entry));
                }
                Job::Report(entries) => {
                    self.tasks.spawn(report_merge(self.updates.clone(), lane, entries));
                }
            }
        }
    }

    fn take(&mut self, done: Result<Done, tokio::task::JoinError>) {
        // Tasks catch the panics of notifiers and are aborted only together with this worker.
        let Ok(done) = done else { return };
        match done {
            Done::Attempted { lane, began, took, verdict } => {
                self.shared.queue().landed(&lane);
                self.status.count(&verdict, began.plus(took));
                self.report(lane, began, took, verdict);
            }
            Done::Reported { lane, entry, due } => {
                self.shared.queue().done(&lane, Some(entry), due);
            }
            Done::Merged { lane, entries } => {
                let mut queue = self.shared.queue();
                queue.forget(&entries);
                queue.done(&lane, None, self.shared.clock.instant());
            }
        }
    }

    /// The lane waits for its report, so that news of it come in order; its place is free already.
    fn report(&mut self, lane: LaneKey, began: Timestamp, took: Duration, verdict: Verdict) {
        let due = self.shared.clock.instant() + verdict.wait.unwrap_or_default();
        let entry = verdict.entry;
        let record = AttemptRecord {
            notice: entry.id,
            attempt: entry.attempts,
            at: began,
            took_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
            result: verdict.result,
            detail: verdict.detail,
        };
        let update = DeliveryUpdate { entry: entry.clone(), attempt: Some(record) };
        let updates = self.updates.clone();
        self.tasks.spawn(async move {
            // Without a reader there is nobody left to tell; sending goes on.
            let _ = updates.send(update).await;
            Done::Reported { lane, entry, due }
        });
    }

    fn publish(&mut self) {
        {
            let queue = self.shared.queue();
            self.status.pending = queue.pending();
            self.status.in_flight = queue.flying();
            self.status.oldest = queue.oldest();
        }
        let status = &self.status;
        self.watcher.send_if_modified(|shown| {
            let changed = **shown != *status;
            if changed {
                *shown = Arc::new(status.clone());
            }
            changed
        });
    }
}

async fn sleep_until(shared: &Shared, due: Option<Instant>) {
    if let Some(due) = due {
        shared.clock.sleep_until(due).await;
    }
}

async fn report_merge(
    updates: mpsc::Sender<DeliveryUpdate>,
    lane: LaneKey,
    entries: Vec<OutboxEntry>,
) -> Done {
    for entry in &entries {
        let _ = updates.send(DeliveryUpdate { entry: entry.clone(), attempt: None }).await;
    }
    Done::Merged { lane, entries }
}

async fn attempt(shared: Arc<Shared>, lane: LaneKey, entry: OutboxEntry) -> Done {
    let (began, started) = (shared.clock.now(), shared.clock.instant());
    let sent = match shared.notifier(&entry.notifier) {
        Some(notifier) => send(&shared, notifier.as_ref(), &entry).await,
        None => Err(SendError::permanent(format!("there is no notifier {}", entry.notifier))),
    };
    let took = shared.clock.instant().saturating_duration_since(started);
    let chance = chance(&entry);
    let verdict = verdict(entry, sent, shared.clock.now(), chance);
    Done::Attempted { lane, began, took, verdict }
}

/// One attempt, whatever the notifier does: it ends in time and does not panic.
async fn send(
    shared: &Shared,
    notifier: &dyn Notifier,
    entry: &OutboxEntry,
) -> Result<Accepted, SendError> {
    let timeout = notifier.timeout();
    let deadline = shared.clock.instant() + timeout;
    let sending = notifier.send_entry(entry, deadline);
    tokio::select! {
        sent = AssertUnwindSafe(sending).catch_unwind() => {
            sent.unwrap_or_else(|_| Err(SendError::temporary("the notifier panicked")))
        }
        () = shared.clock.sleep_until(deadline + OVERTIME) => {
            Err(SendError::temporary(format!("no answer within {timeout:?}")))
        }
    }
}
