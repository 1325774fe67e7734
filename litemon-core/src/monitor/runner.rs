use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    task::JoinSet,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    canaries::{Canaries, Heard},
    core::Core,
    drift::Drift,
    effects::Effects,
    inboxes::Inboxes,
    ledger::Ledger,
    pulse::{self, Pulse},
    setup::{Check, Setup},
    slots::{Due, Slots},
    snapshot::{Change, Snapshot},
};
use crate::{
    clock::Clock,
    hold::Planned,
    measures::Measures,
    model::{CheckId, Failure, FailureKind, IncidentNumber, JobEnd, Name, NoticeId, Outcome},
    notify::{
        delivery::{Delivery, DeliveryUpdate},
        report::Report,
    },
    policy::{Acknowledged, NewWindow, Window, WindowId},
    store::{FeedStatus, Feeder, FeederHandle},
};

/// How long after its deadline a probe that breaks its contract is dropped.
const GRACE: Duration = Duration::from_millis(250);
/// How often what changed is shown.
const PUBLISH_EVERY: Duration = Duration::from_millis(100);
/// How many results are decided on before they are written together.
const GROUP: usize = 256;

/// What a [`MonitorHandle`](super::MonitorHandle) asks for.
#[derive(Debug)]
pub(super) enum Request {
    Reload(Setup, oneshot::Sender<()>),
    RunNow(CheckId, oneshot::Sender<bool>),
    Plan(Name, Plan, oneshot::Sender<bool>),
    OwnFault(&'static str, Option<String>),
    Acknowledge(IncidentNumber, Option<Acknowledged>, oneshot::Sender<bool>),
    AddWindow(NewWindow, oneshot::Sender<Option<Window>>),
    EndWindow(WindowId, oneshot::Sender<Option<Window>>),
    JobEnded(JobEnd, Vec<Name>, oneshot::Sender<()>),
    RecipientOf(String, oneshot::Sender<Option<String>>),
    Reported(NoticeId, Report),
}

/// What a server's alerts are held for.
#[derive(Debug)]
pub(super) enum Plan {
    Hold(Planned),
    Back,
    Release,
}

/// The task that runs checks and feeds their results to the [`Core`].
#[derive(Debug)]
pub(super) struct Runner {
    pub(super) core: Core,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) drift: Drift,
    pub(super) slots: Slots,
    pub(super) canaries: Canaries,
    pub(super) running: JoinSet<(CheckId, Outcome)>,
    pub(super) ledger: Ledger,
    pub(super) delivery: Arc<Delivery>,
    pub(super) feeder: Feeder,
    pub(super) history: FeederHandle,
    pub(super) inputs: Inputs,
    pub(super) snapshots: watch::Sender<Arc<Snapshot>>,
    pub(super) changes: broadcast::Sender<Change>,
    pub(super) inboxes: watch::Sender<Arc<Inboxes>>,
    pub(super) measures: Arc<Measures>,
    pub(super) pulse: watch::Sender<Pulse>,
}

/// What the runner listens to besides its checks.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) deliveries: mpsc::Receiver<DeliveryUpdate>,
    pub(super) journal_fault: watch::Receiver<Option<String>>,
    pub(super) store: watch::Receiver<FeedStatus>,
}

impl Runner {
    pub(super) async fn run(mut self, end: CancellationToken) -> Self {
        let clock = Arc::clone(&self.clock);
        let mut publish_at: Option<Instant> = None;
        let mut pulse_at = clock.instant();
        loop {
            self.look_at_clocks();
            let due = self.slots.next_due();
            let lapse = self.next_lapse();
            let canaries = self.canaries.due();
            let mut effects = Effects::default();
            tokio::select! {
                () = end.cancelled() => break,
                Some(done) = self.running.join_next() => self.finished(done, &mut effects),
                () = until(&*clock, due) => self.launch_due(&mut effects),
                heard = self.canaries.heard() => self.canary(heard, &mut effects),
                () = until(&*clock, canaries) => {
                    self.core.canaries_asked();
                    self.canaries.ask(clock.instant(), self.core.seeks_network());
                    continue;
                }
                () = until(&*clock, lapse) => {
                    self.look_at_clocks();
                    self.core.lapse(clock.now(), &mut effects);
                }
                () = clock.sleep_until(pulse_at) => {
                    let now = clock.instant();
                    self.pulse.send_replace(Pulse::now(now, pulse_at, self.slots.next_due()));
                    pulse_at = now + pulse::EVERY;
                    continue;
                }
                () = until(&*clock, publish_at) => {
                    publish_at = None;
                    self.publish();
                    continue;
                }
                Some(update) = self.inputs.deliveries.recv() => {
                    self.measures.delivered(&update, clock.now());
                    self.core.delivered(update, clock.now(), &mut effects);
                }
                Some(request) = self.inputs.requests.recv() => self.serve(request, &mut effects),
                Ok(()) = self.inputs.journal_fault.changed() => self.journal_changed(&mut effects),
                Ok(()) = self.inputs.store.changed() => self.store_changed(&mut effects),
            }
            self.dispatch(effects);
            publish_at = publish_at.or_else(|| Some(clock.instant() + PUBLISH_EVERY));
        }
        self.running.shutdown().await;
        self
    }

