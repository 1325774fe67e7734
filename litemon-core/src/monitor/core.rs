use std::collections::{BTreeMap, HashMap};

use super::{
    book::Book,
    display::Display,
    effects::Effects,
    entry::Entry,
    setup::{Check, NotifierSetup, Setup},
    snapshot::{Change, Snapshot},
};
use crate::{
    criteria::Verdict,
    journal::Image,
    model::{
        CheckId, CheckKind, CloseReason, CurrentStatus, EventKind, FailureKind, HistoryRecord,
        Incident, Name, Notice, OutboxEntry, Outcome, Reason, Status, StatusChange, Timestamp,
        ValueRecord,
    },
    notify::delivery::{DeliveryUpdate, Receiver, undelivered_notice},
    state::{CheckState, Transition},
};

/// Everything the monitor remembers, and every decision it makes. No I/O, no clock, no tasks: it is
/// told what happened and when, and answers with [`Effects`].
#[derive(Debug)]
pub(super) struct Core {
    entries: HashMap<CheckId, Entry>,
    /// The names of checks in the order in which they are shown.
    order: Vec<CheckId>,
    display: Display,
    notifiers: Vec<NotifierSetup>,
    book: Book,
    last_result: Option<Timestamp>,
    own_faults: BTreeMap<&'static str, String>,
}

impl Core {
    /// Takes up where the journal left off. Also returns the notices that are still to be sent.
    pub(super) fn open(
        setup: Setup,
        mut image: Image,
        now: Timestamp,
        effects: &mut Effects,
    ) -> (Self, Vec<OutboxEntry>) {
        let states = std::mem::take(&mut image.states);
        let (book, pending) = Book::open(image, effects);
        let mut core = Self {
            entries: HashMap::new(),
            order: Vec::new(),
            display: Display::default(),
            notifiers: Vec::new(),
            book,
            last_result: None,
            own_faults: BTreeMap::new(),
        };
        core.replace(setup, states, now, effects);
        // The journal was just read; if it cannot be written, that is told anew.
        core.tell_own_fault("journal", None, now, effects);
        (core, pending)
    }

    /// Takes a new configuration. Checks that keep their name keep their state and incident; an
    /// incident whose check is gone is closed as withdrawn, and nobody is told.
    pub(super) fn reload(&mut self, setup: Setup, now: Timestamp, effects: &mut Effects) {
        self.replace(setup, BTreeMap::new(), now, effects);
        effects.changes.push(Change::Reloaded);
    }

    fn replace(
        &mut self,
        setup: Setup,
        mut states: BTreeMap<CheckId, CheckState>,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let mut before = std::mem::take(&mut self.entries);
        self.order = setup.checks.iter().map(|check| check.id.clone()).collect();
        self.display = Display::new(setup.servers, &setup.checks);
        self.notifiers = setup.notifiers;
        for check in setup.checks {
            let id = check.id.clone();
            let entry = match before.remove(&id) {
                Some(entry) => entry.redefined(check),
                None => Entry::new(check, states.remove(&id).unwrap_or(CheckState::new(now))),
            };
            self.entries.insert(id, entry);
        }
        let gone = before.into_keys().chain(states.into_keys());
        for id in gone.filter(|id| !id.is_own()) {
            effects.batch.states.insert(id, None);
        }
        self.withdraw(now, effects);
    }

    /// Closes incidents that no check stands behind any more.
    fn withdraw(&mut self, now: Timestamp, effects: &mut Effects) {
        let orphans: Vec<Incident> = self
            .book
            .incidents()
            .filter(|incident| !incident.check.is_own())
            .filter(|incident| {
                let entry = self.entries.get(&incident.check);
                entry.and_then(|entry| entry.state.incident).map(|open| open.number)
                    != Some(incident.number)
            })
            .cloned()
            .collect();
        for mut incident in orphans {
            incident.closed = Some((now, CloseReason::Withdrawn));
            effects.withdraw.extend(self.book.without_recovery(incident.number, |_| false));
            effects.changes.push(Change::Closed { number: incident.number, at: now });
            self.book.write(incident, effects);
        }
    }

    pub(super) fn check(&self, id: &CheckId) -> Option<&Check> {
        self.entries.get(id).map(|entry| &entry.check)
    }

    pub(super) fn checks(&self) -> impl Iterator<Item = &Check> {
        self.order.iter().filter_map(|id| self.check(id))
    }

    /// A run was due before the one before it had ended.
    pub(super) fn overrun(&mut self, id: &CheckId) {
        if let Some(entry) = self.entries.get_mut(id) {
            entry.overruns += 1;
            entry.touch();
            self.display.touch(entry.check.server.as_ref());
        }
    }

