use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Name;

/// What a remedy did about a problem, as a notice tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Remedied {
    /// The notifier that is the remedy.
    pub name: Name,
    /// What it did, as `restarted nginx`; `None` says that it was run.
    pub says: Option<String>,
    /// How often it was run.
    pub runs: u32,
    /// What came of it.
    pub outcome: RemedyOutcome,
}

impl Remedied {
    /// All of it.
    #[must_use]
    pub const fn new(name: Name, says: Option<String>, runs: u32, outcome: RemedyOutcome) -> Self {
        Self { name, says, runs, outcome }
    }
}

/// What came of a remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RemedyOutcome {
    /// All was well again so many milliseconds after it began.
    Helped(u64),
    /// All was not well when that was looked at, again and again.
    DidNotHelp,
    /// It could not do its work: why.
    Failed(String),
    /// It was run as often as it may be, and is not run again.
    GivenUp,
}

impl RemedyOutcome {
    /// All was well again so long after it began.
    #[must_use]
    pub fn helped(after: Duration) -> Self {
        Self::Helped(u64::try_from(after.as_millis()).unwrap_or(u64::MAX))
    }

    /// The word in JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Helped(_) => "helped",
            Self::DidNotHelp => "did_not_help",
            Self::Failed(_) => "failed",
            Self::GivenUp => "given_up",
        }
    }
}