    /// Decides on one result and on those that came with it.
    fn finished(
        &mut self,
        first: Result<(CheckId, Outcome), tokio::task::JoinError>,
        effects: &mut Effects,
    ) {
        let mut next = Some(first);
        for _ in 0..GROUP {
            // An error here is a run that was stopped by a reload; panics are caught inside.
            match next.take() {
                Some(Ok((id, outcome))) => self.result(&id, outcome, effects),
                Some(Err(_)) => {}
                None => return,
            }
            next = self.running.try_join_next();
        }
        if let Some(Ok((id, outcome))) = next {
            self.result(&id, outcome, effects);
        }
    }

    fn result(&mut self, id: &CheckId, outcome: Outcome, effects: &mut Effects) {
        self.slots.ended(id, self.clock.instant());
        self.measures.result(&outcome);
        self.core.finished(id, outcome, effects);
    }

    /// Whether the wall clock was set since the last look.
    fn look_at_clocks(&mut self) {
        let now = self.clock.now();
        if let Some(by) = self.drift.look(now, self.clock.instant()) {
            tracing::warn!(seconds = by / 1000, "the clock was set");
            let mut effects = Effects::default();
            self.core.clock_set(by, now, &mut effects);
            self.dispatch(effects);
        }
    }

    /// A canary answered, or did not.
    fn canary(&mut self, heard: Heard, effects: &mut Effects) {
        let now = self.clock.now();
        if let Some((which, answered)) = heard.answer {
            self.core.canary_answered(which, answered, now, effects);
        }
        if heard.last {
            self.core.canaries_heard(now, effects);
        }
        if self.core.seeks_network() {
            self.canaries.seek();
        }
    }

    fn launch_due(&mut self, effects: &mut Effects) {
        let now = self.clock.instant();
        for _ in 0..GROUP {
            match self.slots.pop(now) {
                Some(Due::Run(id)) => self.launch(&id, now),
                Some(Due::Overrun(id)) => {
                    self.measures.overrun();
                    self.core.overrun(&id);
                }
                None => break,
            }
        }
        // Nothing was decided, but overruns are shown.
        debug_assert!(effects.batch.is_empty());
    }

    fn launch(&mut self, id: &CheckId, now: Instant) {
        let Some(check) = self.core.check(id) else { return };
        let run = run_once(check.clone(), Arc::clone(&self.clock), now);
        let abort = self.running.spawn(run);
        self.slots.started(id, abort);
    }

    fn serve(&mut self, request: Request, effects: &mut Effects) {
        match request {
            Request::Reload(setup, done) => {
                self.delivery.replace_notifiers(setup.by_name());
                self.canaries.replace(setup.canaries.clone(), self.clock.instant());
                self.core.reload(setup, self.clock.now(), effects);
                self.slots.replace(self.core.checks(), self.clock.instant());
                let inboxes = Inboxes::of(self.core.checks(), &self.inboxes.borrow());
                self.inboxes.send_replace(Arc::new(inboxes));
                let _ = done.send(());
            }
            Request::Plan(server, plan, known) => {
                let now = self.clock.now();
                let _ = known.send(match plan {
                    Plan::Hold(planned) => self.core.hold(&server, planned, now, effects),
                    Plan::Back => self.core.came_back(&server, now, effects),
                    Plan::Release => self.core.release(&server, now, effects),
                });
            }
            Request::OwnFault(part, fault) => {
                self.core.own_fault(part, fault, false, self.clock.now(), effects);
            }
            // Whoever asks for these looks at once at what came of it.
            Request::Acknowledge(number, acknowledged, known) => {
                let now = self.clock.now();
                let open = self.core.acknowledge(number, acknowledged, now, effects);
                self.publish();
                let _ = known.send(open);
            }
            Request::AddWindow(new, added) => {
                let window = self.core.add_window(new, self.clock.now(), effects);
                self.publish();
                let _ = added.send(window);
            }
            Request::EndWindow(id, ended) => {
                let window = self.core.end_window(id, self.clock.now(), effects);
                self.publish();
                let _ = ended.send(window);
            }
            Request::JobEnded(end, notify, told) => {
                self.core.job_ended(end, &notify, self.clock.now(), effects);
                let _ = told.send(());
            }
            Request::RecipientOf(sender, known) => {
                let _ = known.send(self.core.recipient_of(&sender));
            }
            Request::Reported(id, report) => {
                self.core.reported(id, report, self.clock.now(), effects);
            }
            Request::RunNow(id, known) => {
                let _ = known.send(self.slots.run_now(&id, self.clock.instant()));
            }
        }
    }

