//! What a monitor did since its start, as numbers for other monitors.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::model::{FailureKind, Outcome, Reason, Timestamp};
use crate::notify::delivery::DeliveryUpdate;

/// Upper bounds of the times from a failure to the gateway's acceptance, in seconds.
const TOLD_WITHIN: [f64; 12] =
    [1.0, 2.5, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 600.0, 3600.0];

/// Counters that only grow, and the connections that are open. Whoever brings a monitor to life
/// makes one and hands it around; nothing here is global.
#[derive(Debug, Default)]
pub struct Measures {
    seen: AtomicU64,
    failed: AtomicU64,
    overruns: AtomicU64,
    logins: AtomicU64,
    connections: AtomicUsize,
    // Locked for moments, a few times for each incident.
    told: Mutex<Distribution>,
    arrived: Mutex<Distribution>,
}

/// [`Measures`] at one moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Measured {
    /// Runs of probes that saw something.
    pub seen: u64,
    /// Runs that saw nothing: a failure of whatever kind.
    pub failed: u64,
    /// Runs that were skipped because the one before was not done.
    pub overruns: u64,
    /// SSH logins that succeeded.
    pub ssh_logins: u64,
    /// SSH connections that are open, or being opened (through a jump host: two each).
    pub ssh_connections: usize,
    /// Times from the first result that was not OK to the acceptance of the notice that tells it.
    pub told: Distribution,
    /// Times from a gateway's acceptance of a notice to its report that it arrived.
    pub arrived: Distribution,
}

/// How often which times were seen.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Distribution {
    /// How many there were in all.
    pub count: u64,
    /// Their sum.
    pub sum: Duration,
    /// How many there were up to each bound and above the one before; those above the last bound
    /// are in none.
    pub counts: [u64; TOLD_WITHIN.len()],
}

impl Distribution {
    /// The upper bounds, in seconds.
    pub const BOUNDS: [f64; TOLD_WITHIN.len()] = TOLD_WITHIN;

    fn add(&mut self, time: Duration) {
        self.count += 1;
        self.sum = self.sum.saturating_add(time);
        let mut places = self.counts.iter_mut().zip(Self::BOUNDS);
        if let Some((count, _)) = places.find(|(_, bound)| time.as_secs_f64() <= *bound) {
            *count += 1;
        }
    }
}

impl Measures {
    /// What was measured until now.
    #[must_use]
    pub fn read(&self) -> Measured {
        Measured {
            seen: self.seen.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            overruns: self.overruns.load(Ordering::Relaxed),
            ssh_logins: self.logins.load(Ordering::Relaxed),
            ssh_connections: self.connections.load(Ordering::Relaxed),
            told: self.told.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            arrived: self.arrived.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    pub(crate) fn result(&self, outcome: &Outcome) {
        let counter = match &outcome.result {
            Ok(_) => &self.seen,
            // Nothing was due.
            Err(failure) if failure.kind == FailureKind::Pending => return,
            Err(_) => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn overrun(&self) {
        self.overruns.fetch_add(1, Ordering::Relaxed);
    }

    #[cfg(feature = "ssh")]
    pub(crate) fn login(&self) {
        self.logins.fetch_add(1, Ordering::Relaxed);
    }

    #[cfg(feature = "ssh")]
    pub(crate) fn opening(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    #[cfg(feature = "ssh")]
    pub(crate) fn closed(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// A message arrived, so long after its gateway took it.
    pub(crate) fn arrived(&self, took: Duration) {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner).add(took);
    }

    /// The delivery made progress: the acceptance of a problem's first notice is timed.
    pub(crate) fn delivered(&self, update: &DeliveryUpdate, now: Timestamp) {
        use crate::model::AttemptResult::Accepted;
        let accepted = update.attempt.as_ref().is_some_and(|attempt| attempt.result == Accepted);
        let notice = &update.entry.notice;
        if accepted && matches!(notice.reason, Reason::Raised | Reason::RaisedAndRecovered) {
            let time = now.since(notice.since);
            self.told.lock().unwrap_or_else(PoisonError::into_inner).add(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_put_where_they_belong() {
        let mut told = Distribution::default();
        for millis in [0, 1_000, 1_001, 7_200_000] {
            told.add(Duration::from_millis(millis));
        }
        assert_eq!((told.counts[0], told.counts[1]), (2, 1));
        assert_eq!((told.count, told.counts.iter().sum::<u64>()), (4, 3));
        assert_eq!(told.sum, Duration::from_millis(7_202_001));
    }
}
