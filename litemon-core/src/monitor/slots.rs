use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use tokio::{task::AbortHandle, time::Instant};

use crate::{
    model::{CheckId, Schedule},
    schedule::Timer,
};

use super::setup::Check;

/// When each check is due, and which are running.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: HashMap<CheckId, Slot>,
    /// Due times, of which only those that are still their slot's count.
    queue: BinaryHeap<Reverse<(Instant, CheckId)>>,
}

#[derive(Debug)]
struct Slot {
    timer: Timer,
    interval: std::time::Duration,
    running: Option<AbortHandle>,
    /// Asked for while it was running.
    again: bool,
}

/// A check whose time has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It can run.
    Run(CheckId),
    /// Its previous run is not done.
    Overrun(CheckId),
}

impl Slots {
    /// Takes a new set of checks. One that keeps its name and interval keeps its timer; one that is
    /// gone is stopped.
    pub(super) fn replace<'a>(&mut self, checks: impl Iterator<Item = &'a Check>, now: Instant) {
        let mut before = std::mem::take(&mut self.slots);
        for check in checks {
            let interval = check.schedule.interval;
            let fresh = || Timer::new(&check.id, interval, now);
            let slot = match before.remove(&check.id) {
                Some(slot) if slot.interval == interval => slot,
                Some(slot) => Slot { timer: fresh(), interval, ..slot },
                None => Slot { timer: fresh(), interval, running: None, again: false },
            };
            self.slots.insert(check.id.clone(), slot);
        }
        for abort in before.into_values().filter_map(|slot| slot.running) {
            abort.abort();
        }
        self.queue =
            self.slots.iter().map(|(id, slot)| Reverse((slot.timer.due(), id.clone()))).collect();
    }

    /// When the next check is due.
    pub(super) fn next_due(&mut self) -> Option<Instant> {
        while let Some(Reverse((due, id))) = self.queue.peek() {
            if self.slots.get(id).is_some_and(|slot| slot.timer.due() == *due) {
                return Some(*due);
            }
            self.queue.pop();
        }
        None
    }

    /// Takes the next check that is due by `now`, and moves its timer on.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Due> {
        self.next_due().filter(|due| *due <= now)?;
        let Reverse((_, id)) = self.queue.pop()?;
        let slot = self.slots.get_mut(&id)?;
        slot.timer.ticked(now, slot.interval);
        self.queue.push(Reverse((slot.timer.due(), id.clone())));
        Some(if slot.running.is_some() { Due::Overrun(id) } else { Due::Run(id) })
    }

    pub(super) fn started(&mut self, id: &CheckId, abort: AbortHandle) {
        if let Some(slot) = self.slots.get_mut(id) {
            slot.running = Some(abort);
        }
    }

    /// A run ended.
    pub(super) fn ended(&mut self, id: &CheckId, now: Instant) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.running = None;
        if std::mem::take(&mut slot.again) {
            slot.timer.now(now);
            self.queue.push(Reverse((slot.timer.due(), id.clone())));
        }
    }

    /// The check's result is to be confirmed.
    pub(super) fn retry(&mut self, id: &CheckId, now: Instant, schedule: &Schedule) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.timer.retry(now, schedule);
        self.queue.push(Reverse((slot.timer.due(), id.clone())));
    }

    /// Makes a check due within a few seconds, at a place of its own, or after its run has ended.
    pub(super) fn run_soon(&mut self, id: &CheckId, now: Instant) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        if slot.running.is_some() {
            slot.again = true;
        } else {
            slot.timer.soon(id, now);
            self.queue.push(Reverse((slot.timer.due(), id.clone())));
        }
    }

    /// Makes a check due at once, or as soon as its run has ended. False when there is no such check.
    pub(super) fn run_now(&mut self, id: &CheckId, now: Instant) -> bool {
        let Some(slot) = self.slots.get_mut(id) else { return false };
        if slot.running.is_some() {
            slot.again = true;
        } else {
            slot.timer.now(now);
            self.queue.push(Reverse((slot.timer.due(), id.clone())));
        }
        true
    }
}
