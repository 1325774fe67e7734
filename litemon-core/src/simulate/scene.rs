//! The world around the monitor: what probes and canaries see, and what becomes of notices that are
//! sent.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{task::JoinSet, time::Instant};

use crate::{
    canary::Canary,
    clock::Clock,
    model::{
        CheckId, CheckKind, Failure, FailureKind, Name, Notice, Observation, OutboxEntry, Reading,
        Route, Status, Timestamp,
    },
    monitor::MonitorHandle,
    notify::report::Report,
    probe::Probe,
};

/// How long a run takes where the timeline does not say.
pub(super) const USUAL: Duration = Duration::from_millis(10);
/// How long a report of what arrived takes where the timeline does not say.
pub(super) const REPORTED: Duration = Duration::from_secs(2);

/// What a check sees from some time on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Act {
    pub(super) sight: Sight,
    pub(super) detail: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) takes: Option<Duration>,
}

impl Act {
    pub(super) const fn of(sight: Sight) -> Self {
        Self { sight, detail: None, unit: None, takes: None }
    }
}

/// What is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sight {
    /// All is well, whatever sort of check it is.
    Well,
    /// It is off.
    Off,
    /// It says itself how it is.
    Says(Status),
    /// A number.
    Number(f64),
    /// Nothing, for this reason.
    Fails(FailureKind),
}

/// What a notifier does with notices from some time on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// It takes them.
    #[default]
    Up,
    /// Nothing answers: each attempt takes all of its time, in vain.
    Down,
    /// It answers at once that it cannot now.
    Fails,
    /// It will never take them.
    Refuses,
    /// It keeps them for later.
    Queues,
    /// It takes them, after so long.
    Slow(Duration),
}

/// What the command of a remedy does from some time on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cure {
    pub(super) effect: Effect,
    /// Why it fails.
    pub(super) detail: Option<String>,
    pub(super) takes: Option<Duration>,
}

/// What comes of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    #[default]
    Useless,
    /// The check that it is run for is well again.
    Helps,
    /// It ends with a failure.
    Fails,
}

/// What a gateway that is asked to says later of the messages that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reporting {
    /// `None` when it says nothing.
    pub(super) what: Option<Report>,
    /// So long after it took them.
    pub(super) after: Duration,
}

impl Default for Reporting {
    fn default() -> Self {
        Self { what: Some(Report::Delivered), after: REPORTED }
    }
}

/// A notifier, or one of its gateways by its place from 0.
pub(super) type Outlet = (Name, Option<usize>);

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Accepted,
    Queued,
    Failed(String),
    Refused(String),
}

/// An attempt to send a notice.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// When it ended, on both clocks.
    pub(super) ended: Instant,
    pub(super) at: Timestamp,
    pub(super) notifier: Name,
    pub(super) recipient: String,
    pub(super) notice: Notice,
    pub(super) text: String,
    pub(super) sent: Sent,
    /// It was sent before, and did not arrive.
    pub(super) lost: bool,
    /// Which of several gateways took it, from 0.
    pub(super) gateway: Option<u32>,
    /// It was a command that was run, and told nobody.
    pub(super) command: bool,
}

/// A gateway said what became of a message.
#[derive(Clone, Debug)]
pub(super) struct Reported {
    /// When, on both clocks.
    pub(super) when: Instant,
    pub(super) at: Timestamp,
    pub(super) notifier: Name,
    pub(super) recipient: String,
    pub(super) what: Report,
}

/// All that the timeline changes, and all that was sent.
#[derive(Debug, Default)]
pub(super) struct Scene {
    /// Held for moments and never over an await.
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    acts: BTreeMap<CheckId, Act>,
    ways: BTreeMap<Outlet, Way>,
    cures: BTreeMap<Name, Cure>,
    reporting: BTreeMap<Outlet, Reporting>,
    /// The monitor's own network is away.
    cut_off: bool,
    attempts: Vec<Attempt>,
    reported: Vec<Reported>,
    /// When remedies made checks well.
    healed: Vec<(Instant, CheckId)>,
    /// Whom gateways report to; none while nothing runs.
    monitor: Option<MonitorHandle>,
    /// Reports that are still to come.
    underway: JoinSet<()>,
}

impl Scene {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn act(&self, checks: &[CheckId], act: &Act) {
        self.inner().acts.extend(checks.iter().map(|check| (check.clone(), act.clone())));
    }

