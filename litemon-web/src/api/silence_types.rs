//! What `/api/v1` takes and gives about times in which people are not told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::types::Time;

/// Somebody looks after an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AckOrder {
    /// For how long, in milliseconds; until it is over when absent.
    pub lasts_ms: Option<u64>,
    /// A word to it, in one line.
    pub note: String,
}

/// What a time of silence is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SilenceKind {
    /// Work that is planned.
    Maintenance,
    /// Somebody knows of it and wants to hear no more.
    Mute,
}

/// A time of silence to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSilence {
    /// What for.
    pub kind: SilenceKind,
    /// What it is about: `SERVER`, `@GROUP`, `SERVER/CHECK` or `all`.
    pub targets: Vec<String>,
    /// From when on; from now on when absent.
    #[serde(default)]
    pub from: Option<Time>,
    /// For how long, in milliseconds: a minute to 90 days.
    pub lasts_ms: u64,
    /// Why, in one line.
    #[serde(default)]
    pub note: String,
}

/// A time in which problems are not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Silence {
    /// Its number; `null` for one of the configuration.
    pub number: Option<i64>,
    /// What for.
    pub kind: SilenceKind,
    /// What it is about.
    pub targets: Vec<String>,
    /// From when on.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// Whether it is now.
    pub open: bool,
    /// Who wanted it; for one of the configuration, its name.
    pub by: String,
    /// Why.
    pub note: String,
}

/// All that are, or come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SilenceList {
    /// They; those of the configuration first.
    pub silences: Vec<Silence>,
    /// The IANA name of the zone that its people read times in, where it has one.
    #[serde(default)]
    pub timezone: Option<String>,
}
