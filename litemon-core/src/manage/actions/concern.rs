//! What speaks against an order: pure, over what the monitor knows.

use std::{collections::BTreeSet, fmt};

use super::{Action, hosts};
use crate::{
    config::ServerPlan,
    model::{Name, Status},
    monitor::{ServerView, Snapshot},
};

/// From this much of a disk on, an update had better wait.
const DISK_LOW: f64 = 90.0;

/// Why one should think twice about an order, on one server.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Concern {
    /// The server.
    pub server: Name,
    /// Why.
    pub why: Doubt,
}

/// What speaks against an order.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Doubt {
    /// No other server of this group is well, or all others are in the order too.
    LastOfGroup(Name),
    /// It cannot be reached.
    Down,
    /// It is down because somebody shut it down, or is being restarted.
    Planned(String),
    /// A program holds the lock of its packages; which.
    PackagesBusy(String),
    /// So many percent of its disk are used.
    DiskLow(f64),
    /// litemon itself runs there.
    OwnHost,
    /// These servers are reached through it.
    JumpHost(Vec<Name>),
}

/// One line in English, to stand behind the server's name.
impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LastOfGroup(group) => write!(f, "no other server of {group} would be left"),
            Self::Down => f.write_str("is down already"),
            Self::Planned(by) => write!(f, "is being restarted or was shut down by {by}"),
            Self::PackagesBusy(what) => write!(f, "its packages are in use by {what}"),
            Self::DiskLow(percent) => write!(f, "its disk is {percent:.0}% full"),
            Self::OwnHost => f.write_str("litemon itself runs there"),
            Self::JumpHost(names) => {
                let names: Vec<&str> = names.iter().map(Name::as_str).collect();
                write!(f, "{} can be reached only through it", names.join(", "))
            }
        }
    }
}

/// What concerns are judged by.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Around<'a> {
    /// Every server there is.
    pub servers: &'a [ServerPlan],
    /// What the monitor knows; `None` without one.
    pub snapshot: Option<&'a Snapshot>,
    /// Those that are the machine litemon runs on, as [`own_hosts`](super::own_hosts) finds them.
    pub own: &'a BTreeSet<Name>,
}

impl<'a> Around<'a> {
    /// Among these servers, with nothing known of how they are.
    #[must_use]
    pub const fn new(servers: &'a [ServerPlan], own: &'a BTreeSet<Name>) -> Self {
        Self { servers, snapshot: None, own }
    }

    /// With what the monitor knows.
    #[must_use]
    pub const fn snapshot(mut self, snapshot: Option<&'a Snapshot>) -> Self {
        self.snapshot = snapshot;
        self
    }
}

/// What speaks against running an action on these servers, in their order. Nothing does against
/// one that changes nothing.
#[must_use]
pub fn concerns(action: &Action, servers: &[Name], around: &Around<'_>) -> Vec<Concern> {
    if !action.changes {
        return Vec::new();
    }
    let concerned = |server: &Name| {
        let found = doubts(action, server, servers, around);
        let server = server.clone();
        found.into_iter().map(move |why| Concern { server: server.clone(), why })
    };
    servers.iter().flat_map(concerned).collect()
}

fn doubts(action: &Action, server: &Name, with: &[Name], around: &Around<'_>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if action.takes_away() {
        doubts.extend(around.own.contains(server).then_some(Doubt::OwnHost));
        let behind = hosts::behind(server, around.servers);
        doubts.extend((!behind.is_empty()).then_some(Doubt::JumpHost(behind)));
    }
    let Some(snapshot) = around.snapshot else { return doubts };
    let Some(view) = snapshot.server(server.as_str()) else { return doubts };
    match &view.planned {
        Some(planned) => doubts.push(Doubt::Planned(planned.by.clone())),
        None => doubts.extend(view.unreachable().then_some(Doubt::Down)),
    }
    if action.takes_away() {
        doubts.extend(lasts(view, with, snapshot));
    }
    if action.fills_disk() {
        doubts.extend(disk(view, snapshot));
    }
    doubts
}

/// The groups of which this is the last server that is well, those of the order aside.
fn lasts<'a>(
    view: &'a ServerView,
    with: &'a [Name],
    snapshot: &'a Snapshot,
) -> impl Iterator<Item = Doubt> + 'a {
    let well = |other: &ServerView| !other.unreachable() && other.status() != Status::Critical;
    let left = move |group: &Name| {
        let others = snapshot.servers.iter().filter(|other| other.groups.contains(group));
        let mut others = others.filter(|other| other.name != view.name).peekable();
        // A group of one is no group that could be left without.
        others.peek().is_none() || others.any(|other| well(other) && !with.contains(&other.name))
    };
    let own = well(view).then_some(view.groups.iter()).into_iter().flatten();
    own.filter(move |group| !left(group)).cloned().map(Doubt::LastOfGroup)
}

fn disk(view: &ServerView, snapshot: &Snapshot) -> Option<Doubt> {
    let used = view.check("hdd")?.current_value(snapshot.at)?;
    (used >= DISK_LOW).then_some(Doubt::DiskLow(used))
}

impl Action {
    /// Whether the server, or something on it, is away meanwhile: it ends what runs, or nobody
    /// knows.
    fn takes_away(&self) -> bool {
        self.dangerous && !self.fills_disk()
    }

    /// Whether it fails while somebody else is at work on the server's packages.
    #[must_use]
    pub fn uses_packages(&self) -> bool {
        self.fills_disk() || self.built_in && self.name.as_str() == "refresh"
    }

    /// Whether it puts packages on the server's disk.
    fn fills_disk(&self) -> bool {
        self.built_in && matches!(self.name.as_str(), "update" | "full-upgrade")
    }
}
