//! Servers that are being restarted or shut down: their alerts are held.

use std::collections::BTreeSet;

use super::{Core, Effects, telling::Moment};
use crate::{
    hold::{Hold, Planned, PlannedView, Seen},
    model::{CheckId, CheckKind, Name, Outcome, Timestamp},
};

impl Core {
    /// Holds the alerts of a server from now on. False when there is no such server.
    pub(in crate::monitor) fn hold(
        &mut self,
        server: &Name,
        planned: Planned,
        now: Timestamp,
        effects: &mut Effects,
    ) -> bool {
        if !self.display.has(server) {
            return false;
        }
        let hold = Hold::begin(planned, self.broken_on(server), now);
        let hold = match self.holds.remove(server) {
            Some(before) => hold.follow(before),
            None => hold,
        };
        self.holds.insert(server.clone(), hold);
        self.write_hold(server, effects);
        true
    }

    /// Checks of a server that are a problem now.
    fn broken_on(&self, server: &Name) -> BTreeSet<CheckId> {
        let checks = self.display.checks_of(server).iter();
        checks
            .filter(|id| self.entries.get(*id).is_some_and(|entry| entry.state.incident.is_some()))
            .cloned()
            .collect()
    }

    /// A server was seen to have started anew: its checks run at once, and what is held is over when
    /// all of them are OK.
    pub(in crate::monitor) fn came_back(
        &mut self,
        server: &Name,
        now: Timestamp,
        effects: &mut Effects,
    ) -> bool {
        let Some(hold) = self.holds.get_mut(server) else { return false };
        if hold.back(now) {
            effects.run_now.extend(self.display.checks_of(server).iter().cloned());
            self.write_hold(server, effects);
        }
        true
    }

    /// Nothing is planned for a server any more: what is still wrong is told at once.
    pub(in crate::monitor) fn release(
        &mut self,
        server: &Name,
        now: Timestamp,
        effects: &mut Effects,
    ) -> bool {
        if self.holds.remove(server).is_none() {
            return false;
        }
        self.write_hold(server, effects);
        self.settle_silent(now, effects);
        true
    }

    /// When something is next to be looked at though nothing happens: what was planned takes too
    /// long, a window begins or ends, people are to be reminded, what was gathered is to be told.
    pub(in crate::monitor) fn next_lapse(&self) -> Option<Timestamp> {
        let holds = self.holds.values().filter_map(|hold| hold.view.until);
        holds.chain(self.agenda.first()).chain(self.book.next_flush()).min()
    }

    /// That time has come.
    pub(in crate::monitor) fn lapse(&mut self, now: Timestamp, effects: &mut Effects) {
        let over = |(server, hold): (&Name, &Hold)| hold.has_lapsed(now).then(|| server.clone());
        let over: Vec<Name> = self.holds.iter().filter_map(over).collect();
        for server in over {
            self.release(&server, now, effects);
        }
        for moment in self.agenda.due(now) {
            match moment {
                Moment::Incident(number) => self.prompt(number, now, effects),
                Moment::Windows => self.turn_windows(now, effects),
                Moment::Report(id) => self.overdue(id, now, effects),
            }
        }
        self.book.flush_due(now, effects);
    }

    /// A result of a check was taken: its server may be gone, back, or well again.
    pub(super) fn follow_plan(&mut self, id: &CheckId, outcome: &Outcome, effects: &mut Effects) {
        let Some(entry) = self.entries.get(id) else { return };
        let Some(server) = entry.check.server.clone() else { return };
        let Some(hold) = self.holds.get_mut(&server) else { return };
        let ended = outcome.at.plus(outcome.took);
        let mut changed = false;
        if entry.check.kind == CheckKind::Ssh {
            if outcome.result.is_ok() {
                changed = hold.reached(outcome.at);
            } else if entry.is_down() {
                changed = hold.unreachable();
            }
        }
        let entries = &self.entries;
        let seen = self.display.checks_of(&server).iter().filter_map(|id| {
            let entry = entries.get(id)?;
            let status = entry.last.as_ref().map(|last| last.status);
            Some(Seen { id, began: entry.last_began, status })
        });
        if hold.is_settled(seen) {
            self.release(&server, ended, effects);
        } else if changed {
            self.write_hold(&server, effects);
        }
    }

    /// Whatever was changed is written and shown.
    pub(super) fn write_hold(&mut self, server: &Name, effects: &mut Effects) {
        effects.batch.holds.insert(server.clone(), self.holds.get(server).cloned());
        self.display.plan(server, self.planned(server));
    }

    fn planned(&self, server: &Name) -> Option<PlannedView> {
        self.holds.get(server).map(|hold| hold.view.clone())
    }

    /// Servers that are gone from the configuration need no hold; what is shown is made anew.
    pub(super) fn keep_holds(&mut self, effects: &mut Effects) {
        let all: Vec<Name> = self.holds.keys().cloned().collect();
        for server in all {
            if self.display.has(&server) {
                self.display.plan(&server, self.planned(&server));
            } else {
                self.holds.remove(&server);
                effects.batch.holds.insert(server, None);
            }
        }
    }
}
