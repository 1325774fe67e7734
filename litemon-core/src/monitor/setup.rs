use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    canary::Canary,
    model::{CheckId, CheckKind, Criteria, EventKind, Name, Route, Schedule, Timestamp},
    notify::{Notifier, delivery::Notifiers},
    policy::{Duty, FlapMarks, FlowRules, Quiet, Recurring, Remedy, Reminding, Rota},
    probe::Probe,
};

/// What a monitor watches and whom it tells: everything that a reload replaces.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Setup {
    /// Servers, in the order in which they are shown.
    pub servers: Vec<Server>,
    /// Checks, in the order in which they are shown.
    pub checks: Vec<Check>,
    /// Notifiers.
    pub notifiers: Vec<NotifierSetup>,
    /// Maintenance that comes again and again.
    pub maintenance: Vec<Recurring>,
    /// People who take turns, to be shown: who is told when is [`NotifierSetup::duty`].
    pub rotas: Vec<Arc<Rota>>,
    /// What tells whether the monitor's own network works; without any, it is never doubted.
    pub canaries: Vec<Arc<dyn Canary>>,
}

impl Setup {
    /// The notifiers as the delivery takes them.
    pub(super) fn by_name(&self) -> Notifiers {
        self.notifiers
            .iter()
            .map(|setup| (setup.name.clone(), Arc::clone(&setup.notifier)))
            .collect()
    }
}

/// A server that checks belong to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Server {
    /// Its name.
    pub name: Name,
    /// Its address, as shown.
    pub address: String,
    /// Its groups.
    pub groups: Vec<Name>,
    /// What else is said of it, by key.
    pub labels: BTreeMap<String, String>,
}

impl Server {
    /// A server in no group.
    #[must_use]
    pub fn new(name: Name, address: impl Into<String>) -> Self {
        Self { name, address: address.into(), groups: Vec::new(), labels: BTreeMap::new() }
    }

    /// The same server in groups.
    #[must_use]
    pub fn in_groups(mut self, groups: Vec<Name>) -> Self {
        self.groups = groups;
        self
    }

    /// The same server with labels.
    #[must_use]
    pub fn labelled(mut self, labels: BTreeMap<String, String>) -> Self {
        self.labels = labels;
        self
    }
}

/// A check that can run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Check {
    /// Its full name, unique in a monitor.
    pub id: CheckId,
    /// What sort of check. One of kind [`CheckKind::Ssh`] speaks for its whole server.
    pub kind: CheckKind,
    /// The server it belongs to.
    pub server: Option<Name>,
    /// When it runs.
    pub schedule: Schedule,
    /// How it is judged.
    pub criteria: Criteria,
    /// The notifiers that tell of it.
    pub notify: Vec<Name>,
    /// What has to be well for it to be well: while one of these is a problem, it is not told.
    pub depends_on: Vec<CheckId>,
    /// How people are reminded of its problems.
    pub reminding: Reminding,
    /// When it counts as coming and going, so that no more is told until it settles; `None` never.
    pub flapping: Option<FlapMarks>,
    /// The time from a fault to the gateway's acceptance that was promised: gathering keeps to it.
    pub time_to_notify: Option<Duration>,
    /// What its results come over.
    pub route: Route,
    /// What it looks with.
    pub probe: Arc<dyn Probe>,
}

impl Check {
    /// A check of no server, with the default schedule, that tells nobody.
    #[must_use]
    pub fn new(id: CheckId, kind: CheckKind, probe: Arc<dyn Probe>) -> Self {
        Self {
            id,
            kind,
            server: None,
            schedule: Schedule::default(),
            criteria: Criteria::default(),
            notify: Vec::new(),
            depends_on: Vec::new(),
            reminding: Reminding::default(),
            flapping: None,
            time_to_notify: None,
            route: Route::default(),
            probe,
        }
    }

    /// Belongs to a server.
    #[must_use]
    pub fn on(mut self, server: Name) -> Self {
        self.server = Some(server);
        self
    }

