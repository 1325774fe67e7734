//! What happens at a moment, from what was written.

use std::{collections::BTreeMap, time::Duration};

use super::{
    file::{Moment, UpDown, Word},
    moments, names, outward,
    scene::{Act, Sight},
    timeline::{Action, By, Which},
};
use crate::{
    config::{NotifierPlan, OneOrMany, Plan},
    model::{CheckId, CheckKind, FailureKind, Name, Status},
    monitor::PlannedKind,
    policy::{Scope, WindowKind},
};

/// What is wrong: the key, or none for the moment as such, and how.
pub(super) type Wrong = Vec<(Option<&'static str>, String)>;

/// What the configurations have names for.
#[derive(Debug)]
pub(super) struct Known<'a> {
    checks: BTreeMap<CheckId, CheckKind>,
    servers: Vec<Name>,
    /// Each with what it sends by, in the last configuration that has it.
    pub(super) notifiers: BTreeMap<Name, &'a NotifierPlan>,
    plans: &'a BTreeMap<String, usize>,
}

impl<'a> Known<'a> {
    pub(super) fn of(plans: &'a [Plan], named: &'a BTreeMap<String, usize>) -> Self {
        let checks = plans.iter().flat_map(|plan| &plan.checks);
        let servers = plans.iter().flat_map(|plan| &plan.servers);
        let notifiers = plans.iter().flat_map(|plan| &plan.notifiers);
        Self {
            checks: checks.map(|check| (check.id.clone(), check.kind)).collect(),
            servers: servers.map(|server| server.name.clone()).collect(),
            notifiers: notifiers.map(|notifier| (notifier.name.clone(), notifier)).collect(),
            plans: named,
        }
    }
}

/// The keys of which a moment has one, each with what may stand beside it.
const SUBJECTS: [(&str, &[&str]); 21] = [
    ("check", &["is", "detail", "unit", "takes"]),
    ("server", &["is", "detail", "takes"]),
    ("notifier", &["is", "takes", "gateway", "reports"]),
    ("remedy", &["is", "detail", "takes"]),
    ("network", &[]),
    ("answer", &["from"]),
    ("acknowledge", &["by", "for", "note"]),
    ("unacknowledge", &[]),
    ("mute", &["by", "for", "note"]),
    ("maintenance", &["by", "for", "note"]),
    ("unmute", &[]),
    ("run", &[]),
    ("reload", &[]),
    ("restart", &[]),
    ("kill", &[]),
    ("clock", &[]),
    ("store", &[]),
    ("journal", &[]),
    ("reboot", &["by", "for"]),
    ("shutdown", &["by", "for"]),
    ("back", &[]),
];

/// What a moment says, or what is wrong with it.
pub(super) fn understand(moment: &Moment, known: &Known<'_>, wrong: &mut Wrong) -> Option<Action> {
    let there = subjects(moment);
    let mut chosen = SUBJECTS.iter().filter(|(name, _)| there.contains(name));
    let (Some((_, beside)), None) = (chosen.next(), chosen.next()) else {
        let names: Vec<&str> = SUBJECTS.iter().map(|(name, _)| *name).collect();
        wrong.push((None, format!("expected one of {}", names.join(", "))));
        return None;
    };
    for key in companions(moment).into_iter().filter(|key| !beside.contains(key)) {
        wrong.push((Some(key), "has no meaning here".to_owned()));
    }
    of_scene(moment, known, wrong)
        .or_else(|| of_people(moment, known, wrong))
        .or_else(|| of_litemon(moment, known, wrong))
}

fn subjects(moment: &Moment) -> Vec<&'static str> {
    let there = [
        ("check", moment.check.is_some()),
        ("server", moment.server.is_some()),
        ("notifier", moment.notifier.is_some()),
        ("remedy", moment.remedy.is_some()),
        ("network", moment.network.is_some()),
        ("answer", moment.answer.is_some()),
        ("acknowledge", moment.acknowledge.is_some()),
        ("unacknowledge", moment.unacknowledge.is_some()),
        ("mute", moment.mute.is_some()),
        ("maintenance", moment.maintenance.is_some()),
        ("unmute", moment.unmute.is_some()),
        ("run", moment.run.is_some()),
        ("reload", moment.reload.is_some()),
        ("restart", moment.restart.is_some()),
        ("kill", moment.kill.is_some()),
        ("clock", moment.clock.is_some()),
        ("store", moment.store.is_some()),
        ("journal", moment.journal.is_some()),
        ("reboot", moment.reboot.is_some()),
        ("shutdown", moment.shutdown.is_some()),
        ("back", moment.back.is_some()),
    ];
    there.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

