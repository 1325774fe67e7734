//! Who is told that a job ended: decided and written down together with its end, and taken from
//! there by the monitor, which may be another process.

use std::collections::BTreeSet;

use super::{
    model::{Job, JobId, JobResult, Outcome, What},
    records::{json, parsed},
};
use crate::{
    manage::{Manage, ManageError},
    model::{JobEnd, JobFailure, Name, Timestamp},
    monitor::{MonitorHandle, Stopped},
    store::sql::{Arg, Cause, Sql},
};

/// How many are taken at once.
const TAKEN: i64 = 100;
/// The longest name of a command in a notice, in bytes.
const LONGEST: usize = 60;

/// What is to be written when a job ends.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    facts: JobEnd,
    failed: Vec<JobFailure>,
    job: Job,
}

impl Ending {
    pub(super) fn of(job: Job) -> Self {
        let failed: Vec<JobFailure> = job.results.iter().filter_map(failure).collect();
        let ok = job.results.len().saturating_sub(failed.len());
        let facts = JobEnd::new(job.id, called(&job), &job.by.name, ok, &failed);
        Self { facts, failed, job }
    }

    /// Within the transaction that writes the end.
    pub(super) async fn write(&self, sql: &mut dyn Sql, at: Timestamp) -> Result<(), Cause> {
        let order = &self.job.order;
        let before = match &order.planned {
            Some(name) => failed_before(sql, name).await?,
            None => Vec::new(),
        };
        if order.notify_on.is_news(&self.failed, &before) && !order.notify.is_empty() {
            let statement = "INSERT OR REPLACE INTO job_ends (job, at, notify, body)
                VALUES (?, ?, ?, ?)";
            let (notify, body) = (json(&order.notify), json(&self.facts));
            let args = [
                Arg::Int(self.job.id),
                Arg::Int(at.as_millis()),
                Arg::Text(&notify),
                Arg::Text(&body),
            ];
            sql.execute(statement.to_owned(), &args).await?;
        }
        if let Some(name) = &order.planned {
            let statement = "INSERT INTO job_runs (name, ended, last, failed) VALUES (?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET ended = excluded.ended, last = excluded.last,
                failed = excluded.failed";
            let (last, failed) = (json(&self.facts), json(&self.failed));
            let args = [
                Arg::Text(name.as_str()),
                Arg::Int(at.as_millis()),
                Arg::Text(&last),
                Arg::Text(&failed),
            ];
            sql.execute(statement.to_owned(), &args).await?;
        }
        Ok(())
    }
}

async fn failed_before(sql: &mut dyn Sql, name: &Name) -> Result<Vec<JobFailure>, Cause> {
    let statement = "SELECT failed FROM job_runs WHERE name = ? AND failed IS NOT NULL";
    let rows = sql.fetch(statement.to_owned(), &[Arg::Text(name.as_str())]).await?;
    rows.first().map_or_else(|| Ok(Vec::new()), |row| parsed(&row.text(0)?))
}

fn failure(result: &JobResult) -> Option<JobFailure> {
    let outcome = result.outcome().filter(|outcome| !outcome.is_ok())?;
    let exit = if let Outcome::Failed(status) = outcome { Some(*status) } else { None };
    Some(JobFailure::new(result.server.clone(), outcome.word(), exit))
}

/// As people call it.
fn called(job: &Job) -> String {
    match (&job.order.planned, &job.order.what) {
        (Some(name), _) | (None, What::Action { name, .. }) => name.to_string(),
        (None, What::Command(line)) => crate::model::one_line(line, LONGEST),
    }
}

/// Jobs that ended and were told to the monitor: they are forgotten a look later, when its journal
/// has them.
#[derive(Debug, Default)]
pub(in crate::manage) struct Told(BTreeSet<JobId>);

impl Told {
    /// Tells the monitor of jobs that ended since it was last asked.
    pub(in crate::manage) async fn go_on(
        &mut self,
        manage: &Manage,
        monitor: &MonitorHandle,
        fresh: impl Fn(Timestamp) -> bool,
    ) -> Result<Result<(), Stopped>, ManageError> {
        let database = manage.database();
        let statement = "SELECT job, at, notify, body FROM job_ends ORDER BY job LIMIT ?";
        for row in database.rows(statement, &[Arg::Int(TAKEN)]).await? {
            let unreadable = |cause| database.unreadable(cause);
            let job = row.int(0).map_err(unreadable)?;
            if self.0.remove(&job) {
                let statement = "DELETE FROM job_ends WHERE job = ?";
                database.write(&[(statement, &[Arg::Int(job)])]).await?;
                continue;
            }
            let at = Timestamp::from_millis(row.int(1).map_err(unreadable)?);
            let notify = row.text(2).and_then(|text| parsed::<Vec<Name>>(&text));
            let body = row.text(3).and_then(|text| parsed::<JobEnd>(&text));
            if let (Ok(notify), Ok(end)) = (notify, body)
                && fresh(at)
                && monitor.job_ended(end, notify).await.is_err()
            {
                return Ok(Err(Stopped));
            }
            self.0.insert(job);
        }
        Ok(Ok(()))
    }
}
