//! Where what happens is taken down.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::report::{Happening, Row};
use crate::{
    clock::{Clock, VirtualClock},
    model::Timestamp,
};

/// Rows in the order in which they came.
#[derive(Debug)]
pub(super) struct Log {
    start: Instant,
    clock: Arc<VirtualClock>,
    /// Held for moments and never over an await.
    rows: Mutex<Vec<Row>>,
}

impl Log {
    pub(super) fn new(clock: Arc<VirtualClock>) -> Self {
        Self { start: clock.instant(), clock, rows: Mutex::default() }
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Puts something else into a row.
    pub(super) fn replace(&self, place: usize, happening: Happening) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = rows.get_mut(place) {
            row.happening = happening;
        }
    }

    pub(super) fn note(&self, happening: Happening) {
        self.note_at(self.clock.instant(), self.clock.now(), happening);
    }

    pub(super) fn note_at(&self, when: Instant, at: Timestamp, happening: Happening) {
        let row = Row { at, after: when.saturating_duration_since(self.start), happening };
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).push(row);
    }

    /// All rows since it was asked last, by their times.
    pub(super) fn take(&self) -> Vec<Row> {
        let mut rows =
            std::mem::take(&mut *self.rows.lock().unwrap_or_else(PoisonError::into_inner));
        rows.sort_by_key(|row| row.after);
        rows
    }
}
