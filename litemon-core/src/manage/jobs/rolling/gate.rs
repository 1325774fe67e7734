//! Whether a server is well again after its turn: pure, over what the monitor shows of it.

use std::{collections::BTreeMap, time::Duration};

use super::order::Rolling;
use crate::{
    model::{CheckId, Failure, Observation, Status, Timestamp, one_line},
    monitor::{CheckView, ServerView},
};

/// The most checks that are named when a server is not well.
const NAMED: usize = 3;

/// The checks of a server that have to be OK again after its turn: those that are OK now. One that
/// runs too seldom to tell in time is not waited for.
pub(in crate::manage::jobs) fn watched(view: &ServerView, rolling: &Rolling) -> Vec<CheckId> {
    let told_in = |check: &CheckView| check.interval * rolling.healthy_rounds + check.timeout;
    let checks = view
        .checks
        .iter()
        .filter(|check| check.status == Status::Ok && told_in(check) <= rolling.settle_within);
    checks.map(|check| check.id.clone()).collect()
}

/// Counts the results of a server's checks since the end of its turn.
#[derive(Debug)]
pub(in crate::manage::jobs) struct Gate {
    rounds: u32,
    since: Timestamp,
    checks: BTreeMap<CheckId, Count>,
}

/// Of one check.
#[derive(Debug, Default)]
struct Count {
    /// OK so many times in a row.
    ok: u32,
    /// When the last one came that was counted.
    last: Option<Timestamp>,
    /// What is wrong, as far as that is known.
    wrong: Option<String>,
}

impl Gate {
    /// Of these checks, from the end of the turn on.
    pub(in crate::manage::jobs) fn new(
        rounds: u32,
        since: Timestamp,
        checks: impl IntoIterator<Item = CheckId>,
    ) -> Self {
        let checks = checks.into_iter().map(|check| (check, Count::default())).collect();
        Self { rounds, since, checks }
    }

    /// Looks at the server. A check that is not configured any more is not waited for.
    pub(in crate::manage::jobs) fn see(&mut self, view: &ServerView) {
        let (rounds, since) = (self.rounds, self.since);
        self.checks.retain(|id, count| {
            let check = view.checks.iter().find(|check| check.id == *id);
            check.is_some_and(|check| {
                count.see(check, since, rounds);
                true
            })
        });
    }

    /// Whether all of them were OK often enough.
    pub(in crate::manage::jobs) fn is_open(&self) -> bool {
        self.checks.values().all(|count| count.ok >= self.rounds)
    }

    /// The checks that are still waited for, by name.
    pub(in crate::manage::jobs) fn pending(&self) -> String {
        self.listed(|id, _| id.to_string())
    }

    /// What is wrong with those that are still waited for.
    pub(in crate::manage::jobs) fn verdict(&self, within: Duration) -> String {
        let rounds = self.rounds;
        let within = crate::exec::seconds(within);
        self.listed(|id, count| match &count.wrong {
            Some(wrong) => format!("{id} is {wrong}"),
            None if count.ok == 0 => format!("{id} was not checked within {within}"),
            None => format!("{id} was OK {} of {rounds} times within {within}", count.ok),
        })
    }

    fn listed(&self, say: impl Fn(&CheckId, &Count) -> String) -> String {
        let pending = || self.checks.iter().filter(|(_, count)| count.ok < self.rounds);
        let mut all: Vec<_> = pending().take(NAMED).map(|(id, count)| say(id, count)).collect();
        let more = pending().count().saturating_sub(NAMED);
        if more > 0 {
            all.push(format!("{more} more"));
        }
        all.join(", ")
    }
}

impl Count {
    fn see(&mut self, check: &CheckView, since: Timestamp, rounds: u32) {
        let Some(last) = &check.last else { return };
        let old = last.at.minus(last.took) < since;
        if old || self.last.is_some_and(|counted| counted >= last.at) {
            return;
        }
        self.last = Some(last.at);
        if last.status == Status::Ok && check.status == Status::Ok {
            self.ok = self.ok.saturating_add(1).min(rounds);
            self.wrong = None;
        } else {
            self.ok = 0;
            self.wrong = Some(wrong(&last.result));
        }
    }
}

/// What a result that is not OK says, in a few words.
fn wrong(result: &Result<Observation, Failure>) -> String {
    const LONGEST: usize = 100;
    let text = match result {
        Err(failure) => format!("unknown ({})", failure.message),
        Ok(Observation::Switch { on: false, detail: None }) => "Off".to_owned(),
        Ok(Observation::Switch { on: false, detail: Some(detail) }) => format!("Off ({detail})"),
        Ok(Observation::Judged { status, detail: Some(detail), .. }) => {
            format!("{} ({detail})", status.as_str())
        }
        Ok(seen) => match seen.value() {
            Some(value) => format!("{value}{}", seen.unit()),
            None => "not OK".to_owned(),
        },
    };
    one_line(&text, LONGEST)
}
