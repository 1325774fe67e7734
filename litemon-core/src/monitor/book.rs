mod flows;

use std::{collections::BTreeMap, sync::Arc};

use super::{
    effects::Effects,
    setup::NotifierSetup,
    snapshot::{IncidentView, Told},
};
use crate::{
    journal::Image,
    model::{
        CheckId, EventKind, HistoryRecord, Incident, IncidentNumber, Name, Notice, NoticeId,
        NoticeRecord, NoticeState, OutboxEntry, OutboxState, Reason, Timestamp,
    },
    notify::delivery::DeliveryUpdate,
    policy::{Silence, Telling},
};
use flows::Flows;

/// Open incidents and what was sent about them.
#[derive(Debug)]
pub(super) struct Book {
    incidents: BTreeMap<IncidentNumber, Incident>,
    /// Everything on its way, and what was sent about open incidents.
    outbox: BTreeMap<NoticeId, OutboxEntry>,
    /// What people know of the incidents.
    tellings: BTreeMap<IncidentNumber, Telling>,
    /// What recipients are sent, and what is held back for a moment.
    flows: Flows,
    next_incident: IncidentNumber,
    next_notice: NoticeId,
}

impl Book {
    /// What the journal kept, with the entries that are still to be sent. History may have missed
    /// what the journal knows of the last day: it is told again.
    pub(super) fn open(image: Image, effects: &mut Effects) -> (Self, Vec<OutboxEntry>) {
        let Image { incidents, outbox, mut tellings, next_incident, next_notice, flows, .. } =
            image;
        for (number, incident) in &incidents {
            // A litemon that kept no such thing told all that it knew.
            let told = || Telling::before(incident.worst, incident.raised);
            tellings.entry(*number).or_insert_with(told);
        }
        let known = incidents.values().cloned().map(HistoryRecord::Incident);
        effects.history.extend(known);
        let kept = outbox.values().map(|entry| HistoryRecord::Notice(record(entry, entry.next_at)));
        effects.history.extend(kept);
        let pending = |entry: &&OutboxEntry| entry.state == OutboxState::Pending;
        let pending = outbox.values().filter(pending).cloned().collect();
        let open = incidents.into_iter().filter(|(_, incident)| incident.closed.is_none());
        let book = Self {
            incidents: open.collect(),
            outbox,
            tellings,
            flows: Flows::open(flows),
            next_incident: next_incident.max(1),
            next_notice: next_notice.max(1),
        };
        (book, pending)
    }

    pub(super) fn incident(&self, number: IncidentNumber) -> Option<&Incident> {
        self.incidents.get(&number)
    }

