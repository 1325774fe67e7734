//! Messages that a gateway took: whether they arrived, and what is done when they did not.

use super::{Core, Effects, telling::Moment};
use crate::{
    model::{NoticeId, OutboxEntry, OutboxState, Timestamp},
    notify::{
        delivery::{Course, DeliveryUpdate, course, reported},
        report::Report,
    },
};

impl Core {
    /// A report is awaited until its time; with none by then, the message counts as lost.
    pub(super) fn await_report(&mut self, entry: &OutboxEntry) {
        let by = entry.report_by.filter(|_| entry.awaits_report());
        self.agenda.set(Moment::Report(entry.id), by);
    }

    /// A gateway reports about an entry. What is not known any more, or says nothing new, changes
    /// nothing.
    pub(in crate::monitor) fn reported(
        &mut self,
        id: NoticeId,
        report: Report,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let Some(entry) = self.book.known(id).cloned() else { return };
        if entry.state == OutboxState::Pending && report != Report::Underway {
            self.early.insert(id, report);
            return;
        }
        match reported(&entry, report) {
            Some(OutboxState::Delivered) => {
                if entry.awaits_report() {
                    effects.arrived.push(now.since(entry.next_at));
                }
                self.arrival(entry, OutboxState::Delivered, now, effects);
            }
            Some(state) => self.lost(entry, state, now, effects),
            None => {}
        }
    }

    /// Gateways are quick: their report may be here before their answer.
    pub(super) fn report_early(
        &mut self,
        entry: &OutboxEntry,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let settled = entry.state != OutboxState::Pending;
        if let Some(report) = settled.then(|| self.early.remove(&entry.id)).flatten() {
            self.reported(entry.id, report, now, effects);
        }
    }

    /// No report came in time.
    pub(super) fn overdue(&mut self, id: NoticeId, now: Timestamp, effects: &mut Effects) {
        let Some(entry) = self.book.known(id).filter(|entry| entry.awaits_report()).cloned() else {
            return;
        };
        let state = OutboxState::Undelivered("no report that it arrived".to_owned());
        self.lost(entry, state, now, effects);
    }

    /// It did not arrive: another way is taken, once.
    fn lost(
        &mut self,
        entry: OutboxEntry,
        state: OutboxState,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        // What a digest told may be forgotten once that is settled.
        let (concerned, lasts) = (self.book.checks_of(&entry), self.book.lasts(&entry));
        let entry = self.arrival(entry, state, now, effects);
        let of_name = |setup: &&crate::monitor::NotifierSetup| setup.name == entry.notifier;
        let ways = self.notifiers.iter().find(of_name).map_or(0, |setup| setup.notifier.ways());
        match course(&entry, ways, lasts) {
            Course::Again(way) => self.book.again(&entry, way, now, effects),
            Course::Others => self.tell_others(&entry, &concerned, now, effects),
            Course::Nothing => {}
        }
    }

    fn arrival(
        &mut self,
        entry: OutboxEntry,
        state: OutboxState,
        now: Timestamp,
        effects: &mut Effects,
    ) -> OutboxEntry {
        let entry = OutboxEntry { state, next_at: now, ..entry };
        self.agenda.set(Moment::Report(entry.id), None);
        let update = DeliveryUpdate { entry: entry.clone(), attempt: None };
        self.book.delivered(update, now, effects);
        if entry.notice.digest.is_some() {
            self.book.settle_gathered(&entry, now, effects);
        }
        entry
    }
}
