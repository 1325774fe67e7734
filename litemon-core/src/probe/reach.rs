//! Whether a server can be reached: the check `SERVER/ssh`.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Probe, Recipe, Site};
use crate::{
    exec::Exec,
    model::{Failure, Observation},
};

/// Asks a server for a sign of life: connected, verified, logged in, and willing to run commands.
/// On, or the failure that every command would meet.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Reach;

impl Reach {
    /// The recipe.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Recipe for Reach {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(ReachProbe(site.exec.clone()))
    }
}

#[derive(Debug)]
struct ReachProbe(Arc<dyn Exec>);

#[async_trait]
impl Probe for ReachProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        self.0.reach(deadline).await?;
        Ok(Observation::Switch { on: true, detail: None })
    }
}
