//! Which tables make up the checks of a server: defaults < profile < group < server.

use std::collections::BTreeMap;

use super::{Planner, servers::LINUX};
use crate::{
    config::{
        KeyPath,
        file::{CheckEntry, CheckKeys, Server},
        values::Settings,
    },
    model::Name,
};

type Entries<'a> = &'a BTreeMap<Name, CheckEntry>;

/// One level: keys for all its checks, and tables of checks.
pub(super) struct Level<'a> {
    pub(super) at: KeyPath,
    pub(super) keys: CheckKeys,
    pub(super) sections: [(Section, Option<Entries<'a>>); 3],
}

/// Where a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Resources,
    Services,
    Checks,
}

impl Section {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Resources => "resources",
            Self::Services => "services",
            Self::Checks => "checks",
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
        Self { at, keys, sections }
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
        let mut levels =
            vec![Level::keys_only(KeyPath::new(["defaults"]), self.config.defaults.clone())];
        let of_groups = groups.iter().flat_map(|(_, group)| group.profiles.iter());
        for profile in of_groups.chain(&server.profiles).flat_map(|many| &many.0) {
            levels.extend(self.profile(profile));
        }
        for (group, table) in groups {
            let at = KeyPath::new(["groups", group.as_str()]);
            let keys = table.check_keys();
            let (r, s, c) = (&table.resources, &table.services, &table.checks);
            levels.push(Level::new(at, keys, Some(r), Some(s), Some(c)));
        }
        let at = KeyPath::new(["servers", name.as_str()]);
        let (r, s, c) = (&server.resources, &server.services, &server.checks);
        levels.push(Level::new(at, server.check_keys(), Some(r), Some(s), Some(c)));
        levels
    }

    fn profile(&self, name: &str) -> Option<Level<'a>> {
        let config = self.config;
        let at = KeyPath::new(["profiles", name]);
        match config.profiles.get(name) {
            Some(table) => {
                let (r, s, c) = (&table.resources, &table.services, &table.checks);
                Some(Level::new(at, table.check_keys(), Some(r), Some(s), Some(c)))
            }
            None if name == LINUX => {
                Some(Level::new(at, CheckKeys::default(), Some(linux()), None, None))
            }
            None => None,
        }
    }
}

/// The built-in profile: `cpu`, `mem` and `hdd`.
fn linux() -> Entries<'static> {
    static LINUX: std::sync::LazyLock<BTreeMap<Name, CheckEntry>> =
        std::sync::LazyLock::new(|| {
            let names = ["cpu", "mem", "hdd"].into_iter().filter_map(|name| Name::new(name).ok());
            names.map(|name| (name, CheckEntry::default())).collect()
        });
    &LINUX
}
