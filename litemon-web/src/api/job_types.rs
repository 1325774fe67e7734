//! What `/api/v1/jobs` says and takes, as types.

use std::{collections::BTreeMap, time::Duration};

use litemon_core::manage::jobs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::types::Time;

/// A job that is asked for: an action or a command, on servers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobOrder {
    /// A line for the shell of each server; either this or `action`.
    pub command: Option<String>,
    /// The name of an action.
    pub action: Option<String>,
    /// Values of the action's parameters.
    pub params: BTreeMap<String, String>,
    /// Servers, by name.
    pub servers: Vec<String>,
    /// Groups, all of whose servers are meant.
    pub groups: Vec<String>,
    /// All servers.
    pub all: bool,
    /// Of these only those with all of these labels; of all servers when none is named.
    pub labels: BTreeMap<String, String>,
    /// Whether a command becomes root; an action says so itself.
    pub sudo: bool,
    /// Whether a command gets a terminal of its own.
    pub pty: bool,
    /// The longest it may take on one server.
    pub limit_ms: Option<u64>,
    /// How many servers at once.
    pub at_once: Option<usize>,
    /// So long servers that cannot be reached are waited for; what is asked for runs there once they
    /// are back.
    pub when_back_ms: Option<u64>,
    /// Notifiers that tell of its end.
    pub notify: Vec<String>,
    /// When they do: `end` (each time, when absent) or `failure`.
    pub notify_on: Option<String>,
    /// One batch after the other, and on only while all is well; without `at_once`.
    pub rolling: Option<JobRolling>,
    /// Nothing is run; the answer is 200 with a `JobWould`.
    pub dry_run: bool,
    /// Has to be true for an action that is dangerous.
    pub confirm: bool,
}

/// How a rolling job goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobRolling {
    /// How many servers go first, by themselves; 0: none.
    pub canary: usize,
    /// How many go together after that: a number, or a part of all as `25%`.
    pub batch: JobShare,
    /// How often in a row each check of a server that was OK before has to be OK again after its
    /// turn; 0: they are not looked at.
    pub healthy_rounds: u32,
    /// How long that may take, and how long is waited for `keep_healthy`.
    pub settle_within_ms: u64,
    /// Nothing more begins once more servers than this failed.
    pub max_failures: usize,
    /// So many servers of each group, or such a part of it, are well at any time.
    pub keep_healthy: Option<JobShare>,
    /// After the canary it is paused until somebody says to go on.
    pub pause_after_canary: bool,
}

/// A number, or a percentage as `25%`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum JobShare {
    /// So many.
    Number(u64),
    /// The same as text, or a percentage.
    Text(String),
}

impl Default for JobRolling {
    fn default() -> Self {
        (&jobs::Rolling::default()).into()
    }
}

impl From<&jobs::Rolling> for JobRolling {
    fn from(rolling: &jobs::Rolling) -> Self {
        let share = |share: jobs::Share| JobShare::Text(share.to_string());
        Self {
            canary: rolling.canary,
            batch: share(rolling.batch),
            healthy_rounds: rolling.healthy_rounds,
            settle_within_ms: millis(rolling.settle_within),
            max_failures: rolling.max_failures,
            keep_healthy: rolling.keep_healthy.map(share),
            pause_after_canary: rolling.pause_after_canary,
        }
    }
}

impl TryFrom<&JobRolling> for jobs::Rolling {
    type Error = jobs::ShareError;

    fn try_from(asked: &JobRolling) -> Result<Self, jobs::ShareError> {
        let share = |share: &JobShare| match share {
            JobShare::Number(number) => number.to_string().parse(),
            JobShare::Text(text) => text.parse(),
        };
        let mut rolling = Self::default();
        rolling.canary = asked.canary;
        rolling.batch = share(&asked.batch)?;
        rolling.healthy_rounds = asked.healthy_rounds;
        rolling.settle_within = Duration::from_millis(asked.settle_within_ms);
        rolling.max_failures = asked.max_failures;
        rolling.keep_healthy = asked.keep_healthy.as_ref().map(share).transpose()?;
        rolling.pause_after_canary = asked.pause_after_canary;
        Ok(rolling)
    }
}

