//! The command line as it is typed.

mod accounts;
mod action;
mod jobs;
mod report;
mod rolling;
mod servers;
mod silence;
mod simulate;

use std::{
    ffi::{OsStr, OsString},
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args as ClapArgs, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

pub use self::accounts::{AuditArgs, AuditCommand, PasswordArgs, TokenCommand, UserCommand};
pub use self::action::{ActionCommand, ActionRunArgs};
pub use self::jobs::{ExecArgs, JobCommand, Selection, StartArgs, Telling, Vouching, Waiting};
pub use self::report::{ReportArgs, ReportFormat};
pub use self::rolling::RollingArgs;
pub use self::servers::{Clear, EnrollArgs, Fields, ImportFormat, ServerCommand, SshArgs};
pub use self::silence::{AckArgs, MaintenanceCommand, SilenceArgs};
pub use self::simulate::SimulateArgs;
use crate::error::USAGE;

/// What Nagios calls UNKNOWN: how `probe` and `status` end when they cannot look, also for a wrong command line.
pub const UNKNOWN: u8 = 3;

/// The heading of what every command takes.
const GLOBAL: &str = "Global options";

const AFTER_HELP: &str = "\
Configuration: what -c names, else $LITEMON_CONFIG, ./litemon.toml, ~/.config/litemon/litemon.toml, \
/etc/litemon/litemon.toml; over it the environment, as LITEMON__WEB__LISTEN=127.0.0.1:9000.

Exit status: 0 done; 1 it was tried and did not work; 2 the command line or the configuration is \
wrong. `probe` and `status` end as Nagios plugins do: 0 ok, 1 warning, 2 critical, 3 unknown or \
wrong.";

/// Agentless monitor: checks servers over SSH, shows what runs, and tells you by SMS what does not.
#[derive(Debug, Parser)]
#[command(name = "litemon", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Args {
    /// Configuration file, or a folder whose *.toml are read in the order of their names; repeatable,
    /// later ones win.
    #[arg(short, long, value_name = "FILE", global = true, help_heading = GLOBAL)]
    pub config: Vec<PathBuf>,

    /// What to log to standard error: off, error, warn, info, debug, trace, or a filter such as
    /// info,litemon_core=debug [default: info for run and quickstart, else warn].
    #[arg(
        long,
        value_name = "FILTER",
        env = "LITEMON_LOG",
        hide_env_values = true,
        global = true,
        help_heading = GLOBAL
    )]
    pub log: Option<String>,

    /// Say every cause of an error, a line each.
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub verbose: bool,

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
    #[command(visible_alias = "check")]
    Probe(ProbeArgs),
    /// Print what a running monitor knows, worst first.
    ///
    /// The exit status is that of a Nagios plugin: 0 ok, 1 warning, 2 critical, 3 unknown, not running,
    /// usage or configuration.
    Status(StatusArgs),
    /// Watch a running monitor live in the terminal.
    ///
    /// Keys: up and down choose, Enter opens, Esc goes back, s sorts, / filters, q leaves.
    Top(Reach),
    /// Run a command on many servers at once, with or without a running monitor.
    ///
    /// What comes is printed with the server's name before each line; how it ended stands at the end,
    /// on standard error. Exit status: 0 all succeeded, 1 some failed, 2 usage, 130 cancelled.
    Exec(ExecArgs),
    /// Run something that has a name on many servers at once: ping, update, restart, …
    #[command(subcommand)]
    Action(ActionCommand),
    /// Look at what was run on servers, end it, or run it again.
    #[command(subcommand)]
    Job(JobCommand),
    /// Who may log in, and what they may do.
    #[command(subcommand)]
    User(UserCommand),
    /// Tokens of programs, for the API and --url.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Who did what.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Add, edit, remove, test and import servers, with or without a running monitor.
    ///
    /// Those of the configuration file are shown and locked.
    #[command(subcommand)]
    Server(ServerCommand),
    /// Trust a server's host key, and install litemon's own key there.
    ///
    /// The fingerprint is shown and pinned once it is confirmed; a key is made if there is none; the
    /// password is asked for once, and not kept. It can be called again.
    Enroll(EnrollArgs),
    /// Open a shell on a server, over the host key, identity and jump host of its checks.
    Ssh(SshArgs),
    /// Look at what went wrong.
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// Tell nothing of a server, group or check for a while; what still holds then is told then.
    Mute(SilenceArgs),
    /// Plan times in which problems are not told.
    #[command(subcommand)]
    Maintenance(MaintenanceCommand),
    /// Tell how available servers and services were, what went wrong and how soon it was told, for a
    /// day, week, month or any time. Needs no running monitor.
    Report(ReportArgs),
    /// Play a written timeline, and print which notices would go to whom, when and why.
    ///
    /// Nothing is sent, and no server is looked at. Exit status: 0 played, and all that the timeline
    /// expects held; 1 something did not; 2 the timeline or the configuration is wrong.
    Simulate(SimulateArgs),
    /// Try a notifier.
    #[command(subcommand)]
    Notify(NotifyCommand),
    /// Checks that are called instead of looking.
    #[command(subcommand)]
    Push(PushCommand),
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

