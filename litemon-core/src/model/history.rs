use serde::{Deserialize, Serialize};

use super::{
    CheckId, CheckKind, Failure, Incident, IncidentNumber, NoticeId, Observation, Reason, Status,
    Timestamp,
};

/// One thing worth keeping, on its way to a [`Store`](crate::store::Store). Appending the same
/// record twice leaves one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
#[non_exhaustive]
pub enum HistoryRecord {
    /// A measured number; key: check and time.
    Value(ValueRecord),
    /// What a check is now; key: check; an older one never replaces a newer one.
    Current(CurrentStatus),
    /// A check's status changed; key: check and time.
    Change(StatusChange),
    /// An incident as it is now; key: its number; a later form replaces an earlier one.
    Incident(Incident),
    /// A notice as it is now; key: its number.
    Notice(NoticeRecord),
    /// An attempt to send a notice; key: the notice and the attempt's number.
    Attempt(AttemptRecord),
}

/// A measured number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueRecord {
    /// Of which check.
    pub check: CheckId,
    /// When it was measured.
    pub at: Timestamp,
    /// The number, in the check's unit.
    pub value: f64,
}

/// What a check is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurrentStatus {
    /// Which check.
    pub check: CheckId,
    /// What sort of check.
    pub kind: CheckKind,
    /// Its hard status.
    pub status: Status,
    /// Since when it has that status.
    pub since: Timestamp,
    /// When its last result came.
    pub at: Timestamp,
    /// That result.
    pub last: Result<Observation, Failure>,
}

/// A check's status changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusChange {
    /// Which check.
    pub check: CheckId,
    /// When.
    pub at: Timestamp,
    /// Into what.
    pub status: Status,
    /// Why, in one line; empty when there is nothing to say.
    pub detail: String,
}

/// A notice in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecord {
    /// The outbox entry's number.
    pub id: NoticeId,
    /// Its incident.
    pub incident: Option<IncidentNumber>,
    /// The check.
    pub check: CheckId,
    /// The notifier's name.
    pub notifier: String,
    /// To whom.
    pub recipient: String,
    /// Why.
    pub reason: Reason,
    /// When it was decided.
    pub at: Timestamp,
    /// How far it is.
    pub state: NoticeState,
    /// When it came to that state.
    pub state_at: Timestamp,
}

/// How far a notice is, in the history: as [`OutboxState`](super::OutboxState), without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoticeState {
    /// To be sent.
    Pending,
    /// The gateway took it.
    Accepted,
    /// The gateway keeps it for later.
    Queued,
    /// Given up.
    Dead,
    /// No longer needed.
    Superseded,
}

impl NoticeState {
    /// The word in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Dead => "dead",
            Self::Superseded => "superseded",
        }
    }
}

/// One attempt to send a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptRecord {
    /// Which notice.
    pub notice: NoticeId,
    /// The attempt's number, from 1.
    pub attempt: u32,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// What came of it.
    pub result: AttemptResult,
    /// The gateway's answer or the error, in one line without secrets.
    pub detail: String,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttemptResult {
    /// Taken.
    Accepted,
    /// Kept by the gateway for later.
    Queued,
    /// Failed; to be tried again.
    Retry,
    /// Failed for good.
    Permanent,
}

impl AttemptResult {
    /// The word in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Retry => "retry",
            Self::Permanent => "permanent",
        }
    }
}