fn companions(moment: &Moment) -> Vec<&'static str> {
    let there = [
        ("is", moment.is.is_some()),
        ("detail", moment.detail.is_some()),
        ("unit", moment.unit.is_some()),
        ("takes", moment.takes.is_some()),
        ("gateway", moment.gateway.is_some()),
        ("reports", moment.reports.is_some()),
        ("from", moment.from.is_some()),
        ("by", moment.by.is_some()),
        ("for", moment.lasts.is_some()),
        ("note", moment.note.is_some()),
    ];
    there.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

/// What checks see, and what notifiers do.
fn of_scene(moment: &Moment, known: &Known<'_>, wrong: &mut Wrong) -> Option<Action> {
    if let Some(OneOrMany(names)) = &moment.check {
        let checks = matching("check", names, known.checks.keys(), wrong)?;
        return Some(Action::See(checks.clone(), act(moment, &checks, known, wrong)?));
    }
    if let Some(OneOrMany(names)) = &moment.server {
        let servers = matching("server", names, known.servers.iter(), wrong)?;
        let logins: Vec<CheckId> = servers.iter().map(CheckId::ssh).collect();
        return Some(Action::See(logins.clone(), act(moment, &logins, known, wrong)?));
    }
    if let Some(state) = &moment.network {
        return Some(Action::Network(*state == UpDown::Up));
    }
    outward::understand(moment, known, wrong)
}

/// All that the names and patterns mean; a mistake for each that means nothing.
pub(super) fn matching<'a, T: Clone + PartialEq + std::fmt::Display + 'a>(
    key: &'static str,
    patterns: &[String],
    all: impl Iterator<Item = &'a T> + Clone,
    wrong: &mut Wrong,
) -> Option<Vec<T>> {
    let before = wrong.len();
    let mut found: Vec<T> = Vec::new();
    for pattern in patterns {
        let mut fitting =
            all.clone().filter(|one| names::fits(pattern, &one.to_string())).peekable();
        if fitting.peek().is_none() {
            wrong.push((Some(key), format!("there is no {key} {pattern:?} in the configuration")));
        }
        for one in fitting {
            if !found.contains(one) {
                found.push(one.clone());
            }
        }
    }
    (wrong.len() == before).then_some(found)
}

fn act(moment: &Moment, checks: &[CheckId], known: &Known<'_>, wrong: &mut Wrong) -> Option<Act> {
    let kinds = checks.iter().filter_map(|check| known.checks.get(check));
    let sight = moment.is.as_ref().and_then(sight);
    let sight = sight.filter(|sight| kinds.clone().all(|kind| can_see(*kind, *sight)));
    let Some(sight) = sight else {
        let failures: Vec<&str> = FailureKind::ALL.map(FailureKind::as_str).to_vec();
        let what = match kinds.clone().next() {
            Some(CheckKind::Resource | CheckKind::Statistic | CheckKind::Messaging) => "a number",
            Some(CheckKind::Service) => "off",
            Some(CheckKind::Ssh) => "down",
            _ => "a number, off, warning, critical, unknown",
        };
        let expected = format!("expected ok, {what}, or why it fails: {}", failures.join(", "));
        wrong.push((Some("is"), expected));
        return None;
    };
    let (detail, unit) = (moment.detail.clone(), moment.unit.clone());
    Some(Act { sight, detail, unit, takes: moment.takes.map(|takes| takes.0) })
}

fn sight(Word(word): &Word) -> Option<Sight> {
    match word.as_str() {
        "ok" | "on" | "up" => Some(Sight::Well),
        "off" => Some(Sight::Off),
        "down" => Some(Sight::Fails(FailureKind::Silent)),
        word => Status::parse(word)
            .map(Sight::Says)
            .or_else(|| {
                let kind = FailureKind::ALL.into_iter().find(|kind| kind.as_str() == word);
                kind.map(Sight::Fails)
            })
            .or_else(|| {
                let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
                number.map(Sight::Number)
            }),
    }
}

const fn can_see(kind: CheckKind, sight: Sight) -> bool {
    match sight {
        Sight::Well | Sight::Fails(_) => true,
        Sight::Off => matches!(kind, CheckKind::Service | CheckKind::Other),
        Sight::Says(_) => matches!(kind, CheckKind::Other),
        Sight::Number(_) => !matches!(kind, CheckKind::Service | CheckKind::Ssh),
    }
}

