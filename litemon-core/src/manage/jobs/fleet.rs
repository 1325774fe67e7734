use std::sync::Arc;

use tokio::sync::watch;

use crate::{
    config::{JobPlan, Plan, ServerPlan},
    model::Name,
    probe::push::TokenHash,
};

/// The servers that jobs can run on, and who can be told of it, as the configuration has them now.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    servers: Arc<[ServerPlan]>,
    notifiers: Arc<[Name]>,
    jobs: Arc<[JobPlan]>,
}

/// Where the newest [`Fleet`] is looked up: a reload sends another one.
pub type FleetWatch = watch::Receiver<Fleet>;

impl Fleet {
    /// These servers.
    #[must_use]
    pub fn new(servers: impl IntoIterator<Item = ServerPlan>) -> Self {
        Self {
            servers: servers.into_iter().collect(),
            notifiers: Arc::default(),
            jobs: Arc::default(),
        }
    }

    /// With the notifiers that can tell of the end of a job.
    #[must_use]
    pub fn telling(mut self, notifiers: impl IntoIterator<Item = Name>) -> Self {
        self.notifiers = notifiers.into_iter().collect();
        self
    }

    /// The servers, notifiers and jobs of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let servers = plan.servers.iter().cloned();
        let names = plan.notifiers.iter().map(|notifier| notifier.name.clone());
        Self { jobs: plan.jobs.iter().cloned().collect(), ..Self::new(servers).telling(names) }
    }

    /// All of them, in the order of the configuration.
    #[must_use]
    pub fn servers(&self) -> &[ServerPlan] {
        &self.servers
    }

    /// The notifiers that can tell of the end of a job.
    #[must_use]
    pub fn notifiers(&self) -> &[Name] {
        &self.notifiers
    }

    /// The jobs of the configuration, in the order of the file.
    #[must_use]
    pub fn jobs(&self) -> &[JobPlan] {
        &self.jobs
    }

    pub(super) fn job(&self, name: &Name) -> Option<&JobPlan> {
        self.jobs.iter().find(|job| job.name == *name)
    }

    /// The job that is called by this token, if calls may have it run.
    pub(super) fn callable(&self, token: &TokenHash) -> Option<&JobPlan> {
        self.jobs.iter().find(|job| job.enabled && job.token.as_ref() == Some(token))
    }

    /// One of them.
    #[must_use]
    pub fn server(&self, name: &Name) -> Option<&ServerPlan> {
        self.servers.iter().find(|server| server.name == *name)
    }
}
