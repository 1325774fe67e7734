//! What `/api/v1/schedules` says and takes, and what an order would do, as types.

use std::collections::BTreeMap;

use litemon_core::{
    manage::jobs::{Order, Planned, What, Would},
    model::{JobFailure, TellOn},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::types::Time;

/// The jobs of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedList {
    /// In the order of the file.
    pub jobs: Vec<PlannedJob>,
}

/// A job of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedJob {
    /// Its name.
    pub name: String,
    /// The action with its parameters, or the command, in one line.
    pub what: String,
    /// Where it runs.
    pub servers: Vec<String>,
    /// When it runs, as a cron pattern.
    pub cron: Option<String>,
    /// The zone that the pattern is meant in.
    pub timezone: Option<String>,
    /// Whether it can be called at `/hooks/job/TOKEN`.
    pub callable: bool,
    /// Parameters that a caller may give.
    pub may_set: Vec<String>,
    /// Whether neither time nor call is left out.
    pub enabled: bool,
    /// Notifiers that tell of its end.
    pub notify: Vec<String>,
    /// When they do: `end`, `failure` or `change`.
    pub notify_on: String,
    /// When it runs next.
    pub next: Option<Time>,
    /// The job that has not ended.
    pub running: Option<i64>,
    /// How it last ended.
    pub last: Option<LastRun>,
    /// The last time that it did not run, if it did not run since.
    pub skipped: Option<SkippedRun>,
}

/// How a job of the configuration last ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastRun {
    /// The job.
    pub job: i64,
    /// When it ended.
    pub ended: Time,
    /// On how many servers it did what was asked for.
    pub ok: usize,
    /// On how many it did not.
    pub not_ok: usize,
    /// The first of those.
    pub failed: Vec<FailedOn>,
}

/// A server where it did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailedOn {
    /// The server.
    pub server: String,
    /// How it ended there.
    pub outcome: String,
    /// The exit status, where there is one.
    pub exit: Option<i32>,
}

/// A time at which a job did not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkippedRun {
    /// The time.
    pub at: Time,
    /// Why, in English.
    pub why: String,
}

/// How a job of the configuration is to be run now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RunOrder {
    /// Nothing is run; the answer is 200 with a `JobWould`.
    pub dry_run: bool,
    /// Has to be true for an action that is dangerous.
    pub confirm: bool,
}

/// What an order would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobWould {
    /// The action with its parameters, or the command, in one line.
    pub what: String,
    /// The name of the action, if it is one.
    pub action: Option<String>,
    /// Values of its parameters.
    pub params: BTreeMap<String, String>,
    /// Whether it changes servers.
    pub changes: bool,
    /// Whether it is dangerous.
    pub dangerous: bool,
    /// Where, in turn.
    pub servers: Vec<WouldOn>,
}

/// A server that an order is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WouldOn {
    /// The server.
    pub server: String,
    /// What speaks against it there, in English.
    pub concerns: Vec<String>,
}

impl JobWould {
    pub(crate) fn of(order: &Order, would: &Would) -> Self {
        let (action, params) = match &order.what {
            What::Action { name, params } => (Some(name.to_string()), params.clone()),
            _ => (None, BTreeMap::new()),
        };
        let on = |server: &litemon_core::model::Name| {
            let of_it = would.concerns.iter().filter(|one| one.server == *server);
            let concerns = of_it.map(|one| one.why.to_string()).collect();
            WouldOn { server: server.to_string(), concerns }
        };
        Self {
            what: order.what.line(),
            action,
            params,
            changes: would.changes,
            dangerous: would.dangerous,
            servers: would.servers.iter().map(on).collect(),
        }
    }
}

impl From<&Planned> for PlannedJob {
    fn from(job: &Planned) -> Self {
        let (cron, timezone) = job.cron.clone().unzip();
        let on: TellOn = job.notify_on();
        Self {
            name: job.name.to_string(),
            what: job.order.what.line(),
            servers: job.order.servers.iter().map(ToString::to_string).collect(),
            cron,
            timezone,
            callable: job.callable,
            may_set: job.may_set.clone(),
            enabled: job.enabled,
            notify: job.order.notify.iter().map(ToString::to_string).collect(),
            notify_on: on.as_str().to_owned(),
            next: job.next.map(Into::into),
            running: job.running,
            last: job.last.as_ref().map(|(at, end)| LastRun {
                job: end.number,
                ended: (*at).into(),
                ok: end.ok,
                not_ok: end.not_ok,
                failed: end.failed.iter().map(Into::into).collect(),
            }),
            skipped: job
                .skipped
                .as_ref()
                .map(|(at, why)| SkippedRun { at: (*at).into(), why: why.to_string() }),
        }
    }
}

impl From<&JobFailure> for FailedOn {
    fn from(failure: &JobFailure) -> Self {
        let (server, outcome) = (failure.server.to_string(), failure.outcome.clone());
        Self { server, outcome, exit: failure.exit }
    }
}
