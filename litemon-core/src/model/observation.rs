use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Failure, Status, Timestamp, one_line};

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
    /// Several numbers that belong together, in the order in which they are shown. The first is the
    /// one that limits are held against and that history keeps.
    Numbers {
        /// They; at least one.
        numbers: Vec<Number>,
        /// What is to be said beside them.
        detail: Option<String>,
    },
    /// What says by itself how it is, such as a Nagios plugin: it is not held against limits.
    Judged {
        /// What it says it is.
        status: Status,
        /// What it measured. The first is the one that history keeps.
        readings: Vec<Reading>,
        /// Why, in one line.
        detail: Option<String>,
    },
}

/// A number with its name and unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What it is, as `/var`; may be empty where there is only one.
    pub name: String,
    /// The number; always finite.
    pub value: f64,
    /// Its unit as shown behind it: `%`, `s`, or empty.
    pub unit: String,
}

/// One of several numbers, which may be older than the run that tells of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// What it is, as `today`.
    pub name: String,
    /// The last one that is known; always finite.
    pub value: Option<f64>,
    /// When that one was seen.
    pub at: Option<Timestamp>,
    /// Why this run has no newer one.
    pub failure: Option<Failure>,
}

impl Number {
    /// The number, unless it is an old one.
    #[must_use]
    pub fn fresh(&self) -> Option<f64> {
        self.value.filter(|_| self.failure.is_none())
    }
}

impl Observation {
    /// A percentage.
    #[must_use]
    pub fn percent(value: f64, detail: Option<String>) -> Self {
        Self::Value { value, unit: "%".into(), detail }
    }

    /// A verdict of the thing itself, with the number that it rests on.
    #[must_use]
    pub fn judged(
        status: Status,
        reading: impl IntoIterator<Item = Reading>,
        detail: impl AsRef<str>,
    ) -> Self {
        let detail = one_line(detail.as_ref(), Failure::MAX_MESSAGE);
        let detail = (!detail.is_empty()).then_some(detail);
        Self::Judged { status, readings: reading.into_iter().collect(), detail }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Value { value, .. } => Some(*value),
            Self::Numbers { numbers, .. } => numbers.first().and_then(Number::fresh),
            Self::Judged { readings, .. } => readings.first().map(|reading| reading.value),
            Self::Switch { .. } => None,
        }
    }

    /// The number's unit; empty where it has none.
    #[must_use]
    pub fn unit(&self) -> &str {
        match self {
            Self::Value { unit, .. } => unit,
            Self::Judged { readings, .. } => readings.first().map_or("", |reading| &reading.unit),
            Self::Switch { .. } | Self::Numbers { .. } => "",
        }
    }

    /// The same sight with something else beside it.
    #[must_use]
    pub fn with_detail(mut self, new: Option<String>) -> Self {
        match &mut self {
            Self::Value { detail, .. }
            | Self::Switch { detail, .. }
            | Self::Judged { detail, .. }
            | Self::Numbers { detail, .. } => *detail = new,
        }
        self
    }

    /// What stands beside the bare value.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Value { detail, .. }
            | Self::Switch { detail, .. }
            | Self::Judged { detail, .. }
            | Self::Numbers { detail, .. } => detail.as_deref(),
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
