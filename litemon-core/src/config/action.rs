//! `[actions.NAME]` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    TimeSpan,
    values::{CommandWords, OneOrMany, Text},
};
use crate::model::Name;

/// `[actions.NAME]`: what an operator can run on many servers at once.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Action {
    /// A line for the far shell, or a list of words for no shell. Parameters are its arguments, in
    /// the order in which they stand in the file: `$1`, `$2`, …; and LITEMON_PARAM_NAME.
    pub command: Option<CommandWords>,
    /// What it does, in a few words.
    pub description: Option<String>,
    /// What it needs to be told, by name.
    pub params: BTreeMap<Name, ActionParam>,
    /// Whether it runs as root (false).
    pub sudo: Option<bool>,
    /// Whether it changes the server (true): then no other job changes that server meanwhile, and
    /// a broken connection does not end it.
    pub changes: Option<bool>,
    /// Whether it is asked for twice, with what speaks against it (false).
    pub dangerous: Option<bool>,
    /// Whether the password is asked for again (false).
    pub asks_password: Option<bool>,
    /// Whether it runs on one server after the other unless told otherwise (false).
    pub one_by_one: Option<bool>,
    /// The longest it may take on one server (30m; 100s when it changes nothing).
    pub timeout: Option<TimeSpan>,
    /// The least role that may run it ("operator").
    pub role: Option<RoleWord>,
    /// Names of the groups on whose servers it may run (all).
    pub groups: Option<OneOrMany<String>>,
    /// Where it runs ("server"); on the monitor LITEMON_SERVER and LITEMON_ADDRESS tell about which
    /// server.
    pub on: Option<ActionPlace>,
}

/// `[actions.NAME.params.NAME]`: `choice`, `min` and `max`, or `pattern`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ActionParam {
    /// What it is, in a few words.
    pub description: Option<String>,
    /// One of these.
    pub choice: Option<OneOrMany<String>>,
    /// A whole number, this at least.
    pub min: Option<i64>,
    /// A whole number, this at most.
    pub max: Option<i64>,
    /// A text that this regular expression matches as a whole.
    pub pattern: Option<String>,
    /// Taken when none is given; without it one has to be given.
    pub default: Option<Text>,
}

/// `actions.NAME.role`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RoleWord {
    /// Operators and admins.
    #[default]
    Operator,
    /// Admins only.
    Admin,
}

/// `actions.NAME.on`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ActionPlace {
    /// On the server.
    #[default]
    Server,
    /// On the machine that litemon runs on.
    Monitor,
}
