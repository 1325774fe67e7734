//! What a timeline came to.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::model::{CheckId, IncidentNumber, Name, Reason, Timestamp, Zone};

/// Everything that happened, in order, and whether it is what was expected.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// What the timeline is about.
    pub about: Option<String>,
    /// In which people read times.
    pub zone: Zone,
    /// When it began.
    pub start: Timestamp,
    /// How long it was played.
    pub lasts: Duration,
    /// What happened, in order.
    pub rows: Vec<Row>,
    /// What was expected, in the order of the file.
    pub held: Vec<Held>,
}

impl Report {
    /// Messages that arrived.
    pub fn arrived(&self) -> impl Iterator<Item = &Message> {
        self.rows.iter().filter_map(|row| match &row.happening {
            Happening::Message(message) if message.outcome.has_arrived() => Some(message),
            _ => None,
        })
    }

    /// What was expected and did not come.
    pub fn failed(&self) -> impl Iterator<Item = &Held> {
        self.held.iter().filter(|held| !held.holds)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// When, by the monitor's clock.
    #[serde(serialize_with = "as_text")]
    pub at: Timestamp,
    /// How long after the start.
    #[serde(rename = "after_ms", serialize_with = "as_millis")]
    pub after: Duration,
    /// What.
    #[serde(flatten)]
    pub happening: Happening,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Happening {
    /// The timeline said so.
    Event {
        /// What it is about.
        about: String,
        /// What happens to it.
        text: String,
    },
    /// A notice was sent, or should have been.
    Message(Message),
    /// Somebody answered by SMS.
    Reply {
        /// His number.
        to: String,
        /// What he is answered; nothing when he is not.
        text: Option<String>,
        /// To what, and why he is not.
        why: String,
    },
    /// Something is wrong, and people are not told now.
    NotTold {
        /// The check; `SERVER/*` for all others of a server.
        check: String,
        /// Its incident, when there is one.
        incident: Option<IncidentNumber>,
        /// What is wrong.
        text: String,
        /// Why it is not told.
        why: String,
    },
}

/// A notice for somebody.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Message {
    /// What became of it.
    pub outcome: Outcome,
    /// By which notifier.
    pub notifier: Name,
    /// To whom.
    pub recipient: String,
    /// What it says.
    pub text: String,
    /// Why it was sent.
    pub reason: Reason,
    /// The same in words, and how sending went.
    pub why: String,
    /// What it is about.
    pub check: CheckId,
    /// The incident it belongs to.
    pub incident: Option<IncidentNumber>,
    /// Attempts made so far.
    pub attempts: u32,
}

/// What became of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It was taken.
    Sent,
    /// A command was run in its place.
    Ran,
    /// It was taken, and is kept for later.
    Queued,
    /// It was not taken, and is tried again.
    Failed,
    /// It will never be taken.
    GaveUp,
}

impl Outcome {
    /// Whether somebody has it, or will.
    #[must_use]
    pub const fn has_arrived(self) -> bool {
        matches!(self, Self::Sent | Self::Queued)
    }

    /// As people read it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Ran => "ran",
            Self::Queued => "queued",
            Self::Failed => "failed",
            Self::GaveUp => "gave up",
        }
    }
}

/// Something that was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Held {
    /// Where it was written: `file:line:column`.
    pub place: Option<String>,
    /// What.
    pub expected: String,
    /// Whether it came so.
    pub holds: bool,
    /// What came instead.
    pub instead: Option<String>,
}

fn as_text<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

fn as_millis<S: Serializer>(after: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(after.as_millis()).unwrap_or(u64::MAX))
}
