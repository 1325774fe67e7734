//! `exec` and `job`.

use std::{num::NonZeroUsize, time::Duration};

use clap::{Args, Subcommand};
use litemon_core::{
    config::TimeSpan,
    manage::jobs::Order,
    model::{Name, TellOn},
};

use super::RollingArgs;

/// Which servers.
#[derive(Clone, Debug, Default, Args)]
#[group(required = true, multiple = true)]
pub struct Selection {
    /// A server; repeatable.
    #[arg(short, long = "server", value_name = "SERVER", conflicts_with = "all", value_parser = Name::new)]
    pub servers: Vec<Name>,
    /// All servers of a group; repeatable.
    #[arg(short, long = "group", value_name = "GROUP", conflicts_with = "all", value_parser = Name::new)]
    pub groups: Vec<Name>,
    /// All servers.
    #[arg(long)]
    pub all: bool,
    /// Of these only those with this label, or of all servers when none is named; repeatable: all
    /// labels are needed.
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = label)]
    pub labels: Vec<(String, String)>,
}

/// Who vouches for an action that asks for a password.
#[derive(Clone, Debug, Default, Args)]
pub struct Vouching {
    /// The account whose password is given, where an action asks for one [default: your own name].
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<Name>,
    /// Read that password from standard input: its first line.
    #[arg(long)]
    pub password_stdin: bool,
}

/// Whether servers that cannot be reached are waited for.
#[derive(Clone, Debug, Default, Args)]
pub struct Waiting {
    /// Where a server cannot be reached, run it there when the running monitor sees it again, for so
    /// long [2d when no time is given].
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true, default_missing_value = "2d", value_parser = time)]
    pub when_back: Option<Duration>,
}

/// Who is told of a job's end.
#[derive(Clone, Debug, Default, Args)]
pub struct Telling {
    /// A notifier that tells of the end, by the running monitor; repeatable.
    #[arg(long = "notify", value_name = "NOTIFIER", value_parser = Name::new)]
    pub notify: Vec<Name>,
    /// When: at each `end`, or only of a `failure` [default: end].
    #[arg(long, requires = "notify", value_name = "WHEN", value_parser = tell_on)]
    pub notify_on: Option<TellOn>,
}

impl Telling {
    /// Says so in an order.
    pub fn put(&self, order: &mut Order) {
        order.notify.clone_from(&self.notify);
        order.notify_on = self.notify_on.unwrap_or_default();
    }
}

/// Of `exec`.
#[derive(Debug, Args)]
pub struct ExecArgs {
    #[command(flatten)]
    pub selection: Selection,
    /// As root, by sudo.
    #[arg(long)]
    pub sudo: bool,
    /// With a terminal of its own on each server.
    #[arg(long)]
    pub pty: bool,
    /// The longest it may take on one server, such as 5m [default: 100s].
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub limit: Option<Duration>,
    /// How many servers at once [default: 50].
    #[arg(long, value_name = "N")]
    pub at_once: Option<NonZeroUsize>,
    #[command(flatten)]
    pub waiting: Waiting,
    #[command(flatten)]
    pub telling: Telling,
    #[command(flatten)]
    pub rolling: RollingArgs,
    /// Print JSON, once all is over.
    #[arg(long)]
    pub json: bool,
    /// What is run by the shell of each server; several words are joined by spaces.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Of `job start`.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// Its name in the configuration; `litemon job planned` has them all.
    #[arg(value_parser = Name::new)]
    pub name: Name,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub vouching: Vouching,
    /// Say what would be run where, and what speaks against it; run nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON, once all is over.
    #[arg(long)]
    pub json: bool,
}

/// Of `job`.
#[derive(Debug, Subcommand)]
pub enum JobCommand {
    /// List the latest jobs, newest first.
    List {
        /// How many.
        #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
        most: usize,
        /// Only those before this one.
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tell how a job went on each server, and what they put out; equal outputs once.
    Show {
        /// Its number.
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
        /// All that is kept of what this server put out, and nothing else.
        #[arg(short, long, value_name = "SERVER", value_parser = Name::new)]
        server: Option<Name>,
        /// Print JSON.
        #[arg(long, conflicts_with = "server")]
        json: bool,
    },
    /// List the jobs of the configuration: when each runs next, and how it last ended.
    #[command(visible_alias = "schedules")]
    Planned {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run a job of the configuration now, here.
    Start(StartArgs),
    /// Make a token by which a job of the configuration can be called.
    Token {
        /// Its name in the configuration.
        #[arg(value_parser = Name::new)]
        name: Name,
    },
    /// Ask a job to end, wherever it runs.
    Cancel {
        /// Its number.
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
        /// Only on this server.
        #[arg(short, long, value_name = "SERVER", value_parser = Name::new)]
        server: Option<Name>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ask a rolling job to begin on no more servers until it is to go on; what is under way ends.
    Pause {
        /// Its number.
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ask a paused job to go on.
    Continue {
        /// Its number.
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run a job again on the servers where it failed or did not begin: here, or a rolling one by
    /// the running monitor.
    Retry {
        /// Its number.
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
        #[command(flatten)]
        vouching: Vouching,
        /// Print JSON, once all is over.
        #[arg(long)]
        json: bool,
    },
}

fn tell_on(text: &str) -> Result<TellOn, &'static str> {
    let on = TellOn::parse(text).filter(|on| *on != TellOn::Change);
    on.ok_or("expected end or failure")
}

fn label(text: &str) -> Result<(String, String), &'static str> {
    let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = pair.ok_or("expected KEY=VALUE, as city=Bogor")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(super) fn time(text: &str) -> Result<Duration, litemon_core::config::TimeSpanError> {
    text.parse::<TimeSpan>().map(|span| span.0)
}
