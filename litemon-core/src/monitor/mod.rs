//! The monitor: runs checks when they are due, remembers, decides, and has it told.
//!
//! One task owns all memory and makes all decisions (`core`, which does no I/O); each run of a probe
//! is a task of its own; one task writes the journal; the delivery and the feeder have theirs. None of
//! them waits for another: a slow journal, gateway or database delays neither checks nor each other.

#[cfg(feature = "config")]
mod assemble;
mod book;
mod builder;
mod canaries;
mod core;
mod display;
mod drift;
mod effects;
mod entry;
mod inboxes;
mod ledger;
#[cfg(test)]
mod live_tests;
mod pulse;
mod recall;
mod runner;
mod setup;
mod slots;
mod snapshot;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

pub use crate::hold::{Phase, Planned, PlannedKind, PlannedView};
#[cfg(feature = "config")]
pub use assemble::Assembler;
pub use builder::{MonitorBuilder, StartError};
pub use recall::recall;
pub use setup::{Check, NotifierSetup, Server, Setup};
pub use snapshot::{Change, CheckView, IncidentView, LastResult, ServerView, Snapshot, Told};

use crate::{
    clock::Clock,
    measures::{Measured, Measures},
    model::{CheckId, IncidentNumber, JobEnd, Name, NoticeId},
    notify::{delivery::DeliveryStatus, report::Report},
    policy::{Acknowledged, NewWindow, Window, WindowId},
    probe::push::{Call, TokenHash},
    store::{FeedStatus, Store},
};

/// A running monitor. Dropping it stops everything at once; [`Monitor::shutdown`] does so in order.
#[derive(Debug)]
pub struct Monitor {
    handle: MonitorHandle,
    end: CancellationToken,
    end_writer: CancellationToken,
    runner: AbortOnDropHandle<runner::Runner>,
    writer: AbortOnDropHandle<()>,
    upkeep: crate::store::Upkeep,
}

impl Monitor {
    /// Starts to put a monitor together.
    #[must_use]
    pub fn builder() -> MonitorBuilder {
        MonitorBuilder::default()
    }

    /// A way to look at it and to ask it for things; may be cloned and handed around.
    #[must_use]
    pub fn handle(&self) -> MonitorHandle {
        self.handle.clone()
    }

    /// Stops checking, lets the notices that are being sent arrive, and writes down what is known;
    /// all within about `limit`. Notices that are still to be sent stay in the journal.
    ///
    /// Cancel safety: dropping the future stops everything at once, as dropping the monitor does.
    pub async fn shutdown(self, limit: Duration) {
        let third = limit / 3;
        drop(self.upkeep);
        self.end.cancel();
        let Ok(Ok(mut runner)) = tokio::time::timeout(third, self.runner).await else { return };
        runner.finish_delivery(third).await;
        self.end_writer.cancel();
        let _ = tokio::time::timeout(third, self.writer).await;
        let lost = runner.feeder.close(third).await;
        if lost > 0 {
            tracing::warn!(lost, "some history was neither stored nor kept");
        }
    }
}

/// The monitor is not running any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the monitor has stopped")]
pub struct Stopped;

/// A way to look at a running monitor and to ask it for things. Cheap to clone.
#[derive(Clone, Debug)]
pub struct MonitorHandle {
    snapshot: watch::Receiver<Arc<Snapshot>>,
    changes: broadcast::Sender<Change>,
    ask: mpsc::Sender<runner::Request>,
    inboxes: watch::Receiver<Arc<inboxes::Inboxes>>,
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
    working: Working,
}

/// How the parts of a monitor do.
#[derive(Clone, Debug)]
struct Working {
    delivery: watch::Receiver<Arc<DeliveryStatus>>,
    feed: watch::Receiver<FeedStatus>,
    journal_fault: watch::Receiver<Option<String>>,
    pulse: watch::Receiver<pulse::Pulse>,
    measures: Arc<Measures>,
}

