//! What is remembered of a check, and how a result changes it: pure functions of their inputs and a
//! time.

use serde::{Deserialize, Serialize};

use crate::model::{IncidentNumber, Status, Timestamp};

/// What is remembered of a check between two results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckState {
    /// What it is believed to be (hard).
    pub status: Status,
    /// Since when.
    pub since: Timestamp,
    /// Results that speak against `status` but are too few yet (soft).
    pub soft: Option<Soft>,
    /// Its open incident.
    pub incident: Option<IncidentNumber>,
    /// The worst status that was told in that incident.
    pub told: Option<Status>,
    /// Since when its value is over a limit, for `for` and `clear`.
    pub over: Option<Over>,
}

/// Results in a row that speak against the hard status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Soft {
    /// The latest of them.
    pub status: Status,
    /// How many.
    pub attempt: u32,
    /// When the first of them began.
    pub since: Timestamp,
}

/// A value over a limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Over {
    /// Over which limit.
    pub status: Status,
    /// Since when.
    pub since: Timestamp,
}
