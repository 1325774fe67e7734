//! Running a command somewhere: on this machine or over SSH.

mod command;
#[cfg(feature = "manage")]
pub(crate) mod detach;
#[cfg(feature = "ssh")]
mod device;
mod local;
mod local_stream;
pub(crate) mod script;
#[cfg(feature = "ssh")]
mod ssh;
#[cfg(not(feature = "ssh"))]
#[path = "no_ssh.rs"]
mod ssh;
mod stream;
mod target;
#[cfg(feature = "manage")]
pub(crate) mod wrap;

pub use command::{Command, CommandLine, Exit, Output, Sudo};
pub use local::Local;
pub use script::quote;
pub(crate) use script::seconds;
#[cfg(feature = "manage")]
pub(crate) use ssh::glob;
#[cfg(feature = "ssh")]
pub use ssh::{
    HostKey, KeyTrust, SshExec, SshStats, Terminal, host_key, own_key, pin_host_key, public_line,
    shell, vet_private_key,
};
pub use stream::{Heard, Input, Sink, Streamed};
pub use target::{Address, AddressError, HostKeyPolicy, SshSettings, SshTarget};

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::{
    measures::Measures,
    model::{Device, Failure},
    secret::Secret,
};

/// A place where commands run.
///
/// # Contract
/// - `run` returns by `deadline` at the latest (plus the time to be scheduled), with
///   [`FailureKind::Timeout`](crate::model::FailureKind::Timeout) if the command was not done.
/// - Whatever the command does, at most [`Command::output_limit`] bytes of each stream are held.
/// - A command that ran and ended is `Ok`, whatever its exit status; an error means that it did
///   not run, or that it is not known how it ended.
///
/// Cancel safety: dropping the future frees everything that the run held on this machine and asks
/// the command to end; a command on a far machine may outlive it by its deadline.
#[async_trait]
pub trait Exec: fmt::Debug + Send + Sync + 'static {
    /// Runs the command to its end.
    async fn run(&self, command: &Command, deadline: Instant) -> Result<Output, Failure>;

    /// Runs a line and hands its output on as it comes, without a time limit. The exit is known
    /// once this returns; what it printed before that has been handed on.
    ///
    /// Cancel safety: dropping the future closes what it ran over; what runs on a far machine may
    /// go on.
    ///
    /// # Errors
    /// The [`Failure`] that kept it from running, or, after [`Heard::Began`], from knowing how it
    /// ended. A place that cannot do this says [`FailureKind::Internal`](crate::model::FailureKind::Internal).
    async fn stream(&self, what: &Streamed, sink: &Sink) -> Result<Exit, Failure> {
        let _ = (what, sink);
        stream::unsupported(&format!("{self:?}"))
    }

    /// The password that sudo asks for here, if one is known.
    fn sudo_password(&self) -> Option<&Secret> {
        None
    }

    /// How it is spoken to: where this is a network device, commands are typed at its prompt, and no
    /// shell reads them.
    fn device(&self) -> Device {
        Device::Linux
    }

    /// Whether this place answers: for SSH a connection is verified, logged in and opens a channel;
    /// one that did so before answers a request.
    ///
    /// # Errors
    /// The [`Failure`] that every command would meet.
    async fn reach(&self, deadline: Instant) -> Result<(), Failure>;
}

/// The place at an address: this machine, or a server behind one SSH connection that all users of
/// the returned value share. No I/O: the connection is opened by the first command.
///
/// Without the feature `ssh` every command on a server fails with
/// [`FailureKind::Internal`](crate::model::FailureKind::Internal).
#[must_use]
pub fn connect(address: &Address, settings: &SshSettings) -> Arc<dyn Exec> {
    connect_measured(address, settings, &Arc::default())
}

/// The same, with its connections and logins counted.
#[must_use]
pub fn connect_measured(
    address: &Address,
    settings: &SshSettings,
    measures: &Arc<Measures>,
) -> Arc<dyn Exec> {
    match address {
        Address::Local => Arc::new(Local::new(settings.sudo_password.clone())),
        Address::Host { host, port } => {
            let settings = settings.clone();
            ssh::open(SshTarget { host: host.clone(), port: *port, settings }, measures)
        }
    }
}