impl MonitorHandle {
    /// What is known now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.borrow())
    }

    /// What is known, and each time that it changes: at most ten times a second.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.clone()
    }

    /// Changes from now on. A listener that falls behind misses the oldest.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// The history.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// How sending notices goes.
    #[must_use]
    pub fn delivery(&self) -> Arc<DeliveryStatus> {
        Arc::clone(&self.working.delivery.borrow())
    }

    /// How bringing history to its store goes.
    #[must_use]
    pub fn feed(&self) -> FeedStatus {
        self.working.feed.borrow().clone()
    }

    /// Why the journal cannot be written, in one line; `None` while it can.
    #[must_use]
    pub fn journal_fault(&self) -> Option<String> {
        self.working.journal_fault.borrow().clone()
    }

    /// How far it is behind: by how much checks are late, or its own work is, or for how long it has
    /// given no sign of life. Next to nothing while all is well.
    #[must_use]
    pub fn lag(&self) -> Duration {
        self.working.pulse.borrow().lag(self.clock.instant())
    }

    /// Says that something around the monitor is wrong (or, with `None`, right again), in one line
    /// without secrets: it is shown among the monitor's own faults, and nobody is told. Nothing
    /// happens once the monitor has stopped.
    pub async fn own_fault(&self, part: &'static str, fault: Option<String>) {
        let _ = self.ask.send(runner::Request::OwnFault(part, fault)).await;
    }

    /// What it did since its start.
    #[must_use]
    pub fn measured(&self) -> Measured {
        self.working.measures.read()
    }

    /// Replaces what is watched and who is told. Checks that keep their name keep state, timer and
    /// incident; an incident whose check is gone is closed as withdrawn, and nobody is told.
    ///
    /// # Errors
    /// [`ReloadError`] when the parts do not fit together (then nothing changed), or the monitor has
    /// stopped.
    pub async fn reload(&self, setup: Setup) -> Result<(), ReloadError> {
        setup.validate()?;
        let (done, wait) = oneshot::channel();
        self.ask.send(runner::Request::Reload(setup, done)).await.map_err(|_| Stopped)?;
        Ok(wait.await.map_err(|_| Stopped)?)
    }

    /// Runs a check at once, or right after the run it is in. False when there is no such check.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn run_now(&self, check: CheckId) -> Result<bool, Stopped> {
        self.request(|known| runner::Request::RunNow(check, known)).await
    }

    /// Holds the alerts of a server from now on, since it is about to be restarted or shut down.
    /// Checks go on; what they find is told when [`MonitorHandle::came_back`] was called and all of
    /// them are OK again (then there is nothing to tell), or at the latest when the time of the
    /// plan has passed. A hold survives a restart of the monitor. False when there is no such
    /// server.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn hold(&self, server: &Name, planned: Planned) -> Result<bool, Stopped> {
        self.plan(server, runner::Plan::Hold(planned)).await
    }

    /// A server was seen to have started anew, by its boot id: its checks run at once. False when
    /// nothing was held.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn came_back(&self, server: &Name) -> Result<bool, Stopped> {
        self.plan(server, runner::Plan::Back).await
    }

    /// What was planned for a server does not happen, or failed: what is wrong with it is told at
    /// once. False when nothing was held.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn release(&self, server: &Name) -> Result<bool, Stopped> {
        self.plan(server, runner::Plan::Release).await
    }

    /// Somebody looks after an incident, or, with `None`, not any more: reminders and further
    /// recipients wait, and those who were told of the problem are told of it. False when it is not
    /// open.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn acknowledge(
        &self,
        number: IncidentNumber,
        acknowledged: Option<Acknowledged>,
    ) -> Result<bool, Stopped> {
        self.request(|known| runner::Request::Acknowledge(number, acknowledged, known)).await
    }

    /// Problems are not told for a time; what still holds when it is over is told then. `None` when
    /// there are too many such times already.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn add_window(&self, window: NewWindow) -> Result<Option<Window>, Stopped> {
        self.request(|added| runner::Request::AddWindow(window, added)).await
    }

    /// Ends such a time at once. `None` when there is none of that number.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn end_window(&self, id: WindowId) -> Result<Option<Window>, Stopped> {
        self.request(|ended| runner::Request::EndWindow(id, ended)).await
    }

    /// A job ended: the notifiers of these names tell of it, each to all of its recipients, whatever
    /// events they are told of else. It goes through the outbox as every notice does.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn job_ended(&self, end: JobEnd, notify: Vec<Name>) -> Result<(), Stopped> {
        self.request(|told| runner::Request::JobEnded(end, notify, told)).await
    }

    /// Which recipient of a notifier a message came from, by its sender as a gateway writes it.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn recipient_of(&self, sender: &str) -> Result<Option<String>, Stopped> {
        let sender = sender.to_owned();
        self.request(|known| runner::Request::RecipientOf(sender, known)).await
    }

    /// A gateway reports what became of an outbox entry that it took. What is not known any more
    /// changes nothing.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn reported(&self, id: NoticeId, report: Report) -> Result<(), Stopped> {
        self.ask.send(runner::Request::Reported(id, report)).await.map_err(|_| Stopped)
    }

    async fn request<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<T>) -> runner::Request,
    ) -> Result<T, Stopped> {
        let (answer, wait) = oneshot::channel();
        self.ask.send(request(answer)).await.map_err(|_| Stopped)?;
        wait.await.map_err(|_| Stopped)
    }

    async fn plan(&self, server: &Name, plan: runner::Plan) -> Result<bool, Stopped> {
        self.request(|known| runner::Request::Plan(server.clone(), plan, known)).await
    }

    /// Somebody calls with a token: the checks that wait for it take what he says, and run at once.
    ///
    /// # Errors
    /// [`Stopped`] when the monitor has stopped.
    pub async fn push(&self, token: &TokenHash, call: Call) -> Result<Pushed, Stopped> {
        let inboxes = Arc::clone(&self.inboxes.borrow());
        let told = inboxes.of_token(token);
        if told.is_empty() {
            return Ok(Pushed::UnknownToken);
        }
        for (check, inbox) in told {
            let (from, at) = (self.clock.instant(), self.clock.now());
            if inbox.put(call.clone(), from, at).is_err() {
                return Ok(Pushed::TooMany);
            }
            self.run_now(check.clone()).await?;
        }
        Ok(Pushed::Taken)
    }
}

/// What became of a [push](MonitorHandle::push).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pushed {
    /// A check is told by it.
    Taken,
    /// No check waits for that token.
    UnknownToken,
    /// The token is used too often; this call was left out.
    TooMany,
}

/// A reload did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// Its parts do not fit together.
    #[error(transparent)]
    Setup(#[from] StartError),
    /// There is no monitor to reload.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}
