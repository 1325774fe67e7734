//! What operators can run on many servers at once.

use std::time::Duration;

use super::{Planner, shipped::built_in_actions};
use crate::{
    config::{
        Action, ActionParam, ActionPlace, ActionPlan, KeyPath, mistake::Draft, values::CommandWords,
    },
    exec::CommandLine,
    model::{Name, Param, ParamKind},
};

/// The longest that an action may take which only asks, and one that changes its server.
const LIMITS: [Duration; 2] = [Duration::from_secs(100), Duration::from_secs(30 * 60)];

impl Planner<'_> {
    pub(super) fn actions(&mut self) -> Vec<ActionPlan> {
        let config = self.config;
        let root = KeyPath::new(["actions"]);
        let mut plans = Vec::new();
        for (name, action) in self.ordered(&root, &config.actions) {
            plans.extend(self.action(&root.child(name.as_str()), name, action));
        }
        plans
    }

    fn action(&mut self, at: &KeyPath, name: &Name, action: &Action) -> Option<ActionPlan> {
        if built_in_actions().iter().any(|one| one.name == name.as_str()) {
            let message = "comes with litemon; expected another name for one of your own";
            self.drafts.push(Draft::key(at.clone(), message));
        }
        let groups: Vec<&str> = self.config.groups.keys().map(Name::as_str).collect();
        self.known(&at.child("groups"), action.groups.as_ref(), "group", &groups);
        let params = self.action_params(at, action);
        let command = self.action_command(at, action);
        let changes = action.changes.unwrap_or(true);
        let [asks, takes] = LIMITS;
        Some(ActionPlan {
            name: name.clone(),
            description: action.description.clone(),
            command: command?,
            params,
            sudo: action.sudo.unwrap_or(false),
            changes,
            dangerous: action.dangerous.unwrap_or(false),
            asks_password: action.asks_password.unwrap_or(false),
            one_by_one: action.one_by_one.unwrap_or(false),
            timeout: action.timeout.map_or(if changes { takes } else { asks }, |span| span.0),
            role: action.role.unwrap_or_default(),
            groups: named(action.groups.iter().flat_map(|many| &many.0)),
            on_monitor: action.on.unwrap_or_default() == ActionPlace::Monitor,
        })
    }

    fn action_params(&mut self, at: &KeyPath, action: &Action) -> Vec<Param> {
        let at = at.child("params");
        let written = self.ordered(&at, &action.params);
        let mut params = Vec::new();
        for (name, param) in written {
            let at = at.child(name.as_str());
            let Some(kind) = self.param_kind(&at, param) else { continue };
            params.push(Param {
                name: name.to_string(),
                description: param.description.clone().unwrap_or_default(),
                kind,
                default: param.default.as_ref().map(|text| text.0.clone()),
            });
            if let Err(wrong) = Param::sound(&params) {
                self.wrong(at, wrong.message);
                params.pop();
            }
        }
        params
    }

    fn param_kind(&mut self, at: &KeyPath, param: &ActionParam) -> Option<ParamKind> {
        let kind = match (&param.choice, param.min, param.max, &param.pattern) {
            (Some(words), None, None, None) => ParamKind::Choice(words.0.clone()),
            (None, Some(min), Some(max), None) => ParamKind::Number { min, max },
            (None, None, None, Some(pattern)) => ParamKind::Text(pattern.clone()),
            _ => {
                let message = "expected one of choice, min with max, or pattern";
                self.drafts.push(Draft::key(at.clone(), message));
                return None;
            }
        };
        Some(kind)
    }

    fn action_command(&mut self, at: &KeyPath, action: &Action) -> Option<CommandLine> {
        let at = at.child("command");
        match &action.command {
            Some(CommandWords::Line(line)) if !line.trim().is_empty() => {
                Some(CommandLine::Shell(line.clone()))
            }
            Some(CommandWords::Argv(words))
                if words.first().is_some_and(|word| !word.is_empty()) =>
            {
                Some(CommandLine::Argv(words.clone()))
            }
            Some(_) => {
                self.wrong(at, "is empty; expected a shell line or a list of words");
                None
            }
            None => {
                self.drafts.push(Draft::missing(at, "a shell line or a list of words"));
                None
            }
        }
    }
}

fn named<'a>(words: impl Iterator<Item = &'a String>) -> Vec<Name> {
    words.filter_map(|word| Name::new(word).ok()).collect()
}
