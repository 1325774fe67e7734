//! How much one recipient is sent at a time: what comes close together is gathered, and a budget
//! bounds the rest.
//!
//! ```text
//!   quiet ── a notice: sent at once ──→ gathering ── `gather` after what was sent last ──→ all that
//!   came meanwhile is one message ──→ gathering …
//! ```
//!
//! A message waits longer while the budget is used up, and while the gateway does not take the one
//! before it. It waits less when a promise would be broken, at most twice in three times `gather`: in
//! a storm of checks that all take as long as they may, single messages would otherwise use up the
//! budget before the rest of it is known.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::model::{Name, Timestamp};

/// How long messages are counted.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// While a message cannot be delivered, one more goes out only each time this has passed: the fault
/// may be the message's own.
const PATIENCE: Duration = Duration::from_secs(120);
/// So many messages keep to their promise within three times `gather`; the others are gathered.
const EARLY: usize = 2;
/// The most groups that are remembered.
const MOST_GROUPS: usize = 1000;

/// How much a notifier sends to each of its recipients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FlowRules {
    /// What comes so soon after a message is gathered into one; `None`: nothing is.
    pub gather: Option<Duration>,
    /// The most that is sent; `None`: there is no bound.
    pub budget: Option<Budget>,
}

impl FlowRules {
    /// Gathers so long, and sends no more than this.
    #[must_use]
    pub const fn new(gather: Option<Duration>, budget: Option<Budget>) -> Self {
        Self { gather, budget }
    }

    /// For people: what comes within 10 s is gathered, without a bound.
    #[must_use]
    pub const fn people() -> Self {
        Self { gather: Some(Duration::from_secs(10)), budget: None }
    }

    /// Whether anything is held back at all.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.gather.is_some() || self.budget.is_some()
    }
}

/// The most messages that one recipient is sent.
///
/// The last of `messages`, and the last tenth of `per_day`, are kept for what is critical, new, and
/// in a group of which nothing was told within `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Budget {
    /// So many messages, at least 1,
    pub messages: usize,
    /// in any time of this length.
    pub per: Duration,
    /// And so many in any 24 hours.
    pub per_day: usize,
}

impl Budget {
    /// So many in such a time, and so many in any 24 hours.
    #[must_use]
    pub const fn new(messages: usize, per: Duration, per_day: usize) -> Self {
        Self { messages, per, per_day }
    }

    /// Each time with how many messages it may have.
    fn windows(&self, reserve: bool) -> [(Duration, usize); 2] {
        let kept = |of: usize, kept: usize| if reserve || of <= 1 { of } else { of - kept };
        let tenth = self.per_day.div_ceil(10);
        [(self.per, kept(self.messages, 1)), (DAY, kept(self.per_day, tenth))]
    }
}

/// 5 in 5 minutes, 100 a day.
impl Default for Budget {
    fn default() -> Self {
        Self { messages: 5, per: Duration::from_secs(300), per_day: 100 }
    }
}

/// One recipient of one notifier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Channel {
    /// The notifier.
    pub notifier: Name,
    /// To whom.
    pub recipient: String,
}

impl Channel {
    /// Of this notifier, to this recipient.
    #[must_use]
    pub const fn new(notifier: Name, recipient: String) -> Self {
        Self { notifier, recipient }
    }
}

/// What is remembered of a channel. Kept by the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Flow {
    /// When the gateway took messages, in the last day, oldest first.
    pub sent: Vec<Timestamp>,
    /// When a problem of a group was last told.
    pub groups: BTreeMap<String, Timestamp>,
}

/// What waits in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// The earliest time by which any of it is to be told.
    pub(crate) by: Option<Timestamp>,
    /// Some of it may use the reserve.
    pub(crate) reserve: bool,
}

/// What is on its way in a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OnItsWay {
    /// Messages.
    pub(crate) count: usize,
    /// When the newest was decided on.
    pub(crate) newest: Option<Timestamp>,
    /// Since when the gateway does not take one of them.
    pub(crate) failing: Option<Timestamp>,
}

impl Flow {
    /// The gateway took a message. A clock that was set back is followed.
    pub(crate) fn took(&mut self, now: Timestamp, rules: &FlowRules) {
        let most =
            rules.budget.map_or(EARLY, |budget| budget.messages.max(budget.per_day)).max(EARLY);
        self.sent.retain_mut(|at| {
            *at = (*at).min(now);
            now.since(*at) < DAY
        });
        self.sent.push(now);
        let over = self.sent.len().saturating_sub(most);
        self.sent.drain(..over);
    }

