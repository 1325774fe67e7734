//! What `/api/v1/jobs` says and takes, as types.

use std::collections::BTreeMap;

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
    /// Notifiers that tell of its end.
    pub notify: Vec<String>,
    /// When they do: `end` (each time, when absent) or `failure`.
    pub notify_on: Option<String>,
    /// Has to be true for an action that is dangerous.
    pub confirm: bool,
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
    /// One for each server.
    pub results: Vec<JobResult>,
}

/// How a job is going, or went, on one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobResult {
    /// The server.
    pub server: String,
    /// `waiting`, `running`, `cancelling` or `done`.
    pub stage: String,
    /// How it ended: `ok`, `failed`, `signalled`, `sudo_refused`, `unreachable`, `host_key`, `auth`,
    /// `timed_out`, `dropped`, `cancelled`, `unknown`.
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
            results: job.results.iter().map(Into::into).collect(),
        }
    }
}

impl From<&jobs::JobResult> for JobResult {
    fn from(result: &jobs::JobResult) -> Self {
        let (stage, detail) = match &result.stage {
            jobs::Stage::Waiting(why) => ("waiting", why.clone()),
            jobs::Stage::Running => ("running", None),
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
                Some(jobs::Outcome::Ok) => Some(0),
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
