//! Jobs as rows of `manage.db`.

use async_trait::async_trait;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    model::{Job, JobId, JobResult, Order},
    rolling::{Pausing, Rolled, pausing},
    telling::Ending,
};
use crate::{
    manage::{ManageError, Principal, audit::AuditId, database::Database},
    model::{CheckId, Name, Timestamp},
    store::sql::{Arg, Cause, Row, Sql, Work},
};

/// What stands in a job's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) order: Order,
    pub(super) by: Principal,
    pub(super) changes: bool,
    /// The entry of the audit trail that says that it begins.
    pub(super) audit: AuditId,
}

/// What stands in a result's row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(flatten)]
    pub(super) result: JobResult,
    /// The word that marks its run on the server, when it is detached: it can be found again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mark: Option<String>,
    /// Of the output that is kept, when all of it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) digest: Option<String>,
    /// How many bytes from the end are kept behind the head, when not all are.
    #[serde(default)]
    pub(super) tail: u64,
    /// Of a rolling job: the checks that were OK before and have to be OK again after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) watched: Vec<CheckId>,
}

impl Record {
    pub(super) const fn waiting(server: Name) -> Self {
        let result = JobResult::waiting(server);
        Self { result, mark: None, digest: None, tail: 0, watched: Vec::new() }
    }
}

/// A job with all that is kept of it.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) id: JobId,
    pub(super) created: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) owner: String,
    pub(super) head: Head,
    pub(super) records: Vec<Record>,
    /// Of a rolling job: how far it is.
    pub(super) rolled: Option<Rolled>,
    /// What was last said about pausing it.
    pub(super) pausing: Option<Pausing>,
}

impl Stored {
    pub(super) fn job(&self) -> Job {
        Job {
            id: self.id,
            order: self.head.order.clone(),
            by: self.head.by.clone(),
            changes: self.head.changes,
            created: self.created,
            ended: self.ended,
            results: self.records.iter().map(|record| record.result.clone()).collect(),
            rolled: self.rolled.clone(),
        }
    }
}

/// Writes a new job, whose number is known afterwards.
pub(super) struct Insert<'a>(pub(super) &'a Stored);

#[async_trait]
impl Work for Insert<'_> {
    type Out = JobId;
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<JobId, Cause> {
        let job = self.0;
        let rows = sql
            .fetch(
                "INSERT INTO jobs (created, owner, body) VALUES (?, ?, ?) RETURNING id".to_owned(),
                &[
                    Arg::Int(job.created.as_millis()),
                    Arg::Text(&job.owner),
                    Arg::Text(&json(&job.head)),
                ],
            )
            .await?;
        let id = rows.first().map_or(Err(Cause::Null(0)), |row| row.int(0))?;
        for (place, record) in (0_i64..).zip(&job.records) {
            put(sql, id, place, record).await?;
        }
        Ok(id)
    }
}

/// Writes what changed of a job, all of it or nothing.
pub(super) struct Update {
    pub(super) id: JobId,
    pub(super) records: Vec<(i64, Record)>,
    /// How far a rolling job is.
    pub(super) rolled: Option<Rolled>,
    /// When the whole is over: its cancellations are forgotten then.
    pub(super) ended: Option<Timestamp>,
    /// Who is told of that.
    pub(super) ending: Option<Ending>,
}

#[async_trait]
impl Work for Update {
    type Out = ();
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<(), Cause> {
        for (place, record) in &self.records {
            put(sql, self.id, *place, record).await?;
        }
        if let Some(rolled) = &self.rolled {
            let statement = "INSERT OR REPLACE INTO job_rolls (job, body) VALUES (?, ?)";
            let args = [Arg::Int(self.id), Arg::Text(&json(rolled))];
            sql.execute(statement.to_owned(), &args).await?;
        }
        if let Some(at) = self.ended {
            let args = [Arg::Int(at.as_millis()), Arg::Int(self.id)];
            sql.execute("UPDATE jobs SET ended = ? WHERE id = ?".to_owned(), &args).await?;
            let id = [Arg::Int(self.id)];
            sql.execute("DELETE FROM job_cancels WHERE job = ?".to_owned(), &id).await?;
            if let Some(ending) = &self.ending {
                ending.write(sql, at).await?;
            }
            sql.execute("DELETE FROM job_pauses WHERE job = ?".to_owned(), &id).await?;
        }
        Ok(())
    }
}

async fn put(sql: &mut dyn Sql, job: JobId, place: i64, record: &Record) -> Result<(), Cause> {
    let ended = record.result.ended.map(Timestamp::as_millis);
    let args = [
        Arg::Int(job),
        Arg::Int(place),
        Arg::Text(record.result.server.as_str()),
        ended.into(),
        Arg::Text(&json(record)),
    ];
    let statement = "INSERT OR REPLACE INTO job_results (job, place, server, ended, body)
        VALUES (?, ?, ?, ?, ?)";
    sql.execute(statement.to_owned(), &args).await.map(|_| ())
}

