//! When to try again after a failed login.

use std::time::Duration;

use rand::RngExt;
use tokio::time::Instant;

use crate::model::{Failure, FailureKind};

/// Shorter than the time between two attempts of a check, so that each attempt looks for itself;
/// long enough that many checks of one server share one attempt.
const LINE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(2));
/// OpenSSH 9.8 and later shut out an address that fails to log in too often (PerSourcePenalties).
const LOGIN: (Duration, Duration) = (Duration::from_secs(8), Duration::from_secs(30));

/// The failures in a row of one target.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    last: Option<(Failure, Instant)>,
}

impl Backoff {
    /// The failure that still stands; `None` when it is time to try.
    pub(super) fn standing(&self, now: Instant) -> Option<Failure> {
        self.last.as_ref().filter(|(_, until)| now < *until).map(|(failure, _)| failure.clone())
    }

    /// Remembers a failure and sets the time of the next attempt, a quarter more or less.
    pub(super) fn failed(&mut self, failure: &Failure, now: Instant) {
        let (first, most) = if failure.kind == FailureKind::Auth { LOGIN } else { LINE };
        let wait = first.saturating_mul(1 << self.failures.min(10)).min(most);
        let until = now + wait.mul_f64(rand::rng().random_range(0.75..=1.0));
        self.failures = self.failures.saturating_add(1);
        self.last = Some((failure.clone(), until));
    }

    /// All is well, or somebody wants to know now.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_are_longer_for_logins() {
        let now = Instant::now();
        for (kind, most) in [(FailureKind::Refused, 2), (FailureKind::Auth, 30)] {
            let mut backoff = Backoff::default();
            assert_eq!(backoff.standing(now), None);
            for _ in 0..20 {
                backoff.failed(&Failure::new(kind, "no"), now);
                assert!(backoff.standing(now).is_some());
                assert_eq!(backoff.standing(now + Duration::from_secs(most)), None);
            }
            let nearly = Duration::from_secs(most).mul_f64(0.74);
            assert!(backoff.standing(now + nearly).is_some());
            backoff.reset();
            assert_eq!(backoff.standing(now), None);
        }
    }
}
