mod arrivals;
mod clock;
mod heal;
mod incident;
mod job;
mod network;
mod own;
mod planned;
mod server;
mod telling;
mod windows;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use super::{
    book::Book,
    display::Display,
    effects::Effects,
    entry::Entry,
    setup::{Check, NotifierSetup, Setup},
    snapshot::{Change, Snapshot},
};
use crate::{
    hold::Hold,
    journal::Image,
    model::{
        CheckId, CheckKind, CloseReason, HistoryRecord, Incident, IncidentNumber, Name, Notice,
        NoticeId, OutboxEntry, Outcome, Status, StatusChange, Timestamp,
    },
    notify::{
        delivery::{DeliveryUpdate, Receiver, undelivered_notice},
        report::Report,
    },
    policy::{Agenda, Rota, Silence},
    state::CheckState,
};
use network::Network;
use server::ServerVerdict;
use telling::Moment;
use windows::Windows;

/// How often the time of the newest result is written down.
const NOTED_EVERY: Duration = Duration::from_secs(10);

/// For history: from then on nothing is known of a check.
fn unknown(check: &CheckId, at: Timestamp) -> HistoryRecord {
    let detail = "nobody looked: litemon did not run".to_owned();
    let check = check.clone();
    HistoryRecord::Change(StatusChange { check, at, status: Status::Unknown, detail })
}

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
    /// Alerts of servers that are being restarted or shut down.
    holds: BTreeMap<Name, Hold>,
    /// Times in which people are not told.
    windows: Windows,
    /// Incidents of which people do not know all, and why they are not told.
    silent: BTreeMap<IncidentNumber, Silence>,
    /// People who take turns, to be shown.
    rotas: Vec<Arc<Rota>>,
    /// What is to be looked at again without a result.
    agenda: Agenda<Moment>,
    /// Checks that others depend on.
    parents: HashSet<CheckId>,
    /// Whether the monitor's own network works.
    network: Network,
    last_result: Option<Timestamp>,
    /// The one that was last written down.
    noted: Option<Timestamp>,
    own_faults: BTreeMap<&'static str, String>,
    /// What gateways reported before it was known here that they took a message.
    early: BTreeMap<NoticeId, Report>,
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
        let last_result = image.last_result;
        let holds = std::mem::take(&mut image.holds);
        let windows = Windows::new(std::mem::take(&mut image.windows), image.next_window);
        let (book, pending) = Book::open(image, effects);
        let mut core = Self {
            entries: HashMap::new(),
            order: Vec::new(),
            display: Display::default(),
            notifiers: Vec::new(),
            book,
            holds,
            windows,
            silent: BTreeMap::new(),
            rotas: Vec::new(),
            agenda: Agenda::default(),
            parents: HashSet::new(),
            network: Network::default(),
            last_result: None,
            noted: None,
            own_faults: BTreeMap::new(),
            early: BTreeMap::new(),
        };
        core.replace(setup, states, now, effects);
        for entry in core.book.awaited() {
            core.await_report(&entry);
        }
        if let Some(last) = last_result {
            core.resume(last, now, effects);
        }
        core.resume_isolation(now, effects);
        // The journal was just read; if it cannot be written, that is told anew.
        core.tell_own_fault("journal", None, now, now, effects);
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
        self.keep_holds(effects);
        self.notifiers = setup.notifiers;
        self.rotas = setup.rotas;
        let parents = setup.checks.iter().flat_map(|check| check.depends_on.iter().cloned());
        self.parents = parents.collect();
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
        self.windows.follow(setup.maintenance, now, effects);
        self.follow_rules(now, effects);
        self.replace_canaries(setup.canaries.iter().map(|canary| canary.name()), now, effects);
        self.turn_windows(now, effects);
        let open: Vec<IncidentNumber> = self.book.incidents().map(|open| open.number).collect();
        for number in open {
            self.settle(number, now, effects);
        }
    }

    /// From the last result of the monitor before this one on, nothing is known: history is told so,
    /// or what was known then would seem to have lasted.
    fn resume(&mut self, last: Timestamp, now: Timestamp, effects: &mut Effects) {
        for (id, entry) in &mut self.entries {
            let Some(at) = entry.resume(last, now) else { continue };
            effects.history.push(unknown(id, at));
        }
    }

    /// The journal need not know each.
    fn note_result(&mut self, at: Timestamp, effects: &mut Effects) {
        self.last_result = Some(at);
        if self.noted.is_none_or(|noted| at < noted || at.since(noted) >= NOTED_EVERY) {
            self.noted = Some(at);
            effects.batch.last_result = Some(at);
        }
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
            self.forget_telling(incident.number, effects);
            self.book.write(incident, effects);
        }
    }

    pub(super) fn check(&self, id: &CheckId) -> Option<&Check> {
        self.entries.get(id).map(|entry| &entry.check)
    }

    pub(super) fn checks(&self) -> impl Iterator<Item = &Check> {
        self.order.iter().filter_map(|id| self.check(id))
    }

    /// Which recipient a message came from.
    pub(super) fn recipient_of(&self, sender: &str) -> Option<String> {
        self.notifiers.iter().find_map(|setup| setup.notifier.recipient_of(sender))
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
        if !self.entries.contains_key(id) {
            return;
        }
        let held = (!self.holds.is_empty()).then(|| outcome.clone());
        self.decide(id, outcome, effects);
        if let Some(outcome) = &held {
            self.follow_plan(id, outcome, effects);
        }
        if self.parents.contains(id) && !self.silent.is_empty() {
            let now = self.last_result.unwrap_or_default();
            self.settle_silent(now, effects);
        }
    }

    fn decide(&mut self, id: &CheckId, outcome: Outcome, effects: &mut Effects) {
        self.note_result(outcome.at.plus(outcome.took), effects);
        let Some(entry) = self.entries.get_mut(id) else { return };
        // What waited for a verdict on the server is not news any more.
        entry.parked = None;
        let is_login = entry.check.kind == CheckKind::Ssh;
        let says_nothing =
            outcome.result.as_ref().is_err_and(|failure| failure.kind.says_nothing());
        if says_nothing || self.is_cut_off(id, &outcome, effects) {
            // It says nothing about the server, and nobody is woken for each of its checks.
            self.forget_doubted(id);
            return self.blocked_by_server(id, &outcome, effects);
        }
        if is_login {
            return self.weigh(id, outcome, effects);
        }
        match self.verdict_on_server(id, &outcome) {
            ServerVerdict::Fine => return self.weigh(id, outcome, effects),
            ServerVerdict::Down => self.blocked_by_server(id, &outcome, effects),
            ServerVerdict::Awaited(ssh) => {
                if let Some(entry) = self.entries.get_mut(id) {
                    entry.parked = Some(outcome);
                }
                if !self.waits_for_network(&ssh) {
                    effects.run_now.push(ssh);
                }
            }
        }
        self.forget_doubted(id);
    }

    /// How much recipients are sent at a time, as the configuration says.
    fn follow_rules(&mut self, now: Timestamp, effects: &mut Effects) {
        let silenced = self.silenced(now);
        let Self { entries, display, book, notifiers, .. } = self;
        let checks = entries.values().map(|entry| {
            let server = entry.check.server.as_ref();
            (&entry.check, server.map(|name| display.groups_of(name)).unwrap_or_default())
        });
        book.follow_rules(notifiers, checks, silenced, now, effects);
    }

    /// The delivery made progress. What it gave up is told by the other notifiers of the check.
    pub(super) fn delivered(
        &mut self,
        update: DeliveryUpdate,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let entry = update.entry.clone();
        let began = update.attempt.as_ref().map_or(now, |attempt| attempt.at);
        let concerned = self.book.checks_of(&entry);
        self.book.delivered(update, now, effects);
        if self.remedy_ran(&entry, began, now, effects) {
            return;
        }
        self.await_report(&entry);
        self.report_early(&entry, now, effects);
        self.tell_others(&entry, &concerned, now, effects);
    }

    /// What did not get to somebody is told by the other notifiers of its checks.
    fn tell_others(
        &mut self,
        entry: &OutboxEntry,
        concerned: &[CheckId],
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let concerned: Vec<&Entry> =
            concerned.iter().filter_map(|check| self.entries.get(check)).collect();
        let wanted = |name: &Name| concerned.iter().any(|entry| entry.check.notify.contains(name));
        let remaining: Vec<Receiver> = self
            .notifiers
            .iter()
            .filter(|setup| wanted(&setup.name))
            .map(|setup| Receiver {
                notifier: setup.name.clone(),
                recipients: setup.on_duty(now),
                events: setup.events.clone(),
                remedy: !setup.tells_people,
            })
            .collect();
        if let Some((notice, whom)) = undelivered_notice(entry, &remaining) {
            self.book.tell_to(&Notice { at: now, ..notice }, whom, effects);
        }
    }

    /// What is known now.
    pub(super) fn snapshot(&mut self, now: Timestamp) -> Snapshot {
        let isolated = self.isolated();
        let Self { entries, display, book, silent, windows, .. } = self;
        let servers = display.servers(entries);
        let others = display.others(entries);
        let incidents = book.views(silent, now);
        Snapshot {
            at: now,
            last_result: self.last_result,
            servers,
            others,
            incidents,
            windows: windows.around().cloned().collect(),
            outbox: book.pending(),
            held: book.held().count(),
            own_faults: self.own_faults.values().cloned().collect(),
            isolated,
            rotas: self.rotas.clone(),
        }
    }
}
