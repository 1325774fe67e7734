//! What can be said of a server that is added while litemon runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    exec::Address,
    manage::ManageError,
    model::{Device, Name},
    secret::Secret,
};

/// The most entries of each list of a server.
const MOST: usize = 100;
/// The longest text, in bytes.
const LONGEST: usize = 4096;
/// The longest private key, in bytes.
const LONGEST_KEY: usize = 64 * 1024;

/// What becomes of a secret that is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// It stays as it is, be it there or not.
    #[default]
    Keep,
    /// It is removed.
    Remove,
    /// It is this one from now on.
    Set(Secret),
}

/// A server as it is added or edited: the keys of `[servers.NAME]` that may come from elsewhere
/// than a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServerDraft {
    /// Its name.
    pub name: Name,
    /// `host`, `host:port` or `[IPv6]:port`; never `local`.
    pub address: String,
    /// Names of groups of the configuration.
    #[serde(default)]
    pub groups: Vec<Name>,
    /// Words to tell it by.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Names of profiles, on top of those of its groups.
    #[serde(default)]
    pub profiles: Vec<Name>,
    /// How it is spoken to.
    #[serde(default)]
    pub device: Device,
    /// Names of the notifiers that its checks tell; `None` for those of its groups or the defaults.
    #[serde(default)]
    pub notify: Option<Vec<Name>>,
    /// Services of its own.
    #[serde(default)]
    pub services: BTreeMap<Name, ServiceDraft>,
    /// Percentages of its own.
    #[serde(default)]
    pub resources: BTreeMap<Name, ResourceDraft>,
    /// The far user; `None` for that of its groups or `[ssh]`.
    #[serde(default)]
    pub user: Option<String>,
    /// The path of a private key on the monitor: absolute, or from `~/`.
    #[serde(default)]
    pub identity: Option<String>,
    /// The host to go through: a server's name, or `[user@]host[:port]`.
    #[serde(default)]
    pub jump: Option<String>,
    /// The password to log in with.
    #[serde(skip)]
    pub password: Change,
    /// The password that sudo asks for.
    #[serde(skip)]
    pub sudo_password: Change,
    /// A private key itself, as OpenSSH writes it, without passphrase.
    #[serde(skip)]
    pub private_key: Change,
}

/// Something on a server that is On or Off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServiceDraft {
    /// Exit status 0 is On.
    pub command: String,
    /// A regular expression that the output has to match as well.
    #[serde(default)]
    pub expect: Option<String>,
}

impl ServiceDraft {
    /// A service whose command ends with 0 when it is On.
    #[must_use]
    pub fn new(command: impl Into<String>) -> Self {
        Self { command: command.into(), expect: None }
    }
}

/// A percentage of a server: a built-in one with another threshold, or one of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceDraft {
    /// Prints a number from 0 to 100; `None` for `cpu`, `mem` and `hdd`.
    #[serde(default)]
    pub command: Option<String>,
    /// Above it is critical, in percent.
    #[serde(default)]
    pub threshold: Option<u8>,
}

impl ResourceDraft {
    /// A percentage.
    #[must_use]
    pub const fn new(command: Option<String>, threshold: Option<u8>) -> Self {
        Self { command, threshold }
    }
}

impl ServerDraft {
    /// A server of which nothing but name and address is said.
    #[must_use]
    pub fn new(name: Name, address: impl Into<String>) -> Self {
        Self {
            name,
            address: address.into(),
            groups: Vec::new(),
            labels: BTreeMap::new(),
            profiles: Vec::new(),
            device: Device::default(),
            notify: None,
            services: BTreeMap::new(),
            resources: BTreeMap::new(),
            user: None,
            identity: None,
            jump: None,
            password: Change::Keep,
            sudo_password: Change::Keep,
            private_key: Change::Keep,
        }
    }

    /// What planning cannot tell, since it would be good in a file.
    pub(super) fn check(&self) -> Result<(), ManageError> {
        match self.address.parse() {
            Ok(Address::Host { .. }) => {}
            Ok(Address::Local) => {
                let message =
                    "commands on the monitor itself come from the configuration file only";
                return Err(ManageError::invalid("address", message));
            }
            Err(error) => return Err(ManageError::invalid("address", error.to_string())),
        }
        let from_root = |path: &String| path.starts_with('/') || path.starts_with("~/");
        if self.identity.as_ref().is_some_and(|path| !from_root(path)) {
            return Err(ManageError::invalid("identity", "expected a path from / or ~/"));
        }
        self.check_lists()?;
        self.check_texts()?;
        self.check_key()
    }

    fn check_lists(&self) -> Result<(), ManageError> {
        let lists = [
            ("groups", self.groups.len()),
            ("labels", self.labels.len()),
            ("profiles", self.profiles.len()),
            ("notify", self.notify.as_ref().map_or(0, Vec::len)),
            ("services", self.services.len()),
            ("resources", self.resources.len()),
        ];
        match lists.into_iter().find(|(_, n)| *n > MOST) {
            Some((field, _)) => {
                Err(ManageError::invalid(field, format!("expected at most {MOST}")))
            }
            None => Ok(()),
        }
    }

    fn check_texts(&self) -> Result<(), ManageError> {
        let mut texts: Vec<(&'static str, &str)> = vec![("address", &self.address)];
        for (key, text) in &self.labels {
            texts.extend([("labels", key.as_str()), ("labels", text.as_str())]);
        }
        for service in self.services.values() {
            texts.push(("services", &service.command));
            texts.extend(service.expect.as_deref().map(|expect| ("services", expect)));
        }
        let commands = self.resources.values().filter_map(|resource| resource.command.as_deref());
        texts.extend(commands.map(|command| ("resources", command)));
        let login = [("user", &self.user), ("identity", &self.identity), ("jump", &self.jump)];
        texts.extend(login.into_iter().filter_map(|(field, text)| Some((field, text.as_deref()?))));
        let secrets = [("password", &self.password), ("sudo_password", &self.sudo_password)];
        texts.extend(secrets.into_iter().filter_map(|(field, change)| Some((field, set(change)?))));
        match texts.into_iter().find(|(_, text)| text.len() > LONGEST || text.contains('\0')) {
            Some((field, _)) => {
                let message = format!("expected at most {LONGEST} bytes, and no NUL");
                Err(ManageError::invalid(field, message))
            }
            None => Ok(()),
        }
    }

    fn check_key(&self) -> Result<(), ManageError> {
        let Some(text) = set(&self.private_key) else { return Ok(()) };
        if text.len() > LONGEST_KEY {
            return Err(ManageError::invalid("private_key", "is too long for a key"));
        }
        crate::exec::vet_private_key(text).map_err(|why| ManageError::invalid("private_key", why))
    }
}

fn set(change: &Change) -> Option<&str> {
    match change {
        Change::Set(secret) => Some(secret.expose()),
        Change::Keep | Change::Remove => None,
    }
}