    /// Runs like this.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// Is judged like this.
    #[must_use]
    pub fn criteria(mut self, criteria: Criteria) -> Self {
        self.criteria = criteria;
        self
    }

    /// Is not told while one of these is a problem.
    #[must_use]
    pub fn depends_on(mut self, checks: Vec<CheckId>) -> Self {
        self.depends_on = checks;
        self
    }

    /// Counts as coming and going like this.
    #[must_use]
    pub const fn flapping(mut self, marks: Option<FlapMarks>) -> Self {
        self.flapping = marks;
        self
    }

    /// Is told within this time of its fault, where gathering would make it later.
    #[must_use]
    pub const fn told_within(mut self, time: Duration) -> Self {
        self.time_to_notify = Some(time);
        self
    }

    /// Its results come over this.
    #[must_use]
    pub const fn over(mut self, route: Route) -> Self {
        self.route = route;
        self
    }

    /// People are reminded of its problems like this.
    #[must_use]
    pub fn reminding(mut self, reminding: Reminding) -> Self {
        self.reminding = reminding;
        self
    }

    /// Is told by these notifiers.
    #[must_use]
    pub fn notify(mut self, notifiers: Vec<Name>) -> Self {
        self.notify = notifiers;
        self
    }
}

/// A notifier under its name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NotifierSetup {
    /// Its name.
    pub name: Name,
    /// What it is told of.
    pub events: Vec<EventKind>,
    /// Whether it tells people, so that it is used for the monitor's own faults and for what
    /// another notifier could not deliver. A remedy does not.
    pub tells_people: bool,
    /// How much each of its recipients is sent at a time.
    pub flow: FlowRules,
    /// How often it is run, and how it is verified that it helped; `None` for what is run for each
    /// event, whatever comes of it.
    pub remedy: Option<Remedy>,
    /// Which of its recipients are told when.
    pub duty: Duty,
    /// When it does not tell of what is only a warning.
    pub quiet: Option<Quiet>,
    /// What it sends with.
    pub notifier: Arc<dyn Notifier>,
}

impl NotifierSetup {
    /// A notifier that tells people of problems and recoveries, each as it comes.
    #[must_use]
    pub fn new(name: Name, notifier: Arc<dyn Notifier>) -> Self {
        let events = vec![EventKind::Problem, EventKind::Recovery];
        Self {
            name,
            events,
            tells_people: true,
            flow: FlowRules::default(),
            remedy: None,
            duty: Duty::default(),
            quiet: None,
            notifier,
        }
    }

    /// Is told of these only.
    #[must_use]
    pub fn events(mut self, events: Vec<EventKind>) -> Self {
        self.events = events;
        self
    }

    /// Sends no more than this at a time.
    #[must_use]
    pub const fn flow(mut self, rules: FlowRules) -> Self {
        self.flow = rules;
        self
    }

    /// Does something instead of telling people.
    #[must_use]
    pub fn remedy(mut self) -> Self {
        self.tells_people = false;
        self.flow = FlowRules::default();
        self
    }

    /// Puts problems right, a limited number of times, and that is verified.
    #[must_use]
    pub fn heals(mut self, remedy: Remedy) -> Self {
        self.remedy = Some(remedy);
        self.events(vec![EventKind::Problem]).remedy()
    }

    /// Tells its recipients when they are on duty.
    #[must_use]
    pub fn duty(mut self, duty: Duty) -> Self {
        self.duty = duty;
        self
    }

    /// Keeps warnings for the end of these hours.
    #[must_use]
    pub fn quiet(mut self, quiet: Quiet) -> Self {
        self.quiet = Some(quiet);
        self
    }

    /// Those who are told of what happens at that moment.
    #[must_use]
    pub fn on_duty(&self, at: Timestamp) -> Vec<String> {
        self.duty.of(self.everybody(), at)
    }

    /// Everybody it may ever send to, whoever is on duty.
    #[must_use]
    pub fn everybody(&self) -> Vec<String> {
        self.notifier.recipients()
    }

    pub(super) fn takes(&self, event: EventKind) -> bool {
        self.events.contains(&event)
    }
}
