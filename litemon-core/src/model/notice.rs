use serde::{Deserialize, Serialize};

use super::{
    CheckId, CheckKind, Digest, Failure, Gathering, IncidentNumber, JobEnd, Name, Observation,
    Remedied, Status, Timestamp,
};

/// The number of an outbox entry, unique within a journal.
pub type NoticeId = i64;

/// The two classes of notices that a notifier's `events` choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EventKind {
    /// Something is wrong, or became worse.
    Problem,
    /// It is over.
    Recovery,
    /// A job ended: told to those whom the job names, whatever they choose else.
    Job,
}

/// Why a notice exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// A problem began.
    Raised,
    /// It became worse.
    Escalated,
    /// It goes on, and nobody looks after it.
    Reminder,
    /// Nobody looks after it, so that others are told.
    Unacknowledged,
    /// Somebody looks after it.
    Acknowledged,
    /// It comes and goes; nothing more is told until it settles.
    Flapping,
    /// For a remedy: put it right.
    Remedy,
    /// A remedy did not help.
    RemedyFailed,
    /// It is over.
    Recovered,
    /// It began and ended before anybody could be told: both in one.
    RaisedAndRecovered,
    /// Another notifier could not deliver a notice of this incident.
    Undelivered,
    /// A job ended.
    JobEnded,
    /// Somebody asked for a test message.
    Test,
}

impl Reason {
    /// The class of event.
    #[must_use]
    pub const fn event(self) -> EventKind {
        match self {
            Self::Recovered => EventKind::Recovery,
            Self::JobEnded => EventKind::Job,
            _ => EventKind::Problem,
        }
    }

    /// Whether only people are told of it: a remedy does nothing about it.
    #[must_use]
    pub const fn is_for_people(self) -> bool {
        use Reason::{Acknowledged, Flapping, RemedyFailed, Reminder, Unacknowledged};
        matches!(self, Reminder | Unacknowledged | Acknowledged | Flapping | RemedyFailed)
    }

    /// The word in JSON, in `LITEMON_EVENT_REASON` and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Escalated => "escalated",
            Self::Reminder => "reminder",
            Self::Unacknowledged => "unacknowledged",
            Self::Acknowledged => "acknowledged",
            Self::Flapping => "flapping",
            Self::Remedy => "remedy",
            Self::RemedyFailed => "remedy_failed",
            Self::Recovered => "recovered",
            Self::RaisedAndRecovered => "raised_and_recovered",
            Self::Undelivered => "undelivered",
            Self::JobEnded => "job_ended",
            Self::Test => "test",
        }
    }
}

/// What somebody is told, as facts; each notifier puts it into words when it sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Why.
    pub reason: Reason,
    /// The incident it belongs to; `None` for a test, a job, and a digest of several.
    pub incident: Option<IncidentNumber>,
    /// The check; for a test, none in particular (`litemon:test`).
    pub check: CheckId,
    /// What sort of check.
    pub kind: CheckKind,
    /// The server the check belongs to.
    pub server: Option<Name>,
    /// The status that is told.
    pub status: Status,
    /// The worst status before, on a recovery or an escalation.
    pub was: Option<Status>,
    /// What was seen: the present problem; on a recovery, the problem that is over.
    pub seen: Result<Observation, Failure>,
    /// The limit a value passed.
    pub limit: Option<f64>,
    /// The first result that was not OK.
    pub since: Timestamp,
    /// When the decision to tell was made.
    pub at: Timestamp,
    /// The journal could not be written: this goes out from memory and may come twice.
    pub unjournaled: bool,
    /// Who did it, where somebody did something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How a job ended; only with [`Reason::JobEnded`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Box<JobEnd>>,
    /// It tells of several incidents, and what else it says is said of the weightiest of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Box<Digest>>,
    /// What a remedy did about it, where that is known and worth telling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedied>,
}

/// One notice for one recipient of one notifier, on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Its number; entries of one recipient and incident go out in the order of their numbers.
    pub id: NoticeId,
    /// The notifier that sends it.
    pub notifier: Name,
    /// To whom: one of [`Notifier::recipients`](crate::notify::Notifier::recipients).
    pub recipient: String,
    /// What is told.
    pub notice: Notice,
    /// How far it is.
    pub state: OutboxState,
    /// Attempts made so far.
    pub attempts: u32,
    /// The next attempt is not made before; once it is settled, since when it is.
    pub next_at: Timestamp,
    /// Of being gathered with others.
    #[serde(default, skip_serializing_if = "Gathering::is_none")]
    pub gathering: Gathering,
    /// Nothing of its incident was told there before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first: bool,
    /// With which of several gateways it begins, from 0: those before had it, and it did not arrive.
    #[serde(default)]
    pub way: u32,
    /// Until when the gateway that took it is to report that it arrived; `None` where none reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_by: Option<Timestamp>,
}

impl OutboxEntry {
    /// Whether a gateway took it and is still to report that it arrived.
    #[must_use]
    pub const fn awaits_report(&self) -> bool {
        matches!(self.state, OutboxState::Accepted | OutboxState::Queued)
            && self.report_by.is_some()
    }
}

/// How far an outbox entry is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OutboxState {
    /// Not to be sent yet: it waits for others, or for its turn.
    Held,
    /// Told by another entry, a digest, which is still to be sent.
    Gathered,
    /// To be sent.
    Pending,
    /// The gateway took it.
    Accepted,
    /// The gateway keeps it for later; it is not sent there again.
    Queued,
    /// The gateway says that it arrived.
    Delivered,
    /// The gateway took it, and it did not arrive: why that is thought. Another way was taken.
    Undelivered(String),
    /// Given up: why.
    Dead(String),
    /// No longer needed, as what it tells is over or is told by another entry.
    Superseded,
}

impl OutboxState {
    /// Whether it is not decided yet what becomes of it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Held | Self::Gathered | Self::Pending)
    }

    /// The word in JSON and in the database.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Gathered => "gathered",
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Undelivered(_) => "undelivered",
            Self::Dead(_) => "dead",
            Self::Superseded => "superseded",
        }
    }
}
