use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    Backend, Cause, Dialect, Pool,
    append::{Append, Sorted},
    history::{IncidentsOf, Rows, UptimeOf, Values},
    ids::Ids,
    read::{Changes, Current, Incidents, LastNumbers, OneIncident, Span},
    roll::Close,
    schema::{MigrateInTransaction, MigrateUnderLock},
    upkeep::Piece,
};
use crate::{
    model::{
        CheckId, CurrentStatus, HistoryRecord, Incident, IncidentNumber, NoticeId, Series,
        StatusChange, Timestamp, Uptime, ValueRecord,
    },
    store::{IncidentHistory, RecordRefused, Retention, StoreError, UpkeepPlace},
};

/// At most so many calls at a time; the others wait their turn.
const CONNECTIONS: usize = 4;

/// How long minutes that are over are given their rows before the next records get their turn.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Waiting for another starter's migration included.
const MIGRATION_LIMIT: Duration = Duration::from_secs(8);

/// The history in tables: what every SQL store does, whichever the database.
#[derive(Debug)]
pub(crate) struct Tables {
    dialect: Dialect,
    pool: Pool,
    ids: Ids,
}

impl Tables {
    pub(crate) fn new(dialect: Dialect, backend: Arc<dyn Backend>) -> Self {
        Self { dialect, pool: Pool::new(backend, CONNECTIONS), ids: Ids::default() }
    }

    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        self.ids.forget();
        let made = match self.dialect {
            Dialect::Sqlite => self.pool.run_within(MIGRATION_LIMIT, &MigrateInTransaction).await,
            Dialect::MySql => self.pool.run_within(MIGRATION_LIMIT, &MigrateUnderLock).await,
        };
        made.map_err(|cause| self.error("migrating", cause))
    }

    pub(crate) async fn append(&self, records: &[HistoryRecord]) -> Result<(), StoreError> {
        let appended = self.try_append(records).await;
        if appended.is_err() {
            self.ids.forget();
        }
        appended.map_err(|cause| self.error("appending", cause))
    }

    async fn try_append(&self, records: &[HistoryRecord]) -> Result<(), Cause> {
        if records.is_empty() {
            return Ok(());
        }
        let sorted = Sorted::new(records)?;
        let ids = self.ids.of(&self.pool, sorted.checks()).await?;
        let closable = self.pool.run(&Append { sorted: &sorted, ids: &ids }).await?;
        if let Some(until) = closable {
            self.close(until).await;
        }
        Ok(())
    }

    /// Gives minutes that are over their rows. What is not done now is done at the next time; until
    /// then readers work it out of raw values.
    async fn close(&self, until: Timestamp) {
        let end = Instant::now() + CLOSE_LIMIT;
        while Instant::now() < end {
            match self.pool.run(&Close { until }).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(cause) => {
                    let place = self.pool.place();
                    tracing::warn!("{place}: minute and hour rows are not up to date ({cause})");
                    return;
                }
            }
        }
    }

    pub(crate) async fn current(&self) -> Result<Vec<CurrentStatus>, StoreError> {
        self.pool.run(&Current).await.map_err(|cause| self.error("reading", cause))
    }

    pub(crate) async fn values(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<ValueRecord>, StoreError> {
        let work = Values(Span { check, from, to, most });
        self.pool.run(&work).await.map_err(|cause| self.error("reading", cause))
    }

    pub(crate) async fn changes(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<StatusChange>, StoreError> {
        let work = Changes(Span { check, from, to, most });
        self.pool.run(&work).await.map_err(|cause| self.error("reading", cause))
    }

    pub(crate) async fn series(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        points: usize,
    ) -> Result<Series, StoreError> {
        let work = Rows { check, from, to, points };
        self.pool.run(&work).await.map_err(|cause| self.error("reading", cause))
    }

    pub(crate) async fn uptime(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Uptime, StoreError> {
        let work = UptimeOf { check, from, to };
        self.pool.run(&work).await.map_err(|cause| self.error("reading", cause))
    }

    pub(crate) async fn incidents_of(
        &self,
        check: &CheckId,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Result<Vec<Incident>, StoreError> {
        let work = IncidentsOf(Span { check, from, to, most });
        self.pool.run(&work).await.map_err(|cause| self.error("reading", cause))
    }

    pub(crate) async fn incidents(
        &self,
        before: Option<IncidentNumber>,
        most: usize,
    ) -> Result<Vec<Incident>, StoreError> {
        let work = Incidents { before, most };
        self.pool.run(&work).await.map_err(|cause| self.error("reading", cause))
    }

    pub(crate) async fn incident(
        &self,
        number: IncidentNumber,
    ) -> Result<Option<IncidentHistory>, StoreError> {
        let work = OneIncident(number);
        self.pool.run(&work).await.map_err(|cause| self.error("reading", cause))
    }

    pub(crate) async fn last_numbers(&self) -> Result<(IncidentNumber, NoticeId), StoreError> {
        self.pool.run(&LastNumbers).await.map_err(|cause| self.error("reading", cause))
    }

    pub(crate) async fn upkeep(
        &self,
        now: Timestamp,
        retention: &Retention,
        from: UpkeepPlace,
    ) -> Result<Option<UpkeepPlace>, StoreError> {
        let piece = Piece::new(self.dialect, now, *retention, from);
        let done = match piece.partitions() {
            Some(partitions) => self.pool.run(&partitions).await.map(|()| piece.next_part()),
            None => self.pool.run(&piece).await,
        };
        done.map_err(|cause| self.error("removing old history", cause))
    }

    fn error(&self, doing: &'static str, cause: Cause) -> StoreError {
        let source: Box<dyn std::error::Error + Send + Sync> = match cause {
            Cause::Refused(message) => Box::new(RecordRefused(message)),
            cause => Box::new(cause),
        };
        StoreError { place: self.pool.place(), doing, source }
    }
}

/// Makes a type with a field `tables` a [`Store`](crate::store::Store).
macro_rules! store_in_tables {
    ($name:ty) => {
        #[async_trait::async_trait]
        impl $crate::store::Store for $name {
            async fn migrate(&self) -> Result<(), $crate::store::StoreError> {
                self.tables.migrate().await
            }
            async fn append(
                &self,
                records: &[$crate::model::HistoryRecord],
            ) -> Result<(), $crate::store::StoreError> {
                self.tables.append(records).await
            }
            async fn current(
                &self,
            ) -> Result<Vec<$crate::model::CurrentStatus>, $crate::store::StoreError> {
                self.tables.current().await
            }
            async fn values(
                &self,
                check: &$crate::model::CheckId,
                from: $crate::model::Timestamp,
                to: $crate::model::Timestamp,
                most: usize,
            ) -> Result<Vec<$crate::model::ValueRecord>, $crate::store::StoreError> {
                self.tables.values(check, from, to, most).await
            }
            async fn changes(
                &self,
                check: &$crate::model::CheckId,
                from: $crate::model::Timestamp,
                to: $crate::model::Timestamp,
                most: usize,
            ) -> Result<Vec<$crate::model::StatusChange>, $crate::store::StoreError> {
                self.tables.changes(check, from, to, most).await
            }
            async fn series(
                &self,
                check: &$crate::model::CheckId,
                from: $crate::model::Timestamp,
                to: $crate::model::Timestamp,
                points: usize,
            ) -> Result<$crate::model::Series, $crate::store::StoreError> {
                self.tables.series(check, from, to, points).await
            }
            async fn uptime(
                &self,
                check: &$crate::model::CheckId,
                from: $crate::model::Timestamp,
                to: $crate::model::Timestamp,
            ) -> Result<$crate::model::Uptime, $crate::store::StoreError> {
                self.tables.uptime(check, from, to).await
            }
            async fn incidents_of(
                &self,
                check: &$crate::model::CheckId,
                from: $crate::model::Timestamp,
                to: $crate::model::Timestamp,
                most: usize,
            ) -> Result<Vec<$crate::model::Incident>, $crate::store::StoreError> {
                self.tables.incidents_of(check, from, to, most).await
            }
            async fn incidents(
                &self,
                before: Option<$crate::model::IncidentNumber>,
                most: usize,
            ) -> Result<Vec<$crate::model::Incident>, $crate::store::StoreError> {
                self.tables.incidents(before, most).await
            }
            async fn upkeep(
                &self,
                now: $crate::model::Timestamp,
                retention: &$crate::store::Retention,
                from: $crate::store::UpkeepPlace,
            ) -> Result<Option<$crate::store::UpkeepPlace>, $crate::store::StoreError> {
                self.tables.upkeep(now, retention, from).await
            }
            async fn last_numbers(
                &self,
            ) -> Result<
                ($crate::model::IncidentNumber, $crate::model::NoticeId),
                $crate::store::StoreError,
            > {
                self.tables.last_numbers().await
            }
            async fn incident(
                &self,
                number: $crate::model::IncidentNumber,
            ) -> Result<Option<$crate::store::IncidentHistory>, $crate::store::StoreError> {
                self.tables.incident(number).await
            }
        }
    };
}
pub(crate) use store_in_tables;
