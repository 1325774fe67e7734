//! Whether the runner's task goes on, and how late it is.

use std::time::Duration;

use tokio::time::Instant;

/// How often it says so.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// The last sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pulse {
    /// When it was given.
    pub(super) at: Instant,
    /// By how much the runner was behind then, with its own work or with checks that were due.
    pub(super) late: Duration,
}

impl Pulse {
    /// A first one, on time.
    pub(super) const fn first(at: Instant) -> Self {
        Self { at, late: Duration::ZERO }
    }

    /// One that should have been given at `planned`, while the next check is due at `due`.
    pub(super) fn now(at: Instant, planned: Instant, due: Option<Instant>) -> Self {
        let behind = |moment: Instant| at.saturating_duration_since(moment);
        Self { at, late: behind(planned).max(due.map(behind).unwrap_or_default()) }
    }

    /// How far the runner is behind: what it said, or how long it has been silent.
    pub(super) fn lag(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.at).saturating_sub(EVERY).max(self.late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_is_as_late_as_the_latest_of_all() {
        let (start, s) = (Instant::now(), Duration::from_secs);
        assert_eq!(Pulse::first(start).lag(start + s(1)), s(0));
        assert_eq!(Pulse::first(start).lag(start + s(31)), s(30));
        let late = Pulse::now(start + s(9), start + s(2), Some(start + s(20)));
        assert_eq!(late.lag(start + s(9)), s(7));
        let overdue = Pulse::now(start + s(9), start + s(9), Some(start + s(4)));
        assert_eq!(overdue.lag(start + s(9)), s(5));
    }
}
