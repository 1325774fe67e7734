//! The command line as it is typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

/// Agentless monitor: checks servers over SSH, shows what runs, and tells you by SMS what does not.
#[derive(Debug, Parser)]
#[command(name = "litemon", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Args {
    /// Configuration file, or a folder whose *.toml are read in the order of their names; repeatable,
    /// later ones win.
    #[arg(short, long, value_name = "FILE", global = true)]
    pub config: Vec<PathBuf>,

    /// What to log to standard error: error, warn, info, debug, trace, or a filter such as
    /// info,litemon_core=debug.
    #[arg(long, value_name = "FILTER", env = "LITEMON_LOG", default_value = "info", global = true)]
    pub log: String,

    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write litemon.toml for this machine if there is none, and run it.
    Quickstart,
    /// Monitor, and serve the dashboard, until SIGTERM or SIGINT; SIGHUP reloads the configuration.
    Run(RunArgs),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Run checks once and print what they say; writes nothing and tells nobody.
    ///
    /// The exit status is that of a Nagios plugin: 0 ok, 1 warning, 2 critical, 3 unknown, usage or
    /// configuration.
    #[command(alias = "check")]
    Probe(ProbeArgs),
    /// Try a notifier.
    #[command(subcommand)]
    Notify(NotifyCommand),
    /// The history's database.
    #[command(subcommand)]
    Db(DbCommand),
    /// Print a completion script for a shell.
    Completions {
        /// For which shell.
        shell: Shell,
    },
    /// Print the manual page.
    Man,
}

/// Of `run`.
#[derive(Debug, Default, ClapArgs)]
pub struct RunArgs {
    /// Serve no dashboard.
    #[arg(long, conflicts_with = "no_monitor")]
    pub no_web: bool,
    /// Monitor nothing; show what the store knows.
    #[arg(long)]
    pub no_monitor: bool,
}

/// Of `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Prove it good, and print how long each check takes at worst to tell somebody.
    Check,
    /// Print it as merged, with secrets hidden.
    Show,
    /// Print its JSON Schema.
    Schema,
}

/// Of `probe`.
#[derive(Debug, ClapArgs)]
pub struct ProbeArgs {
    /// Checks (SERVER/NAME), servers, or groups; all when none is named.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Of `notify`.
#[derive(Debug, Subcommand)]
pub enum NotifyCommand {
    /// Send a test message to every recipient of a notifier.
    Test {
        /// Its name in the configuration.
        notifier: String,
    },
}

/// Of `db`.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Create the tables, or bring them up to date. Safe to repeat; `run` does it too.
    Migrate,
}

/// Reads the command line; ends the program with usage and exit status 2 when it is wrong (3 for
/// `probe`, as Nagios wants it).
pub fn parse() -> Args {
    Args::try_parse().unwrap_or_else(|error| {
        let probe = std::env::args().nth(1).is_some_and(|word| word == "probe" || word == "check");
        if probe && error.use_stderr() {
            let _ = error.print();
            #[expect(clippy::disallowed_methods, reason = "nothing has been started yet")]
            std::process::exit(3)
        }
        error.exit()
    })
}

/// The definition of the command line, for completions and the manual.
pub fn definition() -> clap::Command {
    Args::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definition_is_consistent() {
        super::definition().debug_assert();
    }
}
