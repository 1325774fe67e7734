//! What is remembered of a check, and how a judged result changes it. Pure functions of their
//! inputs and a time.
//!
//! ```text
//!              not OK                 not OK, the last of `attempts`
//!      OK ─────────────→ soft 1, 2, … ──────────────────────────────→ problem (incident opened)
//!       ↑                    │ OK                                       │ ↑ worse: told; else recorded
//!       ├────────────────────┘                                          │ ┘
//!       └───────────────────────────────────────────────────────────────┘ OK × `recover_attempts`
//! ```
//!
//! A check whose server cannot be reached is *blocked*: shown as Unknown, told by nobody, its
//! attempts forgotten, its incident left open.

use serde::{Deserialize, Serialize};

use crate::{
    criteria::Memory,
    model::{IncidentNumber, Number, Status, Timestamp},
    policy::{FlapMarks, Flapped, Flaps, Runs},
};

/// What is remembered of a check between two results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckState {
    /// What it is believed to be (hard); `None` before the first result that counts.
    pub status: Option<Status>,
    /// Since when.
    pub since: Timestamp,
    /// Results that speak against `status`, but are too few yet (soft).
    pub soft: Option<Soft>,
    /// Nothing can be known of it, as its server cannot be reached: since when.
    pub blocked: Option<Timestamp>,
    /// Its open incident.
    pub incident: Option<OpenIncident>,
    /// Since when its value is over its limits.
    #[serde(default)]
    pub memory: Memory,
    /// Whether it comes and goes.
    #[serde(default, skip_serializing_if = "Flaps::is_none")]
    pub flaps: Flaps,
    /// The numbers that it last gave, where it gives several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<Number>,
    /// The last call, where it is told instead of looking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<Called>,
    /// When remedies were run about it.
    #[serde(default, skip_serializing_if = "Runs::is_empty")]
    pub runs: Runs,
}

/// A call that a check was told by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Called {
    /// When it came.
    pub at: Timestamp,
    /// What it said.
    pub status: Status,
    /// Why, in one line.
    pub message: String,
    /// A number of its own.
    pub value: Option<f64>,
}

/// Results in a row that speak against the hard status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Soft {
    /// The latest of them.
    pub status: Status,
    /// How many.
    pub attempt: u32,
    /// When the first of them was.
    pub since: Timestamp,
}

/// What a check remembers of its open incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIncident {
    /// Its number.
    pub number: IncidentNumber,
    /// The first result that was not OK.
    pub since: Timestamp,
    /// The worst status that was told.
    pub told: Status,
}

/// What a result changed, as far as others have to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transition {
    /// A problem began; the caller gives the incident its number.
    Raised {
        /// The first result that was not OK.
        since: Timestamp,
    },
    /// It became worse than what was told.
    Escalated {
        /// What was told before.
        was: Status,
    },
    /// It is over.
    Recovered {
        /// The worst that was told.
        was: Status,
    },
}

/// How often a result has to come before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// Results in a row that are not OK before it is a problem; at least 1.
    pub attempts: u32,
    /// OK results in a row before it is over; at least 1.
    pub recover_attempts: u32,
    /// When it counts as coming and going; `None` never.
    pub flapping: Option<FlapMarks>,
}

