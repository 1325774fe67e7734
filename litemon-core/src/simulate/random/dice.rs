//! Chance that can be repeated.

use std::time::Duration;

/// Numbers that depend on nothing but a seed (SplitMix64, Steele, Lea and Flood 2014): the same in
/// every version and on every machine.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `from` on and below `to`.
    pub(super) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % to.saturating_sub(from).max(1)
    }

    /// True so many times of a hundred.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.between(0, 100) < percent
    }

    pub(super) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let place = self.between(0, u64::try_from(all.len()).unwrap_or(u64::MAX));
        all.get(usize::try_from(place).unwrap_or(0))
    }

    /// A time between these, short ones as likely as long ones.
    pub(super) fn time(&mut self, from: Duration, to: Duration) -> Duration {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
        let (from, to) = (millis(from), millis(to));
        let doublings = u64::from((to / from).max(1).ilog2()) + 1;
        let low = from << self.between(0, doublings);
        let high = low.saturating_mul(2).min(to).max(low + 1);
        Duration::from_millis(self.between(low, high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_again() {
        let mut dice = Dice::new(1);
        let first: Vec<u64> = (0..4).map(|_| dice.next()).collect();
        assert_eq!(first[0], 0x910a_2dec_8902_5cc1, "as the reference implementation gives");
        let mut again = Dice::new(1);
        assert!(first.iter().all(|number| *number == again.next()));
    }

    #[test]
    fn times_lie_where_they_are_wanted() {
        let (mut dice, s) = (Dice::new(7), Duration::from_secs);
        let times: Vec<Duration> = (0..500).map(|_| dice.time(s(5), s(7200))).collect();
        assert!(times.iter().all(|time| (s(5)..=s(7200)).contains(time)));
        assert!(times.iter().filter(|time| **time < s(60)).count() > 50);
        assert!(times.iter().filter(|time| **time > s(1800)).count() > 50);
    }
}
