//! Snapshots made by hand, for tests of what shows them.

use std::{sync::Arc, time::Duration};

use crate::{
    hold::{Hold, Planned},
    model::{
        CheckId, CheckKind, Failure, IncidentNumber, Name, NameError, Observation, Status,
        Timestamp,
    },
    monitor::{CheckView, IncidentView, LastResult, ServerView, Snapshot, Told},
    policy::Rota,
};

/// A check as it is shown. It starts without a result, at an interval of 10 s with 5 s to run.
#[derive(Clone, Debug)]
pub struct CheckBuilder(CheckView);

impl CheckBuilder {
    /// A check that waits for its first result.
    ///
    /// # Errors
    /// [`NameError`] when `id` is not the full name of a check.
    pub fn new(id: &str, kind: CheckKind) -> Result<Self, NameError> {
        Ok(Self(CheckView {
            id: CheckId::parse(id)?,
            kind,
            status: Status::Unknown,
            since: None,
            soft: None,
            blocked: false,
            last: None,
            last_value: None,
            last_numbers: Vec::new(),
            interval: Duration::from_secs(10),
            timeout: Duration::from_secs(5),
            threshold: None,
            warn: None,
            flapping: None,
            incident: None,
            attempts: 2,
            notifies: true,
            notify: Vec::new(),
            overruns: 0,
        }))
    }

    /// Gives it a last result, of `status`, which it has had since then.
    #[must_use]
    pub fn seen(
        mut self,
        status: Status,
        since: Timestamp,
        at: Timestamp,
        result: Result<Observation, Failure>,
    ) -> Self {
        self.0.status = status;
        self.0.since = Some(since);
        self.0.last_value = result.as_ref().ok().and_then(|seen| Some((at, seen.value()?)));
        if let Ok(Observation::Numbers { numbers, .. }) = &result {
            self.0.last_numbers.clone_from(numbers);
        }
        self.0.last = Some(LastResult { at, took: Duration::from_millis(12), status, result });
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, threshold: Option<f64>, warn: Option<f64>) -> Self {
        self.0.threshold = threshold;
        self.0.warn = warn;
        self
    }

    /// Sets the last value that was measured, for a check whose last result has none.
    #[must_use]
    pub fn last_value(mut self, at: Timestamp, value: f64) -> Self {
        self.0.last_value = Some((at, value));
        self
    }

    /// Its server cannot be reached.
    #[must_use]
    pub fn blocked(mut self) -> Self {
        self.0.blocked = true;
        self.0.status = Status::Unknown;
        self
    }

    /// Who tells of it when it fails.
    ///
    /// # Errors
    /// [`NameError`] when one is not a name.
    pub fn told_by(mut self, notifiers: &[&str]) -> Result<Self, NameError> {
        self.0.notify = notifiers.iter().map(|name| Name::new(name)).collect::<Result<_, _>>()?;
        self.0.notifies = !notifiers.is_empty();
        Ok(self)
    }

    /// Nobody is told when it fails.
    #[must_use]
    pub fn untold(mut self) -> Self {
        self.0.notifies = false;
        self
    }

    /// Sets its schedule.
    #[must_use]
    pub fn every(mut self, interval: Duration, timeout: Duration) -> Self {
        self.0.interval = interval;
        self.0.timeout = timeout;
        self
    }

    /// The check.
    #[must_use]
    pub fn build(self) -> CheckView {
        self.0
    }
}

/// A snapshot, put together from the outside.
#[derive(Clone, Debug)]
pub struct SnapshotBuilder(Snapshot);

impl SnapshotBuilder {
    /// An empty one.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(Snapshot { at, ..Snapshot::default() })
    }

    /// Adds a server with its checks.
    ///
    /// # Errors
    /// [`NameError`] when `name` is not a name.
    pub fn server(
        mut self,
        name: &str,
        address: &str,
        checks: Vec<CheckView>,
    ) -> Result<Self, NameError> {
        self.0.servers.push(Arc::new(ServerView {
            name: Name::new(name)?,
            address: address.to_owned(),
            groups: Vec::new(),
            labels: std::collections::BTreeMap::new(),
            checks: checks.into_iter().map(Arc::new).collect(),
            planned: None,
        }));
        Ok(self)
    }

    /// Holds the alerts of the server that was added last.
    #[must_use]
    pub fn planned(mut self, planned: Planned) -> Self {
        let (now, broken) = (self.0.at, std::collections::BTreeSet::new());
        if let Some(server) = self.0.servers.last_mut() {
            Arc::make_mut(server).planned = Some(Hold::begin(planned, broken, now).view);
        }
        self
    }

    /// Puts the server that was added last into groups.
    ///
    /// # Errors
    /// [`NameError`] when one is not a name.
    pub fn groups(mut self, groups: &[&str]) -> Result<Self, NameError> {
        let groups = groups.iter().map(|group| Name::new(group)).collect::<Result<_, _>>()?;
        if let Some(server) = self.0.servers.last_mut() {
            Arc::make_mut(server).groups = groups;
        }
        Ok(self)
    }

    /// Says something of the server that was added last.
    #[must_use]
    pub fn label(mut self, key: &str, text: &str) -> Self {
        if let Some(server) = self.0.servers.last_mut() {
            Arc::make_mut(server).labels.insert(key.to_owned(), text.to_owned());
        }
        self
    }

    /// Adds a check that belongs to no server.
    #[must_use]
    pub fn other(mut self, check: CheckView) -> Self {
        self.0.others.push(Arc::new(check));
        self
    }

    /// Opens an incident for a check that was added before; for another one nothing happens.
    #[must_use]
    pub fn incident(mut self, number: IncidentNumber, check: &str, told: Vec<Told>) -> Self {
        let Some(view) = self.0.check(check).cloned() else { return self };
        let (Some(since), Some(last)) = (view.since, view.last.clone()) else { return self };
        self.0.incidents.push(Arc::new(IncidentView {
            acknowledged: None,
            silence: None,
            remedies: std::collections::BTreeMap::new(),
            number,
            check: view.id.clone(),
            kind: view.kind,
            since,
            status: view.status,
            last: last.result,
            limit: view.threshold,
            told,
        }));
        self.mark(check, number);
        self
    }

    fn mark(&mut self, check: &str, number: IncidentNumber) {
        let of_servers =
            self.0.servers.iter_mut().flat_map(|server| &mut Arc::make_mut(server).checks);
        for view in of_servers.chain(&mut self.0.others) {
            if view.id.as_str() == check {
                Arc::make_mut(view).incident = Some(number);
            }
        }
    }

    /// Adds a fault of the monitor itself.
    #[must_use]
    pub fn own_fault(mut self, line: &str) -> Self {
        self.0.own_faults.push(line.to_owned());
        self
    }

    /// Adds people who take turns.
    #[must_use]
    pub fn rota(mut self, rota: Rota) -> Self {
        self.0.rotas.push(Arc::new(rota));
        self
    }

    /// So many notices were not accepted yet, and so many of them are held.
    #[must_use]
    pub const fn outbox(mut self, pending: usize, held: usize) -> Self {
        (self.0.outbox, self.0.held) = (pending, held);
        self
    }

    /// The monitor's own network is away since then; `line` says why.
    #[must_use]
    pub fn isolated(mut self, since: Timestamp, line: &str) -> Self {
        self.0.isolated = Some(since);
        self.own_fault(line)
    }

    /// The snapshot; its last result is the latest of its checks.
    #[must_use]
    pub fn build(mut self) -> Snapshot {
        self.0.last_result =
            self.0.checks().filter_map(|check| Some(check.last.as_ref()?.at)).max();
        self.0
    }
}
