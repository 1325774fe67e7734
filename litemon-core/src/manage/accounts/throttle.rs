//! How fast passwords may be tried.
//!
//! Strangers wait, for each address and for each account, twice as long after each wrong one. Who
//! logs in from an address that this account came from before, or from this machine, is never turned
//! away: the answer only comes later. So nobody can lock an account's owner out by guessing at it.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Wrong logins that cost nothing, from an address.
const FREE_OF_ADDRESS: u32 = 5;
/// Wrong logins that cost nothing, for an account.
const FREE_OF_ACCOUNT: u32 = 10;
/// The longest a stranger waits.
const LONGEST: Duration = Duration::from_secs(900);
/// The longest an answer is kept from somebody known.
const LONGEST_KNOWN: Duration = Duration::from_secs(3);
/// What is forgotten after so long without another one.
const FORGOTTEN: Duration = Duration::from_secs(3600);
/// Counters of each sort. Names and addresses share them by a hash that nobody outside knows: no
/// flood of names makes them more, or drives one out.
const COUNTERS: usize = 4096;

/// What is done about a login that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is looked at, after this long. `wrong` is how many there were for this account, with it.
    After { wait: Duration, wrong: u32 },
    /// It is not looked at before this long.
    Refused(Duration),
}

/// Counts wrong logins. In memory: a restart forgets.
#[derive(Debug)]
pub(super) struct Throttle {
    hasher: RandomState,
    counters: Mutex<Vec<Counter>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counter {
    wrong: u32,
    last: Option<Instant>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            counters: Mutex::new(vec![Counter::default(); 2 * COUNTERS]),
        }
    }
}

impl Throttle {
    /// A login is asked for. One that is looked at counts as wrong until [`Self::was_right`], so
    /// that many at once are no way around.
    pub(super) fn ask(
        &self,
        now: Instant,
        known: bool,
        name: &str,
        from: Option<IpAddr>,
    ) -> Verdict {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let places = self.places(name, from);
        let [address, account] =
            places.map(|at| counters.get(at).copied().unwrap_or_default().lately(now));
        let wait = address.left(now, FREE_OF_ADDRESS).max(account.left(now, FREE_OF_ACCOUNT));
        if !known && !wait.is_zero() {
            return Verdict::Refused(wait);
        }
        for (at, counter) in places.into_iter().zip([address, account]) {
            if let Some(place) = counters.get_mut(at) {
                *place = Counter { wrong: counter.wrong.saturating_add(1), last: Some(now) };
            }
        }
        let late = address.pause(FREE_OF_ADDRESS).min(LONGEST_KNOWN);
        let wait = if known { late } else { Duration::ZERO };
        Verdict::After { wait, wrong: account.wrong.saturating_add(1) }
    }

    /// The one that was asked for was right.
    pub(super) fn was_right(&self, name: &str, from: Option<IpAddr>) {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        for at in self.places(name, from) {
            if let Some(counter) = counters.get_mut(at) {
                counter.wrong = counter.wrong.saturating_sub(1);
            }
        }
    }

    /// Of the address and of the account.
    fn places(&self, name: &str, from: Option<IpAddr>) -> [usize; 2] {
        let place = |hash: u64| usize::try_from(hash % COUNTERS as u64).unwrap_or(0);
        let address = place(self.hasher.hash_one(from.map(network)));
        [address, COUNTERS + place(self.hasher.hash_one(name))]
    }
}

impl Counter {
    fn lately(self, now: Instant) -> Self {
        let old = self.last.is_none_or(|last| now.saturating_duration_since(last) >= FORGOTTEN);
        if old { Self::default() } else { self }
    }

    /// What lies between two.
    fn pause(self, free: u32) -> Duration {
        match self.wrong.checked_sub(free) {
            None => Duration::ZERO,
            Some(over) => Duration::from_secs(1_u64 << over.min(20)).min(LONGEST),
        }
    }

    /// How much of it is left.
    fn left(self, now: Instant, free: u32) -> Duration {
        let passed = self.last.map(|last| now.saturating_duration_since(last));
        self.pause(free).saturating_sub(passed.unwrap_or(LONGEST))
    }
}

/// One subscriber has a whole /64 of IPv6.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::from((u128::from(v6) & !u128::from(u64::MAX)).to_be_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: &str = "192.0.2.7";

    fn ask(throttle: &Throttle, at: Instant, known: bool, name: &str, from: &str) -> Verdict {
        throttle.ask(at, known, name, from.parse().ok())
    }

    #[test]
    fn an_address_waits_twice_as_long_after_each_wrong_one() {
        let (throttle, mut now) = (Throttle::default(), Instant::now());
        for wrong in 1..=FREE_OF_ADDRESS {
            let looked = Verdict::After { wait: Duration::ZERO, wrong };
            assert_eq!(ask(&throttle, now, false, "ann", OFFICE), looked);
        }
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            let wait = Duration::from_secs(seconds);
            // Another name is no way around, and one that is refused does not make it longer.
            assert_eq!(ask(&throttle, now, false, "bob", OFFICE), Verdict::Refused(wait));
            now += wait;
            assert!(matches!(ask(&throttle, now, false, "ann", OFFICE), Verdict::After { .. }));
        }
        now += FORGOTTEN;
        let looked = Verdict::After { wait: Duration::ZERO, wrong: 1 };
        assert_eq!(ask(&throttle, now, false, "ann", OFFICE), looked);
    }

    #[test]
    fn an_account_that_is_guessed_at_from_everywhere_stays_open_to_its_owner() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let refused = (1..=250_u8)
            .map(|host| ask(&throttle, now, false, "ann", &format!("198.51.100.{host}")))
            .filter(|verdict| matches!(verdict, Verdict::Refused(_)))
            .count();
        assert!(refused >= 230, "{refused}");
        let owner = ask(&throttle, now, true, "ann", OFFICE);
        assert!(matches!(owner, Verdict::After { wait, .. } if wait <= LONGEST_KNOWN), "{owner:?}");
    }

    #[test]
    fn who_is_known_waits_for_the_answer_only() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..50 {
            ask(&throttle, now, true, "ann", OFFICE);
        }
        let Verdict::After { wait, .. } = ask(&throttle, now, true, "ann", OFFICE) else {
            panic!("turned away");
        };
        assert_eq!(wait, LONGEST_KNOWN);
    }

    #[test]
    fn right_ones_cost_nothing() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..100 {
            let looked = Verdict::After { wait: Duration::ZERO, wrong: 1 };
            assert_eq!(ask(&throttle, now, false, "ann", OFFICE), looked);
            throttle.was_right("ann", OFFICE.parse().ok());
        }
    }

    #[test]
    fn a_network_is_one_subscriber() {
        for (one, other, same) in [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("::ffff:192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
        ] {
            let [one, other] = [one, other].map(|text| network(text.parse().unwrap()));
            assert_eq!(one == other, same, "{one} {other}");
        }
    }
}
