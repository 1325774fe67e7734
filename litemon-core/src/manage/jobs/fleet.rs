use std::sync::Arc;

use tokio::sync::watch;

use crate::{
    config::{Plan, ServerPlan},
    model::Name,
};

/// The servers that jobs can run on, and who can be told of it, as the configuration has them now.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    servers: Arc<[ServerPlan]>,
    notifiers: Arc<[Name]>,
}

/// Where the newest [`Fleet`] is looked up: a reload sends another one.
pub type FleetWatch = watch::Receiver<Fleet>;

impl Fleet {
    /// These servers.
    #[must_use]
    pub fn new(servers: impl IntoIterator<Item = ServerPlan>) -> Self {
        Self { servers: servers.into_iter().collect(), notifiers: Arc::default() }
    }

    /// With the notifiers that can tell of the end of a job.
    #[must_use]
    pub fn telling(mut self, notifiers: impl IntoIterator<Item = Name>) -> Self {
        self.notifiers = notifiers.into_iter().collect();
        self
    }

    /// The servers and notifiers of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let servers = plan.servers.iter().cloned();
        Self::new(servers).telling(plan.notifiers.iter().map(|notifier| notifier.name.clone()))
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

    /// One of them.
    #[must_use]
    pub fn server(&self, name: &Name) -> Option<&ServerPlan> {
        self.servers.iter().find(|server| server.name == *name)
    }
}