impl JobOrder {
    /// What asks for this; `confirm` where somebody agreed to what is dangerous.
    #[must_use]
    pub fn of(order: &jobs::Order, confirm: bool) -> Self {
        let mut asked = Self {
            servers: order.servers.iter().map(ToString::to_string).collect(),
            sudo: order.sudo,
            pty: order.pty,
            limit_ms: order.limit.map(millis),
            at_once: order.at_once,
            when_back_ms: order.when_back.map(millis),
            notify: order.notify.iter().map(ToString::to_string).collect(),
            notify_on: Some(order.notify_on.as_str().to_owned()),
            rolling: order.rolling.as_ref().map(Into::into),
            confirm,
            ..Self::default()
        };
        match &order.what {
            jobs::What::Action { name, params } => {
                asked.action = Some(name.to_string());
                asked.params.clone_from(params);
            }
            jobs::What::Command(line) => asked.command = Some(line.clone()),
            _ => {}
        }
        asked
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Which server of a job is meant; all of them when absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobPlace {
    /// Its name.
    pub server: Option<String>,
}

/// Jobs, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// What `before` has to be for the page after this; `null` on the last one.
    pub next: Option<i64>,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// Its number.
    pub job: i64,
    /// The action with its parameters, or the command, in one line.
    pub what: String,
    /// The name of the action, if it is one.
    pub action: Option<String>,
    /// Who asked.
    pub by: String,
    /// Whether it changes servers.
    pub changes: bool,
    /// When it was asked for.
    pub created: Time,
    /// When the last server was done.
    pub ended: Option<Time>,
    /// The job whose failed servers were tried again.
    pub retry_of: Option<i64>,
    /// How a rolling one goes on, as it was asked for.
    pub rolling: Option<RollingTerms>,
    /// How far a rolling one is as a whole.
    pub rolled: Option<Rolled>,
    /// The job of the configuration that this is a run of.
    pub planned: Option<String>,
    /// One for each server.
    pub results: Vec<JobResult>,
}

/// How a rolling job goes on, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RollingTerms {
    /// How many servers went first, by themselves.
    pub canary: usize,
    /// How many go together after that: a number, or a percentage.
    pub batch: String,
    /// How often in a row each check has to be OK again.
    pub healthy_rounds: u32,
    /// How long that may take.
    pub settle_within_ms: u64,
    /// How many servers may fail.
    pub max_failures: usize,
    /// How many servers of each group stay well, or which part of it.
    pub keep_healthy: Option<String>,
    /// Whether it is paused after the canary.
    pub pause_after_canary: bool,
}

impl From<&jobs::Rolling> for RollingTerms {
    fn from(rolling: &jobs::Rolling) -> Self {
        Self {
            canary: rolling.canary,
            batch: rolling.batch.to_string(),
            healthy_rounds: rolling.healthy_rounds,
            settle_within_ms: millis(rolling.settle_within),
            max_failures: rolling.max_failures,
            keep_healthy: rolling.keep_healthy.map(|share| share.to_string()),
            pause_after_canary: rolling.pause_after_canary,
        }
    }
}

/// How far a rolling job is as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rolled {
    /// `going`, `waiting` until enough of a group is well, `paused`, or `stopped`: then nothing more
    /// begins.
    pub state: String,
    /// Why, in one line.
    pub why: Option<String>,
    /// Since when.
    pub since: Time,
}

impl From<&jobs::Rolled> for Rolled {
    fn from(rolled: &jobs::Rolled) -> Self {
        let (state, why) = match &rolled.state {
            jobs::RollState::Waiting(short) => ("waiting", Some(short.to_string())),
            jobs::RollState::Paused(_) => ("paused", Some(rolled.state.to_string())),
            jobs::RollState::Stopped(halt) => ("stopped", Some(halt.to_string())),
            _ => ("going", None),
        };
        Self { state: state.to_owned(), why, since: rolled.since.into() }
    }
}

