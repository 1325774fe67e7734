//! How far a rolling job is, as it is told.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{Name, Timestamp};

/// How far a rolling job is as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rolled {
    /// What it does, or why it does nothing more.
    pub state: RollState,
    /// Since when.
    pub since: Timestamp,
}

/// What a rolling job does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RollState {
    /// One batch after the other; when the job has ended, to its end.
    Going,
    /// It waits until enough servers of a group are well.
    Waiting(Short),
    /// Nothing is begun until somebody says to go on.
    Paused(PausedBy),
    /// Nothing more was begun.
    Stopped(Halt),
}

/// Why a rolling job is paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PausedBy {
    /// Somebody wanted it; who.
    Person(String),
    /// The order itself did, after its canary.
    Canary,
    /// litemon was restarted meanwhile.
    Restart,
}

/// Why a rolling job stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Halt {
    /// More servers failed than may.
    Failures {
        /// The last of them.
        server: Name,
        /// How many.
        failed: usize,
        /// How many may.
        allowed: usize,
    },
    /// Not enough servers of a group were well, for too long.
    Short(Short),
    /// It was paused for too long.
    Paused,
}

/// Not enough servers of a group would be well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Short {
    /// The group.
    pub group: Name,
    /// How many would be.
    pub well: usize,
    /// How many are to be.
    pub needed: usize,
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, well, needed } = self;
        write!(f, "only {well} of group {group} would be well, {needed} are to be")
    }
}

/// One line in English, behind "stopped: ".
impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failures { server, allowed: 0, .. } => write!(f, "{server} did not succeed"),
            Self::Failures { server, failed, allowed } => {
                write!(f, "{failed} did not succeed, the last {server}; {allowed} may")
            }
            Self::Short(short) => short.fmt(f),
            Self::Paused => f.write_str("it was paused for too long"),
        }
    }
}

/// One line in English.
impl fmt::Display for RollState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Going => f.write_str("going"),
            Self::Waiting(short) => write!(f, "waiting: {short}"),
            Self::Paused(PausedBy::Person(name)) => write!(f, "paused by {name}"),
            Self::Paused(PausedBy::Canary) => f.write_str("paused after the canary"),
            Self::Paused(PausedBy::Restart) => f.write_str("paused since litemon was restarted"),
            Self::Stopped(halt) => write!(f, "stopped: {halt}"),
        }
    }
}

/// What was last said about pausing a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manage::jobs) struct Pausing {
    /// Whether it is to pause; else it is to go on.
    pub(in crate::manage::jobs) paused: bool,
    /// Who said so; `None`: a litemon that was restarted.
    pub(in crate::manage::jobs) by: Option<String>,
    /// When.
    pub(in crate::manage::jobs) at: Timestamp,
}

impl Pausing {
    /// Why it is paused, if it is.
    pub(super) fn why(&self) -> Option<PausedBy> {
        let by = self.by.clone().map_or(PausedBy::Restart, PausedBy::Person);
        self.paused.then_some(by)
    }
}
