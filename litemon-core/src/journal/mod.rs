//! What alerting stands on: small, local, and written before anything is sent.

mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    hold::Hold,
    model::{
        CheckId, HistoryRecord, Incident, IncidentNumber, Name, NoticeId, OutboxEntry, Timestamp,
    },
    policy::{Channel, Flow, Telling, Window, WindowId},
    state::CheckState,
};

pub use self::memory::MemoryJournal;
#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteJournal;

/// How much history a journal keeps for a store that is away, unless told otherwise. What comes
/// first ends it: at 500 values a second the records are an hour, and a day of a small fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpoolBound {
    /// Records; 2 million by default.
    pub records: u64,
    /// Bytes of them as JSON; 512 MiB by default.
    pub bytes: u64,
}

impl Default for SpoolBound {
    fn default() -> Self {
        Self { records: 2_000_000, bytes: 512 << 20 }
    }
}

/// How long what is over is kept.
const KEPT: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// Everything that is to survive, written as one: all of it or nothing.
///
/// Entries replace those of the same key, so that writing a batch twice is the same as once, and
/// that batches which could not be written can be merged and tried again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Batch {
    /// States of checks; `None` forgets the check.
    pub states: BTreeMap<CheckId, Option<CheckState>>,
    /// Incidents, open or just closed. Closed ones are forgotten after a day.
    pub incidents: BTreeMap<IncidentNumber, Incident>,
    /// Outbox entries. Those that are [settled](crate::model::OutboxState::is_open), and about which no
    /// report is awaited, are forgotten after a day, unless their incident is open.
    pub outbox: BTreeMap<NoticeId, OutboxEntry>,
    /// The next incident's number, when it moved.
    pub next_incident: Option<IncidentNumber>,
    /// The next outbox entry's number, when it moved.
    pub next_notice: Option<NoticeId>,
    /// When the newest result came, now and then: what a monitor that is ended knows its time by.
    pub last_result: Option<Timestamp>,
    /// Servers whose alerts are held; `None` ends that.
    #[serde(default)]
    pub holds: BTreeMap<Name, Option<Hold>>,
    /// What people know of open incidents; `None` when one is over.
    #[serde(default)]
    pub tellings: BTreeMap<IncidentNumber, Option<Telling>>,
    /// Times in which people are not told; `None` when one is over.
    #[serde(default)]
    pub windows: BTreeMap<WindowId, Option<Window>>,
    /// The next window's number, when it moved.
    #[serde(default)]
    pub next_window: Option<WindowId>,
    /// What recipients were sent of late.
    #[serde(default)]
    pub flows: BTreeMap<Channel, Flow>,
}

impl Batch {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
            && self.incidents.is_empty()
            && self.outbox.is_empty()
            && self.next_incident.is_none()
            && self.next_notice.is_none()
            && self.last_result.is_none()
            && self.holds.is_empty()
            && self.tellings.is_empty()
            && self.windows.is_empty()
            && self.next_window.is_none()
            && self.flows.is_empty()
    }

    /// Puts a later batch on top of this one.
    pub fn merge(&mut self, later: Self) {
        self.states.extend(later.states);
        self.incidents.extend(later.incidents);
        self.outbox.extend(later.outbox);
        self.next_incident = later.next_incident.or(self.next_incident);
        self.next_notice = later.next_notice.or(self.next_notice);
        self.last_result = later.last_result.or(self.last_result);
        self.holds.extend(later.holds);
        self.tellings.extend(later.tellings);
        self.windows.extend(later.windows);
        self.next_window = later.next_window.or(self.next_window);
        self.flows.extend(later.flows);
    }
}

/// What a journal knows when it is opened.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Image {
    /// The state of each check.
    pub states: BTreeMap<CheckId, CheckState>,
    /// Incidents that are open, and those that were closed within about a day: history may have
    /// missed their end.
    pub incidents: BTreeMap<IncidentNumber, Incident>,
    /// Entries that are still to be sent, and what was sent about open incidents.
    pub outbox: BTreeMap<NoticeId, OutboxEntry>,
    /// The next incident's number; 1 at first.
    pub next_incident: IncidentNumber,
    /// The next outbox entry's number; 1 at first.
    pub next_notice: NoticeId,
    /// When the newest result came that was written down; some seconds of later ones may follow.
    pub last_result: Option<Timestamp>,
    /// Servers whose alerts are held.
    pub holds: BTreeMap<Name, Hold>,
    /// What people know of open incidents.
    pub tellings: BTreeMap<IncidentNumber, Telling>,
    /// Times in which people are not told.
    pub windows: BTreeMap<WindowId, Window>,
    /// The next window's number; 1 at first.
    pub next_window: WindowId,
    /// What recipients were sent of late.
    pub flows: BTreeMap<Channel, Flow>,
}

impl Image {
    /// Whether nothing was ever counted.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.next_incident <= 1 && self.next_notice <= 1
    }
}

/// The journal could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the journal {place} cannot be {doing}")]
pub struct JournalError {
    /// Which journal: a path, or `in memory`.
    pub place: String,
    /// `opened`, `read`, `written`.
    pub doing: &'static str,
    /// The cause.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// The local journal: state, incidents, outbox, numbers, and history that waits for its store.
///
/// # Contract
/// When `commit` returns `Ok`, the batch survives the process and the machine (where the journal is
/// durable at all). When it fails, nothing of the batch is there, or all of it is.
///
/// Cancel safety: a dropped `commit` may or may not have happened.
#[async_trait]
pub trait Journal: std::fmt::Debug + Send + Sync + 'static {
    /// What the journal knows.
    async fn load(&self) -> Result<Image, JournalError>;

    /// Writes a batch.
    async fn commit(&self, batch: &Batch) -> Result<(), JournalError>;

    /// Keeps history that its store cannot take now, behind what is kept already. When more than
    /// the journal's bound is kept, the oldest goes; returns how many records were lost so.
    async fn spool(&self, records: &[HistoryRecord]) -> Result<u64, JournalError>;

    /// The oldest kept history, at most `most` records, with a mark to hand to
    /// [`Journal::unspool`]. Empty when nothing is kept.
    async fn spooled(&self, most: usize) -> Result<(Vec<HistoryRecord>, SpoolMark), JournalError>;

    /// About how many records are kept. Without an answer of its own a journal says 1 for "some".
    async fn spool_len(&self) -> Result<u64, JournalError> {
        Ok(u64::from(!self.spooled(1).await?.0.is_empty()))
    }

    /// Forgets kept history up to a mark.
    async fn unspool(&self, up_to: SpoolMark) -> Result<(), JournalError>;
}

/// A place in the kept history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpoolMark(pub i64);
