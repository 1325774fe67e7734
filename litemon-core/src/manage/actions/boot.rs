//! The proof that a server was restarted: another boot id than before, or, of a network device, an
//! uptime that began anew.

use std::{fmt, time::Duration};

use tokio::time::Instant;

use crate::{
    clock::Clock,
    exec::{Command, Exec},
    model::{Failure, FailureKind, Timestamp, one_line},
    probe::uptime::Uptime,
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

/// How much earlier or later a device's start may seem from one question to the next: IOS tells its
/// uptime in whole minutes.
const ROUGHLY: Duration = Duration::from_secs(62);

/// What tells one run of a machine from the next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Life {
    /// Its boot id.
    Boot(BootId),
    /// When it started, by its uptime.
    Since(Timestamp),
}

impl Life {
    /// Whether it began after `before`.
    fn is_after(&self, before: &Self) -> bool {
        match (before, self) {
            (Self::Since(before), Self::Since(now)) => now.since(*before) > ROUGHLY,
            (before, now) => before != now,
        }
    }
}

/// The present run of a machine.
///
/// # Errors
/// The [`Failure`] of the command, or one of kind [`FailureKind::Output`] when it tells nothing.
pub async fn life(exec: &dyn Exec, clock: &dyn Clock, deadline: Instant) -> Result<Life, Failure> {
    let device = exec.device();
    let uptime = if device.is_network() { Uptime::new(device, Duration::ZERO) } else { None };
    let Some((command, parse)) = uptime.map(Uptime::question) else {
        return boot_id(exec, deadline).await.map(Life::Boot);
    };
    let output = exec.run(&Command::shell(command), deadline).await?;
    if !output.success() {
        return Err(output.failure());
    }
    let seconds = parse(&String::from_utf8_lossy(&output.stdout));
    let silent = || Failure::new(FailureKind::Output, "the device does not tell its uptime");
    let uptime = Duration::from_secs(seconds.ok_or_else(silent)?);
    Ok(Life::Since(clock.now().minus(uptime)))
}

/// Why a restart is not proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotProved {
    /// It answers, and has not been restarted.
    #[error("the server answers and was not restarted: its boot id is the one before")]
    SameBoot,
    /// The same of a device without one.
    #[error("the device answers and was not seen to be restarted: its uptime goes on")]
    GoesOn,
    /// It does not answer.
    #[error("the server did not come back: {0}")]
    Away(Failure),
}

/// Waits until a server is back with another boot id than before, or an uptime that began anew, and
/// asks it every two seconds. Its new life.
///
/// # Errors
/// [`NotProved`] at the deadline, by what the server answered last.
///
/// Cancel safety: dropping the future stops the asking.
pub async fn prove(
    exec: &dyn Exec,
    clock: &dyn Clock,
    before: &Life,
    deadline: Instant,
) -> Result<Life, NotProved> {
    loop {
        let now = clock.instant();
        let why = match life(exec, clock, deadline.min(now + ONE)).await {
            Ok(life) if life.is_after(before) => return Ok(life),
            Ok(Life::Boot(_)) => NotProved::SameBoot,
            Ok(Life::Since(_)) => NotProved::GoesOn,
            Err(failure) => NotProved::Away(failure),
        };
        let next = clock.instant() + PAUSE;
        if next >= deadline {
            return Err(why);
        }
        clock.sleep_until(next).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_started_later_was_restarted() {
        let since = |seconds: i64| Life::Since(Timestamp::from_millis(seconds * 1000));
        // IOS rounds down to minutes, so that its start seems to wander.
        assert!(!since(1060).is_after(&since(1000)));
        assert!(!since(900).is_after(&since(1000)));
        assert!(since(1063).is_after(&since(1000)));
        let boot = |id: &str| Life::Boot(BootId(id.to_owned()));
        assert!(boot("b").is_after(&boot("a")) && !boot("a").is_after(&boot("a")));
    }
}
