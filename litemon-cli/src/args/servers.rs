//! `server`, `enroll` and `ssh`, as they are typed.

#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "these are texts of help, where brackets hold what may be left out"
)]

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use litemon_core::model::{Device, Name};

/// Of `server`.
#[derive(Debug, Subcommand)]
pub enum ServerCommand {
    /// List all servers: those of the configuration file, which are locked, and those that were added.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tell what is known about a server: how it is logged in to, its checks, its system and updates.
    Show {
        /// Its name.
        name: String,
        /// Ask the server itself now, instead of printing what it told last.
        #[arg(long)]
        ask: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Add a server. A running monitor watches it within seconds.
    Add {
        /// Its name.
        #[arg(value_parser = name)]
        name: Name,
        /// HOST, HOST:PORT or [IPV6]:PORT.
        address: String,
        #[command(flatten)]
        fields: Box<Fields>,
    },
    /// Change a server that was added: what is named here is replaced, all else stays.
    Edit {
        /// Its name.
        #[arg(value_parser = name)]
        name: Name,
        /// HOST, HOST:PORT or [IPV6]:PORT.
        #[arg(long)]
        address: Option<String>,
        #[command(flatten)]
        fields: Box<Fields>,
        /// Leave this unsaid from now on; repeatable.
        #[arg(long, value_name = "WHAT")]
        clear: Vec<Clear>,
    },
    /// Remove a server that was added, and its secrets. Its history stays.
    Remove {
        /// Its name.
        name: String,
    },
    /// Say what works: reachable, host key, login, sudo.
    ///
    /// Exit status: 0 when it can be logged in to, else 1.
    Test {
        /// Its name.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Add the servers of a file: all of them, or none when one is wrong.
    Import {
        /// An OpenSSH configuration, an Ansible inventory, or CSV with a header.
        file: PathBuf,
        /// What it is [default: told by its name: *.csv; *.yml, *.yaml; *.ini, hosts; else ssh].
        #[arg(long)]
        format: Option<ImportFormat>,
        /// Leave out the groups that the file names.
        #[arg(long)]
        no_groups: bool,
        /// Put each of them into this group of the configuration; repeatable.
        #[arg(short, long = "group", value_name = "GROUP", value_parser = name)]
        groups: Vec<Name>,
        /// Add nothing; print what would be added.
        #[arg(long)]
        dry_run: bool,
    },
    /// Make a new key for the stored secrets, and seal all of them with it.
    Rekey,
}

/// What can be said of a server that is added.
#[derive(Debug, Default, ClapArgs)]
pub struct Fields {
    /// A group of the configuration; repeatable.
    #[arg(short, long = "group", value_name = "GROUP", value_parser = name)]
    pub groups: Vec<Name>,
    /// A label; repeatable.
    #[arg(long = "label", value_name = "KEY=TEXT", value_parser = pair)]
    pub labels: Vec<(String, String)>,
    /// A profile of the configuration, or linux; repeatable.
    #[arg(long = "profile", value_name = "PROFILE", value_parser = name)]
    pub profiles: Vec<Name>,
    /// How it is spoken to.
    #[arg(long, value_parser = device)]
    pub device: Option<Device>,
    /// A notifier that its checks tell; repeatable.
    #[arg(long, value_name = "NOTIFIER", value_parser = name)]
    pub notify: Vec<Name>,
    /// A service of its own, and the command that ends with 0 when it is On; repeatable.
    #[arg(long = "service", value_name = "NAME=COMMAND", value_parser = named)]
    pub services: Vec<(Name, String)>,
    /// A percentage of its own, and the command that prints it; repeatable.
    #[arg(long = "resource", value_name = "NAME=COMMAND", value_parser = named)]
    pub resources: Vec<(Name, String)>,
    /// Above so many percent a resource is critical; repeatable.
    #[arg(long = "threshold", value_name = "NAME=PERCENT", value_parser = percent)]
    pub thresholds: Vec<(Name, u8)>,
    /// The far user.
    #[arg(long)]
    pub user: Option<String>,
    /// The private key on this machine to log in with: a path from / or ~/.
    #[arg(long, value_name = "FILE")]
    pub identity: Option<String>,
    /// The host to go through: a server's name, or [USER@]HOST[:PORT].
    #[arg(long, value_name = "HOST")]
    pub jump: Option<String>,
    /// Ask for the password to log in with, and store it encrypted.
    #[arg(long)]
    pub password: bool,
    /// Ask for the password of sudo, and store it encrypted.
    #[arg(long)]
    pub sudo_password: bool,
    /// Read what would be asked for from standard input, a line each: the password, then that of sudo.
    #[arg(long)]
    pub password_stdin: bool,
    /// Store the private key in this file, encrypted.
    #[arg(long, value_name = "FILE")]
    pub private_key: Option<PathBuf>,
}

/// What can be left unsaid again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Clear {
    Groups,
    Labels,
    Profiles,
    Notify,
    Services,
    Resources,
    User,
    Identity,
    Jump,
    Password,
    SudoPassword,
    PrivateKey,
}

/// What a file of servers is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportFormat {
    /// An OpenSSH client configuration.
    Ssh,
    /// An Ansible inventory in INI.
    AnsibleIni,
    /// An Ansible inventory in YAML.
    AnsibleYaml,
    /// Comma-separated values with a header.
    Csv,
}

/// Of `enroll`.
#[derive(Debug, ClapArgs)]
pub struct EnrollArgs {
    /// Servers of the configuration, or that were added.
    #[arg(required = true, value_name = "SERVER")]
    pub servers: Vec<String>,
    /// Trust this fingerprint without asking (SHA256:…); repeatable.
    #[arg(long, value_name = "FINGERPRINT")]
    pub yes_fingerprint: Vec<String>,
    /// Read the password from standard input instead of asking for it.
    #[arg(long)]
    pub password_stdin: bool,
}

/// Of `ssh`.
#[derive(Debug, ClapArgs)]
pub struct SshArgs {
    /// A server of the configuration, or that was added.
    pub server: String,
}

fn name(text: &str) -> Result<Name, String> {
    Name::new(text).map_err(|error| error.to_string())
}

fn device(text: &str) -> Result<Device, String> {
    Device::parse(text).ok_or_else(|| format!("expected {}", Device::words()))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=TEXT")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn named(text: &str) -> Result<(Name, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected NAME=COMMAND")?;
    Ok((name(key)?, value.to_owned()))
}

fn percent(text: &str) -> Result<(Name, u8), String> {
    let (key, value) = named(text).map_err(|_| "expected NAME=PERCENT")?;
    let value = value.parse().ok().filter(|percent| *percent <= 100);
    Ok((key, value.ok_or("expected a number from 0 to 100")?))
}
