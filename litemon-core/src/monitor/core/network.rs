//! Is it the monitor's own network that is away? Until that is known, a failure that would be told
//! waits; while it is so, nothing that comes over the network is judged.

use std::collections::BTreeMap;

use super::{Core, Effects};
use crate::{
    criteria,
    model::{CheckId, CheckKind, Outcome, Route, Status, Timestamp},
    policy::{Finding, Isolation, began_after, is_doubtful, is_proof},
};

/// The part of the monitor that fails.
const PART: &str = "network";

/// What is known of the network, and what waits for that.
#[derive(Debug, Default)]
pub(super) struct Network {
    isolation: Isolation,
    /// Failures that would be told, if the network works.
    doubted: BTreeMap<CheckId, Doubted>,
}

#[derive(Debug)]
struct Doubted {
    outcome: Outcome,
    /// The first round of canaries that says something of it.
    round: u64,
}

impl Core {
    /// Takes the canaries of a new configuration. Without any, the network is not doubted.
    pub(super) fn replace_canaries(
        &mut self,
        names: impl Iterator<Item = String>,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        self.network.isolation.replace(names);
        let Self { network, entries, .. } = self;
        network.doubted.retain(|id, _| entries.contains_key(id));
        if !self.network.isolation.has_canaries() {
            self.is_back(now, effects);
            self.count_doubted(|_| true, effects);
        } else if !self.network.doubted.is_empty() {
            // The round that they waited for has ended with the canaries before these.
            effects.ask_canaries = true;
        }
    }

    /// A monitor that was isolated is so after its restart too, until something answers: without this
    /// no canary would count, and every server be told as unreachable.
    pub(super) fn resume_isolation(&mut self, now: Timestamp, effects: &mut Effects) {
        let own = CheckId::own(PART);
        let open = self.book.incidents().find(|incident| incident.check == own);
        let Some(since) = open.map(|incident| incident.since) else { return };
        if self.network.isolation.has_canaries() {
            self.network.isolation.resume(since);
            self.own_faults.insert(PART, self.isolated_sentence());
        } else {
            self.tell_own_fault(PART, None, now, now, effects);
        }
    }

    /// Whether a result of a check cannot be judged, because the network was away while it ran. Takes
    /// note of a result that shows that it works.
    pub(super) fn is_cut_off(
        &mut self,
        id: &CheckId,
        outcome: &Outcome,
        effects: &mut Effects,
    ) -> bool {
        let Some(route) = self.entries.get(id).map(|entry| entry.check.route) else { return false };
        if is_proof(route, &outcome.result) {
            self.seen_over_network(outcome, effects);
        }
        self.network.isolation.met(outcome)
            && is_doubtful(route, &outcome.result, self.foresee(id, outcome))
    }

    /// What a result will be judged to be.
    fn foresee(&self, id: &CheckId, outcome: &Outcome) -> Status {
        let Some(entry) = self.entries.get(id) else { return Status::Unknown };
        let (check, memory) = (&entry.check, entry.state.memory);
        criteria::judge(check.kind, &check.criteria, &outcome.result, memory, outcome.at).0.status
    }

    /// A result that counts, unless the network may be away: then canaries are asked first.
    pub(super) fn weigh(&mut self, id: &CheckId, outcome: Outcome, effects: &mut Effects) {
        let waits = self.network.doubted.remove(id);
        if !self.is_doubted(id, &outcome) {
            return self.count(id, &outcome, effects);
        }
        // One that waits longer is replaced by what is newer, and waits no longer for that.
        let next = self.network.isolation.round() + 1;
        let round = waits.map_or(next, |waits| waits.round);
        self.network.doubted.insert(id.clone(), Doubted { outcome, round });
        effects.ask_canaries = true;
    }

    /// Whether a result would be told though the network may be away.
    fn is_doubted(&self, id: &CheckId, outcome: &Outcome) -> bool {
        let Some(entry) = self.entries.get(id) else { return false };
        let status = self.foresee(id, outcome);
        let told = match entry.state.incident {
            None => entry.state.is_last_attempt(entry.confirm()),
            Some(open) => status > open.told,
        };
        told && self.network.isolation.may_doubt()
            && is_doubtful(entry.check.route, &outcome.result, status)
    }

    fn count(&mut self, id: &CheckId, outcome: &Outcome, effects: &mut Effects) {
        match self.entries.get(id).map(|entry| entry.check.kind) {
            Some(CheckKind::Ssh) => self.server_answered(id, outcome, effects),
            _ => self.apply(id, outcome, effects),
        }
    }

    /// Whether the verdict on a server waits for the one on the network.
    pub(super) fn waits_for_network(&self, id: &CheckId) -> bool {
        self.network.doubted.contains_key(id)
    }

    /// A newer result takes the place of one that waits.
    pub(super) fn forget_doubted(&mut self, id: &CheckId) {
        self.network.doubted.remove(id);
    }

    /// Something was seen over the network: what failed before that began failed by itself.
    fn seen_over_network(&mut self, proof: &Outcome, effects: &mut Effects) {
        if self.network.isolation.seen(proof) {
            self.is_back(proof.at.plus(proof.took), effects);
        }
        if !self.network.doubted.is_empty() {
            let ended = |outcome: &Outcome| outcome.at.plus(outcome.took);
            self.count_doubted(|doubted| began_after(proof, ended(&doubted.outcome)), effects);
        }
    }

