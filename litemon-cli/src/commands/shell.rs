//! `ssh`: an interactive shell.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
    time::Duration,
};

use litemon_core::{
    config::Plan,
    exec::{self, Address, Exit, SshTarget, Terminal},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{
    args::SshArgs,
    commands::nearest::unknown,
    context::Context,
    error::{CliError, FAILED, Result},
};

/// The longest the login may take.
const LOGIN: Duration = Duration::from_secs(30);
/// How a shell that a signal ended is told of, as other shells do.
const SIGNALLED: u8 = 128;

pub async fn run(context: &Context, args: &SshArgs) -> Result<ExitCode> {
    let plan = context.plan().await?;
    let target = target(&plan, &args.server)?;
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let line = "a shell needs a terminal; to run a command, see: litemon exec --help";
        return Err(CliError::usage(line));
    }
    let (told, size) = watch::channel(size());
    let kind = context.variable("TERM").unwrap_or("xterm").to_owned();
    let raw = Raw::enter()?;
    let deadline = context.clock().instant() + LOGIN;
    let ended = tokio::select! {
        ended = exec::shell(
            &target,
            Terminal::new(kind, size),
            context.clock(),
            deadline,
            (tokio::io::stdin(), tokio::io::stdout()),
        ) => ended,
        never = follow_size(&told) => never?,
    };
    drop(raw);
    match ended {
        Ok(Exit::Status(status)) => Ok(ExitCode::from(u8::try_from(status).unwrap_or(FAILED))),
        Ok(_) => Ok(ExitCode::from(SIGNALLED)),
        Err(failure) => Err(CliError::failed(format!("{}: {failure}", args.server))),
    }
}

fn target(plan: &Plan, name: &str) -> Result<SshTarget> {
    let names: Vec<&str> = plan.servers.iter().map(|server| server.name.as_str()).collect();
    let server = plan.servers.iter().find(|server| server.name.as_str() == name);
    let server = server.ok_or_else(|| CliError::usage(unknown("server", name, &names)))?;
    match &server.address {
        Address::Host { host, port } => {
            Ok(SshTarget { host: host.clone(), port: *port, settings: server.ssh.clone() })
        }
        Address::Local => Err(CliError::usage(format!("{name} is this machine"))),
    }
}

fn size() -> (u16, u16) {
    crossterm::terminal::size().unwrap_or((80, 24))
}

/// Tells of each new size of the terminal, for ever.
async fn follow_size<T>(told: &watch::Sender<(u16, u16)>) -> Result<T> {
    let mut changes = signal(SignalKind::window_change())
        .map_err(|error| CliError::failed("signals cannot be heard").because(error))?;
    while changes.recv().await.is_some() {
        told.send_replace(size());
    }
    std::future::pending().await
}

/// The terminal gives each key at once while this lives.
struct Raw;

impl Raw {
    fn enter() -> Result<Self> {
        crossterm::terminal::enable_raw_mode()
            .map(|()| Self)
            .map_err(|error| CliError::failed("the terminal cannot be used").because(error))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nothing else to try.
        let _ = crossterm::terminal::disable_raw_mode();
    }
}
