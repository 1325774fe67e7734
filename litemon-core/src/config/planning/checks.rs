//! Checks: those of each server, and those of no server.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    Planner,
    builtin::rank,
    layers::{Effective, Level, Section},
    servers::device,
};
use crate::{
    config::{
        CheckPlan, KeyPath, Kinds, TimeSpan,
        file::{CHECK_KEYS, CheckEntry, CheckKeys, ENTRY_KEYS},
        kind::{KindContext, LocateSetting, ProbeKind, setting_drafts},
        mistake::Draft,
        worst_case::{ALLOWANCE, worst_case},
    },
    exec::Address,
    model::{CheckId, CheckKind, Device, Name, Schedule},
    probe::{Recipe, reach::Reach},
};

const TIME_TO_NOTIFY: Duration = Duration::from_secs(30);
/// The name of the check that says whether a server can be logged in to.
const SSH: &str = "ssh";

/// Where the settings of one check were written.
#[derive(Debug)]
pub(super) struct Written<'e> {
    pub(super) at: KeyPath,
    pub(super) from: &'e BTreeMap<String, KeyPath>,
}

impl LocateSetting for Written<'_> {
    fn locate(&self, key: &str) -> KeyPath {
        let (head, rest) = key.split_once('.').unwrap_or((key, ""));
        self.from.get(head).map_or_else(|| self.at.join(key), |path| path.join(rest))
    }
}

/// A check and where it belongs.
pub(super) struct Subject<'e> {
    pub(super) id: CheckId,
    name: &'e Name,
    server: Option<&'e Name>,
    /// Its own, or its last, table.
    pub(super) at: KeyPath,
}

impl<'a> Planner<'a> {
    pub(super) fn checks(&mut self) -> Vec<CheckPlan> {
        let mut plans = Vec::new();
        let config = self.config;
        for (name, server) in self.enabled_servers() {
            let levels = self.levels(name, server);
            if server.address.as_deref() != Some("local") {
                plans.extend(self.reach(name, &levels));
            }
            self.server_checks(name, &levels, &mut plans);
        }
        for (section, entries) in [
            (Section::Messaging, &config.messaging),
            (Section::Stats, &config.stats),
            (Section::Checks, &config.checks),
        ] {
            plans.extend(self.free_checks(section, entries));
        }
        let wanted = std::mem::take(&mut self.wanted);
        self.dependencies(&mut plans, &wanted);
        self.idle();
        plans
    }

    /// Looks at what no server inherits yet: its mistakes would come up later. What is missing may
    /// still be added by a server.
    fn idle(&mut self) {
        let at = KeyPath::new(["defaults"]);
        self.schedule(&self.config.defaults, &|key| at.child(key));
        let Ok(nobody) = Name::new("SERVER") else { return };
        for levels in self.idle_levels() {
            let before = self.drafts.len();
            self.server_checks(&nobody, &levels, &mut Vec::new());
            let found = self.drafts.split_off(before);
            let [_, level] = &levels;
            let own = found.into_iter().filter(|d| !d.missing && d.path.is_within(&level.at));
            self.drafts.extend(own);
        }
    }

