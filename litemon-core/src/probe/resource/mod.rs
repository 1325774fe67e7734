//! Resources: percentages of a server, measured with a POSIX shell and `/proc` alone.

mod command;
mod cpu;
mod hdd;
mod mem;

pub use command::CommandResource;
pub use cpu::Cpu;
pub use hdd::Hdd;
pub use mem::Mem;

use tokio::time::Instant;

use crate::{
    exec::{Command, Exec},
    model::{Failure, FailureKind, one_line},
};

/// Runs a command that has to end with status 0, and gives its standard output.
pub(super) async fn read(
    exec: &dyn Exec,
    command: &Command,
    deadline: Instant,
) -> Result<String, Failure> {
    let output = exec.run(command, deadline).await?;
    if !output.success() {
        return Err(output.failure());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What was read is not what the check reads: the reason, and the first line of it.
pub(super) fn garbage(reason: &str, text: &str) -> Failure {
    let line = match one_line(text, 120) {
        line if line.is_empty() => reason.to_owned(),
        line => format!("{reason}: {line}"),
    };
    Failure::new(FailureKind::Output, line)
}
