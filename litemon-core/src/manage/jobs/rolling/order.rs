//! What a rolling order asks for.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::manage::ManageError;

/// The most rounds that can be asked for.
const ROUNDS: u32 = 100;
/// The longest that servers are waited for.
const SETTLE: Duration = Duration::from_secs(24 * 60 * 60);

/// One batch of servers after the other, and on only while all is well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Rolling {
    /// So many servers go first, by themselves; 0: none does.
    pub canary: usize,
    /// How many go together after that: so many, or a part of all servers of the order.
    pub batch: Share,
    /// How many results in a row have to be OK, of each check of a server that was OK before its
    /// turn, before the next batch begins; 0: its checks are not looked at.
    pub healthy_rounds: u32,
    /// How long that may take on a server: then it counts as failed. So long is also waited for
    /// `keep_healthy`.
    pub settle_within: Duration,
    /// Nothing more begins once more servers than this failed.
    pub max_failures: usize,
    /// So many servers of each group, or such a part of it, are well at any time: on a server of
    /// which this would not be true nothing begins. A percentage lets at least one be away.
    pub keep_healthy: Option<Share>,
    /// After the canary it is paused until somebody says to go on.
    pub pause_after_canary: bool,
}

impl Default for Rolling {
    fn default() -> Self {
        Self {
            canary: 1,
            batch: Share::Count(1),
            healthy_rounds: 2,
            settle_within: Duration::from_secs(300),
            max_failures: 0,
            keep_healthy: None,
            pause_after_canary: false,
        }
    }
}

impl Rolling {
    /// Whether it goes by how servers are, which only a running monitor knows.
    #[must_use]
    pub const fn needs_health(&self) -> bool {
        self.healthy_rounds > 0 || self.keep_healthy.is_some()
    }

    /// Whether it makes sense by itself.
    pub(in crate::manage::jobs) fn check(&self) -> Result<(), ManageError> {
        let wrong = |why: String| Err(ManageError::invalid("rolling", why));
        if self.healthy_rounds > ROUNDS {
            return wrong(format!("healthy_rounds: expected 0 to {ROUNDS}"));
        }
        if self.settle_within < Duration::from_secs(1) || self.settle_within > SETTLE {
            return wrong("settle_within: expected 1 s to 24 h".to_owned());
        }
        if self.pause_after_canary && self.canary == 0 {
            return wrong("pause_after_canary: there is no canary".to_owned());
        }
        Ok(())
    }

    /// Which servers go together, in their order: the canary by itself, then one batch after the
    /// other. Servers of different
    /// turns (as [`turn`](crate::manage::actions::turn) has them) are never in one batch.
    #[must_use]
    pub fn batches<T: Clone>(&self, turns: &[Vec<T>]) -> Vec<Vec<T>> {
        let total = turns.iter().map(Vec::len).sum();
        let size = self.batch.taken_of(total);
        let mut canary = self.canary;
        let mut batches = Vec::new();
        for turn in turns {
            let (first, rest) = turn.split_at(canary.min(turn.len()));
            if !first.is_empty() {
                batches.push(first.to_vec());
                canary = 0;
            }
            batches.extend(rest.chunks(size).map(<[T]>::to_vec));
        }
        batches
    }
}

/// So many, or a part of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "Written")]
#[non_exhaustive]
pub enum Share {
    /// So many; at least one.
    Count(usize),
    /// 1 to 100 percent.
    Percent(u8),
}

impl Share {
    /// How many of so many go together: rounded down, at least one.
    #[must_use]
    pub fn taken_of(self, total: usize) -> usize {
        match self {
            Self::Count(count) => count.max(1),
            Self::Percent(percent) => (total.saturating_mul(percent.into()) / 100).max(1),
        }
    }

    /// How many of so many are to stay: of a percentage rounded up, and at least one may go.
    #[must_use]
    pub fn kept_of(self, total: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => {
                total.saturating_mul(percent.into()).div_ceil(100).min(total.saturating_sub(1))
            }
        }
    }
}

/// A text is none of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number from 1, or a percentage as 25%")]
pub struct ShareError;

impl FromStr for Share {
    type Err = ShareError;

    fn from_str(text: &str) -> Result<Self, ShareError> {
        let text = text.trim();
        let share = match text.strip_suffix('%') {
            Some(percent) => {
                percent.trim_end().parse().ok().filter(|n| (1..=100).contains(n)).map(Self::Percent)
            }
            None => text.parse().ok().filter(|count| *count > 0).map(Self::Count),
        };
        share.ok_or(ShareError)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl From<Share> for String {
    fn from(share: Share) -> Self {
        share.to_string()
    }
}

/// As it may be written: a number counts as its digits.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(u64),
    Text(String),
}

impl TryFrom<Written> for Share {
    type Error = ShareError;

    fn try_from(written: Written) -> Result<Self, ShareError> {
        match written {
            Written::Number(number) => number.to_string().parse(),
            Written::Text(text) => text.parse(),
        }
    }
}
