use std::fmt;

use serde::{Deserialize, Serialize};

/// What a check is judged to be.
///
/// The order is the order of concern: `Ok < Warning < Unknown < Critical`. A check that cannot be
/// judged worries more than one that is merely high, and less than one that is known to be down.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Above `warn`, not above the threshold.
    Warning,
    /// It could not be told.
    #[default]
    Unknown,
    /// Off, unreachable, failed, or above the threshold.
    Critical,
}

impl Status {
    /// The lower-case word, as it stands in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Critical => "critical",
        }
    }

    /// The exit code of a Nagios plugin: 0 ok, 1 warning, 2 critical, 3 unknown
    /// (Monitoring Plugins Development Guidelines, "Plugin Return Codes").
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }

    /// Reads [`Self::as_str`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ok, Self::Warning, Self::Unknown, Self::Critical]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
