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
    /// MikroTik `RouterOS`: a dialogue at its prompt.
    RouterOs,
    /// Cisco IOS and IOS XE: a dialogue at their prompt.
    Ios,
}

impl Device {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Linux, Self::FreeBsd, Self::RouterOs, Self::Ios];

    /// As it is written in files: `linux`, `freebsd`, `routeros`, `ios`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::FreeBsd => "freebsd",
            Self::RouterOs => "routeros",
            Self::Ios => "ios",
        }
    }

    /// Whether it is a network device: it has no POSIX shell, but a prompt at which one command
    /// follows the other.
    #[must_use]
    pub const fn is_network(self) -> bool {
        matches!(self, Self::RouterOs | Self::Ios)
    }

    /// All words, as `linux, freebsd or …`.
    #[must_use]
    pub fn words() -> String {
        let words = Self::ALL.map(Self::word);
        let (last, others) = words.split_last().map_or(("", &[][..]), |(last, all)| (*last, all));
        format!("{} or {last}", others.join(", "))
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
