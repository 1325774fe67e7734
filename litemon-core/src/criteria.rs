//! Judging: from what was seen to a status. Pure.

use serde::{Deserialize, Serialize};

use crate::model::{
    CheckKind, Criteria, Failure, FailureKind, Observation, Status, Threshold, Timestamp,
};

/// What a value's past adds to its judgement: since when it is over each limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Over `warn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn: Option<Over>,
    /// Over the threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<Over>,
}

/// A value is over a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Over {
    /// Since when.
    pub since: Timestamp,
    /// It was so for as long as `for` asks, and is believed.
    pub held: bool,
}

impl Memory {
    /// The clock was set by so many milliseconds: it is over the limits for as long as before.
    pub(crate) fn clock_set(&mut self, by: i64) {
        for over in [&mut self.warn, &mut self.critical].into_iter().flatten() {
            over.since = over.since.moved(by);
        }
    }
}

/// A judged result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// What it is.
    pub status: Status,
    /// The limit that was passed, if one was.
    pub limit: Option<f64>,
}

/// Judges one result. What could not be seen leaves the memory as it was: it says neither that the
/// value went down nor that it stayed up.
#[must_use]
pub fn judge(
    kind: CheckKind,
    criteria: &Criteria,
    result: &Result<Observation, Failure>,
    memory: Memory,
    at: Timestamp,
) -> (Verdict, Memory) {
    match result {
        Err(failure) => (Verdict { status: on_failure(kind, failure.kind), limit: None }, memory),
        Ok(Observation::Switch { on, .. }) => {
            let status = if *on { Status::Ok } else { Status::Critical };
            (Verdict { status, limit: None }, Memory::default())
        }
        Ok(Observation::Judged { status, .. }) => {
            let own = Verdict { status: *status, limit: None };
            // A limit of the configuration only makes it worse.
            match (criteria, result.as_ref().ok().and_then(Observation::value)) {
                (Criteria::Threshold(limits), Some(value)) => {
                    let (verdict, memory) = judge_value(limits, value, memory, at);
                    (if verdict.status > own.status { verdict } else { own }, memory)
                }
                _ => (own, Memory::default()),
            }
        }
        Ok(seen) => match (criteria, seen.value()) {
            (Criteria::On, _) => (Verdict { status: Status::Ok, limit: None }, Memory::default()),
            (Criteria::Threshold(limits), Some(value)) => judge_value(limits, value, memory, at),
            // Others of its numbers were seen, but not the one that is judged.
            (Criteria::Threshold(_), None) => {
                (Verdict { status: Status::Unknown, limit: None }, memory)
            }
        },
    }
}

/// What a failure means: for a check that asks whether something can be reached it is the answer;
/// for one that reads a value or a state it is the lack of one.
const fn on_failure(kind: CheckKind, failure: FailureKind) -> Status {
    match (kind, failure) {
        (_, failure) if failure.says_nothing() => Status::Unknown,
        (CheckKind::Ssh | CheckKind::Messaging | CheckKind::Other | CheckKind::Own, _) => {
            Status::Critical
        }
        (CheckKind::Resource | CheckKind::Service | CheckKind::Statistic, _) => Status::Unknown,
    }
}

fn judge_value(limits: &Threshold, value: f64, memory: Memory, at: Timestamp) -> (Verdict, Memory) {
    let over = |limit, before| over(limits, limit, value, before, at);
    let memory = Memory {
        warn: over(limits.warn, memory.warn),
        critical: over(limits.critical, memory.critical),
    };
    let held = |level: Option<Over>| level.is_some_and(|over| over.held);
    let verdict = if held(memory.critical) {
        Verdict { status: Status::Critical, limit: limits.critical }
    } else if held(memory.warn) {
        Verdict { status: Status::Warning, limit: limits.warn }
    } else {
        Verdict { status: Status::Ok, limit: None }
    };
    (verdict, memory)
}

