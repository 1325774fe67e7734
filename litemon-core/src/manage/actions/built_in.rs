//! The actions that come with litemon.
//!
//! Their scripts are POSIX sh for dash, bash, busybox and FreeBSD's sh. They find out by themselves
//! what the server has, and read their parameters from the environment.

use super::{
    Action, Param, ParamKind,
    catalog::{ASKS, CHANGES},
    definition::{Definition, How, MINUTES},
};
use crate::{manage::Role, model::Name};

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
        define("ping", "See who answers", How::Ping(PING)).map(|it| it.takes([target()])),
        define("refresh", "Refresh the lists of packages", How::Script(REFRESH))
            .map(|it| it.changes().detached()),
        define("update", "Update packages", How::Script(UPDATE))
            .map(|it| it.changes().detached().takes([only_show()])),
        define("full-upgrade", "Update packages, also where others have to go", {
            How::Script(FULL_UPGRADE)
        })
        .map(|it| it.changes().detached().dangerous().takes([only_show()])),
        define("service", "Start, stop or restart a service", How::Script(SERVICE))
            .map(|it| it.changes().detached().dangerous().takes([verb(), unit()])),
        define("restart", "Restart the server", How::Restart(RESTART))
            .map(|it| it.changes().dangerous().one_by_one()),
        define("shutdown", "Shut the server down", How::Shutdown(SHUTDOWN))
            .map(|it| it.changes().dangerous().one_by_one().takes([minutes()])),
        define("cancel-shutdown", "Undo a shutdown that is yet to come", How::Cancel(CANCEL))
            .map(Definition::changes),
    ];
    list.into_iter().flatten().collect()
}

/// What only asks, as the user that litemon logs in with.
fn define(name: &str, description: &str, how: How) -> Option<Definition> {
    let action = Action {
        name: Name::new(name).ok()?,
        description: description.to_owned(),
        built_in: true,
        params: Vec::new(),
        sudo: false,
        changes: false,
        dangerous: false,
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

    const fn dangerous(mut self) -> Self {
        self.action.dangerous = true;
        self
    }

    const fn one_by_one(mut self) -> Self {
        self.action.one_by_one = true;
        self
    }

    fn takes<const N: usize>(mut self, params: [Param; N]) -> Self {
        self.action.params = params.into();
        self
    }
}

fn param(name: &str, description: &str, kind: ParamKind, default: Option<&str>) -> Param {
    Param {
        name: name.to_owned(),
        description: description.to_owned(),
        kind,
        default: default.map(str::to_owned),
    }
}

fn choice(words: &[&str]) -> ParamKind {
    ParamKind::Choice(words.iter().map(|word| (*word).to_owned()).collect())
}

fn target() -> Param {
    let kind = choice(&["server", "gateway", "internet", "main"]);
    let description =
        "the server from here; or from the server its gateway, the internet, the main server";
    param("target", description, kind, Some("server"))
}

fn only_show() -> Param {
    param(
        "only-show",
        "show what would be done, and do nothing",
        choice(&["no", "yes"]),
        Some("no"),
    )
}

fn verb() -> Param {
    param("verb", "what is done to it", choice(&["start", "stop", "restart"]), None)
}

fn unit() -> Param {
    let kind = ParamKind::Text(r"[A-Za-z0-9_][A-Za-z0-9_.@:\\-]{0,199}".to_owned());
    param("unit", "the name of the service", kind, None)
}

fn minutes() -> Param {
    param(MINUTES, "in how many minutes", ParamKind::Number { min: 0, max: 1440 }, Some("0"))
}
