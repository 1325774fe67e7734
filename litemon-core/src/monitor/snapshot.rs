use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    hold::PlannedView,
    model::{
        CheckId, CheckKind, Failure, IncidentNumber, Name, NoticeState, Number, Observation,
        Reason, Status, Timestamp, ToldIn,
    },
    policy::{Acknowledged, Healing, Rota, Silence, Window},
};

/// Everything the monitor knows at one moment. Cheap to clone behind its `Arc`; unchanged parts are
/// shared with the snapshot before.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// When it was taken.
    pub at: Timestamp,
    /// The latest result of any check.
    pub last_result: Option<Timestamp>,
    /// Servers, in the order of the configuration.
    pub servers: Vec<Arc<ServerView>>,
    /// Checks that belong to no server.
    pub others: Vec<Arc<CheckView>>,
    /// Open incidents, by number.
    pub incidents: Vec<Arc<IncidentView>>,
    /// Times in which people are not told, those of the configuration first: each that is open, or
    /// comes.
    pub windows: Vec<Window>,
    /// Notices that were not accepted yet.
    pub outbox: usize,
    /// Those of them that are held: gathered into one message, over the budget of their recipient, or
    /// kept for the end of quiet hours.
    pub held: usize,
    /// What is wrong with the monitor itself, a line each.
    pub own_faults: Vec<String>,
    /// Since when the monitor's own network is away: nothing is known of what is beyond it.
    pub isolated: Option<Timestamp>,
    /// People who take turns, in the order of the configuration.
    pub rotas: Vec<Arc<Rota>>,
}

impl Snapshot {
    /// A server by name.
    #[must_use]
    pub fn server(&self, name: &str) -> Option<&Arc<ServerView>> {
        self.servers.iter().find(|server| server.name.as_str() == name)
    }

    /// Every check, those of servers first.
    pub fn checks(&self) -> impl Iterator<Item = &Arc<CheckView>> {
        self.servers.iter().flat_map(|server| &server.checks).chain(&self.others)
    }

    /// A check by its full name.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&Arc<CheckView>> {
        self.checks().find(|check| check.id.as_str() == id)
    }
}

/// A server and its checks.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ServerView {
    /// Its name.
    pub name: Name,
    /// Its address, as configured.
    pub address: String,
    /// Its groups.
    pub groups: Vec<Name>,
    /// What else is said of it, by key.
    pub labels: BTreeMap<String, String>,
    /// Its checks: `ssh` first, then in the order of the configuration.
    pub checks: Vec<Arc<CheckView>>,
    /// It is being restarted, or was shut down: its alerts are held.
    pub planned: Option<PlannedView>,
}

impl ServerView {
    /// The check that says whether the server can be logged in to. `None` for `local`.
    #[must_use]
    pub fn ssh(&self) -> Option<&Arc<CheckView>> {
        self.checks.iter().find(|check| check.kind == CheckKind::Ssh)
    }

    /// Whether it is known that the server cannot be logged in to.
    #[must_use]
    pub fn unreachable(&self) -> bool {
        self.ssh().is_some_and(|ssh| ssh.status == Status::Critical)
    }

    /// A check by its short name.
    #[must_use]
    pub fn check(&self, name: &str) -> Option<&Arc<CheckView>> {
        self.checks.iter().find(|check| check.id.name() == name)
    }

    /// The worst status among its checks; those that are unknown because the server is unreachable
    /// do not add to it, unless that too is unknown.
    #[must_use]
    pub fn status(&self) -> Status {
        let unknown = self.ssh().is_some_and(|ssh| ssh.blocked);
        let known = self.checks.iter().filter(|check| !check.blocked).map(|check| check.status);
        let least = if unknown { Status::Unknown } else { Status::Ok };
        known.fold(least, Ord::max)
    }
}

