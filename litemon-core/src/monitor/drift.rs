use tokio::time::Instant;

use crate::model::Timestamp;

/// Less than this, from one look to the next, is no clock that was set, but one that runs unevenly.
const NOTICED: i64 = 2_000;

/// Compares the wall clock with the steady one, to notice that it was set (or that the machine slept,
/// while the steady clock stood still).
#[derive(Clone, Copy, Debug)]
pub(super) struct Drift {
    wall: Timestamp,
    steady: Instant,
}

impl Drift {
    pub(super) const fn new(wall: Timestamp, steady: Instant) -> Self {
        Self { wall, steady }
    }

    /// By how many milliseconds the clock was set since the last look; backward is less than zero.
    pub(super) fn look(&mut self, wall: Timestamp, steady: Instant) -> Option<i64> {
        let expected = self.wall.plus(steady.saturating_duration_since(self.steady));
        (self.wall, self.steady) = (wall, steady);
        let by = wall.as_millis().saturating_sub(expected.as_millis());
        (by.saturating_abs() >= NOTICED).then_some(by)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_is_noticed_once_and_one_that_is_slewed_never() {
        let steady = |millis| Instant::now() + Duration::from_millis(millis);
        let at = |millis: i64| Timestamp::from_millis(10_000_000 + millis);
        let mut drift = Drift::new(at(0), steady(0));
        assert_eq!(drift.look(at(1_000), steady(1_000)), None);
        assert_eq!(drift.look(at(7_202_000), steady(2_000)), Some(7_200_000));
        assert_eq!(drift.look(at(7_203_000), steady(3_000)), None);
        assert_eq!(drift.look(at(4_000), steady(4_000)), Some(-7_200_000));
        for n in 1..100 {
            let millis = u64::try_from(n).unwrap() * 1_000;
            assert_eq!(drift.look(at(4_000 + n * 1_500), steady(4_000 + millis)), None);
        }
    }
}
