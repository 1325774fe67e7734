use serde::{Deserialize, Serialize};

use super::{CheckId, CheckKind, Failure, Observation, Status, Timestamp};

/// The number by which people speak of an incident, as `#17`. Counted up by the journal, from 1.
pub type IncidentNumber = i64;

/// From a problem to its recovery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub number: IncidentNumber,
    /// The check it is about.
    pub check: CheckId,
    /// What sort of check that is.
    pub kind: CheckKind,
    /// The first result that was not OK.
    pub since: Timestamp,
    /// When it became a problem (the last of `attempts`).
    pub raised: Timestamp,
    /// Its status now, or when it ended.
    pub status: Status,
    /// The worst status that was told.
    pub worst: Status,
    /// What was last seen of it while it was a problem.
    pub last: Result<Observation, Failure>,
    /// The limit that this had passed, as it was then; the history database does not keep it.
    #[serde(default)]
    pub limit: Option<f64>,
    /// When it ended.
    pub closed: Option<(Timestamp, CloseReason)>,
}

/// Why an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CloseReason {
    /// The check is OK again.
    Recovered,
    /// The check was taken out of the configuration.
    Withdrawn,
}

impl CloseReason {
    /// The word in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::Withdrawn => "withdrawn",
        }
    }
}
