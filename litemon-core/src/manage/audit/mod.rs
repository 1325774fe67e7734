//! The audit trail: who did what, written before it is done.

use serde_json::Value;

use super::{ManageError, Principal, database::Database};
use crate::{model::Timestamp, store::sql::Arg};

/// See [`Database`].
pub(super) const TABLES: &str = "\
    CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL,
        doing TEXT NOT NULL, about TEXT NOT NULL, detail TEXT NOT NULL, begun INTEGER,
        outcome TEXT);";

/// The number of an entry, from 1.
pub type AuditId = i64;

/// Writes that something is about to be done. Without this, it is not to be done.
///
/// `doing` is a fixed word such as `job.start` or `user.add`; `about` names what it is done to;
/// `detail` holds no secrets.
pub(super) async fn begin(
    database: &Database,
    at: Timestamp,
    by: &Principal,
    doing: &'static str,
    about: &str,
    detail: &Value,
) -> Result<AuditId, ManageError> {
    append(database, at, by, doing, about, detail, (None, None)).await
}

/// Writes how what was begun ended, as an entry of its own.
pub(super) async fn end(
    database: &Database,
    at: Timestamp,
    by: &Principal,
    doing: &'static str,
    begun: AuditId,
    outcome: &str,
) -> Result<(), ManageError> {
    append(database, at, by, doing, "", &Value::Null, (Some(begun), Some(outcome))).await?;
    Ok(())
}

async fn append(
    database: &Database,
    at: Timestamp,
    by: &Principal,
    doing: &'static str,
    about: &str,
    detail: &Value,
    (begun, outcome): (Option<AuditId>, Option<&str>),
) -> Result<AuditId, ManageError> {
    let who = serde_json::to_string(by).unwrap_or_default();
    let rows = database
        .rows(
            "INSERT INTO audit (at, who, doing, about, detail, begun, outcome)
            VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            &[
                Arg::Int(at.as_millis()),
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
    id.map_err(|cause| database.unreadable(cause))
}
