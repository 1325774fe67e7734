//! The proof that a server was restarted: another boot id than before.

use std::{fmt, time::Duration};

use tokio::time::Instant;

use crate::{
    clock::Clock,
    exec::{Command, Exec},
    model::{Failure, FailureKind, one_line},
};

/// Tells one run of a machine from the next: a random number on Linux, the time of the start on
/// FreeBSD.
const ASK: &str = "cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.boottime";
/// How long one question may take.
const ONE: Duration = Duration::from_secs(10);
/// From one question to the next.
const PAUSE: Duration = Duration::from_secs(2);
/// The longest that is kept, in bytes.
const LONGEST: usize = 120;

/// One run of a machine, from one start to the next.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct BootId(String);

impl fmt::Display for BootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The present run of a machine.
///
/// # Errors
/// The [`Failure`] of the command, or one of kind [`FailureKind::Output`] when it tells nothing.
pub async fn boot_id(exec: &dyn Exec, deadline: Instant) -> Result<BootId, Failure> {
    let output = exec.run(&Command::shell(ASK), deadline).await?;
    if !output.success() {
        return Err(output.failure());
    }
    let line = one_line(&String::from_utf8_lossy(&output.stdout), LONGEST);
    // FreeBSD: `{ sec = 1447000000, usec = 123456 } Sun Nov  8 …`; the words behind depend on the zone.
    let id = line.split_inclusive('}').next().unwrap_or_default().trim();
    if id.is_empty() {
        return Err(Failure::new(FailureKind::Output, "the server does not tell its boot id"));
    }
    Ok(BootId(id.to_owned()))
}

/// Why a restart is not proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotProved {
    /// It answers, and has not been restarted.
    #[error("the server answers and was not restarted: its boot id is the one before")]
    SameBoot,
    /// It does not answer.
    #[error("the server did not come back: {0}")]
    Away(Failure),
}

/// Waits until a server is back with another boot id than before, and asks it every two seconds.
/// Its new boot id.
///
/// # Errors
/// [`NotProved`] at the deadline, by what the server answered last.
///
/// Cancel safety: dropping the future stops the asking.
pub async fn prove(
    exec: &dyn Exec,
    clock: &dyn Clock,
    before: &BootId,
    deadline: Instant,
) -> Result<BootId, NotProved> {
    loop {
        let now = clock.instant();
        let why = match boot_id(exec, deadline.min(now + ONE)).await {
            Ok(id) if id != *before => return Ok(id),
            Ok(_) => NotProved::SameBoot,
            Err(failure) => NotProved::Away(failure),
        };
        let next = clock.instant() + PAUSE;
        if next >= deadline {
            return Err(why);
        }
        clock.sleep_until(next).await;
    }
}
