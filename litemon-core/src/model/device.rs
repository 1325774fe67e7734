use std::fmt;

use serde::{Deserialize, Serialize};

/// How a machine is spoken to: which commands it understands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Device {
    /// A Linux with a POSIX shell.
    #[default]
    Linux,
    /// FreeBSD.
    FreeBsd,
}

impl Device {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Linux, Self::FreeBsd];

    /// As it is written in files: `linux`, `freebsd`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::FreeBsd => "freebsd",
        }
    }

    /// The device of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|device| device.word() == word)
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