    /// A run ended.
    pub(super) fn finished(&mut self, id: &CheckId, outcome: Outcome, effects: &mut Effects) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        self.last_result = Some(outcome.at.plus(outcome.took));
        if outcome.result.as_ref().is_err_and(|failure| failure.kind == FailureKind::Internal) {
            // It says nothing about the server, and nobody is woken for each of its checks.
            entry.keep(&outcome, Status::Unknown, outcome.at.plus(outcome.took));
            return self.block(id, outcome.at.plus(outcome.took), effects);
        }
        if entry.check.kind == CheckKind::Ssh {
            return self.server_answered(id, &outcome, effects);
        }
        match self.verdict_on_server(id, &outcome) {
            ServerVerdict::Fine => self.apply(id, &outcome, effects),
            ServerVerdict::Down => self.blocked_by_server(id, &outcome, effects),
            ServerVerdict::Awaited(ssh) => {
                if let Some(entry) = self.entries.get_mut(id) {
                    entry.parked = Some(outcome);
                }
                effects.run_now.push(ssh);
            }
        }
    }

    /// Whether a check's failure is its own, or its server's. What was seen is always the check's.
    fn verdict_on_server(&self, id: &CheckId, outcome: &Outcome) -> ServerVerdict {
        let concerns_server = outcome.result.as_ref().is_err_and(|failure| {
            failure.kind.concerns_connection() || failure.kind == FailureKind::Timeout
        });
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

    fn ssh_of(&self, server: &Name) -> Option<&Entry> {
        self.display
            .checks_of(server)
            .iter()
            .filter_map(|id| self.entries.get(id))
            .find(|entry| entry.check.kind == CheckKind::Ssh)
    }

    fn blocked_by_server(&mut self, id: &CheckId, outcome: &Outcome, effects: &mut Effects) {
        let ended = outcome.at.plus(outcome.took);
        if let Some(entry) = self.entries.get_mut(id) {
            entry.keep(outcome, Status::Unknown, ended);
        }
        self.block(id, ended, effects);
    }

    /// The verdict on a server: decides what its other checks' results mean.
    fn server_answered(&mut self, id: &CheckId, outcome: &Outcome, effects: &mut Effects) {
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
        if outcome.at > verdict_began {
            // The verdict is older than the failure; another one is needed.
            entry.parked = Some(outcome);
            effects.run_now.push(ssh.clone());
        } else if fine {
            self.apply(id, &outcome, effects);
        } else {
            self.blocked_by_server(id, &outcome, effects);
        }
    }

    /// Nothing is known of a check: it is shown as Unknown, and nobody is told.
    fn block(&mut self, id: &CheckId, at: Timestamp, effects: &mut Effects) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let before = entry.state.clone();
        entry.state.block(at);
        self.after(id, &before, at, effects);
    }

    /// A result that counts.
    fn apply(&mut self, id: &CheckId, outcome: &Outcome, effects: &mut Effects) {
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
            Some(Transition::Escalated { was }) => {
                self.escalate(id, was, verdict, outcome, effects);
            }
            Some(Transition::Recovered { was }) => {
                self.recover(id, &before, was, ended, effects);
            }
            None => self.follow(id, &before, verdict, outcome, effects),
        }
        self.after(id, &before, ended, effects);
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
        let notice = Notice {
            reason: Reason::Raised,
            incident: Some(number),
            check: id.clone(),
            kind: incident.kind,
            server: entry.check.server.clone(),
            status: verdict.status,
            was: None,
            seen: outcome.result.clone(),
            limit: verdict.limit,
            since,
            at: incident.raised,
            unjournaled: false,
        };
        self.book.write(incident, effects);
        self.tell(id, &notice, effects);
    }

    fn escalate(
        &mut self,
        id: &CheckId,
        was: Status,
        verdict: Verdict,
        outcome: &Outcome,
        effects: &mut Effects,
    ) {
        let Some(mut incident) = self.incident_of(id) else { return };
        incident.status = verdict.status;
        incident.worst = verdict.status;
        incident.last = outcome.result.clone();
        incident.limit = verdict.limit;
        let notice = Notice {
            reason: Reason::Escalated,
            was: Some(was),
            ..self.notice(&incident, outcome.at.plus(outcome.took))
        };
        self.book.write(incident, effects);
        self.tell(id, &notice, effects);
    }

    fn recover(
        &mut self,
        id: &CheckId,
        before: &CheckState,
        was: Status,
        at: Timestamp,
        effects: &mut Effects,
    ) {
        let number = before.incident.map(|open| open.number);
        let Some(mut incident) = number.and_then(|n| self.book.incident(n)).cloned() else {
            return;
        };
        incident.closed = Some((at, CloseReason::Recovered));
        let notice = Notice {
            reason: Reason::Recovered,
            status: Status::Ok,
            was: Some(was),
            ..self.notice(&incident, at)
        };
        self.tell(id, &notice, effects);
        let takes = |name: &Name| {
            let of_name = |setup: &&NotifierSetup| setup.name == *name;
            self.notifiers
                .iter()
                .find(of_name)
                .is_some_and(|setup| setup.takes(EventKind::Recovery))
        };
        effects.withdraw.extend(self.book.without_recovery(incident.number, takes));
        effects.changes.push(Change::Closed { number: incident.number, at });
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
        if before.status == Some(status) || status == Status::Ok {
            return;
        }
        incident.status = status;
        incident.last = outcome.result.clone();
        incident.limit = verdict.limit;
        self.book.write(incident, effects);
    }

    fn incident_of(&self, id: &CheckId) -> Option<Incident> {
        let open = self.entries.get(id)?.state.incident?;
        self.book.incident(open.number).cloned()
    }

    /// The facts of an incident as a notice; the reason is for the caller to set.
    fn notice(&self, incident: &Incident, at: Timestamp) -> Notice {
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
        }
    }

    fn tell(&mut self, id: &CheckId, notice: &Notice, effects: &mut Effects) {
        let Some(entry) = self.entries.get(id) else { return };
        let wanted = &entry.check.notify;
        let notifiers = self.notifiers.iter().filter(|setup| wanted.contains(&setup.name));
        self.book.tell(notice, notifiers, effects);
    }

    /// Whatever changed is written, kept and shown.
    fn after(&mut self, id: &CheckId, before: &CheckState, at: Timestamp, effects: &mut Effects) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        entry.touch();
        self.display.touch(entry.check.server.as_ref());
        if entry.state != *before {
            effects.batch.states.insert(id.clone(), Some(entry.state.clone()));
        }
        let (from, to) = (before.shown(), entry.state.shown());
        let Some(last) = entry.last.clone() else { return };
        if from != to || before.shown_since() != entry.state.shown_since() {
            let detail = match &last.result {
                Ok(seen) => seen.detail().unwrap_or_default().to_owned(),
                Err(failure) => failure.message.clone(),
            };
            let check = id.clone();
            effects.changes.push(Change::Status { check: check.clone(), from, to, at });
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

    /// The delivery made progress. What it gave up is told by the other notifiers of the check.
    pub(super) fn delivered(
        &mut self,
        update: DeliveryUpdate,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let entry = update.entry.clone();
        self.book.delivered(update, now, effects);
        let Some(check) = self.entries.get(&entry.notice.check) else { return };
        let remaining: Vec<Receiver> = self
            .notifiers
            .iter()
            .filter(|setup| check.check.notify.contains(&setup.name))
            .map(|setup| Receiver {
                notifier: setup.name.clone(),
                recipients: setup.notifier.recipients(),
                events: setup.events.clone(),
                remedy: !setup.tells_people,
            })
            .collect();
        if let Some((notice, whom)) = undelivered_notice(&entry, &remaining) {
            self.book.tell_to(&Notice { at: now, ..notice }, whom, effects);
        }
    }

    /// Something is wrong with (or, with `None`, right again with) a part of the monitor itself.
    /// With `tell`, everybody who can be told is.
    pub(super) fn own_fault(
        &mut self,
        part: &'static str,
        fault: Option<String>,
        tell: bool,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let had = match &fault {
            Some(line) => self.own_faults.insert(part, line.clone()).is_some(),
            None => self.own_faults.remove(part).is_some(),
        };
        if tell && had != fault.is_some() {
            self.tell_own_fault(part, fault, now, effects);
        }
    }

    fn tell_own_fault(
        &mut self,
        part: &'static str,
        fault: Option<String>,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let check = CheckId::own(part);
        let open = self.book.incidents().find(|incident| incident.check == check).cloned();
        let (incident, reason, was) = match (open, fault) {
            (Some(mut incident), None) => {
                incident.closed = Some((now, CloseReason::Recovered));
                incident.status = Status::Ok;
                (incident, Reason::Recovered, Some(Status::Critical))
            }
            (None, Some(line)) => {
                let number = self.book.next_number(effects);
                (own_incident(number, check, &line, now), Reason::Raised, None)
            }
            _ => return,
        };
        let notice = Notice { reason, was, ..self.notice(&incident, now) };
        if reason == Reason::Raised {
            self.book.write(incident, effects);
            self.book.tell(&notice, people(&self.notifiers), effects);
        } else {
            self.book.tell(&notice, people(&self.notifiers), effects);
            self.book.write(incident, effects);
        }
    }

    /// What is known now.
    pub(super) fn snapshot(&mut self, now: Timestamp) -> Snapshot {
        let Self { entries, display, book, .. } = self;
        let servers = display.servers(entries);
        let others = display.others(entries);
        let incidents = book.views();
        Snapshot {
            at: now,
            last_result: self.last_result,
            servers,
            others,
            incidents,
            outbox: book.pending(),
            own_faults: self.own_faults.values().cloned().collect(),
        }
    }
}

/// What a check's failure to reach its server means.
#[derive(Debug)]
enum ServerVerdict {
    /// The server is fine: the result is the check's own.
    Fine,
    /// The server cannot be reached: nothing is known of the check.
    Down,
    /// The server has not been asked since; this check asks it.
    Awaited(CheckId),
}

fn own_incident(number: i64, check: CheckId, line: &str, now: Timestamp) -> Incident {
    Incident {
        number,
        check,
        kind: CheckKind::Own,
        since: now,
        raised: now,
        status: Status::Critical,
        worst: Status::Critical,
        last: Err(crate::model::Failure::new(FailureKind::Internal, line)),
        limit: None,
        closed: None,
    }
}

fn people(notifiers: &[NotifierSetup]) -> impl Iterator<Item = &NotifierSetup> {
    notifiers.iter().filter(|setup| setup.tells_people)
}