    /// Of all gateways of these; of one, by its place, what is said of that alone.
    pub(super) fn way(&self, notifiers: &[Name], gateway: Option<usize>, way: Way) {
        set(&mut self.inner().ways, notifiers, gateway, way);
    }

    pub(super) fn reporting(&self, notifiers: &[Name], gateway: Option<usize>, how: Reporting) {
        set(&mut self.inner().reporting, notifiers, gateway, how);
    }

    pub(super) fn cure(&self, remedies: &[Name], cure: &Cure) {
        self.inner().cures.extend(remedies.iter().map(|name| (name.clone(), cure.clone())));
    }

    pub(super) fn network(&self, up: bool) {
        self.inner().cut_off = !up;
    }

    /// Whom gateways report to from now on.
    pub(super) fn runs(&self, monitor: Option<MonitorHandle>) {
        self.inner().monitor = monitor;
    }

    /// The attempts since it was asked last.
    pub(super) fn attempts(&self) -> Vec<Attempt> {
        std::mem::take(&mut self.inner().attempts)
    }

    /// What gateways reported.
    pub(super) fn reported(&self) -> Vec<Reported> {
        self.inner().reported.clone()
    }

    /// Which checks remedies made well, and when.
    pub(super) fn healed(&self) -> Vec<(Instant, CheckId)> {
        self.inner().healed.clone()
    }

    /// Whether what goes over this gets nowhere now.
    pub(super) fn is_cut_off(&self, route: Route) -> bool {
        route == Route::Network && self.inner().cut_off
    }

    pub(super) fn way_of(&self, notifier: &Name, gateway: usize) -> Way {
        of(&self.inner().ways, notifier, gateway)
    }

    pub(super) fn cure_of(&self, remedy: &Name) -> Cure {
        self.inner().cures.get(remedy).cloned().unwrap_or_default()
    }

    /// A remedy made a check well.
    pub(super) fn heal(&self, check: &CheckId, now: Instant) {
        let mut inner = self.inner();
        inner.acts.remove(check);
        inner.healed.push((now, check.clone()));
    }

    pub(super) fn attempted(&self, attempt: Attempt) {
        self.inner().attempts.push(attempt);
    }

    /// A gateway took a message that it was asked to report about: it does so later, to whatever
    /// monitor runs by then.
    pub(super) fn reports_later(
        self: &Arc<Self>,
        clock: &Arc<dyn Clock>,
        entry: &OutboxEntry,
        (gateway, route): (usize, Route),
    ) {
        let mut inner = self.inner();
        let how = of(&inner.reporting, &entry.notifier, gateway);
        let Some(what) = how.what else { return };
        let (scene, clock) = (Arc::clone(self), Arc::clone(clock));
        let (id, notifier, recipient) = (entry.id, entry.notifier.clone(), entry.recipient.clone());
        // Those that came are not kept.
        while inner.underway.try_join_next().is_some() {}
        inner.underway.spawn(async move {
            clock.sleep_until(clock.instant() + how.after).await;
            if scene.is_cut_off(route) {
                return;
            }
            let (when, at) = (clock.instant(), clock.now());
            let Some(monitor) = scene.inner().monitor.clone() else { return };
            scene.inner().reported.push(Reported { when, at, notifier, recipient, what });
            // One that stops just now hears it no more than one that is not there.
            let _ = monitor.reported(id, what).await;
        });
    }

    /// What a check sees now. What runs on a server that cannot be reached fails as its login does.
    fn sees(&self, check: &CheckId, login: Option<&CheckId>) -> Act {
        let inner = self.inner();
        let unreachable = login
            .and_then(|login| inner.acts.get(login))
            .filter(|act| matches!(act.sight, Sight::Fails(kind) if !kind.says_nothing()));
        unreachable.or(inner.acts.get(check)).cloned().unwrap_or(Act::of(Sight::Well))
    }
}

/// What is said of a notifier as a whole takes the place of what was said of its gateways.
fn set<T: Copy>(
    said: &mut BTreeMap<Outlet, T>,
    notifiers: &[Name],
    gateway: Option<usize>,
    value: T,
) {
    if gateway.is_none() {
        said.retain(|(name, _), _| !notifiers.contains(name));
    }
    said.extend(notifiers.iter().map(|name| ((name.clone(), gateway), value)));
}

