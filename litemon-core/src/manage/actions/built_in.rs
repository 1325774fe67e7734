//! The actions that come with litemon.
//!
//! Their scripts are POSIX sh for dash, bash, busybox and FreeBSD's sh. They find out by themselves
//! what the server has, and read their parameters from the environment.

use super::{
    Action,
    catalog::{ASKS, CHANGES},
    definition::{Definition, How},
};
use crate::{config::built_in_actions, manage::Role, model::Name};

const PING: &str = include_str!("scripts/ping.sh");
const REFRESH: &str = concat!(include_str!("scripts/packages.sh"), "\nrefresh\n");
const UPDATE: &str = concat!(include_str!("scripts/packages.sh"), "\nupdate upgrade\n");
const FULL_UPGRADE: &str = concat!(include_str!("scripts/packages.sh"), "\nupdate dist-upgrade\n");
const SERVICE: &str = include_str!("scripts/service.sh");
const RESTART: &str = include_str!("scripts/restart.sh");
const SHUTDOWN: &str = include_str!("scripts/shutdown.sh");
const CANCEL: &str = include_str!("scripts/cancel-shutdown.sh");

/// All of them, in the order in which they are shown.
pub(super) fn all() -> Vec<Definition> {
    let list = [
        define("ping", "See who answers", How::Ping(PING)),
        define("refresh", "Refresh the lists of packages", How::Script(REFRESH))
            .map(|it| it.changes().detached()),
        define("update", "Update packages", How::Script(UPDATE)).map(|it| it.changes().detached()),
        define("full-upgrade", "Update packages, also where others have to go", {
            How::Script(FULL_UPGRADE)
        })
        .map(|it| it.changes().detached()),
        define("service", "Start, stop or restart a service", How::Script(SERVICE))
            .map(|it| it.changes().detached()),
        define("restart", "Restart the server", How::Restart(RESTART))
            .map(|it| it.changes().one_by_one()),
        define("shutdown", "Shut the server down", How::Shutdown(SHUTDOWN))
            .map(|it| it.changes().one_by_one()),
        define("cancel-shutdown", "Undo a shutdown that is yet to come", How::Cancel(CANCEL))
            .map(Definition::changes),
    ];
    list.into_iter().flatten().collect()
}

/// What only asks, as the user that litemon logs in with.
fn define(name: &str, description: &str, how: How) -> Option<Definition> {
    let known = built_in_actions().into_iter().find(|one| one.name == name)?;
    let action = Action {
        name: Name::new(name).ok()?,
        description: description.to_owned(),
        built_in: true,
        params: known.params,
        sudo: false,
        changes: false,
        dangerous: known.dangerous,
        asks_password: false,
        one_by_one: false,
        limit: ASKS,
        least: Role::Operator,
        groups: Vec::new(),
    };
    Some(Definition { action, how, detached: false })
}

impl Definition {
    /// Changes the server, as root.
    fn changes(mut self) -> Self {
        (self.action.changes, self.action.sudo, self.action.limit) = (true, true, CHANGES);
        self
    }

    const fn detached(mut self) -> Self {
        self.detached = true;
        self
    }

    const fn one_by_one(mut self) -> Self {
        self.action.one_by_one = true;
        self
    }
}
