//! What follows from an attempt: pure functions of its result and a time.

use std::time::Duration;

use crate::{
    model::{AttemptResult, OutboxEntry, OutboxState, Timestamp},
    notify::{Accepted, Retry, SendError},
};

/// How long a notice is tried for, from the decision to tell.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest wait between two attempts, unless the gateway asks for more.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The longest `Retry-After` that is obeyed: a gateway that says "tomorrow" is asked again in an
/// hour, since an alert is worth the question.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// The wait after the given number of failed attempts: 1 s, 2 s, 4 s … 60 s, each a fifth more or
/// less. `chance` is uniform in `0.0..1.0`.
#[must_use]
pub fn back_off(failed: u32, chance: f64) -> Duration {
    let doublings = failed.saturating_sub(1).min(6);
    let wait = Duration::from_secs(1 << doublings).min(LONGEST_WAIT);
    wait.mul_f64(0.4f64.mul_add(chance.clamp(0.0, 1.0), 0.8))
}

/// What makes the waits of many entries differ, from attempt to attempt too. It is no matter of luck,
/// so that what happened can be played again.
pub(super) fn chance(entry: &OutboxEntry) -> f64 {
    let OutboxEntry { id, attempts, notifier, recipient, .. } = entry;
    crate::schedule::share(&format!("{notifier} {recipient} {id} {attempts}"))
}

/// What an attempt came to: the entry as it is now, and the words for the record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) entry: OutboxEntry,
    pub(super) result: AttemptResult,
    pub(super) detail: String,
    /// The wait until the next attempt, when there is one.
    pub(super) wait: Option<Duration>,
}

/// Judges an attempt that ended at `now`.
pub(super) fn verdict(
    mut entry: OutboxEntry,
    sent: Result<Accepted, SendError>,
    now: Timestamp,
    chance: f64,
) -> Verdict {
    entry.attempts = entry.attempts.saturating_add(1);
    if let Ok(accepted) = &sent {
        entry.way = accepted.way;
        entry.report_by = accepted.report_within.map(|within| now.plus(within));
    }
    let (state, result, detail, wait) = match sent {
        Ok(Accepted { queued: true, answer, .. }) => {
            (OutboxState::Queued, AttemptResult::Queued, answer, None)
        }
        Ok(Accepted { answer, .. }) => {
            (OutboxState::Accepted, AttemptResult::Accepted, answer, None)
        }
        Err(error) => failed(&entry, &error, now, chance),
    };
    entry.state = state;
    entry.next_at = wait.map_or(now, |wait| now.plus(wait));
    Verdict { entry, result, detail: crate::model::one_line(&detail, 300), wait }
}

fn failed(
    entry: &OutboxEntry,
    error: &SendError,
    now: Timestamp,
    chance: f64,
) -> (OutboxState, AttemptResult, String, Option<Duration>) {
    let text = error.message.clone();
    let usual = back_off(entry.attempts, chance);
    let wait = match error.retry {
        Retry::Never => {
            return (OutboxState::Dead(text.clone()), AttemptResult::Permanent, text, None);
        }
        Retry::Later => usual,
        Retry::After(asked) => asked.clamp(usual, LONGEST_RETRY_AFTER),
    };
    if now.since(entry.notice.at) >= GIVE_UP_AFTER {
        let reason = format!("given up after {} attempts: {text}", entry.attempts);
        return (OutboxState::Dead(reason), AttemptResult::Permanent, text, None);
    }
    (OutboxState::Pending, AttemptResult::Retry, text, Some(wait))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::fixtures;

    #[test]
    fn waits_double_up_to_a_minute() {
        let seconds: Vec<f64> = (1..=9).map(|n| back_off(n, 0.5).as_secs_f64()).collect();
        assert_eq!(seconds, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]);
        assert_eq!(back_off(0, 0.0), Duration::from_millis(800));
        assert_eq!(back_off(u32::MAX, 1.0), Duration::from_secs(72));
    }

    #[test]
    fn waits_differ_from_entry_to_entry_and_from_attempt_to_attempt() {
        let entry = |id, attempts| {
            let entry = fixtures::entry(id, "oncall", "+1", fixtures::off());
            OutboxEntry { attempts, ..entry }
        };
        let mut chances: Vec<f64> = (0..100)
            .flat_map(|id| (0..10).map(move |n| (id, n)))
            .map(|(id, n)| chance(&entry(id, n)))
            .collect();
        assert_eq!(chance(&entry(1, 0)), chances[10]);
        chances.sort_by(f64::total_cmp);
        chances.dedup();
        assert_eq!(chances.len(), 1000);
        let within =
            |from: f64| chances.iter().filter(|c| (from..from + 0.25).contains(*c)).count();
        assert!([0.0, 0.25, 0.5, 0.75].into_iter().all(|from| (180..320).contains(&within(from))));
    }

    fn judge(sent: Result<Accepted, SendError>, late: Duration) -> Verdict {
        let entry = fixtures::entry(1, "oncall", "+1", fixtures::off());
        let now = entry.notice.at.plus(late);
        verdict(entry, sent, now, 0.5)
    }

    #[test]
    fn each_result_has_its_state() {
        let soon = Duration::from_secs(1);
        let state = |sent, late| judge(sent, late).entry.state;
        assert_eq!(state(Ok(Accepted::now("0: ok")), soon), OutboxState::Accepted);
        assert_eq!(state(Ok(Accepted::queued("3: q")), soon), OutboxState::Queued);
        assert_eq!(state(Err(SendError::temporary("500")), soon), OutboxState::Pending);
        assert_eq!(state(Err(SendError::permanent("403")), soon), OutboxState::Dead("403".into()));
        let given_up = state(Err(SendError::temporary("500")), GIVE_UP_AFTER);
        assert_eq!(given_up, OutboxState::Dead("given up after 1 attempts: 500".into()));
    }

    #[test]
    fn retry_after_is_obeyed_within_reason() {
        let wait = |asked| {
            let sent = Err(SendError::new(Retry::After(Duration::from_secs(asked)), "429"));
            judge(sent, Duration::ZERO).wait.unwrap().as_secs()
        };
        assert_eq!(wait(0), 1);
        assert_eq!(wait(7), 7);
        assert_eq!(wait(1_000_000), 3600);
    }
}