fn of<T: Copy + Default>(said: &BTreeMap<Outlet, T>, notifier: &Name, gateway: usize) -> T {
    let own = said.get(&(notifier.clone(), Some(gateway)));
    own.or_else(|| said.get(&(notifier.clone(), None))).copied().unwrap_or_default()
}

/// Something that answers while the monitor's own network works.
#[derive(Debug)]
pub(super) struct ScriptedCanary {
    pub(super) scene: Arc<Scene>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) name: String,
    /// What it is asked over.
    pub(super) route: Route,
}

#[async_trait]
impl Canary for ScriptedCanary {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn answers(&self, deadline: Instant) -> bool {
        if self.scene.is_cut_off(self.route) {
            self.clock.sleep_until(deadline).await;
            return false;
        }
        self.clock.sleep_until(deadline.min(self.clock.instant() + USUAL)).await;
        !self.scene.is_cut_off(self.route)
    }
}

/// A probe that sees what the timeline says.
#[derive(Debug)]
pub(super) struct ScriptedProbe {
    pub(super) scene: Arc<Scene>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) check: CheckId,
    pub(super) kind: CheckKind,
    /// The login to the server that it runs on.
    pub(super) login: Option<CheckId>,
    /// What it looks over.
    pub(super) route: Route,
}

#[async_trait]
impl Probe for ScriptedProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let act = self.scene.sees(&self.check, self.login.as_ref());
        let waits = matches!(act.sight, Sight::Fails(FailureKind::Timeout | FailureKind::Silent));
        let ends = match act.takes {
            None if waits => deadline,
            takes => self.clock.instant() + takes.unwrap_or(USUAL),
        };
        let cut_off = self.scene.is_cut_off(self.route);
        let ends = if cut_off { deadline } else { ends };
        self.clock.sleep_until(ends.min(deadline)).await;
        if cut_off || self.scene.is_cut_off(self.route) {
            // What is on its way when the network goes comes to nothing, too.
            self.clock.sleep_until(deadline).await;
            let silent = FailureKind::Silent;
            return Err(Failure::new(silent, failure_words(silent)));
        }
        if ends > deadline {
            return Err(Failure::new(FailureKind::Timeout, "no answer in time"));
        }
        seen(self.kind, act)
    }
}

fn seen(kind: CheckKind, act: Act) -> Result<Observation, Failure> {
    let Act { sight, detail, unit, .. } = act;
    match sight {
        Sight::Fails(failure) => {
            Err(Failure::new(failure, detail.as_deref().unwrap_or(failure_words(failure))))
        }
        Sight::Number(value) => {
            let unit = unit.unwrap_or_else(|| usual_unit(kind).to_owned());
            Ok(Observation::Value { value, unit, detail })
        }
        Sight::Off => Ok(Observation::Switch { on: false, detail }),
        Sight::Says(status) => {
            let reading: Option<Reading> = None;
            Ok(Observation::judged(status, reading, detail.unwrap_or_default()))
        }
        Sight::Well => Ok(well(kind, unit, detail)),
    }
}

/// What is good for every limit.
fn well(kind: CheckKind, unit: Option<String>, detail: Option<String>) -> Observation {
    match kind {
        CheckKind::Ssh | CheckKind::Service => Observation::Switch { on: true, detail },
        CheckKind::Resource | CheckKind::Messaging | CheckKind::Statistic => Observation::Value {
            value: 0.0,
            unit: unit.unwrap_or_else(|| usual_unit(kind).to_owned()),
            detail,
        },
        _ => Observation::judged(Status::Ok, None::<Reading>, detail.unwrap_or_default()),
    }
}

const fn usual_unit(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Resource => "%",
        CheckKind::Messaging => "s",
        _ => "",
    }
}

/// What probes say of these.
const fn failure_words(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::NotResolved => "the name has no address",
        FailureKind::Refused => "connection refused",
        FailureKind::NoRoute => "no route to host",
        FailureKind::Silent => "no answer",
        FailureKind::HostKey => "the host key is another one",
        FailureKind::Auth => "login refused",
        FailureKind::Busy => "the server has no room for more connections",
        FailureKind::Dropped => "the connection broke",
        FailureKind::Protocol => "the answer is not understood",
        FailureKind::Timeout => "no answer in time",
        FailureKind::Exit => "exit 127",
        FailureKind::Output => "the output is not understood",
        FailureKind::Overrun => "the run before is not over",
        FailureKind::Internal => "a fault of the monitor",
        FailureKind::Pending => "not called yet",
    }
}
