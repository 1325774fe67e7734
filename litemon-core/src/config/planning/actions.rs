//! What is checked now and used by later versions: messaging, statistics, actions.

use std::time::Duration;

use super::{Planner, layers::Effective};
use crate::{
    config::{
        ActionPlan, KeyPath, SecretSource, Unmeasured,
        file::{Action, CheckKeys},
        mistake::Draft,
        values::CommandWords,
    },
    exec::CommandLine,
    model::{CheckId, CheckKind, Name},
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

    pub(super) fn unmeasured(&mut self) -> Vec<Unmeasured> {
        let config = self.config;
        let mut list = Vec::new();
        let messaging = KeyPath::new(["messaging"]);
        for (name, table) in self.ordered(&messaging, &config.messaging) {
            let at = messaging.child(name.as_str());
            let keys = table.check_keys();
            self.url(&at, table.url.as_ref(), &["stomp", "stomps"]);
            if let Some(passcode) = &table.passcode {
                self.secret(&at.child("passcode"), passcode);
            }
            if table.destination.as_ref().is_none_or(String::is_empty) {
                let expected = "where the message goes, as /queue/litemon.msg1";
                self.drafts.push(Draft::missing(at.child("destination"), expected));
            }
            let off = table.enabled == Some(false);
            list.extend(self.later(CheckKind::Messaging, name, &at, &keys).filter(|_| !off));
        }
        let stats = KeyPath::new(["stats"]);
        for (name, table) in self.ordered(&stats, &config.stats) {
            let at = stats.child(name.as_str());
            let keys = table.check_keys();
            self.url(&at, table.url.as_ref(), &["http", "https"]);
            if table
                .total_since
                .as_ref()
                .is_some_and(|day| day.parse::<jiff::civil::Date>().is_err())
            {
                self.wrong(at.child("total_since"), "expected a day, as 2015-01-01");
            }
            let off = table.enabled == Some(false);
            list.extend(self.later(CheckKind::Statistic, name, &at, &keys).filter(|_| !off));
        }
        list
    }

    fn url(&mut self, at: &KeyPath, source: Option<&SecretSource>, schemes: &[&str]) {
        let at = at.child("url");
        let expected = format!("{}://HOST…", schemes.join("://HOST… or "));
        let Some(source) = source else {
            self.drafts.push(Draft::missing(at, &expected));
            return;
        };
        let Some(url) = self.secret(&at, source) else { return };
        let good = url::Url::parse(url.expose())
            .is_ok_and(|url| schemes.contains(&url.scheme()) && url.has_host());
        if !good {
            self.wrong(at, format!("expected {expected}"));
        }
    }

    fn later(
        &mut self,
        kind: CheckKind,
        name: &Name,
        at: &KeyPath,
        keys: &CheckKeys,
    ) -> Option<Unmeasured> {
        let mut effective = Effective::default();
        effective.overlay_keys(&self.config.defaults, &KeyPath::new(["defaults"]));
        effective.overlay_keys(keys, at);
        let from = &effective.from;
        let place = |key: &str| from.get(key).cloned().unwrap_or_else(|| at.child(key));
        let schedule = self.schedule(&effective.keys, &place);
        let owner = if kind == CheckKind::Messaging { "messaging" } else { "stats" };
        let id = CheckId::new(&Name::new(owner).ok()?, name);
        let notify = self.notify(&effective.keys, &id, false, &place);
        Some(Unmeasured { id, kind, schedule, notify })
    }
}
