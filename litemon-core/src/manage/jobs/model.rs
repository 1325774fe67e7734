use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::rolling::{Rolled, Rolling};
use crate::{
    manage::Principal,
    model::{Name, TellOn, Timestamp, one_line},
};

/// The number of a job, from 1.
pub type JobId = i64;

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// A named action, with its parameters as they were given.
    Action {
        /// Its name.
        name: Name,
        /// Values of its parameters, by their names.
        params: BTreeMap<String, String>,
    },
    /// A line for the server's shell.
    Command(String),
}

/// A job that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Order {
    /// What is run.
    pub what: What,
    /// Where, in this order, each once.
    pub servers: Vec<Name>,
    /// Whether a command becomes root; an action says so itself.
    pub sudo: bool,
    /// Whether a command gets a terminal of its own.
    pub pty: bool,
    /// The longest it may take on one server; `None`: the action's own limit, or 100 s.
    pub limit: Option<Duration>,
    /// How many servers at once; `None`: 50, or one after the other where the action wants that.
    pub at_once: Option<usize>,
    /// The job whose failed servers are tried again.
    pub retry_of: Option<JobId>,
    /// So long after it was asked for, servers that cannot be reached are waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_back: Option<Duration>,
    /// The notifiers that tell of its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<Name>,
    /// When they do.
    #[serde(default)]
    pub notify_on: TellOn,
    /// The job of the configuration that this is a run of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Name>,
    /// One batch after the other, and on only while all is well; `at_once` does not count then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolling: Option<Rolling>,
}

impl Order {
    /// With everything as the action or command has it.
    #[must_use]
    pub const fn new(what: What, servers: Vec<Name>) -> Self {
        Self {
            what,
            servers,
            sudo: false,
            pty: false,
            limit: None,
            at_once: None,
            retry_of: None,
            when_back: None,
            notify: Vec::new(),
            notify_on: TellOn::End,
            planned: None,
            rolling: None,
        }
    }
}

/// A job, as it is or was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// What was asked for.
    pub order: Order,
    /// Who asked.
    pub by: Principal,
    /// Whether it changes servers: then nothing of it is ever run again by itself.
    pub changes: bool,
    /// When it was asked for.
    pub created: Timestamp,
    /// When the last server was done.
    pub ended: Option<Timestamp>,
    /// One for each server of the order, in its order.
    pub results: Vec<JobResult>,
    /// How far a rolling one is as a whole.
    #[serde(default)]
    pub rolled: Option<Rolled>,
}

/// How a job is going, or went, on one server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JobResult {
    /// The server.
    pub server: Name,
    /// How far it is.
    pub stage: Stage,
    /// When it began to connect.
    pub started: Option<Timestamp>,
    /// When it was done.
    pub ended: Option<Timestamp>,
    /// How many bytes of output came, kept or not.
    pub bytes: u64,
    /// Whether more came than is kept.
    pub truncated: bool,
    /// The batch of a rolling job that it belongs to, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
}

impl JobResult {
    /// Nothing has happened yet.
    #[must_use]
    pub const fn waiting(server: Name) -> Self {
        let stage = Stage::Waiting(None);
        Self { server, stage, started: None, ended: None, bytes: 0, truncated: false, batch: None }
    }

    /// How it ended, once it has.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        match &self.stage {
            Stage::Done(outcome) => Some(outcome),
            _ => None,
        }
    }
}

impl Job {
    /// Whether it ended, and every server did what was asked for.
    #[must_use]
    pub fn all_ok(&self) -> bool {
        self.results.iter().all(|result| result.outcome().is_some_and(Outcome::is_ok))
    }

    /// Whether it waits for nothing but servers that cannot be reached.
    #[must_use]
    pub fn is_away(&self) -> bool {
        let mut open = self.results.iter().filter(|result| result.outcome().is_none()).peekable();
        open.peek().is_some() && open.all(|result| matches!(result.stage, Stage::Away { .. }))
    }

    /// The servers where it ended, and not well.
    pub fn failed(&self) -> impl Iterator<Item = &Name> {
        let failed = |result: &&JobResult| result.outcome().is_some_and(|outcome| !outcome.is_ok());
        self.results.iter().filter(failed).map(|result| &result.server)
    }

    /// The result of a server, and its place.
    #[must_use]
    pub fn result(&self, server: &Name) -> Option<(usize, &JobResult)> {
        self.results.iter().enumerate().find(|(_, result)| result.server == *server)
    }
}

impl What {
    /// In one line, as people call it: an action with its parameters, or the command.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Action { name, params } => {
                let params = params.iter().map(|(name, value)| format!(" {name}={value}"));
                one_line(&format!("{name}{}", params.collect::<String>()), Self::LINE)
            }
            Self::Command(line) => one_line(line, Self::LINE),
        }
    }

    /// The most bytes of [`What::line`].
    pub const LINE: usize = 200;
}

/// How far a job is on one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Waits for its turn; why, when another job is in the way.
    Waiting(Option<String>),
    /// It was not reached: it has its turn once the monitor sees it again.
    Away {
        /// When it was tried.
        since: Timestamp,
        /// How long it is waited for.
        until: Timestamp,
    },
    /// Runs.
    Running,
    /// It ran and ended well; of a rolling job: these checks of the server are waited for.
    Settling(String),
    /// Was asked to end.
    Cancelling,
    /// Over.
    Done(Outcome),
}

/// How it ended on one server. Never better than what is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It ran and ended with exit status 0.
    Ok,
    /// It ran and ended with this exit status.
    Failed(i32),
    /// A signal ended it, as `KILL`.
    Signalled(String),
    /// sudo did not let it run; its words.
    SudoRefused(String),
    /// The server was not reached, so nothing ran; why.
    Unreachable(String),
    /// The server's key is not the trusted one, so nothing ran; why.
    HostKey(String),
    /// The login was refused, so nothing ran; why.
    Auth(String),
    /// The time limit passed.
    TimedOut {
        /// Whether it was seen to end; else it may still run on the server.
        ended: bool,
    },
    /// The connection broke while it ran, so how it ended is not known.
    Dropped(String),
    /// It ran and ended with exit status 0, but the server's own checks were not OK after it; which.
    Unwell(String),
    /// It was ended on request, or had not begun.
    Cancelled,
    /// It was never begun, since the job stopped before; why.
    NotStarted(String),
    /// It is not known whether or how it ran; why.
    Unknown(String),
}

impl Outcome {
    /// Whether it did what was asked for.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        *self == Self::Ok
    }

    /// Its fixed word: `ok`, `failed`, `signalled`, `sudo_refused`, `unreachable`, `host_key`,
    /// `auth`, `timed_out`, `dropped`, `unwell`, `cancelled`, `not_started`, `unknown`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed(_) => "failed",
            Self::Signalled(_) => "signalled",
            Self::SudoRefused(_) => "sudo_refused",
            Self::Unreachable(_) => "unreachable",
            Self::HostKey(_) => "host_key",
            Self::Auth(_) => "auth",
            Self::TimedOut { .. } => "timed_out",
            Self::Dropped(_) => "dropped",
            Self::Unwell(_) => "unwell",
            Self::Cancelled => "cancelled",
            Self::NotStarted(_) => "not_started",
            Self::Unknown(_) => "unknown",
        }
    }
}