/// A check as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckView {
    /// Its full name.
    pub id: CheckId,
    /// What sort of check.
    pub kind: CheckKind,
    /// Its hard status; Unknown while `blocked` or before the first result.
    pub status: Status,
    /// Since when; `None` before the first result.
    pub since: Option<Timestamp>,
    /// Results in a row that speak against `status`: how many, and of how many that count.
    pub soft: Option<(Status, u32, u32)>,
    /// Nothing is known of it because its server cannot be reached.
    pub blocked: bool,
    /// The last result.
    pub last: Option<LastResult>,
    /// The last value that was measured, when the last result has none.
    pub last_value: Option<(Timestamp, f64)>,
    /// The numbers of the last result that had any, for a check that sees several. They are kept
    /// while later results are failures; each says itself how old it is.
    pub last_numbers: Vec<Number>,
    /// From one run to the next.
    pub interval: Duration,
    /// The longest one run may take.
    pub timeout: Duration,
    /// Above it is critical.
    pub threshold: Option<f64>,
    /// Above it is a warning.
    pub warn: Option<f64>,
    /// It comes and goes, since when: its incident stays open, whatever its status is.
    #[serde(default)]
    pub flapping: Option<Timestamp>,
    /// Its open incident.
    pub incident: Option<IncidentNumber>,
    /// Results in a row that are not OK before it is a problem.
    pub attempts: u32,
    /// Whether anybody is told when it fails.
    pub notifies: bool,
    /// By which notifiers. Not shown without a login.
    pub notify: Vec<Name>,
    /// Runs that were skipped because the one before was not done.
    pub overruns: u64,
}

impl CheckView {
    /// Whether its last result is younger than three intervals and the timeout: what "now" means.
    #[must_use]
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.last
            .as_ref()
            .is_some_and(|last| now.since(last.at) <= self.interval * 3 + self.timeout)
    }

    /// The value of the last result, if it is current and there is one.
    #[must_use]
    pub fn current_value(&self, now: Timestamp) -> Option<f64> {
        let last = self.last.as_ref().filter(|_| self.is_current(now))?;
        last.result.as_ref().ok()?.value()
    }
}

/// The last result of a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastResult {
    /// When the run ended.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What it was judged to be, by itself.
    pub status: Status,
    /// What was seen.
    pub result: Result<Observation, Failure>,
}

/// An open incident as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IncidentView {
    /// Its number.
    pub number: IncidentNumber,
    /// The check.
    pub check: CheckId,
    /// What sort of check.
    pub kind: CheckKind,
    /// The first result that was not OK.
    pub since: Timestamp,
    /// Its status now.
    pub status: Status,
    /// What was last seen while it was a problem.
    pub last: Result<Observation, Failure>,
    /// The limit that a value passed.
    pub limit: Option<f64>,
    /// Who was told, newest last.
    pub told: Vec<Told>,
    /// Somebody looks after it.
    #[serde(default)]
    pub acknowledged: Option<Acknowledged>,
    /// Why not all of it was told.
    #[serde(default)]
    pub silence: Option<Silence>,
    /// What remedies did about it, by notifier.
    #[serde(default)]
    pub remedies: BTreeMap<Name, Healing>,
}

/// A notice of an open incident, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// By which notifier.
    pub notifier: String,
    /// To whom. Not shown without a login.
    pub recipient: String,
    /// Why.
    pub reason: Reason,
    /// How far it is.
    pub state: NoticeState,
    /// When it came to that state; of what is held, when it is to be told.
    pub at: Timestamp,
    /// The message that tells it together with others.
    #[serde(default)]
    pub told_in: Option<ToldIn>,
}

/// Something changed; sent to those who listen, who may miss some when they are slow.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// A check's hard status changed.
    Status {
        /// The check.
        check: CheckId,
        /// From what.
        from: Status,
        /// To what.
        to: Status,
        /// When.
        at: Timestamp,
    },
    /// An incident began.
    Opened(Arc<IncidentView>),
    /// An incident ended.
    Closed {
        /// Its number.
        number: IncidentNumber,
        /// When.
        at: Timestamp,
    },
    /// The configuration was replaced.
    Reloaded,
}
