//! A server as it is shown.

use std::collections::BTreeMap;

use super::{ServerDraft, store::Row};
use crate::{
    config::{Plan, ServerPlan},
    model::{CheckId, Device, Name},
};

/// Which secrets of a server are stored; never what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The password to log in with.
    pub password: bool,
    /// The password that sudo asks for.
    pub sudo_password: bool,
    /// A private key.
    pub private_key: bool,
}

/// What a server can be put into or be given, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choices {
    /// The groups of the configuration.
    pub groups: Vec<Name>,
    /// Its profiles, the built-in one among them.
    pub profiles: Vec<Name>,
    /// Its notifiers.
    pub notifiers: Vec<Name>,
}

/// A server, be it of the files or added while litemon runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerEntry {
    /// Its name.
    pub name: Name,
    /// Where it is, as in the file.
    pub address: String,
    /// Its groups.
    pub groups: Vec<Name>,
    /// Words to tell it by.
    pub labels: BTreeMap<String, String>,
    /// How it is spoken to.
    pub device: Device,
    /// The user that is logged in as; `None` on the monitor itself.
    pub user: Option<String>,
    /// The host it is reached through.
    pub jump: Option<String>,
    /// Its checks, `ssh` first.
    pub checks: Vec<CheckId>,
    /// What can be edited; `None` for one of the files, which is locked. Its secrets are
    /// [`Change::Keep`](super::Change::Keep).
    pub draft: Option<ServerDraft>,
    /// Which of its secrets are stored.
    pub stored: Stored,
}

impl ServerEntry {
    pub(super) fn new(server: &ServerPlan, plan: &Plan, rows: &[Row]) -> Self {
        let row = rows.iter().find(|row| server.managed && row.draft.name == server.name);
        let of_it = plan.checks.iter().filter(|check| check.server.as_ref() == Some(&server.name));
        Self {
            name: server.name.clone(),
            address: server.address.to_string(),
            groups: server.groups.clone(),
            labels: server.labels.clone(),
            device: server.device,
            user: Some(server.ssh.user.clone()).filter(|user| !user.is_empty()),
            jump: server.ssh.jump.as_ref().map(|jump| jump.host.clone()),
            checks: of_it.map(|check| check.id.clone()).collect(),
            draft: row.map(|row| row.draft.clone()),
            stored: row.map(Row::stored).unwrap_or_default(),
        }
    }

    /// Whether it stands in a file and is changed there only.
    #[must_use]
    pub const fn locked(&self) -> bool {
        self.draft.is_none()
    }
}
