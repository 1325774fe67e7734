//! `gather` and `budget` of notifiers: how much a recipient is sent at a time.

use std::time::Duration;

use super::Planner;
use crate::{
    config::{
        KeyPath, TimeSpan,
        file::{BudgetKey, GatherKey, NotifierEntry},
        kind::NotifierKind,
    },
    policy::{Budget, FlowRules},
};

/// The longest that notices are gathered.
const LONGEST: Duration = Duration::from_secs(300);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The most that anybody is sent in a day.
const MOST: usize = 10_000;

impl Planner<'_> {
    /// What a notifier's entry says of it, or else what its kind does.
    pub(super) fn flow(
        &mut self,
        entry: &NotifierEntry,
        kind: &dyn NotifierKind,
        at: &KeyPath,
    ) -> FlowRules {
        let usual = kind.default_flow();
        if !kind.tells_people() {
            for (key, written) in
                [("gather", entry.gather.is_some()), ("budget", entry.budget.is_some())]
            {
                if written {
                    self.wrong(
                        at.child(key),
                        "is for notifiers that tell people; a remedy waits for nothing",
                    );
                }
            }
            return FlowRules::default();
        }
        FlowRules::new(self.gather(entry, usual, at), self.budget(entry, usual, at))
    }

    fn gather(
        &mut self,
        entry: &NotifierEntry,
        usual: FlowRules,
        at: &KeyPath,
    ) -> Option<Duration> {
        match entry.gather {
            None => usual.gather,
            Some(GatherKey::Switch(false)) => None,
            Some(GatherKey::Switch(true)) => usual.gather.or(FlowRules::people().gather),
            Some(GatherKey::Span(span)) if span.0.is_zero() || span.0 > LONGEST => {
                let message =
                    format!("expected more than 0s and at most {}, or false", TimeSpan(LONGEST));
                self.wrong(at.child("gather"), message);
                None
            }
            Some(GatherKey::Span(span)) => Some(span.0),
        }
    }

    fn budget(&mut self, entry: &NotifierEntry, usual: FlowRules, at: &KeyPath) -> Option<Budget> {
        let standard = usual.budget.unwrap_or_default();
        let at = at.child("budget");
        let (messages, per, per_day) = match entry.budget {
            None => return usual.budget,
            Some(BudgetKey::Switch(false)) => return None,
            Some(BudgetKey::Switch(true)) => return Some(standard),
            Some(BudgetKey::Marks { messages, per, per_day }) => (messages, per, per_day),
        };
        let budget = Budget::new(
            messages.unwrap_or(standard.messages),
            per.map_or(standard.per, |span| span.0),
            per_day.unwrap_or_else(|| standard.per_day.max(messages.unwrap_or(0))),
        );
        if budget.messages == 0 || budget.messages > budget.per_day {
            self.wrong(at.child("messages"), "expected at least 1, and at most `per_day`");
        }
        if budget.per.is_zero() || budget.per > DAY {
            self.wrong(
                at.child("per"),
                format!("expected more than 0s and at most {}", TimeSpan(DAY)),
            );
        }
        if budget.per_day > MOST {
            self.wrong(at.child("per_day"), format!("expected at most {MOST}"));
        }
        Some(budget)
    }
}
