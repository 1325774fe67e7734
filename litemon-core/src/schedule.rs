//! When a check is due: pure arithmetic on the steady clock.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::{CheckId, Schedule};

/// The longest that a check waits for its first run, however long its interval.
pub const FIRST_RUN_WITHIN: Duration = Duration::from_secs(3);

/// The due times of one check.
///
/// The first offset is a hash of the check's name: random enough that checks do not bunch, the same
/// after each restart. A check whose interval is long has an early first run, so that something is
/// known soon, and joins its own place in the interval after that. A late tick delays those behind
/// it; missed ones are not made up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    due: Instant,
    /// The first tick of the regular grid, while the early first run is still to come.
    grid: Option<Instant>,
}

impl Timer {
    /// The timer of a check that is new at `now`.
    #[must_use]
    pub fn new(check: &CheckId, interval: Duration, now: Instant) -> Self {
        let share = share(check.as_str());
        let place = now + interval.mul_f64(share);
        let early = now + interval.min(FIRST_RUN_WITHIN).mul_f64(share);
        Self { due: early, grid: (place > early).then_some(place) }
    }

    /// When the check is due.
    #[must_use]
    pub const fn due(&self) -> Instant {
        self.due
    }

    /// The check started (or was skipped) at `now`: its next regular tick.
    pub fn ticked(&mut self, now: Instant, interval: Duration) {
        self.due = match self.grid.take() {
            Some(place) if place > now => place,
            _ => now + interval,
        };
    }

    /// The check's result counts towards a problem, or towards its end, and is to be confirmed: the
    /// next run comes after the retry interval, unless it was due before that anyway.
    pub fn retry(&mut self, ended: Instant, schedule: &Schedule) {
        self.due = self.due.min(ended + schedule.retry_interval);
    }

    /// The check is due soon, with many others: each has a place of its own.
    pub fn soon(&mut self, check: &CheckId, now: Instant) {
        self.due = self.due.min(now + FIRST_RUN_WITHIN.mul_f64(share(check.as_str())));
    }

    /// The check is due at once.
    pub fn now(&mut self, now: Instant) {
        self.due = self.due.min(now);
    }
}

/// A number in `0.0..1.0` that depends on nothing but the text (FNV-1a, 64 bits, of which the upper
/// 53 after a final mix count).
pub(crate) fn share(text: &str) -> f64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^= hash >> 32;
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a float exactly")]
    let share = (hash >> 11) as f64 / (1_u64 << 53) as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> CheckId {
        CheckId::parse(text).unwrap()
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn offsets_are_stable_and_spread() {
        let now = Instant::now();
        let mut tenths = [0_u32; 10];
        for server in 0..1000 {
            let check = id(&format!("web-{server}/cpu"));
            let first = Timer::new(&check, 10 * SECOND, now);
            assert_eq!(first, Timer::new(&check, 10 * SECOND, now));
            let share = (first.due() - now).as_secs_f64() / FIRST_RUN_WITHIN.as_secs_f64();
            tenths[(share * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|n| (70..=130).contains(n)), "{tenths:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_interval_has_an_early_first_run_and_no_gap_longer_than_itself() {
        let now = Instant::now();
        let hour = 3600 * SECOND;
        for n in 0..100 {
            let mut timer = Timer::new(&id(&format!("s{n}/x")), hour, now);
            let first = timer.due();
            assert!(first - now < FIRST_RUN_WITHIN);
            timer.ticked(first, hour);
            assert!(timer.due() - first <= hour);
            let second = timer.due();
            timer.ticked(second, hour);
            assert_eq!(timer.due() - second, hour);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn late_ticks_are_delayed_and_never_bunched() {
        let now = Instant::now();
        let mut timer = Timer::new(&id("s/x"), 10 * SECOND, now);
        let late = timer.due() + 35 * SECOND;
        timer.ticked(late, 10 * SECOND);
        assert_eq!(timer.due(), late + 10 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_never_waits_longer_than_the_interval() {
        let now = Instant::now();
        let schedule = Schedule { interval: SECOND, ..Schedule::default() };
        let mut timer = Timer::new(&id("s/x"), SECOND, now);
        timer.ticked(now, SECOND);
        timer.retry(now, &schedule);
        assert_eq!(timer.due(), now + SECOND);
        let schedule = Schedule::default();
        timer.ticked(now, schedule.interval);
        timer.retry(now + SECOND, &schedule);
        assert_eq!(timer.due(), now + 5 * SECOND);
    }
}
