//! The geometry of charts: pure, and always inside the box.

pub(crate) mod axis;
pub(crate) mod calendar;
pub(crate) mod range;
pub(crate) mod rows;
pub(crate) mod spans;

use std::time::Duration;

use litemon_core::model::{Sample, Timestamp};

/// The width of a plot in units of its own; the page stretches it to what there is.
pub(crate) const WIDTH: f64 = 1000.0;

/// The time that a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Window {
    /// Where a moment stands, 0 to [`WIDTH`].
    pub(crate) fn x(&self, at: Timestamp) -> f64 {
        let span = self.to.since(self.from).as_secs_f64();
        if span <= 0.0 {
            return 0.0;
        }
        (at.since(self.from).as_secs_f64() / span * WIDTH).clamp(0.0, WIDTH)
    }

    /// Where a row of this width begins and ends.
    pub(crate) fn ends(&self, row: &Sample, width: Duration) -> (f64, f64) {
        (self.x(row.at), self.x(row.at.plus(width)))
    }

    /// The part of a time that lies within; `None` when none does.
    pub(crate) fn cut(&self, from: Timestamp, to: Timestamp) -> Option<Self> {
        let cut = Self { from: from.max(self.from), to: to.min(self.to) };
        (cut.from < cut.to).then_some(cut)
    }
}

#[cfg(test)]
mod tests;
