//! What ran on one server in a time: for charts, and for whoever asks what was done to it.

use serde::{Deserialize, Serialize};

use super::{
    handle::{Jobs, may_look},
    model::{JobId, JobResult, What},
    records::{Head, Record, parsed},
};
use crate::{
    manage::{ManageError, Principal},
    model::{Name, Timestamp},
    store::sql::{Arg, Cause, Row},
};

/// A job, as one server saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ran {
    /// The job's number.
    pub job: JobId,
    /// What was asked for.
    pub what: What,
    /// Whether it changes the server.
    pub changes: bool,
    /// Who asked.
    pub by: String,
    /// How it went on this server.
    pub result: JobResult,
}

impl Jobs {
    /// What ran on a server at any moment from `from` to `to`, newest first, at most
    /// [`Jobs::MOST`]. A job that did not begin there is left out.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`], [`ManageError::Database`].
    pub async fn on_server(
        &self,
        by: &Principal,
        server: &Name,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Ran>, ManageError> {
        may_look(by)?;
        let database = self.shared.manage.database();
        let sql = "SELECT r.job, j.body, r.body FROM job_results r JOIN jobs j ON j.id = r.job
            WHERE r.server = ? AND j.created <= ? AND (r.ended IS NULL OR r.ended >= ?)
            ORDER BY r.job DESC LIMIT ?";
        let args = [
            Arg::Text(server.as_str()),
            Arg::Int(to.as_millis()),
            Arg::Int(from.as_millis()),
            Arg::Int(i64::try_from(Self::MOST).unwrap_or(i64::MAX)),
        ];
        let rows = database.rows(sql, &args).await?;
        let ran = rows.iter().map(|row| ran(row.as_ref()));
        let ran: Vec<Ran> =
            ran.collect::<Result<_, Cause>>().map_err(|cause| database.unreadable(cause))?;
        Ok(ran.into_iter().filter(|ran| ran.result.started.is_some_and(|at| at <= to)).collect())
    }
}

fn ran(row: &dyn Row) -> Result<Ran, Cause> {
    let head: Head = parsed(&row.text(1)?)?;
    let record: Record = parsed(&row.text(2)?)?;
    Ok(Ran {
        job: row.int(0)?,
        what: head.order.what,
        changes: head.changes,
        by: head.by.name,
        result: record.result,
    })
}
