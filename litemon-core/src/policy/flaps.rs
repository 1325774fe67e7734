//! Whether something comes and goes.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// Over how many results it is told. [Nagios](https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/flapping.html)
/// looks at as many turns.
const RESULTS: u32 = 20;

/// When something counts as coming and going: how many of 20 results in a row differ from the one
/// before, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FlapMarks {
    /// It begins with this many.
    pub high: u32,
    /// It is over with this many.
    pub low: u32,
}

/// 25 and 10: after five turns, until two are left.
impl Default for FlapMarks {
    fn default() -> Self {
        Self { high: 25, low: 10 }
    }
}

impl FlapMarks {
    /// `None` unless `low` is below `high`, and that is a percentage.
    #[must_use]
    pub fn new(high: u32, low: u32) -> Option<Self> {
        (low < high && high <= 100).then_some(Self { high, low })
    }
}

/// What is remembered of late results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaps {
    /// A bit for each of the last results, the newest lowest: it differs from the one before.
    turns: u32,
    /// It comes and goes, since when.
    since: Option<Timestamp>,
}

/// What a result means for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flapped {
    Steady,
    Begins,
    GoesOn,
    Settles,
}

impl Flaps {
    /// Since when it comes and goes.
    #[must_use]
    pub const fn since(&self) -> Option<Timestamp> {
        self.since
    }

    pub(crate) const fn is_none(&self) -> bool {
        self.turns == 0 && self.since.is_none()
    }

    /// One more result.
    pub(crate) fn take(
        &mut self,
        turned: bool,
        marks: Option<FlapMarks>,
        at: Timestamp,
    ) -> Flapped {
        self.turns = (self.turns << 1 | u32::from(turned)) & ((1 << RESULTS) - 1);
        let percent = self.turns.count_ones() * 100 / RESULTS;
        let (begins, settles) = match marks {
            Some(marks) => (percent >= marks.high, percent <= marks.low),
            None => (false, true),
        };
        match self.since {
            None if begins => {
                self.since = Some(at);
                Flapped::Begins
            }
            None => Flapped::Steady,
            Some(_) if settles => {
                self.since = None;
                Flapped::Settles
            }
            Some(_) => Flapped::GoesOn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each result of a string means; `x` is one that differs from the one before.
    fn play(turns: &str, marks: Option<FlapMarks>) -> Vec<(usize, Flapped)> {
        let mut flaps = Flaps::default();
        let each = turns.bytes().enumerate().map(|(n, turn)| {
            let at = Timestamp::from_millis(i64::try_from(n).unwrap());
            (n, flaps.take(turn == b'x', marks, at))
        });
        each.filter(|(_, what)| matches!(what, Flapped::Begins | Flapped::Settles)).collect()
    }

    #[test]
    fn it_begins_with_a_quarter_and_ends_with_a_tenth() {
        let marks = Some(FlapMarks::default());
        let steady = "-".repeat(30);
        let found = play(&format!("xxxx-x{steady}"), marks);
        // Four turns ago leave the window one after the other: two are left after 22 results.
        assert_eq!(found, [(5, Flapped::Begins), (22, Flapped::Settles)]);
        assert_eq!(play(&format!("xxxx{steady}xxxx"), marks), []);
        assert_eq!(play(&"x-".repeat(40), marks).len(), 1, "it goes on");
        assert_eq!(play(&"x".repeat(40), None), []);
    }
}
