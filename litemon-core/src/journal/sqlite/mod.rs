//! The journal in a SQLite file.

mod commit;
mod load;
mod schema;
mod spool;

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;

use self::{
    commit::Commit,
    load::Load,
    schema::Prepare,
    spool::{Count, Oldest, Spool, Unspool},
};
use super::{Batch, Image, Journal, JournalError, SpoolBound, SpoolMark};
use crate::{
    model::HistoryRecord,
    store::{
        sql::{Cause, Pool},
        sqlite_file::{Durability, SqliteFile},
    },
};

/// The journal in a SQLite file: WAL, each commit one transaction and one fsync.
///
/// It has one connection, so calls wait for each other; each returns within a few seconds. A full
/// disk fails them and harms nothing; they work again as soon as there is room.
#[derive(Debug)]
pub struct SqliteJournal {
    pool: Pool,
    bound: SpoolBound,
}

impl SqliteJournal {
    /// Opens the journal in this file, and makes the file (0600) and its folder (0700) if there
    /// are none.
    ///
    /// # Errors
    /// When the file cannot be opened or made, is damaged, or was written by a newer version.
    pub async fn open(path: impl Into<PathBuf> + Send) -> Result<Self, JournalError> {
        Self::open_bounded(path, SpoolBound::default()).await
    }

    /// As [`Self::open`], with a bound of one's own on kept history.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_bounded(
        path: impl Into<PathBuf> + Send,
        bound: SpoolBound,
    ) -> Result<Self, JournalError> {
        // One connection: what writes waits here in turn and not in SQLite, which polls.
        let pool = Pool::new(Arc::new(SqliteFile::new(path.into(), Durability::PowerLoss)), 1);
        let journal = Self { pool, bound };
        journal.pool.run(&Prepare).await.map_err(|cause| journal.error("opened", cause))?;
        Ok(journal)
    }

    fn error(&self, doing: &'static str, cause: Cause) -> JournalError {
        JournalError { place: self.pool.place(), doing, source: Box::new(cause) }
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn load(&self) -> Result<Image, JournalError> {
        self.pool.run(&Load).await.map_err(|cause| self.error("read", cause))
    }

    async fn commit(&self, batch: &Batch) -> Result<(), JournalError> {
        if batch.is_empty() {
            return Ok(());
        }
        let written = match Commit::new(batch) {
            Ok(commit) => self.pool.run(&commit).await,
            Err(cause) => Err(cause),
        };
        written.map_err(|cause| self.error("written", cause))
    }

    async fn spool(&self, records: &[HistoryRecord]) -> Result<u64, JournalError> {
        let written = match Spool::new(records, self.bound) {
            Ok(spool) => self.pool.run(&spool).await,
            Err(cause) => Err(cause),
        };
        written.map_err(|cause| self.error("written", cause))
    }

    async fn spooled(&self, most: usize) -> Result<(Vec<HistoryRecord>, SpoolMark), JournalError> {
        self.pool.run(&Oldest(most)).await.map_err(|cause| self.error("read", cause))
    }

    async fn spool_len(&self) -> Result<u64, JournalError> {
        self.pool.run(&Count).await.map_err(|cause| self.error("read", cause))
    }

    async fn unspool(&self, up_to: SpoolMark) -> Result<(), JournalError> {
        self.pool.run(&Unspool(up_to)).await.map_err(|cause| self.error("written", cause))
    }
}
