use std::sync::Arc;

use tokio::sync::watch;

use crate::{config::ServerPlan, model::Name};

/// The servers that jobs can run on, as the configuration has them now.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    servers: Arc<[ServerPlan]>,
}

/// Where the newest [`Fleet`] is looked up: a reload sends another one.
pub type FleetWatch = watch::Receiver<Fleet>;

impl Fleet {
    /// These servers.
    #[must_use]
    pub fn new(servers: impl IntoIterator<Item = ServerPlan>) -> Self {
        Self { servers: servers.into_iter().collect() }
    }

    /// All of them, in the order of the configuration.
    #[must_use]
    pub fn servers(&self) -> &[ServerPlan] {
        &self.servers
    }

    /// One of them.
    #[must_use]
    pub fn server(&self, name: &Name) -> Option<&ServerPlan> {
        self.servers.iter().find(|server| server.name == *name)
    }
}
