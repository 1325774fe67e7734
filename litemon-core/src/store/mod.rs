//! History: what was measured, what happened, what was sent.

use async_trait::async_trait;

use crate::model::{
    AttemptRecord, CheckId, CurrentStatus, HistoryRecord, Incident, IncidentNumber, NoticeRecord,
    StatusChange, Timestamp, ValueRecord,
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

/// An incident with what was sent about it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IncidentHistory {
    /// The incident.
    pub incident: Incident,
    /// Its notices, oldest first, each with its attempts.
    pub notices: Vec<(NoticeRecord, Vec<AttemptRecord>)>,
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

    /// Incidents with numbers below `before` (all when `None`), newest first, at most `most`.
    async fn incidents(
        &self,
        before: Option<IncidentNumber>,
        most: usize,
    ) -> Result<Vec<Incident>, StoreError>;

    /// One incident with its notices.
    async fn incident(&self, number: IncidentNumber)
    -> Result<Option<IncidentHistory>, StoreError>;
}
