//! Whether a time has come: pure.

use std::time::Duration;

use crate::{
    config::JobTimes,
    model::{Cron, Timestamp},
};

/// What is so little late is on time: a machine that sleeps, or is busy.
const ON_TIME: Duration = Duration::from_secs(60);
/// A clock that stood so far ahead was wrong, and what it let happen says nothing of now.
const AHEAD: Duration = Duration::from_secs(25 * 60 * 60);
/// So many times are looked at in the time that is made up for, which is a day of minutes at most.
const TIMES: usize = 24 * 60 + 1;

/// What is to be done about the times of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing before this; `None`: nothing ever.
    At(Option<Timestamp>),
    /// It is to run for this time, once for all that passed until then.
    Now(Timestamp),
    /// Times have passed, this the last of them, and it is too late for all of them.
    Missed(Timestamp),
    /// What is written down lies in a time to come: count from now on.
    Anew,
}

/// What is to be done now, when all times up to `handled` were seen to.
pub(super) fn due(times: &JobTimes, handled: Timestamp, now: Timestamp) -> Due {
    if handled.since(now) > AHEAD {
        return Due::Anew;
    }
    let next = times.cron.after(handled);
    if next.is_none_or(|next| next > now) {
        return Due::At(next);
    }
    let within = times.catch_up.max(ON_TIME);
    match last_in(&times.cron, handled.max(now.minus(within)), now) {
        Some(last) => Due::Now(last),
        None => Due::Missed(now),
    }
}

/// The last time after `from`, up to `to`.
fn last_in(cron: &Cron, from: Timestamp, to: Timestamp) -> Option<Timestamp> {
    let mut last = None;
    for _ in 0..TIMES {
        match cron.after(last.unwrap_or(from)).filter(|next| *next <= to) {
            None => break,
            next => last = next,
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Zone;

    fn time(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn what_is_due_when() {
        let nightly = "0 3 * * *";
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let hour = Duration::from_secs(3600);
        let at = |text| Due::At(Some(time(text)));
        let now = |text| Due::Now(time(text));
        for (pattern, catch_up, handled, at_now, expected) in [
            (
                nightly,
                hour,
                "2026-11-30T03:00:00Z",
                "2026-11-30T12:00:00Z",
                at("2026-12-01T02:00:00Z"),
            ),
            (
                nightly,
                hour,
                "2026-11-30T03:00:00Z",
                "2026-12-01T02:00:00Z",
                now("2026-12-01T02:00:00Z"),
            ),
            // Made up for, and too late for that.
            (
                nightly,
                hour,
                "2026-11-30T03:00:00Z",
                "2026-12-01T02:59:59Z",
                now("2026-12-01T02:00:00Z"),
            ),
            (
                nightly,
                hour,
                "2026-11-30T03:00:00Z",
                "2026-12-01T03:00:01Z",
                Due::Missed(time("2026-12-01T03:00:01Z")),
            ),
            // Nothing is made up for, but nobody is that punctual.
            (
                nightly,
                Duration::ZERO,
                "2026-11-30T03:00:00Z",
                "2026-12-01T02:00:30Z",
                now("2026-12-01T02:00:00Z"),
            ),
            (
                nightly,
                Duration::ZERO,
                "2026-11-30T03:00:00Z",
                "2026-12-01T02:01:30Z",
                Due::Missed(time("2026-12-01T02:01:30Z")),
            ),
            // Of many that were missed, the last one, once.
            (
                "*/10 * * * *",
                hour,
                "2026-11-30T03:00:00Z",
                "2026-11-30T04:55:00Z",
                now("2026-11-30T04:50:00Z"),
            ),
            (
                "*/10 * * * *",
                hour,
                "2026-11-30T04:50:00Z",
                "2026-11-30T04:55:00Z",
                at("2026-11-30T05:00:00Z"),
            ),
            // Clocks go forward over it, and back.
            (
                "30 2 * * *",
                hour,
                "2026-03-28T12:00:00Z",
                "2026-03-29T01:00:00Z",
                now("2026-03-29T01:00:00Z"),
            ),
            (
                "30 2 * * *",
                hour,
                "2026-10-25T00:30:00Z",
                "2026-10-25T01:30:00Z",
                at("2026-10-26T01:30:00Z"),
            ),
            // The machine's clock was set back by two hours; and was years ahead.
            (
                nightly,
                hour,
                "2026-12-01T02:00:00Z",
                "2026-12-01T00:10:00Z",
                at("2026-12-02T02:00:00Z"),
            ),
            (nightly, hour, "2036-12-01T02:00:00Z", "2026-12-01T00:10:00Z", Due::Anew),
            ("0 0 31 2 *", hour, "2026-11-30T03:00:00Z", "2026-12-01T00:10:00Z", Due::At(None)),
        ] {
            let times = JobTimes { cron: Cron::new(pattern, berlin.clone()).unwrap(), catch_up };
            assert_eq!(due(&times, time(handled), time(at_now)), expected, "{pattern} {at_now}");
        }
    }

    proptest::proptest! {
        /// However often and whenever somebody looks, no time is run for twice.
        #[test]
        fn no_time_comes_twice(steps in proptest::collection::vec(1_i64..40_000, 1..60)) {
            let cron = Cron::new("17 */3 * * *", Zone::named("Europe/Berlin").unwrap()).unwrap();
            let times = JobTimes { cron, catch_up: Duration::from_secs(3600) };
            let mut now = time("2026-10-24T00:00:00Z");
            let (mut handled, mut ran) = (now, Vec::new());
            for step in steps {
                now = now.plus(Duration::from_secs(u64::try_from(step).unwrap()));
                match due(&times, handled, now) {
                    Due::Now(at) => {
                        proptest::prop_assert!(at <= now && now.since(at) <= times.catch_up);
                        ran.push(at);
                        handled = at;
                    }
                    Due::Missed(at) => handled = at,
                    Due::At(next) => proptest::prop_assert!(next.is_some_and(|next| next > now)),
                    Due::Anew => proptest::prop_assert!(false),
                }
            }
            proptest::prop_assert!(ran.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
