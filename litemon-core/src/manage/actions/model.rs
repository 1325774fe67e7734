use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    manage::Role,
    model::{Name, Param},
};

/// A named thing that operators run on servers, as pages and commands show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Action {
    /// Its name: `restart`, `update`, `clear-cache`.
    pub name: Name,
    /// What it does, in a few words.
    pub description: String,
    /// Whether it comes with litemon, rather than from the file or the admin page.
    pub built_in: bool,
    /// What it needs to be told.
    pub params: Vec<Param>,
    /// Whether it becomes root.
    pub sudo: bool,
    /// Whether it changes the server: then it has the server for itself, is detached from the
    /// connection where that can be, and is never run again by itself.
    pub changes: bool,
    /// Whether it is asked for twice, with what speaks against it.
    pub dangerous: bool,
    /// Whether the password is asked for again.
    pub asks_password: bool,
    /// Whether it runs on one server after the other unless told otherwise.
    pub one_by_one: bool,
    /// The longest it may take on one server.
    pub limit: Duration,
    /// The least role that may run it.
    pub least: Role,
    /// The groups on whose servers it may run; all when empty.
    pub groups: Vec<Name>,
}
