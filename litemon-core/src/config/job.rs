//! `[jobs.NAME]` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    TimeSpan,
    values::{OneOrMany, SecretSource, Text},
};
use crate::model::{Name, TellOn};

/// `[jobs.NAME]`: a job that nobody has to begin. It runs at times, or when it is called.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PlannedJob {
    /// The action that is run: one that comes with litemon, or one of `[actions]`.
    pub action: Option<String>,
    /// Values of its parameters.
    pub params: BTreeMap<Name, Text>,
    /// A line for the shell of each server, in place of an action.
    pub command: Option<String>,
    /// Whether the command becomes root (false).
    pub sudo: Option<bool>,
    /// Names of servers.
    pub servers: Option<OneOrMany<String>>,
    /// Names of groups, all of whose servers are meant.
    pub groups: Option<OneOrMany<String>>,
    /// Of these only servers with all of these labels; of all when none is named.
    pub labels: BTreeMap<String, Text>,
    /// All servers (false).
    pub all: Option<bool>,
    /// How many servers at once (50, or what the action wants).
    pub at_once: Option<usize>,
    /// The longest it may take on one server (what the action has; 100s for a command).
    pub timeout: Option<TimeSpan>,
    /// Has to be true for an action that is dangerous or asks for a password: nobody is asked.
    pub confirm: Option<bool>,
    /// When it runs: minute, hour, day of the month, month, day of the week ("0 3 * * SUN").
    pub cron: Option<String>,
    /// IANA name of the zone that `cron` is meant in; `timezone` when absent.
    pub timezone: Option<String>,
    /// A time at which litemon did not run is made up for within this (1h), once; then it is left
    /// out. At most 1d.
    pub catch_up: Option<TimeSpan>,
    /// Whoever calls `/hooks/job/TOKEN` has it run; `litemon job token NAME` makes one.
    pub token: Option<SecretSource>,
    /// In place of the token its SHA-256 in hexadecimal digits.
    pub token_sha256: Option<Text>,
    /// Parameters that a caller may give.
    pub may_set: Option<OneOrMany<String>>,
    /// Names of the notifiers that tell of its end.
    pub notify: Option<OneOrMany<String>>,
    /// When they do: at each "end", of a "failure", or of a "change" of what failed ("change").
    pub notify_on: Option<TellWord>,
    /// `false`: neither time nor call has it run (true).
    pub enabled: Option<bool>,
}

/// `jobs.NAME.notify_on`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TellWord {
    /// Each time.
    End,
    /// When it failed somewhere.
    Failure,
    /// When it failed elsewhere, or otherwise, than the time before.
    #[default]
    Change,
}

impl From<TellWord> for TellOn {
    fn from(word: TellWord) -> Self {
        match word {
            TellWord::End => Self::End,
            TellWord::Failure => Self::Failure,
            TellWord::Change => Self::Change,
        }
    }
}