/// One limit: over it, or over it before and not yet down to `clear`. Until it is believed, only
/// being over the limit itself counts.
fn over(
    limits: &Threshold,
    limit: Option<f64>,
    value: f64,
    before: Option<Over>,
    at: Timestamp,
) -> Option<Over> {
    let limit = limit?;
    let was_held = before.is_some_and(|over| over.held);
    let clear = limits.clear.filter(|clear| was_held && *clear < limit).unwrap_or(limit);
    if value <= clear {
        return None;
    }
    let since = before.map_or(at, |over| over.since.min(at));
    Some(Over { since, held: was_held || at.since(since) >= limits.hold })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::Reading;

    fn seconds(n: i64) -> Timestamp {
        Timestamp::from_millis(n * 1000)
    }

    /// Plays (second, value) and gives the status after each.
    fn play(limits: &Threshold, values: &[(i64, f64)]) -> Vec<Status> {
        let criteria = Criteria::Threshold(limits.clone());
        let mut memory = Memory::default();
        values
            .iter()
            .map(|(at, value)| {
                let seen = Ok(Observation::percent(*value, None));
                let (verdict, next) =
                    judge(CheckKind::Resource, &criteria, &seen, memory, seconds(*at));
                memory = next;
                verdict.status
            })
            .collect()
    }

    use Status::{Critical, Ok as Fine, Warning};

    #[test]
    fn above_is_strictly_above() {
        let limits = Threshold { critical: Some(50.0), ..Threshold::default() };
        assert_eq!(play(&limits, &[(0, 50.0), (1, 50.01), (2, 50.0)]), [Fine, Critical, Fine]);
    }

    #[test]
    fn warn_and_critical() {
        let limits = Threshold { critical: Some(90.0), warn: Some(70.0), ..Threshold::default() };
        assert_eq!(
            play(&limits, &[(0, 60.0), (1, 75.0), (2, 95.0), (3, 85.0), (4, 70.0)]),
            [Fine, Warning, Critical, Warning, Fine]
        );
    }

    #[test]
    fn clear_is_where_it_ends() {
        let limits = Threshold { critical: Some(50.0), clear: Some(40.0), ..Threshold::default() };
        assert_eq!(
            play(&limits, &[(0, 45.0), (1, 51.0), (2, 45.0), (3, 40.0), (4, 45.0)]),
            [Fine, Critical, Critical, Fine, Fine]
        );
    }

    #[test]
    fn hold_wants_it_over_the_limit_all_that_time() {
        let limits = Threshold {
            critical: Some(50.0),
            clear: Some(40.0),
            hold: Duration::from_secs(10),
            ..Threshold::default()
        };
        assert_eq!(
            play(&limits, &[(0, 60.0), (5, 45.0), (6, 60.0), (15, 60.0), (16, 60.0), (17, 45.0)]),
            [Fine, Fine, Fine, Fine, Critical, Critical]
        );
    }

    #[test]
    fn a_failure_is_unknown_and_changes_no_memory() {
        let criteria =
            Criteria::Threshold(Threshold { critical: Some(50.0), ..Threshold::default() });
        let memory = Memory { critical: Some(Over { since: seconds(1), held: true }), warn: None };
        let (verdict, after) = judge(
            CheckKind::Resource,
            &criteria,
            &Err(Failure::new(FailureKind::Exit, "x")),
            memory,
            seconds(2),
        );
        assert_eq!((verdict.status, after), (Status::Unknown, memory));
    }

    #[test]
    fn a_clock_that_is_set_back_neither_panics_nor_forgets() {
        let limits = Threshold {
            critical: Some(50.0),
            hold: Duration::from_secs(10),
            ..Threshold::default()
        };
        assert_eq!(
            play(&limits, &[(1000, 60.0), (0, 60.0), (9, 60.0), (10, 60.0)]),
            [Fine, Fine, Fine, Critical]
        );
    }

    #[test]
    fn what_asks_for_reachability_is_answered_by_a_failure() {
        let judged = |kind, failure| {
            let result = Err(Failure::new(failure, "x"));
            judge(kind, &Criteria::On, &result, Memory::default(), seconds(0)).0.status
        };
        assert_eq!(judged(CheckKind::Ssh, FailureKind::Silent), Critical);
        assert_eq!(judged(CheckKind::Messaging, FailureKind::Timeout), Critical);
        assert_eq!(judged(CheckKind::Service, FailureKind::Exit), Status::Unknown);
        assert_eq!(judged(CheckKind::Ssh, FailureKind::Internal), Status::Unknown);
    }

    #[test]
    fn what_judges_itself_is_believed_below_the_limits() {
        let criteria =
            Criteria::Threshold(Threshold { critical: Some(50.0), ..Threshold::default() });
        for status in [Fine, Warning, Critical, Status::Unknown] {
            let reading = Reading { name: "/".into(), value: 9.0, unit: "%".into() };
            let seen = Ok(Observation::judged(status, [reading], "DISK"));
            let (verdict, _) =
                judge(CheckKind::Other, &criteria, &seen, Memory::default(), seconds(0));
            assert_eq!(verdict, Verdict { status, limit: None });
        }
    }

    #[test]
    fn a_switch() {
        for (on, status) in [(true, Fine), (false, Critical)] {
            let seen = Ok(Observation::Switch { on, detail: None });
            let (verdict, _) =
                judge(CheckKind::Service, &Criteria::On, &seen, Memory::default(), seconds(0));
            assert_eq!(verdict.status, status);
        }
    }

    #[test]
    fn a_limit_makes_what_was_judged_only_worse() {
        let limits = Threshold { critical: Some(2.0), ..Threshold::default() };
        let criteria = Criteria::Threshold(limits);
        let judged = |status, value| {
            let reading = Reading { name: "time".into(), value, unit: "s".into() };
            let seen = Ok(Observation::judged(status, [reading], "slow"));
            let memory = Memory::default();
            judge(CheckKind::Other, &criteria, &seen, memory, seconds(1)).0
        };
        assert_eq!(judged(Warning, 1.0), Verdict { status: Warning, limit: None });
        assert_eq!(judged(Warning, 3.0), Verdict { status: Critical, limit: Some(2.0) });
        assert_eq!(judged(Critical, 3.0), Verdict { status: Critical, limit: None });
    }
}
