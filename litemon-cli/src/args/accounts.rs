//! `user`, `token` and `audit`.

use std::time::Duration;

use clap::{Args, Subcommand};
use litemon_core::{config::TimeSpan, manage::Role, model::Name};

/// Of `user`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List accounts.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make an account; asks for its password.
    Add {
        /// The name to log in with.
        name: Name,
        /// What they may do: viewer, operator or admin.
        #[arg(long, default_value = "viewer", value_parser = role)]
        role: Role,
        /// A group on whose servers they may act; repeatable [default: all servers].
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<Name>,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Give an account another password; its sessions end.
    Passwd {
        /// Whose.
        name: Name,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Give an account another role; its sessions end.
    Role {
        /// Whose.
        name: Name,
        /// What they may do: viewer, operator or admin.
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Say on which servers an account may act; its sessions end.
    Groups {
        /// Whose.
        name: Name,
        /// The groups; all servers when none is named.
        groups: Vec<Name>,
    },
    /// Let nobody log in with an account, and end its sessions.
    Disable {
        /// Whose.
        name: Name,
    },
    /// Let an account log in again.
    Enable {
        /// Whose.
        name: Name,
    },
    /// Ask an account for codes no more, as when the authenticator is lost.
    NoTotp {
        /// Whose.
        name: Name,
    },
    /// Remove an account with its sessions and tokens.
    Remove {
        /// Whose.
        name: Name,
    },
}

/// How a password is given, and for how long.
#[derive(Clone, Copy, Debug, Args)]
pub struct PasswordArgs {
    /// Read the password from standard input: its first line.
    #[arg(long)]
    pub password_stdin: bool,
    /// It is the user's own: the next login does not begin with another one.
    #[arg(long)]
    pub own: bool,
}

/// Of `token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// List tokens of programs.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make a token for a program, and print it this once.
    Add {
        /// What it is called.
        name: Name,
        /// The most it may do: viewer, operator or admin.
        #[arg(long, default_value = "viewer", value_parser = role)]
        role: Role,
        /// The account it acts for: it may do no more than that, and ends with it.
        #[arg(long)]
        user: Option<Name>,
        /// A group on whose servers it may act; repeatable [default: all servers].
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<Name>,
        /// How long it lasts, such as 90d [default: until it is removed].
        #[arg(long, value_name = "TIME", value_parser = time)]
        lasts: Option<Duration>,
    },
    /// Remove a token; it ends at once.
    Remove {
        /// What it is called.
        name: Name,
    },
}

/// Of `audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List who did what, newest first.
    List(AuditArgs),
    /// Prove that nothing in the trail was changed, removed, put in or cut off.
    Verify,
    /// Print the whole trail as JSON lines, oldest first.
    Export,
}

/// Of `audit list`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// How many.
    #[arg(short = 'n', long, default_value_t = 50, value_name = "N")]
    pub most: usize,
    /// Only those before this one.
    #[arg(long, value_name = "NUMBER")]
    pub before: Option<i64>,
    /// Only what this account or user did.
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Only this, such as `job.start`, or all of a sort, such as `user`.
    #[arg(long, value_name = "WHAT")]
    pub doing: Option<String>,
    /// Only what was done to something with this in its name.
    #[arg(long, value_name = "TEXT")]
    pub about: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "expected viewer, operator or admin".to_owned())
}

fn time(text: &str) -> Result<Duration, String> {
    let span: TimeSpan = text.parse().map_err(|_| "expected a time, as 12h or 90d".to_owned())?;
    Ok(span.0)
}