    fn reach(&mut self, server: &'a Name, levels: &[Level<'_>]) -> Option<CheckPlan> {
        let mut effective = Effective::default();
        for level in levels {
            effective.overlay_keys(&level.keys, &level.at);
        }
        let at = KeyPath::new(["servers", server.as_str()]);
        let subject = Subject { id: CheckId::ssh(server), name: server, server: Some(server), at };
        self.check(&subject, &effective, CheckKind::Ssh, Arc::new(Reach::new()))
    }

    fn server_checks(&mut self, server: &Name, levels: &[Level<'_>], plans: &mut Vec<CheckPlan>) {
        let mut taken: BTreeMap<&Name, Section> = BTreeMap::new();
        for section in [Section::Resources, Section::Services, Section::Checks] {
            for name in self.names(section, levels) {
                let Some((effective, at)) = effective(section, name, levels) else { continue };
                if name.as_str() == SSH {
                    let message =
                        "is the name of the check of the login; expected another one, as sshd";
                    self.drafts.push(Draft::key(at, message));
                    continue;
                }
                if let Some(other) = taken.insert(name, section) {
                    let message = format!(
                        "{server} has {}.{name} too; names of checks are unique within a server",
                        other.word()
                    );
                    self.drafts.push(Draft::key(at, message));
                    continue;
                }
                let id = CheckId::new(server, name);
                let subject = Subject { id, name, server: Some(server), at };
                plans.extend(self.of_kind(section, &subject, &effective));
            }
        }
    }

    /// The checks of a section over all levels: inherited ones first, each in the order of writing.
    fn names<'l>(&self, section: Section, levels: &'l [Level<'_>]) -> Vec<&'l Name> {
        let mut names: Vec<&Name> = Vec::new();
        for level in levels {
            let at = level.at.child(section.word());
            for (_, entries) in level.sections.iter().filter(|(word, _)| *word == section) {
                let mut list =
                    entries.map(|entries| self.ordered(&at, entries)).unwrap_or_default();
                if level.builtin {
                    list.sort_by_key(|(name, _)| rank(name));
                }
                for (name, _) in list {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
        names
    }

    /// Checks that belong to no server: those of a section at the top of the file.
    fn free_checks(
        &mut self,
        section: Section,
        entries: &'a BTreeMap<Name, CheckEntry>,
    ) -> Vec<CheckPlan> {
        let root = KeyPath::new([section.word()]);
        let Ok(owner) = Name::new(section.word()) else { return Vec::new() };
        let mut plans = Vec::new();
        for (name, entry) in self.ordered(&root, entries) {
            let at = root.child(name.as_str());
            let mut effective = Effective::default();
            effective.overlay_keys(&self.config.defaults, &KeyPath::new(["defaults"]));
            effective.overlay(entry, &at);
            if effective.entry.enabled == Some(false) {
                continue;
            }
            let subject = Subject { id: CheckId::new(&owner, name), name, server: None, at };
            plans.extend(self.of_kind(section, &subject, &effective));
        }
        plans
    }

    /// Lets the kind read its settings.
    fn of_kind(
        &mut self,
        section: Section,
        subject: &Subject<'_>,
        effective: &Effective,
    ) -> Option<CheckPlan> {
        let kind = self.kind(section, subject, effective)?;
        let written = Written { at: subject.at.clone(), from: &effective.from };
        let context = KindContext {
            name: subject.name,
            server: subject.server,
            timeout: Some(
                effective.keys.timeout.map_or(Schedule::default().timeout, |span| span.0),
            ),
            host: subject.server.and_then(|server| self.host(server)),
            device: subject.server.map_or_else(Device::default, |server| self.device(server)),
            secrets: self.around.secrets,
            home: self.around.home.as_deref(),
            origins: self.origins,
            locate: &written,
        };
        let recipe = kind.plan(&effective.entry.settings.0, &context);
        let common: Vec<&str> = CHECK_KEYS.into_iter().chain(ENTRY_KEYS).collect();
        let recipe = recipe.map_err(|wrong| {
            self.drafts.extend(setting_drafts(wrong, &written, &common));
        });
        if !kind.measures_number() {
            self.no_limits(effective);
        }
        self.check(subject, effective, kind.check_kind(), recipe.ok()?)
    }

    fn device(&self, server: &Name) -> Device {
        self.config.servers.get(server).map_or_else(Device::default, device)
    }

    /// Where a server is, for checks that look at it from outside.
    fn host(&self, server: &Name) -> Option<String> {
        match self.config.servers.get(server)?.address.as_deref()?.parse().ok()? {
            Address::Local => Some("127.0.0.1".to_owned()),
            Address::Host { host, .. } => Some(host),
        }
    }

    fn kind(
        &mut self,
        section: Section,
        subject: &Subject<'_>,
        effective: &Effective,
    ) -> Option<Arc<dyn ProbeKind>> {
        if let Some(fixed) = section.kind() {
            if let Some(at) = effective.from.get("kind") {
                let message =
                    format!("has no place in {}; move the check to checks", section.word());
                self.drafts.push(Draft::key(at.clone(), message));
            }
            let kind = self.around.kinds.probe(fixed).cloned();
            if let (None, Some(message)) = (&kind, Kinds::probe_not_built_in(fixed)) {
                self.drafts.push(Draft::key(subject.at.clone(), message));
            }
            return kind;
        }
        let valid: Vec<&str> = self.around.kinds.probes().iter().map(|kind| kind.name()).collect();
        let Some(name) = &effective.entry.kind else {
            let expected = format!("one of {}", valid.join(", "));
            self.drafts.push(Draft::missing(subject.at.child("kind"), &expected));
            return None;
        };
        let kind = self.around.kinds.probe(name);
        if kind.is_none() {
            let at =
                effective.from.get("kind").cloned().unwrap_or_else(|| subject.at.child("kind"));
            self.drafts.push(match Kinds::probe_not_built_in(name) {
                Some(message) => Draft::value(at, message),
                None => Draft::unknown_word(at, "kind of check", name, &valid),
            });
        }
        kind.cloned()
    }

    fn no_limits(&mut self, effective: &Effective) {
        for key in ["threshold", "warn", "clear", "for"] {
            if let Some(at) = effective.from.get(key) {
                self.drafts
                    .push(Draft::key(at.clone(), "is for checks that measure a number only"));
            }
        }
    }

    /// Everything that does not depend on the kind.
    fn check(
        &mut self,
        subject: &Subject<'_>,
        effective: &Effective,
        kind: CheckKind,
        recipe: Arc<dyn Recipe>,
    ) -> Option<CheckPlan> {
        let before = self.drafts.len();
        let at =
            |key: &str| effective.from.get(key).cloned().unwrap_or_else(|| subject.at.child(key));
        let mut schedule = self.schedule(&effective.keys, &at);
        if effective.keys.attempts.is_none() {
            schedule.attempts = recipe.usual_attempts().unwrap_or(schedule.attempts);
        }
        let limit = recipe.run_limit();
        schedule.timeout = limit.map_or(schedule.timeout, |limit| limit.time);
        let criteria = self.criteria(effective, kind, &at);
        let notify = self.notify(&effective.keys, &subject.id, subject.server.is_some(), &at);
        let reminding = self.reminding(&effective.keys, &subject.id, subject.server.is_some(), &at);
        let flapping = self.flapping(&effective.keys, &at);
        if let Some(words) = &effective.keys.depends_on {
            self.wanted.insert(subject.id.clone(), (words.0.clone(), at("depends_on")));
        }
        let time_to_notify = effective.keys.time_to_notify.map_or(TIME_TO_NOTIFY, |span| span.0);
        if self.drafts.len() > before {
            return None;
        }
        let hold = effective.entry.hold.map_or(Duration::ZERO, |span| span.0);
        let sending = self.slowest(&notify);
        let worst = sending.map(|sending| worst_case(&schedule, hold, sending));
        if let (Some(worst), Some(sending)) = (worst, sending)
            && worst > time_to_notify
        {
            let word = limit.map_or("timeout", |limit| limit.key);
            let sum = sum(&schedule, word, hold, sending);
            let message = format!(
                "{} promised, but telling of a fault of {} may take {} ({sum}); \
                 raise time_to_notify or shorten the others",
                TimeSpan(time_to_notify),
                subject.id,
                TimeSpan(worst),
            );
            self.wrong(at("time_to_notify"), message);
        }
        Some(CheckPlan {
            id: subject.id.clone(),
            kind,
            server: subject.server.cloned(),
            schedule,
            criteria,
            notify,
            depends_on: Vec::new(),
            reminding,
            flapping,
            recipe,
            time_to_notify,
            worst_case: worst,
        })
    }

    pub(super) fn notify(
        &mut self,
        keys: &CheckKeys,
        id: &CheckId,
        of_server: bool,
        at: &dyn Fn(&str) -> KeyPath,
    ) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        for (i, word) in keys.notify.iter().flat_map(|many| &many.0).enumerate() {
            let here = at("notify").child(i.to_string());
            let Some((name, told)) = self.told.get_key_value(word.as_str()) else {
                let valid: Vec<&str> = self.told.keys().map(Name::as_str).collect();
                self.drafts.push(Draft::unknown_word(here, "notifier", word, &valid));
                continue;
            };
            if told.on_server && !of_server {
                let message = format!("{name} runs on the failing server, and {id} has none");
                self.drafts.push(Draft::value(here, message));
                continue;
            }
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// The limit of the slowest notifier that tells a person of problems.
    fn slowest(&self, notify: &[Name]) -> Option<Duration> {
        let told = notify.iter().filter_map(|name| self.told.get(name));
        told.filter(|told| told.tells_people).filter_map(|told| told.problem_timeout).max()
    }
}

/// The settings of one check over all levels, and its last table. `None` when it is switched off.
fn effective(section: Section, name: &Name, levels: &[Level<'_>]) -> Option<(Effective, KeyPath)> {
    let mut effective = Effective::default();
    let mut last = KeyPath::default();
    for level in levels {
        effective.overlay_keys(&level.keys, &level.at);
        let entries = level.sections.iter().filter(|(word, _)| *word == section);
        for entry in entries.filter_map(|(_, entries)| entries.as_ref()?.get(name)) {
            last = level.at.child(section.word()).child(name.as_str());
            effective.overlay(entry, &last);
        }
    }
    (effective.entry.enabled != Some(false)).then_some((effective, last))
}

/// `limit` is the key that bounds a run.
fn sum(schedule: &Schedule, limit: &str, hold: Duration, sending: Duration) -> String {
    let mut parts = vec![format!("interval {}", TimeSpan(schedule.interval))];
    if !hold.is_zero() {
        parts.push(format!("for {} and interval {}", TimeSpan(hold), TimeSpan(schedule.interval)));
    }
    parts.push(format!("{limit} {}", TimeSpan(schedule.timeout)));
    let more = schedule.attempts.saturating_sub(1);
    if more > 0 {
        let (retry, timeout) = (TimeSpan(schedule.retry_interval), TimeSpan(schedule.timeout));
        parts.push(format!("{more} x (retry_interval {retry} + {limit} {timeout})"));
    }
    parts.push(format!("deciding {}", TimeSpan(ALLOWANCE)));
    parts.push(format!("sending {}", TimeSpan(sending)));
    parts.join(" + ")
}
