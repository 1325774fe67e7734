//! From a result to an incident and to those who are told of it.

use super::{Core, Effects, unknown};
use crate::{
    criteria::Verdict,
    model::{
        CheckId, CloseReason, CurrentStatus, EventKind, HistoryRecord, Incident, Name, Notice,
        Outcome, Reason, Status, StatusChange, Timestamp, ValueRecord,
    },
    monitor::{setup::NotifierSetup, snapshot::Change},
    policy::Flaps,
    state::{CheckState, Transition},
};

impl Core {
    /// A result that counts.
    pub(super) fn apply(&mut self, id: &CheckId, outcome: &Outcome, effects: &mut Effects) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let ended = outcome.at.plus(outcome.took);
        let before = entry.state.clone();
        let verdict = entry.judge(outcome);
        let confirm = entry.confirm();
        let transition = entry.state.apply(verdict.status, outcome.at, ended, confirm);
        if entry.state.soft.is_some() {
            effects.confirm.push(id.clone());
        }
        if let Some(value) = outcome.result.as_ref().ok().and_then(|seen| seen.value()) {
            let record = ValueRecord { check: id.clone(), at: outcome.at, value };
            effects.history.push(HistoryRecord::Value(record));
        }
        match transition {
            Some(Transition::Raised { since }) => {
                self.raise(id, since, verdict, outcome, effects);
            }
            Some(Transition::Escalated { .. }) => self.escalate(id, verdict, outcome, effects),
            Some(Transition::Recovered { .. }) => self.recover(&before, ended, effects),
            _ => self.follow(id, &before, verdict, outcome, effects),
        }
        self.after(id, &before, ended, effects);
        self.verify(id, ended, effects);
    }

    fn raise(
        &mut self,
        id: &CheckId,
        since: Timestamp,
        verdict: Verdict,
        outcome: &Outcome,
        effects: &mut Effects,
    ) {
        let number = self.book.next_number(effects);
        let Some(entry) = self.entries.get_mut(id) else { return };
        entry.state.open(number, since);
        let incident = Incident {
            number,
            check: id.clone(),
            kind: entry.check.kind,
            since,
            raised: outcome.at.plus(outcome.took),
            status: verdict.status,
            worst: verdict.status,
            last: outcome.result.clone(),
            limit: verdict.limit,
            closed: None,
        };
        let raised = incident.raised;
        self.book.write(incident, effects);
        self.settle(number, raised, effects);
    }

    fn escalate(
        &mut self,
        id: &CheckId,
        verdict: Verdict,
        outcome: &Outcome,
        effects: &mut Effects,
    ) {
        let Some(mut incident) = self.incident_of(id) else { return };
        incident.status = verdict.status;
        incident.worst = verdict.status;
        incident.last = outcome.result.clone();
        incident.limit = verdict.limit;
        let number = incident.number;
        self.book.write(incident, effects);
        self.settle(number, outcome.at.plus(outcome.took), effects);
    }

    /// It is over: who was told that it began is told, whatever speaks for silence now.
    fn recover(&mut self, before: &CheckState, at: Timestamp, effects: &mut Effects) {
        let number = before.incident.map(|open| open.number);
        let Some(mut incident) = number.and_then(|n| self.book.incident(n)).cloned() else {
            return;
        };
        incident.closed = Some((at, CloseReason::Recovered));
        let telling = self.book.telling(incident.number).cloned().unwrap_or_default();
        if telling.told.is_some() {
            let facts = self.notice(&incident, at);
            let (reason, was) = (Reason::Recovered, telling.told);
            let notice = Notice { reason, status: Status::Ok, was, ..facts };
            self.tell(&notice, telling.steps, effects);
        }
        let takes = |name: &Name| {
            let of_name = |setup: &&NotifierSetup| setup.name == *name;
            self.notifiers
                .iter()
                .find(of_name)
                .is_some_and(|setup| setup.takes(EventKind::Recovery))
        };
        effects.withdraw.extend(self.book.without_recovery(incident.number, takes));
        effects.changes.push(Change::Closed { number: incident.number, at });
        self.forget_telling(incident.number, effects);
        incident.status = Status::Ok;
        self.book.write(incident, effects);
    }

    /// No transition: an open incident still follows what is seen of it.
    fn follow(
        &mut self,
        id: &CheckId,
        before: &CheckState,
        verdict: Verdict,
        outcome: &Outcome,
        effects: &mut Effects,
    ) {
        let Some(mut incident) = self.incident_of(id) else { return };
        let Some(status) = self.entries.get(id).and_then(|entry| entry.state.status) else {
            return;
        };
        let number = incident.number;
        if before.status != Some(status) && status != Status::Ok {
            incident.status = status;
            incident.last = outcome.result.clone();
            incident.limit = verdict.limit;
            self.book.write(incident, effects);
        }
        if self.silent.contains_key(&number) || before.flaps != self.flaps_of(id) {
            self.settle(number, outcome.at.plus(outcome.took), effects);
        }
    }

    fn flaps_of(&self, id: &CheckId) -> Flaps {
        self.entries.get(id).map(|entry| entry.state.flaps).unwrap_or_default()
    }

    fn incident_of(&self, id: &CheckId) -> Option<Incident> {
        let open = self.entries.get(id)?.state.incident?;
        self.book.incident(open.number).cloned()
    }

    /// The facts of an incident as a notice; the reason is for the caller to set.
    pub(super) fn notice(&self, incident: &Incident, at: Timestamp) -> Notice {
        let entry = self.entries.get(&incident.check);
        Notice {
            reason: Reason::Raised,
            incident: Some(incident.number),
            check: incident.check.clone(),
            kind: incident.kind,
            server: entry.and_then(|entry| entry.check.server.clone()),
            status: incident.status,
            was: None,
            seen: incident.last.clone(),
            limit: incident.limit,
            since: incident.since,
            at,
            unjournaled: false,
            by: None,
            job: None,
            digest: None,
            remedy: self.remedied(incident, at),
        }
    }

    /// Whatever changed is written, kept and shown.
    pub(super) fn after(
        &mut self,
        id: &CheckId,
        before: &CheckState,
        at: Timestamp,
        effects: &mut Effects,
    ) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        entry.touch();
        self.display.touch(entry.check.server.as_ref());
        if entry.state != *before {
            effects.batch.states.insert(id.clone(), Some(entry.state.clone()));
        }
        let (from, to) = (before.shown(), entry.state.shown());
        let Some(last) = entry.last.clone() else { return };
        let gap = entry.take_gap();
        if let Some(gap) = gap.filter(|gap| !gap.told && from != Status::Unknown) {
            effects.history.push(unknown(id, gap.since));
        }
        let changed = from != to || before.shown_since() != entry.state.shown_since();
        if changed || gap.is_some() {
            let detail = match &last.result {
                Ok(seen) => seen.detail().unwrap_or_default().to_owned(),
                Err(failure) => failure.message.clone(),
            };
            let check = id.clone();
            if changed {
                effects.changes.push(Change::Status { check: check.clone(), from, to, at });
            }
            effects.history.push(HistoryRecord::Change(StatusChange {
                check,
                at,
                status: to,
                detail,
            }));
        }
        effects.history.push(HistoryRecord::Current(CurrentStatus {
            check: id.clone(),
            kind: entry.check.kind,
            status: to,
            since: entry.state.shown_since().unwrap_or(at),
            at: last.at,
            last: last.result,
        }));
    }
}
