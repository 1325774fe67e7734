//! Who is told besides, when nobody is, and what follows from what.

use std::{collections::BTreeMap, time::Duration};

use super::Planner;
use crate::{
    config::{
        CheckPlan, KeyPath, TimeSpan,
        file::{CheckKeys, Escalate, Flapping, Maintenance},
        mistake::Draft,
    },
    model::{CheckId, Name, Schedule, Zone},
    policy::{Escalation, FlapMarks, Recurring, Reminding, Scope},
};

/// Reminders where the file says nothing: after an hour, four, twelve, then each day.
const HOURS: [u64; 4] = [1, 4, 12, 24];
/// The closest that people may be told the same again.
const CLOSEST: Duration = Duration::from_secs(60);
/// The longest that maintenance lasts at a time.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

impl Planner<'_> {
    pub(super) fn reminding(
        &mut self,
        keys: &CheckKeys,
        id: &CheckId,
        of_server: bool,
        at: &dyn Fn(&str) -> KeyPath,
    ) -> Reminding {
        let usual = || HOURS.map(|hours| Duration::from_secs(hours * 3600)).to_vec();
        let written = keys.reminders.as_ref();
        let gaps = written.map_or_else(usual, |many| many.0.iter().map(|span| span.0).collect());
        if gaps.iter().any(|gap| *gap < CLOSEST) {
            self.wrong(at("reminders"), format!("expected {} or more each", TimeSpan(CLOSEST)));
        }
        let steps = keys.escalate.iter().flatten().enumerate();
        let steps = steps
            .map(|(i, step)| self.step(step, id, of_server, &at("escalate").child(i.to_string())));
        let steps = steps.collect();
        Reminding::new(gaps).escalate(steps)
    }

    pub(super) fn flapping(
        &mut self,
        keys: &CheckKeys,
        at: &dyn Fn(&str) -> KeyPath,
    ) -> Option<FlapMarks> {
        match keys.flapping.unwrap_or(Flapping::Switch(true)) {
            Flapping::Switch(on) => on.then(FlapMarks::default),
            Flapping::Marks { high, low } => {
                let marks = FlapMarks::new(high, low);
                if marks.is_none() {
                    self.wrong(at("flapping"), "expected percentages, `low` below `high`");
                }
                marks
            }
        }
    }

    fn step(&mut self, step: &Escalate, id: &CheckId, of_server: bool, at: &KeyPath) -> Escalation {
        if step.after.is_none() {
            self.drafts.push(Draft::missing(at.child("after"), "a duration, as \"15m\""));
        }
        if step.notify.as_ref().is_none_or(|many| many.0.is_empty()) {
            self.drafts.push(Draft::missing(at.child("notify"), "names of notifiers"));
        }
        let keys = CheckKeys { notify: step.notify.clone(), ..CheckKeys::default() };
        let notify = self.notify(&keys, id, of_server, &|key| at.child(key));
        Escalation::new(step.after.map_or(Duration::ZERO, |span| span.0), notify)
    }

    /// What checks depend on: each is there, and none depends on itself. Whoever waits for the
    /// verdict on something else is told of later, by that much.
    pub(super) fn dependencies(&mut self, plans: &mut [CheckPlan], wanted: &Wanted) {
        let known: BTreeMap<CheckId, Schedule> =
            plans.iter().map(|plan| (plan.id.clone(), plan.schedule.clone())).collect();
        for plan in plans.iter_mut() {
            let Some((words, at)) = wanted.get(&plan.id) else { continue };
            for (i, word) in words.iter().enumerate() {
                let here = at.child(i.to_string());
                match self.dependency(word, &known) {
                    // What a whole group depends on may be one of the group.
                    Ok(id)
                        if id == plan.id
                            || Some(id.owner()) == plan.server.as_ref().map(Name::as_str)
                                && id.name() == "ssh" => {}
                    Ok(id) => plan.depends_on.push(id),
                    Err(message) => self.wrong(here, message),
                }
            }
            self.later(plan, &known, at);
        }
        let edges: BTreeMap<&CheckId, &[CheckId]> =
            plans.iter().map(|plan| (&plan.id, plan.depends_on.as_slice())).collect();
        for plan in &*plans {
            if let Some(cycle) = cycle(&plan.id, &edges) {
                let names: Vec<String> = cycle.iter().map(ToString::to_string).collect();
                let at = wanted.get(&plan.id).map(|(_, at)| at.clone()).unwrap_or_default();
                self.wrong(at, format!("is a circle: {}", names.join(" -> ")));
                // Each of the circle would say the same.
                return;
            }
        }
    }

    fn dependency(
        &self,
        word: &str,
        known: &BTreeMap<CheckId, Schedule>,
    ) -> Result<CheckId, String> {
        let id = match Name::new(word) {
            Ok(server) => CheckId::ssh(&server),
            Err(_) => CheckId::parse(word)
                .map_err(|_| format!("{word:?} is neither SERVER nor SERVER/CHECK"))?,
        };
        if known.contains_key(&id) {
            return Ok(id);
        }
        Err(format!("there is no check {id}; expected SERVER (its login) or SERVER/CHECK"))
    }

    fn later(&mut self, plan: &mut CheckPlan, known: &BTreeMap<CheckId, Schedule>, at: &KeyPath) {
        let verdict =
            plan.depends_on.iter().filter_map(|id| known.get(id)).map(Schedule::verdict).max();
        let (Some(verdict), Some(worst)) = (verdict, plan.worst_case) else { return };
        let worst = worst + verdict;
        plan.worst_case = Some(worst);
        if worst > plan.time_to_notify {
            let message = format!(
                "{} promised, but telling of a fault of {} may take {}, since the verdict on what \
                 it depends on may take {}; raise time_to_notify or shorten the others",
                TimeSpan(plan.time_to_notify),
                plan.id,
                TimeSpan(worst),
                TimeSpan(verdict),
            );
            self.wrong(at.clone(), message);
        }
    }

    /// `[maintenance.NAME]`
    pub(super) fn maintenance(&mut self, plans: &[CheckPlan], zone: &Zone) -> Vec<Recurring> {
        let config = self.config;
        let root = KeyPath::new(["maintenance"]);
        let mut all = Vec::new();
        for (name, written) in self.ordered(&root, &config.maintenance) {
            all.extend(self.recurring(name, written, plans, zone, &root.child(name.as_str())));
        }
        all
    }

    fn recurring(
        &mut self,
        name: &Name,
        written: &Maintenance,
        plans: &[CheckPlan],
        zone: &Zone,
        at: &KeyPath,
    ) -> Option<Recurring> {
        let before = self.drafts.len();
        let targets = written.targets.iter().flat_map(|many| &many.0).enumerate();
        let scopes: Vec<Scope> = targets
            .filter_map(|(i, word)| {
                self.scope(word, plans, &at.child("targets").child(i.to_string()))
            })
            .collect();
        if written.targets.as_ref().is_none_or(|many| many.0.is_empty()) {
            let expected = "what it is about, as [\"web-1\", \"@web\", \"db-1/hdd\"] or \"all\"";
            self.drafts.push(Draft::missing(at.child("targets"), expected));
        }
        if written.cron.is_none() {
            let expected = "when it begins, as \"30 2 * * SUN\"";
            self.drafts.push(Draft::missing(at.child("cron"), expected));
        }
        let lasts = written.lasts.map_or(Duration::ZERO, |span| span.0);
        if written.lasts.is_none() {
            self.drafts.push(Draft::missing(at.child("lasts"), "a duration, as \"2h\""));
        } else if lasts.is_zero() || lasts > LONGEST {
            self.wrong(
                at.child("lasts"),
                format!("expected more than 0s, {} at most", TimeSpan(LONGEST)),
            );
        }
        let zone = match written.timezone.as_deref().map(Zone::named) {
            Some(Ok(zone)) => zone,
            Some(Err(error)) => {
                self.wrong(at.child("timezone"), error.to_string());
                return None;
            }
            None => zone.clone(),
        };
        let pattern = written.cron.as_deref()?;
        match Recurring::new(name.clone(), pattern, zone, lasts, scopes) {
            Ok(recurring) => (self.drafts.len() == before).then_some(recurring),
            Err(error) => {
                self.wrong(at.child("cron"), error.to_string());
                None
            }
        }
    }

    fn scope(&mut self, word: &str, plans: &[CheckPlan], at: &KeyPath) -> Option<Scope> {
        let scope = match word.parse::<Scope>() {
            Ok(scope) => scope,
            Err(error) => {
                self.wrong(at.clone(), error.to_string());
                return None;
            }
        };
        let known = match &scope {
            Scope::Server(name) => self.config.servers.contains_key(name),
            Scope::Group(name) => self.config.groups.contains_key(name),
            Scope::Check(id) => plans.iter().any(|plan| plan.id == *id),
            _ => true,
        };
        if !known {
            self.wrong(at.clone(), format!("there is no {word}"));
        }
        Some(scope)
    }
}

/// What checks want to depend on, as it was written, and where.
pub(super) type Wanted = BTreeMap<CheckId, (Vec<String>, KeyPath)>;

/// The way from a check back to itself.
fn cycle(from: &CheckId, edges: &BTreeMap<&CheckId, &[CheckId]>) -> Option<Vec<CheckId>> {
    let mut ways = vec![vec![from.clone()]];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(way) = ways.pop() {
        let here = way.last()?;
        for next in edges.get(here).copied().unwrap_or_default() {
            let mut longer = way.clone();
            longer.push(next.clone());
            if next == from {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                ways.push(longer);
            }
        }
    }
    None
}
