use std::time::Duration;

use crate::model::Schedule;

/// What is allowed for deciding, committing to the journal and waiting in the outbox.
pub const ALLOWANCE: Duration = Duration::from_secs(1);

/// The longest time from a fault to the gateway's acceptance, if the monitor and the gateway work.
///
/// The worst fault happens just after a run has looked:
///
/// ```text
///   interval                                    until the next run begins
/// + [hold + interval]                           `for`: over the limit all that time, and the run after it
/// + timeout                                     that run ends at its limit, connecting included
/// + (attempts - 1) * (retry_interval + timeout) it is confirmed
/// + ALLOWANCE                                   decision, journal, outbox
/// + sending                                     the slowest notifier's own limit
/// ```
///
/// Gathering adds nothing: what waits is told when this time comes. That goes for two messages in three
/// times `gather`, and while the recipient's budget lasts; see [`policy::Budget`](crate::policy::Budget).
#[must_use]
pub fn worst_case(schedule: &Schedule, hold: Duration, sending: Duration) -> Duration {
    let confirmations = schedule.attempts.saturating_sub(1);
    let again = schedule.retry_interval.saturating_add(schedule.timeout);
    let held = if hold.is_zero() { hold } else { hold.saturating_add(schedule.interval) };
    [held, schedule.timeout, again.saturating_mul(confirmations), ALLOWANCE, sending]
        .into_iter()
        .fold(schedule.interval, Duration::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum() {
        let s = Duration::from_secs;
        let plan = |interval, timeout, attempts, retry| Schedule {
            interval: s(interval),
            timeout: s(timeout),
            attempts,
            retry_interval: s(retry),
            recover_attempts: 1,
        };
        for (schedule, hold, sending, expected) in [
            (Schedule::default(), 0, 5, 30),
            (plan(10, 5, 1, 4), 0, 5, 21),
            (plan(60, 5, 3, 10), 0, 5, 60 + 5 + 2 * 15 + 1 + 5),
            (plan(10, 5, 2, 4), 300, 5, 30 + 310),
            (plan(10, 5, 0, 4), 0, 0, 16),
        ] {
            assert_eq!(worst_case(&schedule, s(hold), s(sending)), s(expected), "{schedule:?}");
        }
        let endless = plan(u64::MAX, u64::MAX, u32::MAX, u64::MAX);
        assert_eq!(worst_case(&endless, Duration::MAX, Duration::MAX), Duration::MAX);
    }
}
