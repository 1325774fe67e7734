use std::{sync::Arc, time::Duration};

use super::{
    setup::Check,
    snapshot::{CheckView, LastResult},
};
use crate::{
    criteria::{self, Verdict},
    model::{Criteria, Number, Observation, Outcome, Status, Timestamp},
    probe::push::Told,
    state::{CheckState, Confirmation},
};

/// A time in which nobody looked at a check: the monitor did not run, or the machine slept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// History has its beginning.
    pub(super) told: bool,
    pub(super) since: Timestamp,
}

/// A check with all that is remembered of it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) check: Check,
    pub(super) state: CheckState,
    pub(super) last: Option<LastResult>,
    pub(super) last_value: Option<(Timestamp, f64)>,
    pub(super) last_numbers: Vec<Number>,
    /// When the last run began; it tells whether a run saw what another one met.
    pub(super) last_began: Option<Timestamp>,
    /// A result that waits for the verdict on its server.
    pub(super) parked: Option<Outcome>,
    pub(super) overruns: u64,
    /// When the next result is overdue: then nothing is known until it comes.
    overdue: Option<Timestamp>,
    /// Nothing was known before the present result, since when.
    gap: Option<Gap>,
    view: Option<Arc<CheckView>>,
}

impl Entry {
    pub(super) fn new(check: Check, state: CheckState) -> Self {
        if !state.numbers.is_empty() {
            check.probe.recall(&state.numbers);
        }
        Self {
            check,
            last: None,
            last_value: None,
            last_numbers: state.numbers.clone(),
            state,
            last_began: None,
            parked: None,
            overruns: 0,
            overdue: None,
            gap: None,
            view: None,
        }
    }

    /// Takes up what a monitor knew that ended after `last` result. Says since when nothing is known
    /// if that is longer ago than results are apart, and the check was known then.
    pub(super) fn resume(&mut self, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
        if let (Some(inbox), Some(called)) = (self.check.probe.inbox(), &self.state.called) {
            inbox.resume(called, last.since(called.at));
        }
        let known_since = self.state.shown_since()?;
        if now <= self.overdue_after(last) || self.state.shown() == Status::Unknown {
            return None;
        }
        self.gap = Some(Gap { told: true, since: last });
        // Not in the place of the change that says since when it was known.
        Some(last.max(known_since.plus(Duration::from_millis(1))))
    }

    /// Three intervals and the time that a run may take, as for what is shown as present.
    fn overdue_after(&self, at: Timestamp) -> Timestamp {
        let schedule = &self.check.schedule;
        at.plus(schedule.interval.saturating_mul(3)).plus(schedule.timeout)
    }

    /// The time before the present result in which nothing was known; `None` when there was none,
    /// or it was asked before.
    pub(super) fn take_gap(&mut self) -> Option<Gap> {
        self.gap.take()
    }

    /// The clock was set by so many milliseconds: what is compared with times to come moves along.
    pub(super) fn clock_set(&mut self, by: i64) {
        self.last_began = self.last_began.map(|began| began.moved(by));
        self.state.memory.clock_set(by);
        if let Some(parked) = &mut self.parked {
            parked.at = parked.at.moved(by);
        }
        if let Some(soft) = &mut self.state.soft {
            soft.since = soft.since.moved(by);
        }
        // Of time that was left out nothing is known.
        if by < 0 {
            self.overdue = self.overdue.map(|overdue| overdue.moved(by));
        }
    }

    /// The same memory under a new definition.
    pub(super) fn redefined(self, check: Check) -> Self {
        if !self.last_numbers.is_empty() {
            check.probe.recall(&self.last_numbers);
        }
        Self { check, view: None, ..self }
    }

    pub(super) fn confirm(&self) -> Confirmation {
        Confirmation {
            attempts: self.check.schedule.attempts,
            recover_attempts: self.check.schedule.recover_attempts,
            flapping: self.check.flapping,
        }
    }

    pub(super) fn is_down(&self) -> bool {
        self.state.incident.is_some()
    }

    /// Judges a result and keeps it as the last one.
    pub(super) fn judge(&mut self, outcome: &Outcome) -> Verdict {
        let ended = outcome.at.plus(outcome.took);
        let Check { kind, criteria, .. } = &self.check;
        let (verdict, memory) =
            criteria::judge(*kind, criteria, &outcome.result, self.state.memory, outcome.at);
        self.state.memory = memory;
        self.keep(outcome, verdict.status, ended);
        verdict
    }

    /// Keeps a result that is not judged.
    pub(super) fn keep(&mut self, outcome: &Outcome, status: Status, ended: Timestamp) {
        self.last_began = Some(outcome.at);
        if self.overdue.is_some_and(|overdue| ended > overdue)
            && let Some(last) = &self.last
        {
            self.gap = Some(Gap { told: false, since: last.at });
        }
        self.overdue = Some(self.overdue_after(ended));
        self.last = Some(LastResult {
            at: ended,
            took: outcome.took,
            status,
            result: outcome.result.clone(),
        });
        if let Some(value) = outcome.result.as_ref().ok().and_then(|seen| seen.value()) {
            self.last_value = Some((ended, value));
        }
        if let Ok(Observation::Numbers { numbers, .. }) = &outcome.result {
            self.last_numbers.clone_from(numbers);
            self.state.numbers.clone_from(numbers);
        }
        let inbox = self.check.probe.inbox();
        self.state.called = inbox.and_then(|inbox| inbox.last()).map(Told::called);
    }

    /// The next view is to be made anew.
    pub(super) fn touch(&mut self) {
        self.view = None;
    }

    pub(super) fn view(&mut self) -> Arc<CheckView> {
        if let Some(view) = &self.view {
            return Arc::clone(view);
        }
        let view = Arc::new(self.make_view());
        self.view = Some(Arc::clone(&view));
        view
    }

    fn make_view(&self) -> CheckView {
        let limits = match &self.check.criteria {
            Criteria::Threshold(limits) => (limits.critical, limits.warn),
            Criteria::On => (None, None),
        };
        let schedule = &self.check.schedule;
        CheckView {
            id: self.check.id.clone(),
            kind: self.check.kind,
            status: self.state.shown(),
            since: self.state.shown_since(),
            soft: self.state.soft.as_ref().map(|soft| {
                let of = if soft.status == Status::Ok {
                    schedule.recover_attempts
                } else {
                    schedule.attempts
                };
                (soft.status, soft.attempt, of)
            }),
            blocked: self.state.blocked.is_some(),
            last: self.last.clone(),
            last_value: self.last_value,
            last_numbers: self.last_numbers.clone(),
            interval: schedule.interval,
            timeout: schedule.timeout,
            threshold: limits.0,
            warn: limits.1,
            incident: self.state.incident.map(|open| open.number),
            flapping: self.state.flaps.since(),
            attempts: schedule.attempts,
            notifies: !self.check.notify.is_empty(),
            notify: self.check.notify.clone(),
            overruns: self.overruns,
        }
    }
}
