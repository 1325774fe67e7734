//! What a server is: system, uptime, addresses, updates.

#[path = "facts_device.rs"]
mod device;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::no_server;
use crate::{
    exec::{self, Command, Exec},
    manage::{Manage, ManageError, Office, Principal, Role},
    model::{Failure, FailureKind, Timestamp, one_line},
    store::sql::Arg,
};

/// Asks a server for everything at once.
const SCRIPT: &str = include_str!("facts.sh");
/// The longest that may take: a package manager reads its cache.
pub(super) const LIMIT: Duration = Duration::from_secs(60);
/// The longest text that is kept of one fact.
const LONGEST: usize = 200;
/// The most addresses that are kept.
const MOST_ADDRESSES: usize = 32;

/// What a server told of itself. What it did not tell is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Facts {
    /// As `Debian GNU/Linux 12 (bookworm)`.
    pub os: Option<String>,
    /// As `Linux 6.1.0-18-amd64`.
    pub kernel: Option<String>,
    /// As `x86_64`.
    pub machine: Option<String>,
    /// Its own name for itself.
    pub host: Option<String>,
    /// Seconds since it started, when it was asked.
    pub uptime: Option<u64>,
    /// Another one after each start.
    pub boot: Option<String>,
    /// Its addresses, as `10.0.0.11/24`.
    pub addresses: Vec<String>,
    /// Processors in use.
    pub cpus: Option<u32>,
    /// Memory in bytes.
    pub memory: Option<u64>,
    /// Updates that its package lists know of.
    pub pending: Option<Pending>,
    /// Whether it has to be restarted for an update to count.
    pub reboot_required: Option<bool>,
}

/// Packages that could be updated, by the lists as they were last fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pending {
    /// How many.
    pub all: u32,
    /// How many of them for security, where that can be told.
    pub security: Option<u32>,
}

impl Facts {
    /// Reads what the script printed. Lines that make no sense are passed over.
    fn parse(text: &str) -> Self {
        let mut facts = Self::default();
        let (mut pending, mut security) = (None, None);
        for (word, value) in text.lines().filter_map(|line| line.split_once('\t')) {
            let value = one_line(value.trim(), LONGEST);
            if value.is_empty() {
                continue;
            }
            match word {
                "os" => facts.os = Some(value),
                "kernel" => facts.kernel = Some(value),
                "machine" => facts.machine = Some(value),
                "host" => facts.host = Some(value),
                "uptime" => facts.uptime = value.parse().ok(),
                "boot" => facts.boot = Some(value),
                "address" if facts.addresses.len() < MOST_ADDRESSES => facts.addresses.push(value),
                "cpus" => facts.cpus = value.parse().ok(),
                "memory" => facts.memory = value.parse().ok(),
                "pending" => pending = value.parse().ok(),
                "security" => security = value.parse().ok(),
                "reboot" => facts.reboot_required = Some(value == "yes"),
                _ => {}
            }
        }
        facts.pending = pending.map(|all| Pending { all, security });
        facts
    }

    /// Asks a server.
    pub(super) async fn ask(place: &dyn Exec) -> Result<Self, Failure> {
        let deadline = Instant::now() + LIMIT;
        if place.device().is_network() {
            return device::ask(place, place.device(), deadline).await;
        }
        let output = place.run(&Command::shell(SCRIPT), deadline).await?;
        let facts = Self::parse(&String::from_utf8_lossy(&output.stdout));
        if facts.kernel.is_none() {
            let odd = || Failure::new(FailureKind::Output, "it told nothing of itself");
            return Err(if output.success() { odd() } else { output.failure() });
        }
        Ok(facts)
    }
}

impl Manage {
    /// What a server told of itself when it was last asked, and when that was.
    ///
    /// # Errors
    /// [`ManageError`] when the role is not enough or the database cannot be read.
    pub async fn facts(
        &self,
        by: &Principal,
        server: &str,
    ) -> Result<Option<(Timestamp, Facts)>, ManageError> {
        by.require(Role::Viewer, "see servers")?;
        let sql = "SELECT at, facts FROM facts WHERE server = ?";
        let database = &self.office.database;
        let rows = database.rows(sql, &[Arg::Text(server)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let at = row.int(0).map_err(|cause| database.unreadable(cause))?;
        let text = row.text(1).map_err(|cause| database.unreadable(cause))?;
        // Of another version: it will be asked again.
        Ok(serde_json::from_str(&text).ok().map(|facts| (Timestamp::from_millis(at), facts)))
    }

    /// Asks a server now, over a connection of its own.
    ///
    /// # Errors
    /// [`ManageError::Conflict`] with what keeps it from answering.
    pub async fn ask_facts(&self, by: &Principal, server: &str) -> Result<Facts, ManageError> {
        by.require(Role::Operator, "ask servers")?;
        let plan = self.planned(server).await?;
        let place = exec::connect(&plan.address, &plan.ssh);
        let facts = Facts::ask(&*place).await;
        let facts = facts.map_err(|failure| ManageError::Conflict(failure.message))?;
        self.office.keep_facts(server, &facts).await?;
        Ok(facts)
    }
}

impl Office {
    pub(super) async fn keep_facts(&self, server: &str, facts: &Facts) -> Result<(), ManageError> {
        let text = serde_json::to_string(facts).map_err(|_| no_server(server))?;
        let sql = "INSERT INTO facts (server, at, facts) VALUES (?, ?, ?)
            ON CONFLICT (server) DO UPDATE SET at = excluded.at, facts = excluded.facts";
        let at = self.clock.now().as_millis();
        let args = [Arg::Text(server), Arg::Int(at), Arg::Text(&text)];
        self.database.write(&[(sql, &args)]).await.map(drop)
    }

    /// When each server was last asked.
    pub(super) async fn facts_known(&self) -> Result<Vec<(String, Timestamp)>, ManageError> {
        let rows = self.database.rows("SELECT server, at FROM facts", &[]).await?;
        let rows = rows.iter();
        let read = rows.map(|row| Ok((row.text(0)?, Timestamp::from_millis(row.int(1)?))));
        let known: Result<_, _> = read.collect();
        known.map_err(|cause| self.database.unreadable(cause))
    }
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
