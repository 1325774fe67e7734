//! The dead man's switch: a sign of life to a service elsewhere, which raises the alarm when none
//! comes.
//!
//! It is given only while litemon would notice a problem and could tell it: its scheduler keeps up, its
//! journal can be written, and no notice waits for long. A monitor that merely runs is silent.

#[cfg(feature = "http")]
mod beat;

use std::{fmt, time::Duration};

#[cfg(feature = "http")]
pub use beat::keep;

use crate::secret::Secret;

/// Whether this build can give any.
pub const BUILT_IN: bool = cfg!(feature = "http");

/// What stands under `[heartbeat]`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeartbeatPlan {
    /// Where to; http or https. It is kept from sight.
    pub url: Secret,
    /// By POST instead of GET.
    pub post: bool,
    /// From one sign to the next.
    pub interval: Duration,
    /// How long one may take.
    pub timeout: Duration,
    /// How late checks may be.
    pub max_lag: Duration,
    /// How long a notice may wait.
    pub max_outbox_age: Duration,
}

impl HeartbeatPlan {
    /// A GET each minute, within 10 s, while checks are at most 30 s late and no notice is older
    /// than 5 min.
    #[must_use]
    pub const fn new(url: Secret) -> Self {
        Self {
            url,
            post: false,
            interval: Duration::from_secs(60),
            timeout: Duration::from_secs(10),
            max_lag: Duration::from_secs(30),
            max_outbox_age: Duration::from_secs(300),
        }
    }

    /// What is wrong with its times, by key.
    #[must_use]
    pub fn mistakes(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        for (key, span) in [("interval", self.interval), ("timeout", self.timeout)] {
            if span < Duration::from_secs(1) {
                wrong.push((key, "is too short; expected at least 1s".to_owned()));
            }
        }
        if self.timeout > self.interval {
            wrong.push(("timeout", "is longer than the interval".to_owned()));
        }
        wrong
    }
}

impl fmt::Debug for HeartbeatPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "each {:?}", self.interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_hold_no_secret() {
        let mut plan = HeartbeatPlan::new(Secret::new("https://h/hunter22".into()));
        assert_eq!(plan.mistakes(), []);
        plan.interval = Duration::from_secs(5);
        let wrong = plan.mistakes();
        assert_eq!(wrong, [("timeout", "is longer than the interval".to_owned())]);
        assert!(!format!("{wrong:?} {plan:?}").contains("hunter22"));
    }
}
