//! Of `exec` and `action run`: one batch after the other.

use std::{num::NonZeroUsize, time::Duration};

use clap::Args;
use litemon_core::manage::jobs::{Rolling, Share};

use super::jobs::time;

/// How a rolling job goes on.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "One batch after the other")]
pub struct RollingArgs {
    /// One batch of servers after the other, and on only while their own checks are OK. The running
    /// monitor runs it: it goes on without this terminal.
    #[arg(long, conflicts_with = "at_once")]
    pub rolling: bool,
    /// How many servers go first, by themselves; 0: none [default: 1].
    #[arg(long, requires = "rolling", value_name = "N")]
    pub canary: Option<usize>,
    /// How many go together after that: a number, or a part of all as 25% [default: 1].
    #[arg(long, requires = "rolling", value_name = "N")]
    pub batch: Option<Share>,
    /// How often in a row each check of a server that was OK before has to be OK again; 0: they are
    /// not looked at [default: 2].
    #[arg(long, requires = "rolling", value_name = "N")]
    pub healthy_rounds: Option<u32>,
    /// How long that may take; and how long is waited for --keep-healthy [default: 5m].
    #[arg(long, requires = "rolling", value_name = "TIME", value_parser = time)]
    pub settle_within: Option<Duration>,
    /// Begin nothing more once more servers than this failed [default: 0].
    #[arg(long, requires = "rolling", value_name = "N")]
    pub max_failures: Option<usize>,
    /// Keep so many servers of each group well: a number, or a part of the group as 80%.
    #[arg(long, requires = "rolling", value_name = "N")]
    pub keep_healthy: Option<Share>,
    /// Pause after the canary, until `litemon job continue`.
    #[arg(long, requires = "rolling")]
    pub pause_after_canary: bool,
}

impl RollingArgs {
    /// What is asked for, if it is.
    pub fn wanted(&self, at_once: Option<NonZeroUsize>) -> Option<Rolling> {
        if !self.rolling || at_once.is_some() {
            return None;
        }
        let mut wanted = Rolling::default();
        wanted.canary = self.canary.unwrap_or(wanted.canary);
        wanted.batch = self.batch.unwrap_or(wanted.batch);
        wanted.healthy_rounds = self.healthy_rounds.unwrap_or(wanted.healthy_rounds);
        wanted.settle_within = self.settle_within.unwrap_or(wanted.settle_within);
        wanted.max_failures = self.max_failures.unwrap_or(wanted.max_failures);
        wanted.keep_healthy = self.keep_healthy;
        wanted.pause_after_canary = self.pause_after_canary;
        Some(wanted)
    }
}