impl CheckState {
    /// A check that has not been looked at.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            status: None,
            since: now,
            soft: None,
            blocked: None,
            incident: None,
            memory: Memory::default(),
            flaps: Flaps::default(),
            numbers: Vec::new(),
            called: None,
            runs: Runs::default(),
        }
    }

    /// What it is shown as: its hard status, or Unknown while blocked or new.
    #[must_use]
    pub fn shown(&self) -> Status {
        match (self.blocked, self.status) {
            (None, Some(status)) => status,
            _ => Status::Unknown,
        }
    }

    /// Since when it is shown as that; `None` before the first result.
    #[must_use]
    pub fn shown_since(&self) -> Option<Timestamp> {
        self.blocked.or(self.status.map(|_| self.since))
    }

    /// Whether a result that is not OK would make it a problem.
    #[must_use]
    pub fn is_last_attempt(&self, confirm: Confirmation) -> bool {
        let before = self.soft.as_ref().filter(|soft| soft.status != Status::Ok);
        self.incident.is_none() && before.map_or(0, |soft| soft.attempt) + 1 >= confirm.attempts
    }

    /// Its server cannot be reached.
    pub fn block(&mut self, at: Timestamp) {
        self.soft = None;
        self.blocked.get_or_insert(at);
    }

    /// A judged result. `since` is when its run began, `at` when it ended.
    ///
    /// While it comes and goes, an incident stays open, whatever the status is.
    pub fn apply(
        &mut self,
        status: Status,
        since: Timestamp,
        at: Timestamp,
        confirm: Confirmation,
    ) -> Option<Transition> {
        let (was, open) = (self.status, self.incident);
        let transition = self.step(status, since, at, confirm);
        if self.soft.is_some() {
            return transition;
        }
        let well = |status: Option<Status>| status == Some(Status::Ok);
        let turned = was.is_some() && well(was) != well(self.status);
        match self.flaps.take(turned, confirm.flapping, at) {
            Flapped::Begins | Flapped::GoesOn => {
                self.incident = self.incident.or(open);
                transition.filter(|what| !matches!(what, Transition::Recovered { .. }))
            }
            // The incident that stayed open is over, if all is well.
            Flapped::Settles if well(self.status) => {
                self.incident = None;
                open.map(|open| Transition::Recovered { was: open.told })
            }
            Flapped::Settles | Flapped::Steady => transition,
        }
    }

    fn step(
        &mut self,
        status: Status,
        since: Timestamp,
        at: Timestamp,
        confirm: Confirmation,
    ) -> Option<Transition> {
        self.blocked = None;
        match (self.incident, status) {
            (None, Status::Ok) => {
                self.soft = None;
                self.become_hard(Status::Ok, at);
                None
            }
            (None, _) => self.count_problem(status, since, at, confirm),
            (Some(open), Status::Ok) => self.count_recovery(open, since, at, confirm),
            (Some(open), _) => {
                self.soft = None;
                self.become_hard(status, at);
                (status > open.told).then(|| {
                    self.incident = Some(OpenIncident { told: status, ..open });
                    Transition::Escalated { was: open.told }
                })
            }
        }
    }

    /// Gives the problem that [`CheckState::apply`] just raised its number.
    pub fn open(&mut self, number: IncidentNumber, since: Timestamp) {
        self.incident = Some(OpenIncident { number, since, told: self.shown() });
    }

    fn count_problem(
        &mut self,
        status: Status,
        since: Timestamp,
        at: Timestamp,
        confirm: Confirmation,
    ) -> Option<Transition> {
        let soft = self.count(status, since);
        if soft.attempt < confirm.attempts {
            self.soft = Some(soft);
            return None;
        }
        self.soft = None;
        self.become_hard(status, at);
        Some(Transition::Raised { since: soft.since })
    }

    fn count_recovery(
        &mut self,
        open: OpenIncident,
        since: Timestamp,
        at: Timestamp,
        confirm: Confirmation,
    ) -> Option<Transition> {
        let soft = self.count(Status::Ok, since);
        if soft.attempt < confirm.recover_attempts {
            self.soft = Some(soft);
            return None;
        }
        self.soft = None;
        self.incident = None;
        self.become_hard(Status::Ok, at);
        Some(Transition::Recovered { was: open.told })
    }

    /// One more result on the same side of OK as those before it.
    fn count(&self, status: Status, since: Timestamp) -> Soft {
        let same_side = |soft: &&Soft| (soft.status == Status::Ok) == (status == Status::Ok);
        match self.soft.as_ref().filter(same_side) {
            Some(soft) => {
                Soft { status, attempt: soft.attempt.saturating_add(1), since: soft.since }
            }
            None => Soft { status, attempt: 1, since },
        }
    }

    fn become_hard(&mut self, status: Status, at: Timestamp) {
        if self.status != Some(status) {
            self.status = Some(status);
            self.since = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Status::{Critical, Ok as Fine, Unknown, Warning};

    fn at(n: i64) -> Timestamp {
        Timestamp::from_millis(n)
    }

    /// Applies results one after the other; opens incidents as the monitor would.
    fn play(confirm: Confirmation, results: &[Status]) -> (CheckState, Vec<Option<Transition>>) {
        let mut state = CheckState::new(at(0));
        let mut number = 0;
        let transitions = results
            .iter()
            .zip(1..)
            .map(|(status, n)| {
                let transition = state.apply(*status, at(10 * n), at(10 * n + 5), confirm);
                if let Some(Transition::Raised { since }) = transition {
                    number += 1;
                    state.open(number, since);
                }
                transition
            })
            .collect();
        (state, transitions)
    }

    const TWO: Confirmation = Confirmation { attempts: 2, recover_attempts: 1, flapping: None };

    #[test]
    fn the_second_bad_result_raises_since_the_first() {
        let (state, told) = play(TWO, &[Fine, Critical, Critical, Critical]);
        assert_eq!(told, [None, None, Some(Transition::Raised { since: at(20) }), None]);
        assert_eq!((state.status, state.since), (Some(Critical), at(35)));
    }

    #[test]
    fn a_single_blip_is_nothing() {
        let (state, told) = play(TWO, &[Fine, Critical, Fine, Critical, Fine]);
        assert!(told.iter().all(Option::is_none));
        assert_eq!(state.since, at(15));
    }

    #[test]
    fn different_kinds_of_bad_count_together() {
        let (_, told) = play(TWO, &[Fine, Unknown, Critical]);
        assert_eq!(told[2], Some(Transition::Raised { since: at(20) }));
    }

    #[test]
    fn worse_is_told_once_and_better_is_not() {
        let (state, told) =
            play(TWO, &[Warning, Warning, Critical, Warning, Critical, Unknown, Fine]);
        let expected = [
            None,
            Some(Transition::Raised { since: at(10) }),
            Some(Transition::Escalated { was: Warning }),
            None,
            None,
            None,
            Some(Transition::Recovered { was: Critical }),
        ];
        assert_eq!(told, expected);
        assert_eq!(state.incident, None);
    }

    #[test]
    fn only_ok_in_a_row_ends_it() {
        let confirm = Confirmation { attempts: 1, recover_attempts: 2, flapping: None };
        let (_, told) = play(confirm, &[Critical, Fine, Critical, Fine, Fine]);
        assert_eq!(told[1..4], [None, None, None]);
        assert_eq!(told[4], Some(Transition::Recovered { was: Critical }));
    }

    #[test]
    fn blocked_is_unknown_forgets_attempts_and_keeps_the_incident() {
        let (mut state, _) = play(TWO, &[Critical, Critical]);
        state.block(at(100));
        state.block(at(200));
        assert_eq!((state.shown(), state.shown_since()), (Unknown, Some(at(100))));
        assert!(state.incident.is_some());
        assert_eq!(state.apply(Critical, at(300), at(301), TWO), None);
        assert_eq!(state.shown(), Critical);

        let (mut state, _) = play(TWO, &[Fine, Critical]);
        state.block(at(100));
        assert_eq!(state.apply(Critical, at(300), at(301), TWO), None);
    }

    #[test]
    fn what_comes_and_goes_is_one_incident_until_it_settles() {
        let flapping = Some(FlapMarks::default());
        let confirm = Confirmation { attempts: 1, recover_attempts: 1, flapping };
        let restless = [Critical, Fine].repeat(10);
        let settled = [restless, vec![Fine; 20]].concat();
        let (state, told) = play(confirm, &settled);
        let told: Vec<_> =
            told.iter().zip(0..).filter_map(|(what, n)| Some((n, (*what)?))).collect();
        let over = |n| (n, Transition::Recovered { was: Critical });
        let raised = |n: i64| (n, Transition::Raised { since: at(10 * (n + 1)) });
        // The fifth turn is the fifth result but one; two are left 18 results after the last.
        let all = [raised(0), over(1), raised(2), over(3), raised(4), over(37)];
        assert_eq!(told, all);
        assert_eq!((state.incident, state.flaps.since()), (None, None));

        let (state, _) = play(confirm, &[Critical, Fine].repeat(10));
        assert_eq!((state.status, state.incident.map(|open| open.number)), (Some(Fine), Some(3)));
    }

    #[test]
    fn the_first_good_result_is_believed_at_once() {
        let (state, _) = play(TWO, &[Fine]);
        assert_eq!(state.status, Some(Fine));
        let (state, _) = play(TWO, &[Critical]);
        assert_eq!((state.status, state.shown_since()), (None, None));
    }

    fn any_status() -> impl Strategy<Value = Status> {
        prop_oneof![Just(Fine), Just(Warning), Just(Unknown), Just(Critical)]
    }

    proptest! {
        /// No recovery without a problem told, no second problem before a recovery, and a problem
        /// exactly when enough bad results came in a row.
        #[test]
        fn tellings_alternate(
            results in prop::collection::vec(any_status(), 0..200),
            attempts in 1_u32..5,
            recover_attempts in 1_u32..4,
        ) {
            let confirm = Confirmation { attempts, recover_attempts, flapping: None };
            let (_, told) = play(confirm, &results);
            let (mut open, mut bad, mut good) = (false, 0, 0);
            for (status, transition) in results.iter().zip(&told) {
                (bad, good) = if *status == Fine { (0, good + 1) } else { (bad + 1, 0) };
                match transition {
                    Some(Transition::Raised { .. }) => {
                        prop_assert!(!open && bad >= attempts);
                        open = true;
                    }
                    Some(Transition::Escalated { was }) => prop_assert!(open && status > was),
                    Some(Transition::Recovered { .. }) => {
                        prop_assert!(open && good >= recover_attempts);
                        open = false;
                    }
                    None => {
                        prop_assert!(open || bad < attempts);
                        prop_assert!(!open || good < recover_attempts);
                    }
                }
            }
        }
    }
}