    fn count_doubted(&mut self, settled: impl Fn(&Doubted) -> bool, effects: &mut Effects) {
        let settled = self.network.doubted.extract_if(.., |_, doubted| settled(doubted));
        for (id, doubted) in settled.collect::<Vec<_>>() {
            self.count(&id, &doubted.outcome, effects);
        }
    }

    /// The clock was set by so many milliseconds.
    pub(super) fn network_clock_set(&mut self, by: i64) {
        self.network.isolation.clock_set(by);
        for doubted in self.network.doubted.values_mut() {
            doubted.outcome.at = doubted.outcome.at.moved(by);
        }
    }

    /// All canaries are asked now.
    pub(in crate::monitor) fn canaries_asked(&mut self) {
        self.network.isolation.begin();
    }

    /// A canary answered, or did not in its time.
    pub(in crate::monitor) fn canary_answered(
        &mut self,
        which: usize,
        answered: bool,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        self.network.isolation.answered(which, answered);
        if answered {
            self.is_back(now, effects);
            let round = self.network.isolation.round();
            self.count_doubted(|doubted| doubted.round <= round, effects);
        }
    }

    /// All canaries were asked and heard, or waited for.
    pub(in crate::monitor) fn canaries_heard(&mut self, now: Timestamp, effects: &mut Effects) {
        let round = self.network.isolation.round();
        match self.network.isolation.ended(now) {
            Finding::Works | Finding::Nothing => {
                self.count_doubted(|doubted| doubted.round <= round, effects);
            }
            Finding::Silent if self.network.isolation.is_isolated() => {
                if self.network.isolation.goes_on() {
                    self.is_surely_isolated(now, effects);
                }
            }
            Finding::Silent => {
                if self.network.doubted.values().any(|doubted| doubted.round <= round) {
                    self.is_isolated(now, effects);
                }
            }
        }
        if !self.network.doubted.is_empty() {
            effects.ask_canaries = true;
        }
    }

    /// Whether canaries are to be asked often.
    pub(in crate::monitor) const fn seeks_network(&self) -> bool {
        self.network.isolation.is_isolated()
    }

    /// What waits for a verdict, on the network or on a server, says nothing.
    fn is_isolated(&mut self, now: Timestamp, effects: &mut Effects) {
        self.network.isolation.isolate(now);
        for (id, doubted) in std::mem::take(&mut self.network.doubted) {
            self.blocked_by_server(&id, &doubted.outcome, effects);
        }
        let parked: Vec<CheckId> = self.over_network(|entry| entry.parked.is_some());
        for id in parked {
            let outcome = self.entries.get_mut(&id).and_then(|entry| entry.parked.take());
            if let Some(outcome) = outcome {
                self.blocked_by_server(&id, &outcome, effects);
            }
        }
    }

    /// It lasts: people are told, once, and nothing is known any more of what is beyond the network.
    fn is_surely_isolated(&mut self, now: Timestamp, effects: &mut Effects) {
        let since = self.isolated().unwrap_or(now);
        self.own_faults.insert(PART, self.isolated_sentence());
        self.tell_own_fault(PART, Some(self.isolated_line()), since, now, effects);
        let seen = self.over_network(|entry| {
            entry.check.route == Route::Network && entry.state.blocked.is_none()
        });
        for id in seen {
            self.block(&id, now, effects);
        }
    }

    /// In a fixed order, that of the configuration.
    fn over_network(&self, which: impl Fn(&super::Entry) -> bool) -> Vec<CheckId> {
        let beyond = |id: &&CheckId| {
            let entry = self.entries.get(*id);
            entry.is_some_and(|entry| entry.check.route != Route::Local && which(entry))
        };
        self.order.iter().filter(beyond).cloned().collect()
    }

    /// The network works (again): what could not be judged is looked at again, and told if it still
    /// holds.
    fn is_back(&mut self, now: Timestamp, effects: &mut Effects) {
        if !self.network.isolation.is_isolated() {
            return;
        }
        let told = self.network.isolation.since().is_some();
        self.network.isolation.end(now);
        self.own_fault(PART, None, told, now, effects);
        effects.run_soon.extend(self.over_network(|entry| entry.state.blocked.is_some()));
        effects.hurry = true;
        self.settle_silent(now, effects);
    }

    /// Whether nothing new is told of a check: the network is away, or was, and nobody looked since.
    pub(super) fn is_beyond(&self, id: &CheckId, was_silent: bool) -> bool {
        let Some(entry) = self.entries.get(id) else { return false };
        let unseen = was_silent && entry.state.blocked.is_some();
        entry.check.route != Route::Local && (self.network.isolation.is_isolated() || unseen)
    }

    /// Since when the monitor is isolated, once that is sure.
    pub(super) fn isolated(&self) -> Option<Timestamp> {
        self.network.isolation.since()
    }

    /// For pages.
    fn isolated_sentence(&self) -> String {
        let why = self.isolated_line();
        format!("litemon cannot reach its own network ({why}): what is beyond it is unknown")
    }

    fn isolated_line(&self) -> String {
        let canaries: Vec<&str> = self.network.isolation.counting().collect();
        match canaries.as_slice() {
            [] => "no answer".to_owned(),
            some => format!("no answer from {}", some.join(", ")),
        }
    }
}
