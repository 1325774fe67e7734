use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    CheckId, CheckKind, Failure, Incident, IncidentNumber, NoticeId, Observation, Reason, Status,
    Timestamp, ToldIn,
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

/// How fine the rows of a [`Series`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Resolution {
    /// Every value as it was measured.
    Raw,
    /// One row for each minute.
    Minute,
    /// One row for each hour.
    Hour,
}

const MILLISECOND: Duration = Duration::from_millis(1);

impl Resolution {
    /// The time that one row stands for; zero for raw values.
    #[must_use]
    pub const fn span(self) -> Duration {
        match self {
            Self::Raw => Duration::ZERO,
            Self::Minute => Duration::from_secs(60),
            Self::Hour => Duration::from_secs(3600),
        }
    }

    /// The coarsest of which a time of `span` has at least `points` rows; raw when none has.
    #[must_use]
    pub fn for_span(span: Duration, points: usize) -> Self {
        let enough = |rows: &Self| {
            let rows = span.as_secs() / rows.span().as_secs().max(1);
            usize::try_from(rows).is_ok_and(|rows| rows >= points)
        };
        [Self::Hour, Self::Minute].into_iter().find(enough).unwrap_or(Self::Raw)
    }

    /// The end of the row that ends with a moment or that it cuts.
    #[must_use]
    pub fn ceil(self, at: Timestamp) -> Timestamp {
        if self == Self::Raw { at } else { self.floor(at.plus(self.span()).minus(MILLISECOND)) }
    }

    /// The beginning of the row that a moment falls into.
    #[must_use]
    pub fn floor(self, at: Timestamp) -> Timestamp {
        let span = i64::try_from(self.span().as_millis()).unwrap_or(1).max(1);
        Timestamp::from_millis(at.as_millis().div_euclid(span).saturating_mul(span))
    }
}

/// The values of a check over a time, as fine as was asked for and is still kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Series {
    /// How fine.
    pub resolution: Resolution,
    /// Oldest first. Where nothing was measured there is none.
    pub samples: Vec<Sample>,
}

impl Series {
    /// A series.
    #[must_use]
    pub const fn new(resolution: Resolution, samples: Vec<Sample>) -> Self {
        Self { resolution, samples }
    }
}

/// What was measured from `at` on, for the resolution's span.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// When it begins: a whole minute or hour of UTC, or the moment of a raw value.
    pub at: Timestamp,
    /// The lowest value.
    pub min: f64,
    /// The mean.
    pub avg: f64,
    /// The highest value.
    pub max: f64,
    /// Of how many values.
    pub count: u64,
}

impl Sample {
    /// A single value.
    #[must_use]
    pub const fn of(value: &ValueRecord) -> Self {
        Self { at: value.at, min: value.value, avg: value.value, max: value.value, count: 1 }
    }

    /// Takes the values of another one in.
    pub fn merge(&mut self, other: &Self) {
        let count = self.count.saturating_add(other.count).max(1);
        #[allow(clippy::cast_precision_loss, reason = "2^53 values are never counted")]
        let part = other.count as f64 / count as f64;
        self.avg += (other.avg - self.avg) * part;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.count = count;
    }
}

/// How long a check was what, over a time. The sum is that time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// It was Ok, or a warning: it ran.
    pub up: Duration,
    /// It was critical.
    pub down: Duration,
    /// Nothing is known: it could not be looked at, or nobody looked.
    pub unknown: Duration,
}

impl Uptime {
    /// The part of the known time in which it ran, 0 to 1; `None` when nothing is known.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let known = self.up + self.down;
        (!known.is_zero()).then(|| self.up.as_secs_f64() / known.as_secs_f64())
    }
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
    /// The message that tells it together with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_in: Option<ToldIn>,
}

/// How far a notice is, in the history: as [`OutboxState`](super::OutboxState), without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoticeState {
    /// Not to be sent yet: it waits for others, or for its turn.
    Held,
    /// Told together with others, in one message.
    Gathered,
    /// To be sent.
    Pending,
    /// The gateway took it.
    Accepted,
    /// The gateway keeps it for later.
    Queued,
    /// The gateway says that it arrived.
    Delivered,
    /// The gateway took it, and it did not arrive.
    Undelivered,
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
            Self::Held => "held",
            Self::Gathered => "gathered",
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
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
