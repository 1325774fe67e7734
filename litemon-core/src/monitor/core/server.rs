//! Whose failure is it, a check's or its server's?

use super::{Core, Effects, Entry};
use crate::model::{CheckId, CheckKind, Name, Outcome, Status, Timestamp};

/// What a check's failure to reach its server means.
#[derive(Debug)]
pub(super) enum ServerVerdict {
    /// The server is fine: the result is the check's own.
    Fine,
    /// The server cannot be reached: nothing is known of the check.
    Down,
    /// The server has not been asked since; this check asks it.
    Awaited(CheckId),
}

impl Core {
    /// Whether a check's failure is its own, or its server's. What was seen is always the check's.
    pub(super) fn verdict_on_server(&self, id: &CheckId, outcome: &Outcome) -> ServerVerdict {
        let concerns_server =
            outcome.result.as_ref().is_err_and(|failure| failure.kind.is_of_the_way());
        let ssh = self
            .entries
            .get(id)
            .and_then(|entry| entry.check.server.as_ref())
            .and_then(|server| self.ssh_of(server));
        let Some(ssh) = ssh.filter(|_| concerns_server) else { return ServerVerdict::Fine };
        let asked_since = ssh.last_began.is_some_and(|began| began >= outcome.at);
        match ssh.last.as_ref().map(|last| last.status) {
            // Its own next attempt comes in its own time; a failure of another check must not
            // hurry it past a moment's trouble.
            Some(status) if status != Status::Ok => ServerVerdict::Down,
            Some(_) if asked_since => ServerVerdict::Fine,
            _ => ServerVerdict::Awaited(ssh.check.id.clone()),
        }
    }

    pub(super) fn ssh_of(&self, server: &Name) -> Option<&Entry> {
        self.display
            .checks_of(server)
            .iter()
            .filter_map(|id| self.entries.get(id))
            .find(|entry| entry.check.kind == CheckKind::Ssh)
    }

    /// Nothing can be known of a check; its result is kept to be shown.
    pub(super) fn blocked_by_server(
        &mut self,
        id: &CheckId,
        outcome: &Outcome,
        effects: &mut Effects,
    ) {
        let ended = outcome.at.plus(outcome.took);
        if let Some(entry) = self.entries.get_mut(id) {
            entry.keep(outcome, Status::Unknown, ended);
        }
        self.block(id, ended, effects);
    }

    /// The verdict on a server: decides what its other checks' results mean.
    pub(super) fn server_answered(
        &mut self,
        id: &CheckId,
        outcome: &Outcome,
        effects: &mut Effects,
    ) {
        let was_down = self.entries.get(id).is_some_and(Entry::is_down);
        self.apply(id, outcome, effects);
        let Some(ssh) = self.entries.get(id) else { return };
        let (is_down, fine) = (ssh.is_down(), outcome.result.is_ok());
        let Some(server) = ssh.check.server.clone() else { return };
        let others: Vec<CheckId> =
            self.display.checks_of(&server).iter().filter(|other| *other != id).cloned().collect();
        for other in others {
            self.settle_parked(&other, outcome.at, fine, id, effects);
            let blocked =
                self.entries.get(&other).is_some_and(|entry| entry.state.blocked.is_some());
            if is_down && !was_down {
                self.block(&other, outcome.at.plus(outcome.took), effects);
            } else if fine && blocked {
                effects.run_now.push(other);
            }
        }
    }

    /// A parked result counts when the server turned out to be fine after it.
    fn settle_parked(
        &mut self,
        id: &CheckId,
        verdict_began: Timestamp,
        fine: bool,
        ssh: &CheckId,
        effects: &mut Effects,
    ) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let Some(outcome) = entry.parked.take() else { return };
        if !fine {
            // Its own next attempt comes in its own time.
            self.blocked_by_server(id, &outcome, effects);
        } else if outcome.at > verdict_began {
            // The good verdict is older than the failure; another one is needed.
            entry.parked = Some(outcome);
            effects.run_now.push(ssh.clone());
        } else {
            self.weigh(id, outcome, effects);
        }
    }

    /// Nothing is known of a check: it is shown as Unknown, and nobody is told.
    pub(super) fn block(&mut self, id: &CheckId, at: Timestamp, effects: &mut Effects) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let before = entry.state.clone();
        entry.state.block(at);
        self.after(id, &before, at, effects);
    }
}
