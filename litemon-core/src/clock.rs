//! The one place that knows what time it is.

use std::{
    fmt,
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::model::Timestamp;

/// Where `now` comes from.
///
/// Two clocks in one: the wall clock, which people read and which may be set, and a steady one that
/// waits are measured on. Cancel safety: [`Clock::sleep_until`] may be dropped at any time.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// The steady clock.
    fn instant(&self) -> Instant {
        Instant::now()
    }

    /// Waits until the steady clock shows `deadline`.
    async fn sleep_until(&self, deadline: Instant) {
        tokio::time::sleep_until(deadline).await;
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the place the ban points to")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that starts when it is told and runs on tokio's time, which a paused runtime moves on
/// as soon as nothing else is left to do. For tests and for simulation, with memory storage only:
/// a database driver's own timeouts would fire at once on a paused runtime.
#[derive(Debug)]
pub struct VirtualClock {
    origin: Instant,
    start: AtomicI64,
}

impl VirtualClock {
    /// A clock that shows `start` now.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self { origin: Instant::now(), start: AtomicI64::new(start.as_millis()) }
    }

    /// Sets the wall clock forward (or, with a negative number, back) by milliseconds, as an
    /// administrator would; the steady clock does not notice.
    pub fn set_by(&self, millis: i64) {
        self.start.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let elapsed: Duration = self.origin.elapsed();
        Timestamp::from_millis(self.start.load(Ordering::Relaxed)).plus(elapsed)
    }
}
