use std::time::Duration;

use crate::{exec::Command, hold::Planned};

/// What an order comes down to on one server: what the jobs run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Runnable {
    /// What is run.
    pub command: Command,
    /// Whether it runs on the monitor's own machine, about the server, as a ping does.
    pub on_monitor: bool,
    /// Whether it changes the server.
    pub changes: bool,
    /// Whether it is detached from the connection and followed, so that a broken connection does
    /// not end it half-way.
    pub detached: bool,
    /// The longest it may take.
    pub limit: Duration,
    /// What proves it beyond its exit status.
    pub proof: Proof,
}

/// What proves that something was done beyond its exit status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proof {
    /// Nothing is needed.
    #[default]
    Exit,
    /// The server comes back with another boot id within this time. A connection that breaks
    /// meanwhile is what was to be expected.
    Restarted(Duration),
    /// The server goes away within this time. A connection that breaks is what was to be expected.
    Gone {
        /// Not before this time has passed.
        delay: Duration,
        /// It is gone so much later at the latest, and back with all that it does so much after it
        /// is seen again.
        within: Duration,
    },
    /// A server that was to go away stays: its alerts are not held any more.
    Stays,
}

impl Proof {
    /// What the monitor is to be told before it is run, so that it holds the server's alerts.
    #[must_use]
    pub fn planned(self, by: &str, job: i64) -> Option<Planned> {
        match self {
            Self::Exit | Self::Stays => None,
            Self::Restarted(within) => Some(Planned::restart(by, within).job(job)),
            Self::Gone { delay, within } => {
                Some(Planned::shutdown(by, within).job(job).delayed(delay))
            }
        }
    }
}
