//! Times in which people are not told.

use std::{collections::BTreeMap, time::Duration};

use super::{Core, Effects, telling::Moment};
use crate::{
    model::{IncidentNumber, OutboxEntry, Timestamp},
    policy::{NewWindow, Recurring, Window, WindowId},
};

/// The most windows that are kept.
const MOST: usize = 1000;

/// Windows that somebody wanted, and those of the configuration.
#[derive(Debug, Default)]
pub(super) struct Windows {
    wanted: BTreeMap<WindowId, Window>,
    next: WindowId,
    recurring: Vec<Recurring>,
    /// Of each of the recurring ones, the window that is open, or the next.
    coming: Vec<Window>,
}

impl Windows {
    pub(super) fn new(wanted: BTreeMap<WindowId, Window>, next: WindowId) -> Self {
        Self { wanted, next: next.max(1), ..Self::default() }
    }

    /// All that are open or come, those of the configuration first.
    pub(super) fn around(&self) -> impl Iterator<Item = &Window> {
        self.coming.iter().chain(self.wanted.values())
    }

    /// Takes those of a configuration.
    pub(super) fn follow(
        &mut self,
        recurring: Vec<Recurring>,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        self.recurring = recurring;
        self.refresh(now, effects);
    }

    /// Forgets what is over and looks for what comes.
    fn refresh(&mut self, now: Timestamp, effects: &mut Effects) {
        let over = self.wanted.extract_if(.., |_, window| window.until <= now);
        effects.batch.windows.extend(over.map(|(id, _)| (id, None)));
        self.coming = self.recurring.iter().filter_map(|each| each.around(now)).collect();
    }

    /// When one begins or ends.
    fn next_turn(&self, now: Timestamp) -> Option<Timestamp> {
        let turn = |window: &Window| if now < window.from { window.from } else { window.until };
        self.around().map(turn).min()
    }
}

impl Core {
    /// A window began or ended: what it held back is told, and what waits for other reasons is held
    /// back.
    pub(super) fn turn_windows(&mut self, now: Timestamp, effects: &mut Effects) {
        self.windows.refresh(now, effects);
        let soonest = now.plus(Duration::from_secs(1));
        self.agenda.set(Moment::Windows, self.windows.next_turn(now).map(|at| at.max(soonest)));
        self.book.silence(self.silenced(now), now, effects);
        self.settle_silent(now, effects);
    }

    /// Incidents of which something waits to be told, and is not to be told before then.
    pub(super) fn silenced(&self, now: Timestamp) -> BTreeMap<IncidentNumber, Timestamp> {
        let silenced = |entry: &OutboxEntry| {
            let (check, server) = (&entry.notice.check, entry.notice.server.as_ref());
            let window = self.window_of(check, server, now)?;
            Some((entry.notice.incident?, window.until))
        };
        self.book.held().filter_map(silenced).collect()
    }

    /// From now on, or from then on, people are not told. `None` when there are too many already.
    pub(in crate::monitor) fn add_window(
        &mut self,
        new: NewWindow,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Option<Window> {
        if self.windows.wanted.len() >= MOST {
            return None;
        }
        let window = new.number(self.windows.next, now);
        self.windows.next += 1;
        effects.batch.next_window = Some(self.windows.next);
        effects.batch.windows.insert(window.id, Some(window.clone()));
        self.windows.wanted.insert(window.id, window.clone());
        self.turn_windows(now, effects);
        Some(window)
    }

    /// Ends a window before its time. `None` when there is no such window.
    pub(in crate::monitor) fn end_window(
        &mut self,
        id: WindowId,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Option<Window> {
        let window = self.windows.wanted.remove(&id)?;
        effects.batch.windows.insert(id, None);
        self.turn_windows(now, effects);
        Some(window)
    }
}