/// How a job is going, or went, on one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobResult {
    /// The server.
    pub server: String,
    /// `waiting`, `away` (not reached; it has its turn once it is back), `running`, `settling` (its
    /// checks are waited for), `cancelling` or `done`.
    pub stage: String,
    /// How it ended: `ok`, `failed`, `signalled`, `sudo_refused`, `unreachable`, `host_key`, `auth`,
    /// `timed_out`, `dropped`, `unwell` (its checks were not OK after it), `cancelled`, `not_started`,
    /// `unknown`.
    pub outcome: Option<String>,
    /// The exit status, where there is one.
    pub exit: Option<i32>,
    /// Why it waits, or what is known of the outcome.
    pub detail: Option<String>,
    /// Of what timed out: whether it was seen to end.
    pub seen_to_end: Option<bool>,
    /// When it began to connect.
    pub started: Option<Time>,
    /// When it was done.
    pub ended: Option<Time>,
    /// How many bytes of output came, kept or not.
    pub bytes: u64,
    /// Whether more came than is kept.
    pub truncated: bool,
    /// The batch of a rolling job that it belongs to, from 1.
    pub batch: Option<u32>,
}

/// A part of what a server put out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobOutput {
    /// Where it begins, in bytes; beyond what was asked for when what lies between is not kept.
    pub from: u64,
    /// Where the next part begins.
    pub next: u64,
    /// How many bytes came so far.
    pub total: u64,
    /// Whether nothing comes behind this part.
    pub last: bool,
    /// The bytes, as text; those that are none stand as U+FFFD.
    pub text: String,
}

impl From<&jobs::Job> for Job {
    fn from(job: &jobs::Job) -> Self {
        let action = match &job.order.what {
            jobs::What::Action { name, .. } => Some(name.to_string()),
            _ => None,
        };
        Self {
            job: job.id,
            what: job.order.what.line(),
            action,
            by: job.by.name.clone(),
            changes: job.changes,
            created: job.created.into(),
            ended: job.ended.map(Into::into),
            retry_of: job.order.retry_of,
            rolling: job.order.rolling.as_ref().map(Into::into),
            rolled: job.rolled.as_ref().map(Into::into),
            planned: job.order.planned.as_ref().map(ToString::to_string),
            results: job.results.iter().map(Into::into).collect(),
        }
    }
}

impl From<&jobs::JobResult> for JobResult {
    fn from(result: &jobs::JobResult) -> Self {
        let (stage, detail) = match &result.stage {
            jobs::Stage::Waiting(why) => ("waiting", why.clone()),
            jobs::Stage::Away { until, .. } => {
                ("away", Some(format!("until it is back, by {until}")))
            }
            jobs::Stage::Running => ("running", None),
            jobs::Stage::Settling(checks) => ("settling", Some(checks.clone())),
            jobs::Stage::Cancelling => ("cancelling", None),
            jobs::Stage::Done(outcome) => ("done", detail(outcome)),
            _ => ("unknown", None),
        };
        let outcome = result.outcome();
        Self {
            server: result.server.to_string(),
            stage: stage.to_owned(),
            outcome: outcome.map(|outcome| outcome.word().to_owned()),
            exit: match outcome {
                Some(jobs::Outcome::Ok | jobs::Outcome::Unwell(_)) => Some(0),
                Some(jobs::Outcome::Failed(status)) => Some(*status),
                _ => None,
            },
            detail,
            seen_to_end: match outcome {
                Some(jobs::Outcome::TimedOut { ended }) => Some(*ended),
                _ => None,
            },
            started: result.started.map(Into::into),
            ended: result.ended.map(Into::into),
            bytes: result.bytes,
            truncated: result.truncated,
            batch: result.batch,
        }
    }
}

fn detail(outcome: &jobs::Outcome) -> Option<String> {
    use jobs::Outcome as O;
    match outcome {
        O::Signalled(name) => Some(format!("SIG{name}")),
        O::SudoRefused(why)
        | O::Unreachable(why)
        | O::HostKey(why)
        | O::Auth(why)
        | O::Dropped(why)
        | O::Unwell(why)
        | O::NotStarted(why)
        | O::Unknown(why) => Some(why.clone()),
        _ => None,
    }
}

impl From<jobs::OutputPart> for JobOutput {
    fn from(part: jobs::OutputPart) -> Self {
        Self {
            from: part.from,
            next: part.next(),
            total: part.total,
            last: part.last,
            text: String::from_utf8_lossy(&part.bytes).into_owned(),
        }
    }
}
