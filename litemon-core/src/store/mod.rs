//! History: what was measured, what happened, what was sent.

mod derive;
mod feeder;
mod memory;
#[cfg(feature = "mysql")]
mod mysql;
mod retention;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
#[cfg_attr(
    not(all(feature = "sqlite", feature = "mysql")),
    allow(
        dead_code,
        unused_imports,
        reason = "with one database alone, the other's half is unused"
    )
)]
pub(crate) mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite_file;
mod upkeep;

use async_trait::async_trait;

use crate::model::{
    AttemptRecord, CheckId, CurrentStatus, HistoryRecord, Incident, IncidentNumber, NoticeId,
    NoticeRecord, Series, StatusChange, Timestamp, Uptime, ValueRecord,
};

#[cfg(feature = "mysql")]
pub use self::mysql::{MySqlSettings, MySqlStore, MySqlTls};
#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteStore;
pub use self::{
    feeder::{FeedStatus, Feeder, FeederHandle, FeederSettings},
    memory::MemoryStore,
    retention::{Retention, RowBytes},
    upkeep::{Upkeep, UpkeepPlace, UpkeepSettings},
};

/// A store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {doing} failed")]
pub struct StoreError {
    /// Which store, without credentials: a path, or `mysql://host:port/name`.
    pub place: String,
    /// What was tried, as `connecting`, `appending`.
    pub doing: &'static str,
    /// The cause; it holds no secret.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// Whether a record itself is the reason, so that handing it over again is of no use.
    #[must_use]
    pub fn refuses_record(&self) -> bool {
        self.source.is::<RecordRefused>()
    }
}

/// The cause of a [`StoreError`] when a record does not fit and never will.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record is refused ({0})")]
pub struct RecordRefused(pub String);

/// An incident with what was sent about it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IncidentHistory {
    /// The incident.
    pub incident: Incident,
    /// Its notices, oldest first, each with its attempts.
    pub notices: Vec<(NoticeRecord, Vec<AttemptRecord>)>,
}

impl IncidentHistory {
    /// Puts each attempt to its notice. Attempts are in order; those of other notices are left out.
    #[must_use]
    pub fn new(
        incident: Incident,
        notices: impl IntoIterator<Item = NoticeRecord>,
        attempts: impl IntoIterator<Item = AttemptRecord>,
    ) -> Self {
        let mut notices: Vec<_> = notices.into_iter().map(|one| (one, Vec::new())).collect();
        for attempt in attempts {
            let owner = notices.iter_mut().find(|(notice, _)| notice.id == attempt.notice);
            if let Some((_, attempts)) = owner {
                attempts.push(attempt);
            }
        }
        Self { incident, notices }
    }
}

/// Where history is kept.
///
/// # Contract
/// - `append` is atomic and idempotent: a batch may be handed over again after an error, whether or
///   not it arrived.
/// - Every call returns within a few seconds, with an error if the store hangs.
///
/// Cancel safety: a dropped `append` may or may not have happened.
#[async_trait]
pub trait Store: std::fmt::Debug + Send + Sync + 'static {
    /// Makes or brings up to date the tables. Safe to call again, and by two at once.
    async fn migrate(&self) -> Result<(), StoreError>;

    /// Keeps records, in order.
    async fn append(&self, records: &[HistoryRecord]) -> Result<(), StoreError>;

    /// The current status of every check that was ever seen and not forgotten, by name.
    async fn current(&self) -> Result<Vec<CurrentStatus>, StoreError>;

    /// The values of a check in `from <= at < to`, oldest first, at most `most`.
    async fn values(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<ValueRecord>, StoreError>;

    /// The status changes of a check in `from <= at < to`, oldest first, at most `most`.
    async fn changes(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<StatusChange>, StoreError>;

    /// The values of a check in `from <= at < to` in the coarsest rows that still give `points` of
    /// them, or the finest that are kept. Rows are not cut: the first may begin before `from`, the
    /// last may end behind `to`.
    ///
    /// Provided for stores that keep raw values only.
    async fn series(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        points: usize,
    ) -> Result<Series, StoreError> {
        derive::series(self, check, from, to, points).await
    }

    /// How long a check was what in `from <= at < to`. What lies before its first known status
    /// is unknown, and so is what lies more than a minute behind the newest result of any check:
    /// then nobody looked.
    async fn uptime(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Uptime, StoreError> {
        derive::uptime(self, check, from, to).await
    }

    /// The incidents of a check that were open at any time in `from <= at < to`, oldest first, at
    /// most `most`, the newest.
    async fn incidents_of(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<Incident>, StoreError> {
        derive::incidents_of(self, check, from, to, most).await
    }

    /// Incidents with numbers below `before` (all when `None`), newest first, at most `most`.
    async fn incidents(
        &self,
        before: Option<IncidentNumber>,
        most: usize,
    ) -> Result<Vec<Incident>, StoreError>;

    /// The highest incident's and notice's numbers that were ever kept, 0 for none. A monitor whose
    /// journal is new counts on from there, so that old history is not written over.
    async fn last_numbers(&self) -> Result<(IncidentNumber, NoticeId), StoreError> {
        Ok((0, 0))
    }

    /// One incident with its notices.
    async fn incident(&self, number: IncidentNumber)
    -> Result<Option<IncidentHistory>, StoreError>;

    /// Does the next piece of what keeps the store within its bounds: removes what is older than
    /// its retention. Returns where to go on, `None` when all is done. A piece is small enough to
    /// hold nobody up; it may be done again.
    ///
    /// Provided for stores that have no bound, or another one.
    async fn upkeep(
        &self,
        now: Timestamp,
        retention: &Retention,
        from: UpkeepPlace,
    ) -> Result<Option<UpkeepPlace>, StoreError> {
        let _ = (now, retention, from);
        Ok(None)
    }
}
