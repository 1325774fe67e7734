//! `[notifiers.KIND.NAME]`

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::Planner;
use crate::{
    config::{
        KeyPath, Kinds, NotifierPlan,
        file::{EventWord, NOTIFIER_KEYS, NotifierEntry},
        kind::{KindContext, NotifierKind, setting_drafts},
        mistake::Draft,
    },
    model::{Device, EventKind, Name},
};

/// What a check needs to know of a notifier.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) on_server: bool,
    pub(super) tells_people: bool,
    /// How long one attempt may take; `None` when it is not told of problems, or was not planned.
    pub(super) problem_timeout: Option<Duration>,
}

impl Planner<'_> {
    pub(super) fn notifiers(&mut self) -> Vec<NotifierPlan> {
        let mut plans = Vec::new();
        let mut seen: BTreeMap<&Name, &str> = BTreeMap::new();
        let root = KeyPath::new(["notifiers"]);
        // Said once, and not again for each that follows it.
        self.wording(&self.config.templates, &KeyPath::new(["templates"]));
        for (kind_name, named) in &self.config.notifiers {
            let at = root.child(kind_name);
            let Some(kind) = self.around.kinds.notifier(kind_name) else {
                let kinds = self.around.kinds.notifiers();
                let valid: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
                self.drafts.push(match Kinds::notifier_not_built_in(kind_name) {
                    Some(message) => Draft::key(at, message),
                    None => Draft::unknown_key(at, &valid),
                });
                for name in named.keys() {
                    self.told.insert(name.clone(), Told::unplanned());
                }
                continue;
            };
            for (name, entry) in self.ordered(&at, named) {
                let here = at.child(name.as_str());
                if let Some(other) = seen.insert(name, kind_name) {
                    let message = format!(
                        "there is a notifier notifiers.{other}.{name} too; \
                         names are unique over all kinds"
                    );
                    self.drafts.push(Draft::key(here.clone(), message));
                }
                plans.extend(self.notifier(name, entry, kind, here));
            }
        }
        plans.sort_by(|a, b| a.name.cmp(&b.name));
        plans
    }

    fn notifier(
        &mut self,
        name: &Name,
        entry: &NotifierEntry,
        kind: &Arc<dyn NotifierKind>,
        at: KeyPath,
    ) -> Option<NotifierPlan> {
        let events = match &entry.events {
            Some(words) => words.0.iter().copied().map(event).collect(),
            None => kind.default_events().to_vec(),
        };
        if events.is_empty() {
            self.wrong(at.child("events"), "is empty; expected \"problem\", \"recovery\" or both");
        }
        let wording = self.wording(&entry.templates, &at.child("templates"));
        let flow = self.flow(entry, kind.as_ref(), &at);
        let quiet = self.quiet(entry, kind.as_ref(), &at);
        let locate = self.recipients(&entry.settings.0, at.clone());
        let context = KindContext {
            name,
            server: None,
            timeout: None,
            host: None,
            device: Device::default(),
            secrets: self.around.secrets,
            home: self.around.home.as_deref(),
            origins: self.origins,
            locate: &locate,
        };
        match kind.plan(&locate.settings, &context) {
            Ok(planned) => {
                let timeout = planned.recipe.timeout();
                let told = Told {
                    on_server: planned.on_server,
                    tells_people: kind.tells_people(),
                    problem_timeout: events.contains(&EventKind::Problem).then_some(timeout),
                };
                self.told.insert(name.clone(), told);
                if planned.remedy.is_some() && events != [EventKind::Problem] {
                    let expected = "expected [\"problem\"]: a remedy is never run for a recovery";
                    self.wrong(at.child("events"), expected);
                }
                let recipe = planned.recipe;
                Some(NotifierPlan {
                    name: name.clone(),
                    kind: kind.name(),
                    events,
                    tells_people: kind.tells_people(),
                    flow,
                    remedy: planned.remedy,
                    duty: locate.duty(),
                    quiet,
                    recipe,
                    wording,
                })
            }
            Err(wrong) => {
                self.told.insert(name.clone(), Told::unplanned());
                self.drafts.extend(setting_drafts(wrong, &locate, &NOTIFIER_KEYS));
                None
            }
        }
    }
}

impl Told {
    const fn unplanned() -> Self {
        Self { on_server: false, tells_people: false, problem_timeout: None }
    }
}

const fn event(word: EventWord) -> EventKind {
    match word {
        EventWord::Problem => EventKind::Problem,
        EventWord::Recovery => EventKind::Recovery,
    }
}
