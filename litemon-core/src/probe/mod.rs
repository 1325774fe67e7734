//! Looking at something once.

#[cfg(any(feature = "http", feature = "tls"))]
mod certificate;
pub mod device;
#[cfg(feature = "dns")]
pub mod dns;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "http")]
pub mod http_stats;
#[cfg(feature = "ping")]
pub mod ping;
pub mod plugin;
pub mod push;
pub mod reach;
pub mod resource;
pub mod service;
#[cfg(feature = "stomp")]
pub mod stomp;
pub mod tcp;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg_attr(not(feature = "manage"), allow(dead_code, reason = "a restart is proved by it, too"))]
pub mod uptime;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::{
    clock::Clock,
    exec::{Exec, Local},
    model::{Failure, Number, Observation, Route, Zone},
};

/// Looks at something once and says what it saw. It does not judge, repeat or remember who was told.
///
/// # Contract
/// - `run` returns by `deadline`; the monitor drops it shortly after.
/// - One run at a time: the monitor never starts a second one before the first has ended.
///
/// Cancel safety: dropping the future must free all it held.
///
/// # Errors
/// A [`Failure`] when nothing could be seen. Its kind decides what the monitor concludes.
#[async_trait]
pub trait Probe: fmt::Debug + Send + Sync + 'static {
    /// Looks once.
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure>;

    /// Takes over what another probe of the same check saw last: a reload builds probes anew, and
    /// one that keeps old numbers is to keep them beyond that. Called before the first run.
    fn recall(&self, _numbers: &[Number]) {}

    /// Where calls wait for it, if it is told instead of looking; see
    /// [`MonitorHandle::push`](crate::monitor::MonitorHandle::push).
    fn inbox(&self) -> Option<&Arc<push::Inbox>> {
        None
    }
}

/// What a planned probe is given to run with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Site {
    /// Where its commands run: the server it belongs to, or this machine.
    pub exec: Arc<dyn Exec>,
    /// This machine.
    pub monitor: Arc<dyn Exec>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The zone whose calendar counts.
    pub zone: Zone,
}

impl Site {
    /// A place and a clock, in UTC.
    #[must_use]
    pub fn new(exec: Arc<dyn Exec>, clock: Arc<dyn Clock>) -> Self {
        Self { exec, monitor: Arc::new(Local::default()), clock, zone: Zone::utc() }
    }

    /// The same in another zone.
    #[must_use]
    pub fn in_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// With another way to run commands on this machine.
    #[must_use]
    pub fn monitor(mut self, monitor: Arc<dyn Exec>) -> Self {
        self.monitor = monitor;
        self
    }
}

/// A probe as it was written, checked but not yet alive: what a [`ProbeKind`](crate::config::ProbeKind)
/// makes of its settings.
pub trait Recipe: fmt::Debug + Send + Sync + 'static {
    /// Brings the probe to life. No I/O.
    fn build(&self, site: &Site) -> Arc<dyn Probe>;

    /// What its results come over, if commands where it runs come over this.
    fn route(&self, commands: Route) -> Route {
        commands
    }

    /// What bounds one run from its start, where that is not the check's `timeout`.
    fn run_limit(&self) -> Option<RunLimit> {
        None
    }

    /// How many not-OK results in a row are a problem where nobody says so, if not as many as usual:
    /// for a probe whose own patience is confirmation enough.
    fn usual_attempts(&self) -> Option<u32> {
        None
    }
}

/// The longest that one run of a probe may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunLimit {
    /// The key that says so, as `expired`.
    pub key: &'static str,
    /// How long.
    pub time: Duration,
}

impl RunLimit {
    /// The key that says it, and what it says.
    #[must_use]
    pub const fn new(key: &'static str, time: Duration) -> Self {
        Self { key, time }
    }
}
