use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What sort of thing a check looks at; it decides the words it is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckKind {
    /// Whether a server can be logged in to: `SERVER/ssh`.
    Ssh,
    /// A percentage of a server: cpu, mem, hdd, or one of your own.
    Resource,
    /// Something that is On or Off.
    Service,
    /// The round trip through a messaging server.
    Messaging,
    /// Numbers fetched from elsewhere.
    Statistic,
    /// A kind from the list of kinds.
    Other,
    /// A part of the monitor itself.
    Own,
}

impl CheckKind {
    /// The word in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ssh => "ssh",
            Self::Resource => "resource",
            Self::Service => "service",
            Self::Messaging => "messaging",
            Self::Statistic => "statistic",
            Self::Other => "other",
            Self::Own => "own",
        }
    }
}

/// When a check runs and how often it must fail before that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// From one start to the next.
    pub interval: Duration,
    /// The longest one run may take, connecting included.
    pub timeout: Duration,
    /// Results in a row that are not OK before it is a problem; at least 1.
    pub attempts: u32,
    /// From the end of such a result to the next attempt.
    pub retry_interval: Duration,
    /// OK results in a row before a problem is over; at least 1.
    pub recover_attempts: u32,
}

impl Schedule {
    /// The longest from the begin of a run to the moment when enough of them failed.
    #[must_use]
    pub fn verdict(&self) -> Duration {
        let more = self.attempts.saturating_sub(1);
        let each = self.retry_interval.saturating_add(self.timeout);
        self.timeout.saturating_add(each.saturating_mul(more))
    }
}

/// The defaults of the configuration file: 10 s, 5 s, 2 attempts 4 s apart, 1 to recover.
impl Default for Schedule {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(10),
            timeout: Duration::from_secs(5),
            attempts: 2,
            retry_interval: Duration::from_secs(4),
            recover_attempts: 1,
        }
    }
}

/// How an observation is judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Criteria {
    /// On is OK, off is critical; a number is OK whatever it is.
    #[default]
    On,
    /// A number is held against limits.
    Threshold(Threshold),
}

/// Limits of a number, all in the number's own unit. *Above* is strictly above.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Above it is critical.
    pub critical: Option<f64>,
    /// Above it is a warning.
    pub warn: Option<f64>,
    /// Once over a limit, it counts as over until it is at or below this (hysteresis).
    pub clear: Option<f64>,
    /// It has to be over a limit all this time before that is believed. Zero when absent.
    #[serde(default)]
    pub hold: Duration,
}
