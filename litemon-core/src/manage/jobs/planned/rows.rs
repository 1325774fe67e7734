//! How jobs of the configuration last ran, as rows of `manage.db`.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    manage::{
        ManageError,
        database::Database,
        jobs::{
            JobId,
            records::{Insert, Stored, json, parsed},
        },
    },
    model::{JobEnd, Name, Timestamp},
    store::sql::{Arg, Cause, Row, Sql, Work},
};

/// Why a job did not run at its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Skipped {
    /// litemon did not run then, and it was too late afterwards.
    Missed,
    /// The run before it had not ended: that job.
    Runs(JobId),
    /// It could not be begun; why.
    Refused(String),
}

/// One line in English.
impl std::fmt::Display for Skipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missed => f.write_str("litemon did not run then"),
            Self::Runs(job) => write!(f, "job {job} had not ended"),
            Self::Refused(why) => f.write_str(why),
        }
    }
}

/// What is known of a job of the configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Pattern and zone that `due` belongs to.
    pub(super) times: Option<String>,
    /// All times up to this one were seen to.
    pub(super) due: Option<Timestamp>,
    /// The last time that it did not run, if it did not run since.
    pub(super) skipped: Option<(Timestamp, Skipped)>,
    /// The run that has not ended.
    pub(super) running: Option<JobId>,
    /// How it last ended, and when.
    pub(super) last: Option<(Timestamp, JobEnd)>,
}

/// All of them, by name.
pub(super) async fn all(database: &Database) -> Result<BTreeMap<String, Known>, ManageError> {
    let statement = "SELECT r.name, r.times, r.due, r.note, r.ended, r.last, j.id
        FROM job_runs r LEFT JOIN jobs j ON j.id = r.job AND j.ended IS NULL";
    let rows = database.rows(statement, &[]).await?;
    let read = rows.iter().map(|row| known(row.as_ref()));
    read.collect::<Result<_, Cause>>().map_err(|cause| database.unreadable(cause))
}

fn known(row: &dyn Row) -> Result<(String, Known), Cause> {
    let at = |place| Ok::<_, Cause>(row.maybe_int(place)?.map(Timestamp::from_millis));
    let note = row.maybe_text(3)?.map(|text| parsed(&text)).transpose()?;
    let last = row.maybe_text(5)?.map(|text| parsed(&text)).transpose()?;
    let known = Known {
        times: row.maybe_text(1)?,
        due: at(2)?,
        skipped: note,
        running: row.maybe_int(6)?,
        last: at(4)?.zip(last),
    };
    Ok((row.text(0)?, known))
}

/// From then on the times of a job are counted, in this pattern and zone; with `None` not any more.
pub(super) async fn count(
    database: &Database,
    name: &str,
    from: Option<(&str, Timestamp)>,
) -> Result<(), ManageError> {
    let (times, due) = from.unzip();
    let statement = "INSERT INTO job_runs (name, times, due) VALUES (?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET times = excluded.times, due = excluded.due";
    let times = times.map_or(Arg::NoText, Arg::Text);
    let args = [Arg::Text(name), times, due.map(Timestamp::as_millis).into()];
    database.write(&[(statement, &args)]).await.map(drop)
}

/// All times up to this one were seen to, and it did not run for the last of them.
pub(super) async fn skip(
    database: &Database,
    name: &Name,
    due: Timestamp,
    why: &Skipped,
) -> Result<(), ManageError> {
    let note = json(&(due, why));
    let args = [Arg::Int(due.as_millis()), Arg::Text(&note), Arg::Text(name.as_str())];
    let statement = "UPDATE job_runs SET due = ?, note = ? WHERE name = ?";
    database.write(&[(statement, &args)]).await.map(drop)
}