/// What people do.
fn of_people(moment: &Moment, known: &Known<'_>, wrong: &mut Wrong) -> Option<Action> {
    let who = moment.by.clone().unwrap_or_else(|| "somebody".to_owned());
    let note = moment.note.clone().unwrap_or_default();
    let by = By { who, lasts: moment.lasts.map(|lasts| lasts.0), note };
    if let Some(text) = &moment.answer {
        let Some(from) = moment.from.clone() else {
            let expected = "expected `from`, too: the number that it comes from";
            wrong.push((Some("answer"), expected.to_owned()));
            return None;
        };
        return Some(Action::Answer { from, text: text.clone() });
    }
    if let Some(word) = &moment.acknowledge {
        return Some(Action::Acknowledge(which("acknowledge", word, known, wrong)?, by));
    }
    if let Some(word) = &moment.unacknowledge {
        return Some(Action::Unacknowledge(which("unacknowledge", word, known, wrong)?));
    }
    if let Some(OneOrMany(scopes_)) = &moment.mute {
        return Some(Action::Silence(WindowKind::Mute, scopes("mute", scopes_, wrong)?, by));
    }
    if let Some(OneOrMany(wanted)) = &moment.maintenance {
        let scopes = scopes("maintenance", wanted, wrong)?;
        return Some(Action::Silence(WindowKind::Maintenance, scopes, by));
    }
    if let Some(OneOrMany(wanted)) = &moment.unmute {
        return Some(Action::Unsilence(scopes("unmute", wanted, wrong)?));
    }
    if let Some(OneOrMany(names)) = &moment.run {
        return Some(Action::Run(matching("run", names, known.checks.keys(), wrong)?));
    }
    if let Some(server) = &moment.reboot {
        let server = one_server("reboot", server, known, wrong)?;
        return Some(Action::Plan(server, PlannedKind::Restart, by));
    }
    if let Some(server) = &moment.shutdown {
        let server = one_server("shutdown", server, known, wrong)?;
        return Some(Action::Plan(server, PlannedKind::Shutdown, by));
    }
    Some(Action::Back(one_server("back", moment.back.as_ref()?, known, wrong)?))
}

fn which(
    key: &'static str,
    Word(word): &Word,
    known: &Known<'_>,
    wrong: &mut Wrong,
) -> Option<Which> {
    if let Ok(number) = word.trim_start_matches('#').parse() {
        return Some(Which::Number(number));
    }
    let check = CheckId::parse(word).ok().filter(|check| known.checks.contains_key(check));
    if check.is_none() {
        wrong.push((Some(key), "expected a check, or the number of an incident".to_owned()));
    }
    check.map(Which::Check)
}

fn scopes(key: &'static str, wanted: &[String], wrong: &mut Wrong) -> Option<Vec<Scope>> {
    let read: Result<Vec<Scope>, _> = wanted.iter().map(|text| text.parse()).collect();
    read.map_err(|error| wrong.push((Some(key), error.to_string()))).ok()
}

fn one_server(
    key: &'static str,
    server: &str,
    known: &Known<'_>,
    wrong: &mut Wrong,
) -> Option<Name> {
    let found = known.servers.iter().find(|name| name.as_str() == server).cloned();
    if found.is_none() {
        wrong.push((Some(key), format!("there is no server {server:?} in the configuration")));
    }
    found
}

/// What happens to litemon and its machine.
fn of_litemon(moment: &Moment, known: &Known<'_>, wrong: &mut Wrong) -> Option<Action> {
    let up = |state: &UpDown| *state == UpDown::Up;
    let restart = |after: Duration, killed| Some(Action::Restart { after, killed });
    match moment {
        Moment { reload: Some(name), .. } => {
            let place = known.plans.get(name).copied();
            if place.is_none() {
                let expected = "expected \"config\", a name in [configs], or a file *.toml";
                wrong.push((Some("reload"), expected.to_owned()));
            }
            Some(Action::Reload(place?, name.clone()))
        }
        Moment { restart: Some(after), .. } => restart(after.0, false),
        Moment { kill: Some(after), .. } => restart(after.0, true),
        Moment { store: Some(state), .. } => Some(Action::Store(up(state))),
        Moment { journal: Some(state), .. } => Some(Action::Journal(up(state))),
        Moment { clock: Some(text), .. } => {
            let by = moments::shift(text);
            if by.is_none() {
                let expected = "expected by how much it is set, as \"-2h\" or \"+30m\"";
                wrong.push((Some("clock"), expected.to_owned()));
            }
            by.map(Action::Clock)
        }
        _ => None,
    }
}
