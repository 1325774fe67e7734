//! What follows from a report about a message that a gateway took, or from there being none: pure
//! decisions.

use crate::{
    model::{EventKind, OutboxEntry, OutboxState, Reason},
    notify::report::Report,
};

/// What is done about a message that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Course {
    /// Nothing: it is over, or was a test.
    Nothing,
    /// It goes to the same recipient by this gateway of several.
    Again(u32),
    /// The check's other notifiers that tell people are told.
    Others,
}

/// The state of an entry after a report; `None` when it says nothing new. What was taken for lost
/// and arrived after all did arrive; what arrived is not lost any more.
#[must_use]
pub fn reported(entry: &OutboxEntry, report: Report) -> Option<OutboxState> {
    let taken = entry.awaits_report();
    match (report, &entry.state) {
        (Report::Delivered, OutboxState::Undelivered(_)) => Some(OutboxState::Delivered),
        (Report::Delivered, _) if taken => Some(OutboxState::Delivered),
        (Report::Failed, _) if taken => {
            Some(OutboxState::Undelivered("the gateway says that it failed".to_owned()))
        }
        _ => None,
    }
}

/// What is done about an entry that did not arrive, once. `ways` is how many gateways its notifier
/// has, `open` whether its incident is.
#[must_use]
pub fn course(entry: &OutboxEntry, ways: u32, open: bool) -> Course {
    let next = entry.way.saturating_add(1);
    let stale = entry.notice.reason.event() == EventKind::Problem && !open;
    match entry.notice.reason {
        Reason::Test => Course::Nothing,
        _ if stale => Course::Nothing,
        _ if next < ways => Course::Again(next),
        _ => Course::Others,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::notify::fixtures;

    fn entry(state: OutboxState) -> OutboxEntry {
        let entry = fixtures::entry(1, "oncall", "+1", fixtures::off());
        let report_by = Some(entry.notice.at);
        OutboxEntry { state, report_by, ..entry }
    }

    #[test]
    fn a_report_counts_once() {
        let lost = || OutboxState::Undelivered("x".into());
        for (state, report, expected) in [
            (OutboxState::Accepted, Report::Delivered, Some("delivered")),
            (OutboxState::Queued, Report::Delivered, Some("delivered")),
            (OutboxState::Accepted, Report::Failed, Some("undelivered")),
            (OutboxState::Accepted, Report::Underway, None),
            (OutboxState::Delivered, Report::Delivered, None),
            (OutboxState::Delivered, Report::Failed, None),
            (lost(), Report::Failed, None),
            (lost(), Report::Delivered, Some("delivered")),
            (OutboxState::Pending, Report::Delivered, None),
            (OutboxState::Dead("x".into()), Report::Failed, None),
        ] {
            let after = reported(&entry(state.clone()), report);
            assert_eq!(after.as_ref().map(OutboxState::as_str), expected, "{state:?} {report:?}");
        }
        let unasked = OutboxEntry { report_by: None, ..entry(OutboxState::Accepted) };
        assert_eq!(reported(&unasked, Report::Failed), None);
    }

    #[test]
    fn another_way_is_taken_while_there_is_one() {
        let by = |way| OutboxEntry { way, ..entry(OutboxState::Accepted) };
        let mut over = by(0);
        over.notice = fixtures::on_again();
        let mut test = by(0);
        test.notice.reason = Reason::Test;
        for (entry, ways, open, expected) in [
            (by(0), 2, true, Course::Again(1)),
            (by(1), 2, true, Course::Others),
            (by(0), 1, true, Course::Others),
            (by(0), 2, false, Course::Nothing),
            (over, 2, false, Course::Again(1)),
            (test, 2, true, Course::Nothing),
        ] {
            assert_eq!(course(&entry, ways, open), expected, "{entry:?}");
        }
    }

    proptest! {
        #[test]
        fn nobody_is_sent_a_message_more_often_than_there_are_gateways(
            ways in 1_u32..6,
            reports in proptest::collection::vec(
                prop_oneof![Just(Report::Delivered), Just(Report::Failed), Just(Report::Underway)],
                0..40,
            ),
        ) {
            let (mut now, mut sent, mut others) = (entry(OutboxState::Accepted), 1, 0);
            for report in reports {
                let Some(state) = reported(&now, report) else { continue };
                let was_lost = matches!(now.state, OutboxState::Undelivered(_));
                now.state = state;
                if now.state == OutboxState::Delivered || was_lost {
                    continue;
                }
                match course(&now, ways, true) {
                    Course::Again(way) => {
                        sent += 1;
                        now = OutboxEntry { way, ..entry(OutboxState::Accepted) };
                    }
                    Course::Others => others += 1,
                    Course::Nothing => {}
                }
            }
            prop_assert!(sent <= ways && others <= 1, "{} {}", sent, others);
        }
    }
}
