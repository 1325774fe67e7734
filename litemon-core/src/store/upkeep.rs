//! Keeps a store within its bounds, a little at a time.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::{Retention, Store};
use crate::{clock::Clock, model::Failure};

/// Where upkeep goes on; the default is its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpkeepPlace {
    /// Which of its parts.
    pub(crate) part: u8,
    /// How far in it.
    pub(crate) after: i64,
}

/// How upkeep is done.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UpkeepSettings {
    /// The first time is between one and two of these after the start.
    pub first: Duration,
    /// From the end of one time to the beginning of the next.
    pub every: Duration,
    /// Between two pieces, so that what is written and read gets its turn.
    pub pause: Duration,
    /// The longest a piece may take.
    pub deadline: Duration,
}

impl Default for UpkeepSettings {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(30),
            every: Duration::from_secs(600),
            pause: Duration::from_millis(50),
            deadline: Duration::from_secs(12),
        }
    }
}

/// Removes from a store what is older than its retention, as long as it is held. Dropping it ends
/// its task at once; what is left is removed at the next time.
#[derive(Debug)]
pub struct Upkeep {
    _task: AbortOnDropHandle<()>,
}

impl Upkeep {
    /// Starts it on the present tokio runtime. The store need not be there.
    #[must_use]
    pub fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        retention: Retention,
        settings: UpkeepSettings,
    ) -> Self {
        let worker = Worker { store, clock, retention, settings };
        Self { _task: AbortOnDropHandle::new(tokio::spawn(worker.run())) }
    }
}

struct Worker {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    retention: Retention,
    settings: UpkeepSettings,
}

impl Worker {
    async fn run(self) {
        // Monitors that start together do not all begin at the same moment.
        self.wait(self.settings.first.mul_f64(rand::random_range(1.0..2.0))).await;
        loop {
            if let Err(error) = self.once().await {
                tracing::warn!(error, "old history is not removed; it is tried again later");
            }
            self.wait(self.settings.every).await;
        }
    }

    async fn wait(&self, time: Duration) {
        self.clock.sleep_until(self.clock.instant() + time).await;
    }

    async fn once(&self) -> Result<(), String> {
        let mut place = Some(UpkeepPlace::default());
        while let Some(from) = place {
            let piece = self.store.upkeep(self.clock.now(), &self.retention, from);
            place = match timeout(self.settings.deadline, piece).await {
                Ok(done) => done.map_err(|error| Failure::internal(&error).message)?,
                Err(_) => return Err("the store did not answer in time".into()),
            };
            self.wait(self.settings.pause).await;
        }
        Ok(())
    }
}