/// What a run has to be the only one for.
#[derive(Clone, Debug)]
pub(in crate::manage::jobs) enum Claim {
    /// A time of this pattern and zone.
    Time { times: String, due: Timestamp },
    /// A call; the word by which the caller knows it again, as long as it is younger than that.
    Call { word: Option<String>, since: Timestamp },
    /// Somebody asks for it.
    Hand,
}

/// Whether a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::manage::jobs) enum Taken {
    /// It does, as this job.
    Begun(JobId),
    /// The run before it has not ended.
    Runs(JobId),
    /// The call came before, and began this job.
    Known(JobId),
    /// The time was seen to already.
    Gone,
}

/// What speaks against a run, if anything does.
pub(in crate::manage::jobs) struct Look<'a> {
    pub(in crate::manage::jobs) name: &'a Name,
    pub(in crate::manage::jobs) claim: &'a Claim,
}

#[async_trait]
impl Work for Look<'_> {
    type Out = Option<Taken>;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Option<Taken>, Cause> {
        let name = Arg::Text(self.name.as_str());
        if let Claim::Call { word: Some(word), since } = self.claim {
            let statement = "SELECT job FROM job_calls WHERE name = ? AND word = ? AND at >= ?";
            let args = [name, Arg::Text(word), Arg::Int(since.as_millis())];
            if let Some(row) = sql.fetch(statement.to_owned(), &args).await?.first() {
                return Ok(Some(Taken::Known(row.int(0)?)));
            }
        }
        let name = Arg::Text(self.name.as_str());
        let statement = "SELECT j.id FROM job_runs r JOIN jobs j ON j.id = r.job
            WHERE r.name = ? AND j.ended IS NULL";
        if let Some(row) = sql.fetch(statement.to_owned(), &[name]).await?.first() {
            return Ok(Some(Taken::Runs(row.int(0)?)));
        }
        let Claim::Time { times, due } = self.claim else { return Ok(None) };
        let statement = "SELECT 1 FROM job_runs WHERE name = ? AND times = ? AND due < ?";
        let args = [Arg::Text(self.name.as_str()), Arg::Text(times), Arg::Int(due.as_millis())];
        let open = !sql.fetch(statement.to_owned(), &args).await?.is_empty();
        Ok((!open).then_some(Taken::Gone))
    }
}

/// Writes a new job that is a run of one of the configuration, unless something speaks against it:
/// all in one transaction, so that neither a restart nor another process has it run twice.
pub(in crate::manage::jobs) struct InsertRun<'a> {
    pub(in crate::manage::jobs) job: &'a Stored,
    pub(in crate::manage::jobs) look: Look<'a>,
}

#[async_trait]
impl Work for InsertRun<'_> {
    type Out = Taken;
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Taken, Cause> {
        if let Some(taken) = self.look.on(sql).await? {
            return Ok(taken);
        }
        let id = Insert(self.job).on(sql).await?;
        let name = self.look.name.as_str();
        let statement = "INSERT INTO job_runs (name, job) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET job = excluded.job, note = NULL";
        sql.execute(statement.to_owned(), &[Arg::Text(name), Arg::Int(id)]).await?;
        match self.look.claim {
            Claim::Time { due, .. } => {
                let args = [Arg::Int(due.as_millis()), Arg::Text(name)];
                let statement = "UPDATE job_runs SET due = ? WHERE name = ?";
                sql.execute(statement.to_owned(), &args).await?;
            }
            Claim::Call { word: Some(word), since } => {
                let old = [Arg::Int(since.as_millis())];
                sql.execute("DELETE FROM job_calls WHERE at < ?".to_owned(), &old).await?;
                let statement = "INSERT INTO job_calls (name, word, at, job) VALUES (?, ?, ?, ?)";
                let at = Arg::Int(self.job.created.as_millis());
                let args = [Arg::Text(name), Arg::Text(word), at, Arg::Int(id)];
                sql.execute(statement.to_owned(), &args).await?;
            }
            Claim::Call { .. } | Claim::Hand => {}
        }
        Ok(Taken::Begun(id))
    }
}
