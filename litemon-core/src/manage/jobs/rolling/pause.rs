//! Pausing rolling jobs and going on with them, from whichever process.

use std::sync::Arc;

use serde_json::json;

use super::told::Pausing;
use crate::{
    manage::{
        ManageError, Principal, Role,
        database::Database,
        jobs::{
            handle::{Shared, no_job},
            model::JobId,
            records::{self, Stored},
            submit,
        },
    },
    model::Timestamp,
    store::sql::{Arg, Cause, Row},
};

/// Asks a rolling job to pause, or to go on.
pub(in crate::manage::jobs) async fn pause(
    shared: &Arc<Shared>,
    by: &Principal,
    id: JobId,
    paused: bool,
) -> Result<(), ManageError> {
    let (verb, word) = if paused { ("pause", "job.pause") } else { ("go on with", "job.continue") };
    by.require(Role::Operator, &format!("{verb} jobs"))?;
    let job = records::find(shared.manage.database(), id).await?.ok_or_else(|| no_job(id))?.job();
    if job.order.rolling.is_none() {
        let why = format!("job {id} is no rolling one: it cannot be paused");
        return Err(ManageError::Conflict(why));
    }
    if job.ended.is_some() {
        return Err(ManageError::Conflict(format!("job {id} has ended already")));
    }
    submit::may_steer(shared, by, &job.order.servers, verb)?;
    let asked = async {
        let at = shared.manage.clock().now();
        let pausing = Pausing { paused, by: Some(by.name.clone()), at };
        write(shared.manage.database(), id, &pausing).await?;
        if let Some(live) = shared.live(id) {
            live.pause(pausing);
        }
        Ok(())
    };
    let about = format!("job {id}");
    shared.manage.office.audited(by, word, &about, &json!({ "job": id }), asked).await
}

/// Of what a litemon that ended left, nothing begins before somebody says to go on.
pub(in crate::manage::jobs) async fn hold_over(
    shared: &Shared,
    job: &mut Stored,
) -> Result<(), ManageError> {
    if job.head.order.rolling.is_none() || job.pausing.as_ref().is_some_and(|now| now.paused) {
        return Ok(());
    }
    let at = shared.manage.clock().now();
    let pausing = Pausing { paused: true, by: None, at };
    write(shared.manage.database(), job.id, &pausing).await?;
    job.pausing = Some(pausing);
    Ok(())
}

/// Brings to the jobs of this process what was asked for elsewhere.
pub(in crate::manage::jobs) async fn heed(shared: &Shared) -> Result<(), ManageError> {
    let database = shared.manage.database();
    let sql = "SELECT job, paused, who, at FROM job_pauses LIMIT 10000";
    for row in database.rows(sql, &[]).await? {
        let read = || Ok((row.int(0)?, pausing(row.as_ref(), 1)?));
        let (job, pausing) = read().map_err(|cause: Cause| database.unreadable(cause))?;
        if let (Some(live), Some(pausing)) = (shared.live(job), pausing) {
            live.pause(pausing);
        }
    }
    Ok(())
}

/// What stands in three columns from one on.
pub(in crate::manage::jobs) fn pausing(
    row: &dyn Row,
    from: usize,
) -> Result<Option<Pausing>, Cause> {
    let Some(paused) = row.maybe_int(from)? else { return Ok(None) };
    let by = Some(row.text(from + 1)?).filter(|by| !by.is_empty());
    let at = Timestamp::from_millis(row.int(from + 2)?);
    Ok(Some(Pausing { paused: paused != 0, by, at }))
}

async fn write(database: &Database, job: JobId, pausing: &Pausing) -> Result<(), ManageError> {
    let args = [
        Arg::Int(job),
        Arg::Int(pausing.paused.into()),
        Arg::Text(pausing.by.as_deref().unwrap_or_default()),
        Arg::Int(pausing.at.as_millis()),
    ];
    let sql = "INSERT OR REPLACE INTO job_pauses (job, paused, who, at) VALUES (?, ?, ?, ?)";
    database.write(&[(sql, &args)]).await.map(drop)
}
