use std::{fmt, net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    manage::{ManageError, Principal, Role},
    model::{Name, Timestamp},
    secret::Secret,
};

/// Somebody who may log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The name to log in with.
    pub name: Name,
    /// What they may do.
    pub role: Role,
    /// The groups on whose servers they may act; all servers when empty.
    pub groups: Vec<Name>,
    /// Whether they may not log in at present.
    pub disabled: bool,
    /// Whether the next login begins with another password.
    pub must_change: bool,
    /// Whether a login takes a code as well.
    pub totp: bool,
    /// When the account was made.
    pub created: Timestamp,
    /// The last login.
    pub last_login: Option<Timestamp>,
}

/// An account that is to be made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewUser {
    /// The name to log in with.
    pub name: Name,
    /// What they may do.
    pub role: Role,
    /// The groups on whose servers they may act; all servers when empty.
    pub groups: Vec<Name>,
    /// Their password.
    pub password: Secret,
    /// Whether the first login begins with another one.
    pub must_change: bool,
}

impl NewUser {
    /// One who may act on all servers, and chooses a password of their own at the first login.
    #[must_use]
    pub const fn new(name: Name, role: Role, password: Secret) -> Self {
        Self { name, role, groups: Vec::new(), password, must_change: true }
    }
}

/// What is to be different about an account. What is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserEdit {
    /// What they may do.
    pub role: Option<Role>,
    /// The groups on whose servers they may act; all servers when empty.
    pub groups: Option<Vec<Name>>,
    /// Whether they may not log in.
    pub disabled: Option<bool>,
}

impl UserEdit {
    /// Another role.
    #[must_use]
    pub const fn role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// Other groups.
    #[must_use]
    pub fn groups(mut self, groups: Vec<Name>) -> Self {
        self.groups = Some(groups);
        self
    }

    /// Whether they may not log in.
    #[must_use]
    pub const fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = Some(disabled);
        self
    }
}

/// A login that worked.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedIn {
    /// What the browser shows from now on: for the cookie, and nothing else.
    pub token: Secret,
    /// What every form of this session carries.
    pub csrf: String,
    /// Who it is.
    pub principal: Principal,
    /// Whether nothing but another password is to be given first.
    pub must_change: bool,
}

/// A login that did not.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginRefused {
    /// The name, the password or the code is wrong, or the account may not log in; which of them is
    /// not said.
    #[error("the name, the password or the code is wrong")]
    Wrong,
    /// Name and password are right, and a code is asked for as well.
    #[error("the code of your authenticator is needed as well")]
    CodeNeeded,
    /// Too many wrong ones; nothing was looked at.
    #[error("too many wrong logins: try again in {} s", .0.as_secs().max(1))]
    TooMany(Duration),
    /// Too many logins at this moment.
    #[error("too many log in at this moment: try again")]
    Busy,
    /// It could not be looked at.
    #[error(transparent)]
    Failed(#[from] ManageError),
}

/// The session that a token stands for.
#[derive(Clone)]
#[non_exhaustive]
pub struct SessionOf {
    /// Its number, the same for as long as it lasts.
    pub id: i64,
    /// Who it is.
    pub principal: Principal,
    /// What every form of this session carries.
    pub csrf: String,
    /// Whether nothing but another password is to be given first.
    pub must_change: bool,
}

impl fmt::Debug for SessionOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("SessionOf");
        text.field("id", &self.id).field("principal", &self.principal).finish_non_exhaustive()
    }
}

impl fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedIn").field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// A session, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Session {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub user: Name,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
    /// Where it began.
    pub from: Option<IpAddr>,
}

/// What programs show instead of a login, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ApiToken {
    /// What it is called.
    pub name: Name,
    /// The account it acts for, and ends with; `None`: it stands by itself.
    pub user: Option<Name>,
    /// The most it may do; never more than its account may.
    pub role: Role,
    /// The groups on whose servers it may act; all servers when empty.
    pub groups: Vec<Name>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; `None`: when it is removed.
    pub ends: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub used: Option<Timestamp>,
}

/// An API token that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewToken {
    /// What it is called.
    pub name: Name,
    /// The account it acts for; `None`: it stands by itself, which only an admin makes.
    pub user: Option<Name>,
    /// The most it may do.
    pub role: Role,
    /// The groups on whose servers it may act; all servers when empty.
    pub groups: Vec<Name>,
    /// How long it lasts from now; `None`: until it is removed.
    pub lasts: Option<Duration>,
}

impl NewToken {
    /// One that stands by itself, acts on all servers and lasts until it is removed.
    #[must_use]
    pub const fn new(name: Name, role: Role) -> Self {
        Self { name, user: None, role, groups: Vec::new(), lasts: None }
    }
}

/// The secret that an authenticator app is set up with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TotpSetup {
    /// In base32, to be typed.
    pub secret: Secret,
    /// `otpauth://…`, to be scanned.
    pub uri: Secret,
}