    /// When held alerts are told. A wall clock that is set back makes it later, by as much.
    fn next_lapse(&self) -> Option<Instant> {
        let at = self.core.next_lapse()?;
        Some(self.clock.instant() + at.since(self.clock.now()))
    }

    fn journal_changed(&mut self, effects: &mut Effects) {
        let fault = self.inputs.journal_fault.borrow_and_update().clone();
        self.core.own_fault("journal", fault, true, self.clock.now(), effects);
    }

    fn store_changed(&mut self, effects: &mut Effects) {
        let fault = store_fault(&self.inputs.store.borrow_and_update());
        self.core.own_fault("store", fault, false, self.clock.now(), effects);
    }

    pub(super) fn dispatch(&mut self, effects: Effects) {
        self.ledger.write(effects.batch, effects.send);
        let withdrawn = self.withdraw(&effects.withdraw);
        self.ledger.write(withdrawn.batch, withdrawn.send);
        for record in effects.history.into_iter().chain(withdrawn.history) {
            self.history.push(record);
        }
        for change in effects.changes {
            // Nobody may be listening.
            let _ = self.changes.send(change);
        }
        for took in effects.arrived {
            self.measures.arrived(took);
        }
        let now = self.clock.instant();
        for id in effects.confirm {
            if let Some(check) = self.core.check(&id) {
                self.slots.retry(&id, now, &check.schedule);
            }
        }
        for id in effects.run_soon {
            self.slots.run_soon(&id, now);
        }
        for id in effects.run_now {
            self.slots.run_now(&id, now);
        }
        if effects.ask_canaries {
            self.canaries.hurry(now);
        }
        if effects.hurry {
            self.delivery.hurry();
        }
    }

    fn withdraw(&mut self, ids: &[NoticeId]) -> Effects {
        let mut effects = Effects::default();
        if !ids.is_empty() {
            for entry in self.delivery.withdraw(ids) {
                let update = DeliveryUpdate { entry, attempt: None };
                self.core.delivered(update, self.clock.now(), &mut effects);
            }
        }
        effects
    }

    /// Lets what is being sent arrive, for at most `grace`, and takes down what came of it.
    pub(super) async fn finish_delivery(&mut self, grace: Duration) {
        let delivery = Arc::clone(&self.delivery);
        let mut ended = std::pin::pin!(delivery.shutdown(grace));
        let mut running = true;
        while running {
            let mut effects = Effects::default();
            tokio::select! {
                () = &mut ended => running = false,
                Some(update) = self.inputs.deliveries.recv() => {
                    self.core.delivered(update, self.clock.now(), &mut effects);
                }
            }
            while let Ok(update) = self.inputs.deliveries.try_recv() {
                self.core.delivered(update, self.clock.now(), &mut effects);
            }
            self.dispatch(effects);
        }
    }

    fn publish(&mut self) {
        let snapshot = self.core.snapshot(self.clock.now());
        self.snapshots.send_replace(Arc::new(snapshot));
    }
}

/// What is wrong with the store, as people read it. The database's own words may name a host or a
/// user, and stay in the log.
fn store_fault(status: &FeedStatus) -> Option<String> {
    match (&status.spool_error, status.up) {
        (Some(error), _) => Some(format!("history is being lost: {error}")),
        (None, Some(false)) => {
            let error = status.error.as_deref().unwrap_or("no reason was given");
            Some(format!("the history's database is away ({error}); results wait on this machine"))
        }
        (None, _) => None,
    }
}

async fn until(clock: &dyn Clock, at: Option<Instant>) {
    match at {
        Some(at) => clock.sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Runs a probe once, whatever it does.
async fn run_once(check: Check, clock: Arc<dyn Clock>, began: Instant) -> (CheckId, Outcome) {
    let at = clock.now();
    let timeout = check.schedule.timeout;
    let deadline = began + timeout;
    let run = AssertUnwindSafe(check.probe.run(deadline)).catch_unwind();
    let result = match tokio::time::timeout_at(deadline + GRACE, run).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Failure::new(FailureKind::Internal, "the probe panicked")),
        Err(_) => Err(Failure::new(FailureKind::Timeout, format!("no answer in {timeout:?}"))),
    };
    (check.id, Outcome { at, took: clock.instant().saturating_duration_since(began), result })
}
