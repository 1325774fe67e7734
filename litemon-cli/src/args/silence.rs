//! `incident ack`, `mute` and `maintenance`.

use std::time::Duration;

use clap::{Args, Subcommand};
use litemon_core::{config::TimeSpan, policy::Scope};

use super::Reach;

/// Of `incident ack`.
#[derive(Debug, Args)]
pub struct AckArgs {
    #[command(flatten)]
    pub reach: Reach,
    /// Its number.
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    pub number: i64,
    /// For how long, such as 2h; then reminders go on [default: until it is over].
    #[arg(long = "for", value_name = "TIME", value_parser = time, conflicts_with = "undo")]
    pub lasts: Option<Duration>,
    /// A word to it.
    #[arg(long, default_value = "", hide_default_value = true, conflicts_with = "undo")]
    pub note: String,
    /// Nobody looks after it any more.
    #[arg(long)]
    pub undo: bool,
}

/// What is not told, and for how long.
#[derive(Debug, Args)]
pub struct SilenceArgs {
    #[command(flatten)]
    pub reach: Reach,
    /// SERVER, @GROUP, SERVER/CHECK or all.
    #[arg(required = true, value_name = "TARGET")]
    pub targets: Vec<Scope>,
    /// For how long, such as 30m or 2h.
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub lasts: Duration,
    /// Why.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub note: String,
}

/// Of `maintenance`.
#[derive(Debug, Subcommand)]
pub enum MaintenanceCommand {
    /// Plan work: problems are not told meanwhile; what still holds after it is told then.
    Add {
        #[command(flatten)]
        silence: SilenceArgs,
        /// From when on, as 2026-11-22T02:30:00+07:00 [default: now].
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
    },
    /// List what is under maintenance or muted, and what comes.
    List {
        #[command(flatten)]
        reach: Reach,
        /// Print JSON: what /api/v1/silences says.
        #[arg(long)]
        json: bool,
    },
    /// End one before its time.
    End {
        #[command(flatten)]
        reach: Reach,
        /// Its number.
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
    },
}

fn time(text: &str) -> Result<Duration, litemon_core::config::TimeSpanError> {
    text.parse::<TimeSpan>().map(|span| span.0)
}
