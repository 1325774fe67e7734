//! Which tables make up the checks of a server: defaults < profile < group < server.

use std::collections::{BTreeMap, BTreeSet};

use super::{Planner, builtin, servers::BUILT_IN};
use crate::{
    config::{
        KeyPath,
        file::{CheckEntry, CheckKeys, Group, Server},
        values::Settings,
    },
    model::Name,
};

pub(super) type Entries<'a> = &'a BTreeMap<Name, CheckEntry>;

/// One level: keys for all its checks, and tables of checks.
pub(super) struct Level<'a> {
    pub(super) at: KeyPath,
    pub(super) keys: CheckKeys,
    pub(super) sections: [(Section, Option<Entries<'a>>); 3],
    /// It stands in no file.
    pub(super) builtin: bool,
}

/// The sort of table that a check stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Resources,
    Services,
    Checks,
    Messaging,
    Stats,
}

impl Section {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Resources => "resources",
            Self::Services => "services",
            Self::Checks => "checks",
            Self::Messaging => "messaging",
            Self::Stats => "stats",
        }
    }

    /// The kind of all its checks; `None` where each names its own.
    pub(crate) const fn kind(self) -> Option<&'static str> {
        match self {
            Self::Resources => Some("resource"),
            Self::Services => Some("service"),
            Self::Messaging => Some("stomp_round_trip"),
            Self::Stats => Some("http_stats"),
            Self::Checks => None,
        }
    }
}

impl<'a> Level<'a> {
    pub(super) const fn keys_only(at: KeyPath, keys: CheckKeys) -> Self {
        let none = None;
        Self::new(at, keys, none, none, none)
    }

    const fn new(
        at: KeyPath,
        keys: CheckKeys,
        resources: Option<Entries<'a>>,
        services: Option<Entries<'a>>,
        checks: Option<Entries<'a>>,
    ) -> Self {
        let sections = [
            (Section::Resources, resources),
            (Section::Services, services),
            (Section::Checks, checks),
        ];
        Self { at, keys, sections, builtin: false }
    }
}

/// The settings of a check, and where each of them was written.
#[derive(Debug, Default)]
pub(super) struct Effective {
    pub(super) keys: CheckKeys,
    pub(super) entry: CheckEntry,
    pub(super) from: BTreeMap<String, KeyPath>,
}

impl Effective {
    pub(super) fn overlay_keys(&mut self, keys: &CheckKeys, at: &KeyPath) {
        self.keys.overlay(keys, at, &mut self.from);
    }

    pub(super) fn overlay(&mut self, over: &CheckEntry, at: &KeyPath) {
        self.overlay_keys(&over.check_keys(), at);
        macro_rules! put {
            ($($field:ident $word:literal),*) => {$(
                if over.$field.is_some() {
                    self.entry.$field = over.$field.clone();
                    self.from.insert($word.to_owned(), at.child($word));
                }
            )*};
        }
        put!(enabled "enabled", kind "kind", threshold "threshold", warn "warn", clear "clear", hold "for");
        let Settings(settings) = &over.settings;
        for (key, value) in settings {
            self.entry.settings.0.insert(key.clone(), value.clone());
            self.from.insert(key.clone(), at.child(key));
        }
    }
}

impl<'a> Planner<'a> {
    pub(super) fn levels(&self, name: &Name, server: &'a Server) -> Vec<Level<'a>> {
        let groups = self.groups_of(server);
        let mut levels = vec![self.defaults()];
        let of_groups = groups.iter().flat_map(|(_, group)| group.profiles.iter());
        for profile in of_groups.chain(&server.profiles).flat_map(|many| &many.0) {
            levels.extend(self.profile(profile));
        }
        levels.extend(groups.into_iter().map(|(name, group)| Self::group(name, group)));
        let at = KeyPath::new(["servers", name.as_str()]);
        let (r, s, c) = (&server.resources, &server.services, &server.checks);
        levels.push(Level::new(at, server.check_keys(), Some(r), Some(s), Some(c)));
        levels
    }

    /// Levels that no server has, each on top of the defaults, so that they can be looked at too.
    pub(super) fn idle_levels(&self) -> Vec<[Level<'a>; 2]> {
        let config = self.config;
        let groups_in_use: Vec<&Name> =
            config.servers.values().flat_map(|s| self.groups_of(s)).map(|(name, _)| name).collect();
        let of_servers = config.servers.values().filter_map(|server| server.profiles.as_ref());
        let of_groups = config.groups.values().filter_map(|group| group.profiles.as_ref());
        let profiles_in_use: Vec<&String> =
            of_servers.chain(of_groups).flat_map(|m| &m.0).collect();
        let profiles =
            config.profiles.keys().filter(|n| !profiles_in_use.iter().any(|u| *u == n.as_str()));
        let groups = config.groups.iter().filter(|(name, _)| !groups_in_use.contains(name));
        let idle = profiles
            .filter_map(|name| self.profile(name.as_str()))
            .chain(groups.map(|(name, group)| Self::group(name, group)));
        idle.map(|level| [self.defaults(), level]).collect()
    }

    /// The names of all profiles, in their order.
    pub(super) fn profiles(&self) -> Vec<Name> {
        let built_in = BUILT_IN.iter().filter_map(|device| Name::new(device.word()).ok());
        let names: BTreeSet<Name> = self.config.profiles.keys().cloned().chain(built_in).collect();
        names.into_iter().collect()
    }

    fn defaults(&self) -> Level<'a> {
        Level::keys_only(KeyPath::new(["defaults"]), self.config.defaults.clone())
    }

    fn group(name: &Name, table: &'a Group) -> Level<'a> {
        let at = KeyPath::new(["groups", name.as_str()]);
        let (r, s, c) = (&table.resources, &table.services, &table.checks);
        Level::new(at, table.check_keys(), Some(r), Some(s), Some(c))
    }

    fn profile(&self, name: &str) -> Option<Level<'a>> {
        let config = self.config;
        let at = KeyPath::new(["profiles", name]);
        match config.profiles.get(name) {
            Some(table) => {
                let (r, s, c) = (&table.resources, &table.services, &table.checks);
                Some(Level::new(at, table.check_keys(), Some(r), Some(s), Some(c)))
            }
            None => {
                let device = BUILT_IN.into_iter().find(|device| device.word() == name)?;
                let (resources, checks) = builtin::of(device);
                let level = Level::new(at, CheckKeys::default(), Some(resources), None, checks);
                Some(Level { builtin: true, ..level })
            }
        }
    }
}
