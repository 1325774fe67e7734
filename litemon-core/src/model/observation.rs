use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Failure, Timestamp};

/// What a probe saw. It does not judge: that is what [`Criteria`](super::Criteria) do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Observation {
    /// A measured number: a percentage, a delay, a count.
    Value {
        /// The number; always finite.
        value: f64,
        /// Its unit as shown behind it: `%`, `s`, or empty.
        unit: String,
        /// What it is about, as the fullest file system's mount point.
        detail: Option<String>,
    },
    /// A thing that is on or off.
    Switch {
        /// On?
        on: bool,
        /// What the command said, as `exit 3: inactive`.
        detail: Option<String>,
    },
}

impl Observation {
    /// A percentage.
    #[must_use]
    pub fn percent(value: f64, detail: Option<String>) -> Self {
        Self::Value { value, unit: "%".into(), detail }
    }

    /// The number, if it is one.
    #[must_use]
    pub const fn value(&self) -> Option<f64> {
        match self {
            Self::Value { value, .. } => Some(*value),
            Self::Switch { .. } => None,
        }
    }

    /// What stands beside the bare value.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Value { detail, .. } | Self::Switch { detail, .. } => detail.as_deref(),
        }
    }
}

/// One run of a probe: when it began, how long it took, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// When the run began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What was seen, or why nothing was.
    pub result: Result<Observation, Failure>,
}
