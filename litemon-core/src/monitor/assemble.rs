use std::{collections::BTreeMap, sync::Arc};

use super::setup::{Check, NotifierSetup, Server, Setup};
use crate::{
    clock::Clock,
    config::{CheckPlan, NotifierPlan, Plan, ServerPlan},
    exec::{self, Address, Exec, SshSettings},
    measures::Measures,
    model::{Name, Route, Zone},
    notify::{
        NotifierSite, Words,
        report::{ReportKey, Reports},
    },
    probe::Site,
};

/// Brings plans to life, one after the other: connections of servers whose address and login did not
/// change are kept from one plan to the next.
#[derive(Debug)]
pub struct Assembler {
    clock: Arc<dyn Clock>,
    local: Arc<dyn Exec>,
    measures: Arc<Measures>,
    connections: Vec<Connection>,
    reports: Option<ReportKey>,
}

#[derive(Debug)]
struct Connection {
    server: Name,
    address: Address,
    settings: SshSettings,
    exec: Arc<dyn Exec>,
}

impl Assembler {
    /// Nothing is connected yet; that happens when the first check runs.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let local = exec::connect(&Address::Local, &SshSettings::new(""));
        Self { clock, local, measures: Arc::default(), connections: Vec::new(), reports: None }
    }

    /// Takes reports about messages, whose tokens this key makes.
    #[must_use]
    pub fn with_reports(mut self, key: Option<ReportKey>) -> Self {
        self.reports = key;
        self
    }

    /// Where the connections are counted: for [`MonitorBuilder::measures`](super::MonitorBuilder::measures).
    #[must_use]
    pub fn measures(&self) -> Arc<Measures> {
        Arc::clone(&self.measures)
    }

    /// The connections of the plan that was assembled last, by server.
    #[must_use]
    pub fn execs(&self) -> Vec<(Name, Arc<dyn Exec>)> {
        let each = |of: &Connection| (of.server.clone(), Arc::clone(&of.exec));
        self.connections.iter().map(each).collect()
    }

    /// What a monitor can run, from what was planned. No I/O.
    pub fn assemble(&mut self, plan: &Plan) -> Setup {
        let before = std::mem::take(&mut self.connections);
        let mut execs = BTreeMap::new();
        for server in &plan.servers {
            let connection = self.connection(&before, server);
            execs.insert(server.name.clone(), Arc::clone(&connection.exec));
            self.connections.push(connection);
        }
        let site = self.site(plan);
        Setup {
            servers: plan.servers.iter().map(server).collect(),
            checks: plan
                .checks
                .iter()
                .map(|check| {
                    let of_it = |server: &&ServerPlan| check.server.as_ref() == Some(&server.name);
                    let over = plan.servers.iter().find(of_it).map_or(Route::Local, route);
                    self.check(check, &execs, plan.zone.clone(), over)
                })
                .collect(),
            notifiers: plan.notifiers.iter().map(|plan| notifier(plan, &site)).collect(),
            maintenance: plan.maintenance.clone(),
            rotas: plan.rotas.clone(),
            canaries: plan.canaries.iter().map(|canary| canary.build()).collect(),
        }
    }

    /// What notifiers of a plan are given, with the connections of the one assembled last.
    pub(crate) fn site(&self, plan: &Plan) -> NotifierSite {
        NotifierSite::new(
            Arc::clone(&self.local),
            Arc::new(self.execs().into_iter().collect()),
            plan.zone.clone(),
            plan.language,
            Arc::clone(&self.clock),
        )
        .with_page(plan.web.external_url.as_ref().map(url::Url::as_str))
        .with_reports(self.reports(plan))
    }

    fn reports(&self, plan: &Plan) -> Option<Reports> {
        let (key, url) = (self.reports.clone()?, plan.report_url.as_ref()?);
        Some(Reports::new(key, url.as_str()))
    }

    /// The connection that is there, or a new one.
    fn connection(&self, before: &[Connection], server: &ServerPlan) -> Connection {
        let same = |old: &&Connection| old.address == server.address && old.settings == server.ssh;
        let exec = before.iter().find(same).map_or_else(
            || exec::connect_measured(&server.address, &server.ssh, &self.measures),
            |old| Arc::clone(&old.exec),
        );
        let name = server.name.clone();
        Connection {
            server: name,
            address: server.address.clone(),
            settings: server.ssh.clone(),
            exec,
        }
    }

    fn check(
        &self,
        plan: &CheckPlan,
        execs: &BTreeMap<Name, Arc<dyn Exec>>,
        zone: Zone,
        over: Route,
    ) -> Check {
        let exec = plan.server.as_ref().and_then(|name| execs.get(name)).unwrap_or(&self.local);
        let site = Site::new(Arc::clone(exec), Arc::clone(&self.clock))
            .monitor(Arc::clone(&self.local))
            .in_zone(zone);
        Check {
            id: plan.id.clone(),
            kind: plan.kind,
            server: plan.server.clone(),
            schedule: plan.schedule.clone(),
            criteria: plan.criteria.clone(),
            notify: plan.notify.clone(),
            depends_on: plan.depends_on.clone(),
            reminding: plan.reminding.clone(),
            flapping: plan.flapping,
            time_to_notify: Some(plan.time_to_notify),
            route: plan.recipe.route(over),
            probe: plan.recipe.build(&site),
        }
    }
}

/// What commands on a server come over.
fn route(plan: &ServerPlan) -> Route {
    match &plan.address {
        Address::Local => Route::Local,
        Address::Host { .. } if plan.ssh.jump.is_some() => Route::Network,
        Address::Host { host, .. } => Route::to_host(host),
    }
}

fn server(plan: &ServerPlan) -> Server {
    Server::new(plan.name.clone(), plan.address.to_string())
        .in_groups(plan.groups.clone())
        .labelled(plan.labels.clone())
}

fn notifier(plan: &NotifierPlan, site: &NotifierSite) -> NotifierSetup {
    let words = plan.wording.clone().map(|wording| Arc::new(wording) as Arc<dyn Words>);
    let site = &site.clone().with_words(words);
    NotifierSetup {
        name: plan.name.clone(),
        events: plan.events.clone(),
        tells_people: plan.tells_people,
        flow: plan.flow,
        remedy: plan.remedy.clone(),
        duty: plan.duty.clone(),
        quiet: plan.quiet.clone(),
        notifier: plan.recipe.build(site),
    }
}
