//! What a report needs of jobs, from jobs.

use std::time::Duration;

use super::{Ask, JobLine, Planned};
use crate::manage::{
    Manage, ManageError, Principal,
    jobs::{Job, Outcome, Stage, What},
};

/// Jobs that are looked at: the newest.
const MOST: usize = 2_000;
/// How long before a report a server may have been shut down that is still off.
const OFF_SINCE: Duration = Duration::from_secs(31 * 86_400);

impl Ask {
    /// With the jobs of its time, and what they made the servers be expected to do: be back after a
    /// restart within `back_within`, stay off after a shutdown.
    ///
    /// # Errors
    /// As [`Manage::jobs_between`].
    pub async fn with_jobs(
        mut self,
        manage: &Manage,
        by: &Principal,
        back_within: Duration,
    ) -> Result<Self, ManageError> {
        let from = self.span.from;
        let jobs = manage.jobs_between(by, from.minus(OFF_SINCE), self.span.to, MOST).await?;
        self.planned.extend(jobs.iter().flat_map(|job| planned(job, back_within)));
        let within = jobs.iter().filter(|job| job.created >= from);
        self.jobs = Some(within.map(job_line).collect());
        Ok(self)
    }
}

/// A job as a line of a report.
#[must_use]
pub fn job_line(job: &Job) -> JobLine {
    let what = match &job.order.what {
        What::Action { name, .. } => name.to_string(),
        What::Command(line) => crate::model::one_line(line, 200),
    };
    let line = JobLine::new(job.id, &job.by.name, what, job.created, job.ended);
    job.results.iter().fold(line, |line, result| {
        line.with(match &result.stage {
            Stage::Done(outcome) => outcome.word(),
            _ => "running",
        })
    })
}

/// The times in which servers were expected not to run, because of a job: from its start on a
/// server, after `restart` for at most `back_within`, after `shutdown` until it is seen again.
#[must_use]
pub fn planned(job: &Job, back_within: Duration) -> Vec<Planned> {
    let What::Action { name, .. } = &job.order.what else { return Vec::new() };
    let limit = match name.as_str() {
        "restart" => Some(back_within),
        "shutdown" => None,
        _ => return Vec::new(),
    };
    let ran = job.results.iter().filter(|result| match &result.stage {
        Stage::Done(outcome) => matches!(outcome, Outcome::Ok | Outcome::Unwell(_)),
        Stage::Running | Stage::Settling(_) => true,
        _ => false,
    });
    ran.filter_map(|result| {
        let from = result.started?;
        Some(Planned {
            server: result.server.clone(),
            from,
            to: limit.map(|limit| from.plus(limit)),
            until_back: true,
        })
    })
    .collect()
}