/// One job.
pub(super) async fn find(database: &Database, id: JobId) -> Result<Option<Stored>, ManageError> {
    let jobs = database
        .rows("SELECT id, created, ended, owner, body FROM jobs WHERE id = ?", &[Arg::Int(id)])
        .await?;
    Ok(with_results(database, &jobs).await?.pop())
}

/// Jobs before one, newest first.
pub(super) async fn page(
    database: &Database,
    before: Option<JobId>,
    most: usize,
) -> Result<Vec<Stored>, ManageError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let args = [Arg::Int(before.unwrap_or(i64::MAX)), Arg::Int(most)];
    let statement = "SELECT id, created, ended, owner, body FROM jobs WHERE id < ?
        ORDER BY id DESC LIMIT ?";
    let jobs = database.rows(statement, &args).await?;
    with_results(database, &jobs).await
}

/// Jobs that were asked for in a time, newest first.
pub(super) async fn between(
    database: &Database,
    from: Timestamp,
    to: Timestamp,
    most: usize,
) -> Result<Vec<Stored>, ManageError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let args = [Arg::Int(from.as_millis()), Arg::Int(to.as_millis()), Arg::Int(most)];
    let statement = "SELECT id, created, ended, owner, body FROM jobs
        WHERE created >= ? AND created < ? ORDER BY id DESC LIMIT ?";
    let jobs = database.rows(statement, &args).await?;
    with_results(database, &jobs).await
}

/// Jobs that are not over, oldest first.
pub(super) async fn open(database: &Database) -> Result<Vec<Stored>, ManageError> {
    let statement = "SELECT id, created, ended, owner, body FROM jobs WHERE ended IS NULL
        ORDER BY id LIMIT 1000";
    let jobs = database.rows(statement, &[]).await?;
    with_results(database, &jobs).await
}

/// Results of jobs that are over whose detached runs may have left something on their servers, newest
/// first: the job, the place and the record.
pub(super) async fn marked(database: &Database) -> Result<Vec<(JobId, i64, Record)>, ManageError> {
    let statement = "SELECT r.job, r.place, r.body FROM job_results r JOIN jobs j ON j.id = r.job
        WHERE j.ended IS NOT NULL AND json_extract(r.body, '$.mark') IS NOT NULL
        ORDER BY r.job DESC LIMIT 1000";
    let rows = database.rows(statement, &[]).await?;
    let read = |row: &dyn Row| Ok((row.int(0)?, row.int(1)?, parsed(&row.text(2)?)?));
    let marked: Result<_, Cause> = rows.iter().map(|row| read(row.as_ref())).collect();
    marked.map_err(|cause| database.unreadable(cause))
}

async fn with_results(
    database: &Database,
    rows: &[Box<dyn Row>],
) -> Result<Vec<Stored>, ManageError> {
    let mut jobs = Vec::with_capacity(rows.len());
    for row in rows {
        let mut job = stored(row.as_ref()).map_err(|cause| database.unreadable(cause))?;
        let statement = "SELECT body FROM job_results WHERE job = ? ORDER BY place";
        for row in database.rows(statement, &[Arg::Int(job.id)]).await? {
            let record = row.text(0).and_then(|text| parsed(&text));
            job.records.push(record.map_err(|cause| database.unreadable(cause))?);
        }
        if job.head.order.rolling.is_some() {
            with_course(database, &mut job).await?;
        }
        jobs.push(job);
    }
    Ok(jobs)
}

/// How far a rolling job is, and what was said about pausing it.
async fn with_course(database: &Database, job: &mut Stored) -> Result<(), ManageError> {
    let statement = "SELECT r.body, p.paused, p.who, p.at FROM jobs j
        LEFT JOIN job_rolls r ON r.job = j.id LEFT JOIN job_pauses p ON p.job = j.id WHERE j.id = ?";
    let read = |row: &dyn Row| {
        let rolled = row.maybe_text(0)?.map(|text| parsed(&text)).transpose()?;
        Ok((rolled, pausing(row, 1)?))
    };
    if let Some(row) = database.rows(statement, &[Arg::Int(job.id)]).await?.first() {
        let found = read(row.as_ref()).map_err(|cause| database.unreadable(cause))?;
        (job.rolled, job.pausing) = found;
    }
    Ok(())
}

fn stored(row: &dyn Row) -> Result<Stored, Cause> {
    Ok(Stored {
        id: row.int(0)?,
        created: Timestamp::from_millis(row.int(1)?),
        ended: row.maybe_int(2)?.map(Timestamp::from_millis),
        owner: row.text(3)?,
        head: parsed(&row.text(4)?)?,
        records: Vec::new(),
        rolled: None,
        pausing: None,
    })
}

pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, Cause> {
    serde_json::from_str(text).map_err(Cause::row)
}
