//! What operators can run on many servers at once.

use std::time::Duration;

use super::Planner;
use crate::{
    config::{ActionPlan, KeyPath, file::Action, mistake::Draft, values::CommandWords},
    exec::CommandLine,
};

const ACTION_TIMEOUT: Duration = Duration::from_secs(60);

impl Planner<'_> {
    pub(super) fn actions(&mut self) -> Vec<ActionPlan> {
        let config = self.config;
        let root = KeyPath::new(["actions"]);
        let mut plans = Vec::new();
        for (name, action) in self.ordered(&root, &config.actions) {
            let at = root.child(name.as_str());
            let Some(command) = self.action_command(&at, action) else { continue };
            plans.push(ActionPlan {
                name: name.clone(),
                description: action.description.clone(),
                command,
                sudo: action.sudo.unwrap_or(false),
                timeout: action.timeout.map_or(ACTION_TIMEOUT, |span| span.0),
            });
        }
        plans
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