    /// The clock was set by so many milliseconds: all was as long ago as before.
    pub(crate) fn clock_set(&mut self, by: i64) {
        for at in self.sent.iter_mut().chain(self.groups.values_mut()) {
            *at = at.moved(by);
        }
    }

    /// Problems of these groups are told.
    pub(crate) fn tells<'a>(&mut self, groups: impl Iterator<Item = &'a str>, now: Timestamp) {
        self.groups.retain(|_, at| *at <= now && now.since(*at) < DAY);
        for group in groups {
            if self.groups.len() < MOST_GROUPS || self.groups.contains_key(group) {
                self.groups.insert(group.to_owned(), now);
            }
        }
    }

    /// Whether nothing was told of a group for as long as the budget looks back.
    pub(crate) fn is_quiet(&self, group: &str, rules: &FlowRules, now: Timestamp) -> bool {
        let Some(budget) = rules.budget else { return false };
        self.groups.get(group).is_none_or(|at| now.since(*at) >= budget.per)
    }

    /// When what waits is to be sent, as things stand; not after `now`: at once.
    pub(crate) fn due(
        &self,
        rules: &FlowRules,
        waiting: &Waiting,
        way: &OnItsWay,
        now: Timestamp,
    ) -> Timestamp {
        let stuck = way.failing.map(|since| {
            let each = u32::try_from(way.count).unwrap_or(u32::MAX);
            since.min(now).plus(PATIENCE.saturating_mul(each))
        });
        let gathered = self.gathered(rules, waiting, way, now);
        let affordable = self.affordable(rules, waiting.reserve, way.count, now);
        [stuck, gathered, affordable].into_iter().flatten().max().unwrap_or(now)
    }

    /// When enough was gathered.
    fn gathered(
        &self,
        rules: &FlowRules,
        waiting: &Waiting,
        way: &OnItsWay,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let gather = rules.gather?;
        let last = self.sent.last().copied().max(way.newest)?.min(now);
        let end = last.plus(gather);
        let lately = |at: &&Timestamp| now.since(**at) < gather.saturating_mul(3);
        let early = self.sent.iter().filter(lately).count() + way.count < EARLY;
        Some(waiting.by.filter(|_| early).map_or(end, |by| by.min(end)))
    }

    /// When one more message keeps within the budget, with so many on their way.
    pub(crate) fn affordable(
        &self,
        rules: &FlowRules,
        reserve: bool,
        on_their_way: usize,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let windows = rules.budget?.windows(reserve);
        windows
            .into_iter()
            .filter_map(|(span, most)| self.room(span, most, on_their_way, now))
            .max()
    }

    /// When there is room for one more message in a time of this length; `None` when there is now.
    fn room(&self, span: Duration, most: usize, way: usize, now: Timestamp) -> Option<Timestamp> {
        let Some(free) = most.checked_sub(way).filter(|free| *free > 0) else {
            // Those on their way have to arrive first; that is looked at again when they do.
            return Some(now.plus(PATIENCE));
        };
        let blocking = *self.sent.iter().rev().nth(free - 1)?;
        Some(blocking.min(now).plus(span)).filter(|at| *at > now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULES: FlowRules = FlowRules {
        gather: Some(Duration::from_secs(10)),
        budget: Some(Budget { messages: 5, per: Duration::from_secs(300), per_day: 100 }),
    };
    const PLAIN: Waiting = Waiting { by: None, reserve: false };
    const NOTHING: OnItsWay = OnItsWay { count: 0, newest: None, failing: None };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn flow(sent: &[i64]) -> Flow {
        Flow { sent: sent.iter().copied().map(at).collect(), ..Flow::default() }
    }

    /// When what waits at a second is sent.
    fn due(sent: &[i64], waiting: Waiting, way: OnItsWay, now: i64) -> i64 {
        flow(sent).due(&RULES, &waiting, &way, at(now)).max(at(now)).as_millis() / 1000
    }

    #[test]
    fn the_first_goes_at_once_and_what_follows_is_gathered() {
        let flying = OnItsWay { count: 1, newest: Some(at(100)), failing: None };
        for (sent, way, now, expected) in [
            (&[] as &[i64], NOTHING, 100, 100),
            (&[100], NOTHING, 103, 110),
            (&[100], NOTHING, 110, 110),
            (&[], flying, 103, 110),
            (&[100, 110], NOTHING, 111, 120),
        ] {
            assert_eq!(due(sent, PLAIN, way, now), expected, "{sent:?} {now}");
        }
    }

    #[test]
    fn a_promise_is_kept_twice_and_then_gathered_for() {
        let promised = |by| Waiting { by: Some(at(by)), ..PLAIN };
        for (sent, by, expected) in [
            (vec![100], 104, 104),
            (vec![100], 90, 101),
            (vec![100], 200, 110),
            (vec![99, 100], 104, 110),
        ] {
            assert_eq!(due(&sent, promised(by), NOTHING, 101), expected, "{sent:?} {by}");
        }
    }

    #[test]
    fn the_budget_is_four_and_one_for_what_is_new_elsewhere() {
        let four = [100, 110, 120, 130];
        let new = Waiting { reserve: true, ..PLAIN };
        assert_eq!(due(&four, PLAIN, NOTHING, 131), 400);
        assert_eq!(due(&four, new, NOTHING, 131), 140);
        assert_eq!(due(&[100, 110, 120, 130, 140], new, NOTHING, 141), 400);
        assert_eq!(due(&[100, 110, 120, 130, 140], PLAIN, NOTHING, 141), 410);
        let all: Vec<i64> = (0..100).map(|n| n * 300).collect();
        assert_eq!(due(&all, PLAIN, NOTHING, 30_000), 86_400 + 10 * 300);
        assert_eq!(due(&all, new, NOTHING, 30_000), 86_400);
    }

    #[test]
    fn while_the_gateway_takes_nothing_the_rest_waits() {
        let failing = |count| OnItsWay { count, newest: Some(at(100)), failing: Some(at(105)) };
        assert_eq!(due(&[], PLAIN, failing(1), 130), 225);
        assert_eq!(due(&[], PLAIN, failing(2), 226), 345);
        // As many as the budget has are on their way: until they arrive, it is looked at again.
        assert_eq!(due(&[], PLAIN, failing(4), 2000), 2120);
    }

    #[test]
    fn a_clock_set_back_lets_nothing_wait_longer() {
        let mut flow = flow(&[9000, 9010, 9020, 9030]);
        assert_eq!(flow.due(&RULES, &PLAIN, &NOTHING, at(100)), at(400));
        flow.took(at(100), &RULES);
        assert_eq!(flow.sent, [at(100); 5]);
    }

    #[test]
    fn a_group_is_quiet_when_nothing_was_told_of_it_lately() {
        let mut flow = Flow::default();
        assert!(flow.is_quiet("db", &RULES, at(0)));
        flow.tells(["web"].into_iter(), at(100));
        assert!(!flow.is_quiet("web", &RULES, at(399)));
        assert!(flow.is_quiet("web", &RULES, at(400)) && flow.is_quiet("db", &RULES, at(100)));
    }

    proptest! {
        /// Whatever comes when: no more than the budget in any time of its length, and nothing
        /// waits without a time.
        #[test]
        fn never_more_than_the_budget(steps in prop::collection::vec((0_i64..40, any::<bool>(), any::<bool>()), 1..200)) {
            let budget = Budget::new(5, Duration::from_secs(300), 40);
            let rules = FlowRules { budget: Some(budget), ..RULES };
            let (mut flow, mut now, mut sent) = (Flow::default(), at(0), Vec::new());
            for (seconds, early, reserve) in steps {
                let waiting = Waiting { by: early.then_some(now), reserve };
                let due = flow.due(&rules, &waiting, &NOTHING, now);
                prop_assert!(due <= now.plus(DAY));
                now = now.plus(Duration::from_secs(u64::try_from(seconds).unwrap()));
                if due <= now {
                    flow.took(now, &rules);
                    sent.push(now);
                }
            }
            for (span, most) in [(300, 5), (86_400, 40)] {
                let span = Duration::from_secs(span);
                let within = |from: Timestamp| sent.iter().filter(|at| **at >= from && at.since(from) < span).count();
                prop_assert!(sent.iter().all(|from| within(*from) <= most));
            }
        }
    }
}