/// Where the running monitor is.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct Reach {
    /// The state folder of the monitor, instead of the configuration's.
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    pub state_dir: Option<PathBuf>,
    /// A monitor elsewhere, by the address of its dashboard; $LITEMON_TOKEN is sent as bearer token.
    #[arg(long)]
    pub url: Option<String>,
}

/// Of `status`.
#[derive(Debug, ClapArgs)]
pub struct StatusArgs {
    #[command(flatten)]
    pub reach: Reach,
    /// Print JSON: what /api/v1/status says.
    #[arg(long)]
    pub json: bool,
}

/// Of `incident`.
#[derive(Debug, Subcommand)]
pub enum IncidentCommand {
    /// List incidents, open ones first.
    List {
        #[command(flatten)]
        reach: Reach,
        /// Those that are over, too: the latest of them.
        #[arg(long)]
        all: bool,
        /// Print JSON: what /api/v1/incidents says.
        #[arg(long)]
        json: bool,
    },
    /// Tell what happened in an incident, and who was told.
    Show {
        #[command(flatten)]
        reach: Reach,
        /// Its number.
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        number: i64,
        /// Print JSON: what /api/v1/incidents/NUMBER says.
        #[arg(long)]
        json: bool,
    },
    /// Say that you look after it: nobody is reminded, and nobody else is told.
    Ack(AckArgs),
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

/// Of `push`.
#[derive(Debug, Subcommand)]
pub enum PushCommand {
    /// Make a token for a check of the kind `push`, and print it this once.
    Token {
        /// The check: NAME, or SERVER/NAME.
        name: String,
    },
}

/// Of `db`.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Create the tables, or bring them up to date. Safe to repeat; `run` does it too.
    Migrate,
}

/// Reads the command line. What was asked of clap itself (help, version) or is wrong has been printed
/// when it gives an exit status.
pub fn parse() -> Result<Args, ExitCode> {
    Args::try_parse().map_err(|error| {
        if !error.use_stderr() {
            // A reader that went away is no error.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        let words: Vec<OsString> = std::env::args_os().skip(1).collect();
        let text = error.render().to_string();
        let text =
            text.strip_prefix("error: ").map_or(text.clone(), |rest| format!("litemon: {rest}"));
        let _ = io::stderr().write_all(text.as_bytes());
        ExitCode::from(if means_plugin(&words) { UNKNOWN } else { USAGE })
    })
}

/// Whether a command line that cannot be understood was meant to be one that ends as a plugin.
fn means_plugin(words: &[OsString]) -> bool {
    let takes_value = |word: &OsStr| word == "-c" || word == "--config" || word == "--log";
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if takes_value(word) {
            words.next();
        } else if !word.to_string_lossy().starts_with('-') {
            return ["probe", "check", "status"].iter().any(|plugin| word == plugin);
        }
    }
    false
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

    #[test]
    fn plugins_are_recognized_behind_options() {
        let means =
            |line: &str| super::means_plugin(&line.split(' ').map(Into::into).collect::<Vec<_>>());
        for line in [
            "probe --bogus",
            "check x",
            "status --x",
            "-c a.toml --log info -v probe -x",
            "--config=a probe",
        ] {
            assert!(means(line), "{line}");
        }
        for line in ["run probe", "-c probe run", "--log probe", "", "-v"] {
            assert!(!means(line), "{line}");
        }
    }
}