    pub(super) fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values()
    }

    pub(super) fn telling(&self, number: IncidentNumber) -> Option<&Telling> {
        self.tellings.get(&number)
    }

    /// People know this of an incident from now on.
    pub(super) fn know(&mut self, number: IncidentNumber, telling: Telling, effects: &mut Effects) {
        if self.tellings.get(&number) != Some(&telling) {
            effects.batch.tellings.insert(number, Some(telling.clone()));
            self.tellings.insert(number, telling);
        }
    }

    /// It is over: what they know of it is no matter any more.
    pub(super) fn unknow(&mut self, number: IncidentNumber, effects: &mut Effects) {
        self.tellings.remove(&number);
        effects.batch.tellings.insert(number, None);
    }

    pub(super) fn next_number(&mut self, effects: &mut Effects) -> IncidentNumber {
        let number = self.next_incident;
        self.next_incident += 1;
        effects.batch.next_incident = Some(self.next_incident);
        number
    }

    /// Writes an incident down, new or changed. A closed one is written for the last time.
    pub(super) fn write(&mut self, incident: Incident, effects: &mut Effects) {
        effects.batch.incidents.insert(incident.number, incident.clone());
        effects.history.push(HistoryRecord::Incident(incident.clone()));
        if let Some((at, _)) = incident.closed {
            self.drop_problems_of(incident.number, at, effects);
            self.incidents.remove(&incident.number);
            self.forget_settled(incident.number);
        } else {
            self.incidents.insert(incident.number, incident);
        }
    }

    /// Puts a notice into the outbox, once for each recipient of each of the notifiers.
    pub(super) fn tell<'a>(
        &mut self,
        notice: &Notice,
        notifiers: impl Iterator<Item = &'a NotifierSetup>,
        effects: &mut Effects,
    ) {
        self.tell_but(None, notice, notifiers, effects);
    }

    /// The same, but for one recipient who knows it already.
    pub(super) fn tell_but<'a>(
        &mut self,
        knows: Option<&str>,
        notice: &Notice,
        notifiers: impl Iterator<Item = &'a NotifierSetup>,
        effects: &mut Effects,
    ) {
        for setup in notifiers {
            for recipient in candidates(notice, setup) {
                if knows != Some(recipient.as_str()) && self.may_tell(notice, setup, &recipient) {
                    self.put(notice, &setup.name, recipient, effects);
                }
            }
        }
    }

    /// A recovery goes only where its problem went, or is going.
    fn may_tell(&self, notice: &Notice, setup: &NotifierSetup, recipient: &str) -> bool {
        if !setup.takes(notice.reason.event())
            || !setup.tells_people && notice.reason.is_for_people()
        {
            return false;
        }
        let follows = matches!(notice.reason, Reason::Recovered | Reason::Acknowledged);
        !follows
            || !setup.takes(EventKind::Problem)
            || self.outbox.values().any(|entry| {
                entry.notice.incident == notice.incident
                    && entry.notifier == setup.name
                    && entry.recipient == recipient
                    && !matches!(entry.state, OutboxState::Dead(_) | OutboxState::Superseded)
            })
    }

    /// Puts a notice into the outbox for these recipients, whatever was told before.
    pub(super) fn tell_to(
        &mut self,
        notice: &Notice,
        whom: Vec<(Name, String)>,
        effects: &mut Effects,
    ) {
        for (notifier, recipient) in whom {
            self.put(notice, &notifier, recipient, effects);
        }
    }

    /// What is still to be sent about an incident by notifiers that are not told of its end.
    pub(super) fn without_recovery(
        &self,
        number: IncidentNumber,
        takes_recovery: impl Fn(&Name) -> bool,
    ) -> Vec<NoticeId> {
        self.outbox
            .values()
            .filter(|entry| entry.notice.incident == Some(number))
            .filter(|entry| entry.state == OutboxState::Pending && !takes_recovery(&entry.notifier))
            .map(|entry| entry.id)
            .collect()
    }

    /// The delivery made an attempt, or settled an entry without one.
    pub(super) fn delivered(
        &mut self,
        update: DeliveryUpdate,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let entry = update.entry;
        effects.history.push(HistoryRecord::Notice(record(&entry, now)));
        effects.history.extend(update.attempt.map(HistoryRecord::Attempt));
        effects.batch.outbox.insert(entry.id, entry.clone());
        self.keep_or_forget(entry.clone());
        self.progressed(&entry, now, effects);
    }

    fn keep_or_forget(&mut self, entry: OutboxEntry) {
        let open = entry.notice.incident.is_some_and(|n| self.incidents.contains_key(&n));
        if open || entry.state.is_open() || entry.awaits_report() {
            self.outbox.insert(entry.id, entry);
        } else {
            self.outbox.remove(&entry.id);
        }
    }

    fn forget_settled(&mut self, number: IncidentNumber) {
        self.outbox.retain(|_, entry| {
            entry.notice.incident != Some(number) || entry.state.is_open() || entry.awaits_report()
        });
    }

    /// The checks that an entry tells of: several, if it is a digest.
    pub(super) fn checks_of(&self, entry: &OutboxEntry) -> Vec<CheckId> {
        let told = self.told_in(entry.id).map(|told| told.notice.check.clone());
        std::iter::once(entry.notice.check.clone()).chain(told).collect()
    }

    /// An entry, while it is known.
    pub(super) fn known(&self, id: NoticeId) -> Option<&OutboxEntry> {
        self.outbox.get(&id)
    }

    /// Whether what an entry tells still lasts: of a digest, any of it. A notice of no incident does.
    pub(super) fn lasts(&self, entry: &OutboxEntry) -> bool {
        let open = |entry: &OutboxEntry| {
            entry.notice.incident.is_none_or(|number| self.incidents.contains_key(&number))
        };
        open(entry) || entry.notice.digest.is_some() && self.told_in(entry.id).any(open)
    }

    /// What gateways took and are still to report about.
    pub(super) fn awaited(&self) -> Vec<OutboxEntry> {
        self.outbox.values().filter(|entry| entry.awaits_report()).cloned().collect()
    }

    /// How many notices are still to be sent, those that are held among them.
    pub(super) fn pending(&self) -> usize {
        let open =
            |entry: &&OutboxEntry| matches!(entry.state, OutboxState::Pending | OutboxState::Held);
        self.outbox.values().filter(open).count()
    }

    /// Open incidents as they are shown.
    pub(super) fn views(
        &self,
        silent: &BTreeMap<IncidentNumber, Silence>,
        now: Timestamp,
    ) -> Vec<Arc<IncidentView>> {
        let mut told: BTreeMap<IncidentNumber, Vec<Told>> = BTreeMap::new();
        for entry in self.outbox.values() {
            if let Some(number) = entry.notice.incident {
                told.entry(number).or_default().push(Told {
                    notifier: entry.notifier.to_string(),
                    recipient: entry.recipient.clone(),
                    reason: entry.notice.reason,
                    state: notice_state(entry),
                    at: match entry.state {
                        OutboxState::Held => self.held_until(entry, now).unwrap_or(entry.next_at),
                        _ => entry.next_at,
                    },
                    told_in: entry.gathering.told_in.clone(),
                });
            }
        }
        self.incidents
            .values()
            .map(|incident| {
                Arc::new(IncidentView {
                    number: incident.number,
                    check: incident.check.clone(),
                    kind: incident.kind,
                    since: incident.since,
                    status: incident.status,
                    last: incident.last.clone(),
                    limit: incident.limit,
                    told: told.remove(&incident.number).unwrap_or_default(),
                    acknowledged: self
                        .telling(incident.number)
                        .and_then(|telling| telling.acknowledged.clone()),
                    silence: silent.get(&incident.number).cloned(),
                    remedies: self
                        .telling(incident.number)
                        .map(|telling| telling.healing.clone())
                        .unwrap_or_default(),
                })
            })
            .collect()
    }
}

