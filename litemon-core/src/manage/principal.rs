use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use super::ManageError;
use crate::model::Name;

/// What somebody may do, from least to most: each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Sees everything that is watched, errors and addresses too.
    Viewer,
    /// Runs actions and commands on servers.
    Operator,
    /// Manages users, servers and actions, and reads the audit trail.
    Admin,
}

impl Role {
    /// All of them, least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// `viewer`, `operator`, `admin`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// By which way somebody came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Via {
    /// A login on the pages.
    Session,
    /// An API token, by its name.
    Token(String),
    /// The command line of this machine, or its `control.sock`: the user of the operating system.
    System,
    /// The application that litemon's pages are mounted in.
    Host,
    /// An SMS of somebody who is told of problems, by a gateway.
    Sms,
    /// litemon by itself.
    Litemon,
}

/// Who asks: every operation of [`Manage`](super::Manage) takes one, checks what it may do, and
/// writes it into the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Principal {
    /// The name of the account, or of the operating system's user.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// How it came in.
    pub via: Via,
    /// From which address, where that is known.
    pub from: Option<IpAddr>,
    /// The groups on whose servers it may act; all servers when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Name>,
}

impl Principal {
    /// Somebody with a role.
    #[must_use]
    pub fn new(name: impl Into<String>, role: Role, via: Via) -> Self {
        Self { name: name.into(), role, via, from: None, groups: Vec::new() }
    }

    /// A user of this machine's operating system, by number, which may do everything. Its name is
    /// read from `/etc/passwd`, so this blocks for a moment.
    #[must_use]
    pub fn system(user: Option<u32>) -> Self {
        let text = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let name = user.map(|id| name_of(&text, id).unwrap_or_else(|| format!("user {id}")));
        Self::new(name.unwrap_or_else(|| "somebody".to_owned()), Role::Admin, Via::System)
    }

    /// The same, from an address.
    #[must_use]
    pub const fn from_address(mut self, address: Option<IpAddr>) -> Self {
        self.from = address;
        self
    }

    /// The same, on the servers of these groups only; all when empty.
    #[must_use]
    pub fn within(mut self, groups: Vec<Name>) -> Self {
        self.groups = groups;
        self
    }

    /// Whether it may act on a server that is in these groups.
    #[must_use]
    pub fn may_act_on(&self, groups: &[Name]) -> bool {
        self.groups.is_empty() || self.groups.iter().any(|group| groups.contains(group))
    }

    /// # Errors
    /// [`ManageError::Forbidden`] when the role is less than `least`; `doing` completes "you may
    /// not …".
    pub fn require(&self, least: Role, doing: &str) -> Result<(), ManageError> {
        if self.role >= least { Ok(()) } else { Err(ManageError::Forbidden(doing.to_owned())) }
    }
}

fn name_of(passwd: &str, user: u32) -> Option<String> {
    let user = user.to_string();
    let line = passwd.lines().find(|line| line.split(':').nth(2) == Some(&user))?;
    line.split(':').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_users_have_names() {
        let text = "root:x:0:0:root:/root:/bin/sh\n+\nmon:x:10:10::/:/bin/sh\n";
        assert_eq!(name_of(text, 10).as_deref(), Some("mon"));
        assert_eq!(name_of(text, 1), None);
        assert_eq!(Principal::system(Some(0)).name, "root");
    }

    #[test]
    fn each_role_may_do_what_those_before_it_may() {
        for (has, least, may) in [
            (Role::Viewer, Role::Viewer, true),
            (Role::Viewer, Role::Operator, false),
            (Role::Operator, Role::Viewer, true),
            (Role::Operator, Role::Admin, false),
            (Role::Admin, Role::Operator, true),
        ] {
            let principal = Principal::new("ann", has, Via::Session);
            assert_eq!(principal.require(least, "do that").is_ok(), may, "{has} {least}");
        }
        let name = |text| Name::new(text).unwrap();
        let web = Principal::new("ann", Role::Operator, Via::Session).within(vec![name("web")]);
        assert!(web.may_act_on(&[name("db"), name("web")]) && !web.may_act_on(&[name("db")]));
        assert!(Principal::new("ann", Role::Viewer, Via::System).may_act_on(&[]));
        for role in Role::ALL {
            assert_eq!(Role::parse(role.word()), Some(role));
        }
    }
}
