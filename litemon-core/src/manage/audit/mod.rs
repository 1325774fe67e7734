//! The audit trail: who did what, written before it is done.

use serde_json::Value;

use super::{ManageError, Office, Principal};
use crate::store::sql::Arg;

/// See [`Database`](super::database::Database).
pub(super) const TABLES: &str = "\
    CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL,
        doing TEXT NOT NULL, about TEXT NOT NULL, detail TEXT NOT NULL, begun INTEGER,
        outcome TEXT);";

/// The number of an entry, from 1.
pub type AuditId = i64;

impl Office {
    /// Writes that something is about to be done. Without this, it is not to be done.
    ///
    /// `doing` is a fixed word such as `job.start` or `user.add`; `about` names what it is done to;
    /// `detail` holds no secrets.
    pub(super) async fn begin(
        &self,
        by: &Principal,
        doing: &'static str,
        about: &str,
        detail: &Value,
    ) -> Result<AuditId, ManageError> {
        self.append(by, doing, about, detail, (None, None)).await
    }

    /// Writes how what was begun ended, as an entry of its own.
    pub(super) async fn end(
        &self,
        by: &Principal,
        doing: &'static str,
        begun: AuditId,
        outcome: &str,
    ) -> Result<(), ManageError> {
        let end = (Some(begun), Some(outcome));
        self.append(by, doing, "", &Value::Null, end).await.map(drop)
    }

    /// Does something between its two entries: the first is written before, or nothing is done; the
    /// second says `ok`, or why it was not done.
    pub(super) async fn audited<T>(
        &self,
        by: &Principal,
        doing: &'static str,
        about: &str,
        detail: &Value,
        work: impl Future<Output = Result<T, ManageError>>,
    ) -> Result<T, ManageError> {
        let begun = self.begin(by, doing, about, detail).await?;
        let done = work.await;
        let outcome = done.as_ref().map_or_else(ToString::to_string, |_| "ok".to_owned());
        if let Err(error) = self.end(by, doing, begun, &outcome).await {
            // It is done, and the trail says that it was begun.
            tracing::warn!("the end of {doing} is not in the audit trail: {error}");
        }
        done
    }

    async fn append(
        &self,
        by: &Principal,
        doing: &'static str,
        about: &str,
        detail: &Value,
        (begun, outcome): (Option<AuditId>, Option<&str>),
    ) -> Result<AuditId, ManageError> {
        let who = serde_json::to_string(by).unwrap_or_default();
        let rows = self
            .database
            .rows(
                "INSERT INTO audit (at, who, doing, about, detail, begun, outcome)
                VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                &[
                    Arg::Int(self.clock.now().as_millis()),
                    Arg::Text(&who),
                    Arg::Text(doing),
                    Arg::Text(about),
                    Arg::Text(&detail.to_string()),
                    begun.into(),
                    outcome.into(),
                ],
            )
            .await?;
        let id = rows.first().map_or(Ok(0), |row| row.int(0));
        id.map_err(|cause| self.database.unreadable(cause))
    }
}