/// Of what follows a problem, whoever was told of that, though it may not be his turn any more.
fn candidates(notice: &Notice, setup: &NotifierSetup) -> Vec<String> {
    let follows = matches!(notice.reason, Reason::Recovered | Reason::Acknowledged);
    match follows && setup.takes(EventKind::Problem) {
        true => setup.everybody(),
        false => setup.on_duty(notice.at),
    }
}

/// The notice as history keeps it.
fn record(entry: &OutboxEntry, state_at: Timestamp) -> NoticeRecord {
    NoticeRecord {
        id: entry.id,
        incident: entry.notice.incident,
        check: entry.notice.check.clone(),
        notifier: entry.notifier.to_string(),
        recipient: entry.recipient.clone(),
        reason: entry.notice.reason,
        at: entry.notice.at,
        state: notice_state(entry),
        state_at,
        told_in: entry.gathering.told_in.clone(),
    }
}

/// What a digest told counts as told together with others.
const fn notice_state(entry: &OutboxEntry) -> NoticeState {
    match entry.state {
        OutboxState::Held => NoticeState::Held,
        OutboxState::Pending | OutboxState::Gathered => NoticeState::Pending,
        OutboxState::Accepted | OutboxState::Queued if entry.gathering.told_in.is_some() => {
            NoticeState::Gathered
        }
        OutboxState::Accepted => NoticeState::Accepted,
        OutboxState::Queued => NoticeState::Queued,
        OutboxState::Delivered => NoticeState::Delivered,
        OutboxState::Undelivered(_) => NoticeState::Undelivered,
        OutboxState::Dead(_) => NoticeState::Dead,
        OutboxState::Superseded => NoticeState::Superseded,
    }
}
