//! What becomes of notices that were not accepted before things changed: pure decisions.

use crate::model::{
    EventKind, Failure, Name, Notice, Observation, OutboxEntry, OutboxState, Reason,
};

/// What becomes of a problem's pending entry once the problem is over.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Settlement {
    /// The entry is settled already, or is no problem: nothing changes, and the recovery (where it
    /// is taken) goes out as it is.
    Unchanged,
    /// Nothing is left to do: what this notifier does about a problem is not needed any more.
    Superseded(OutboxEntry),
    /// The problem's entry is superseded, and the recovery goes out as the notice given here.
    Merged {
        /// The problem's entry, superseded.
        problem: OutboxEntry,
        /// What is told instead of both: [`Reason::RaisedAndRecovered`], or the plain recovery
        /// where something of the incident was told before what was still pending.
        recovery: Box<Notice>,
    },
}

/// Decides what becomes of a problem's pending entry when its recovery is to be told.
///
/// A problem that ended before its message was accepted becomes one message; a notifier that takes
/// only problems (a remedy) is left out of it. An entry whose attempt is in flight must not be
/// handed in: it is left alone, and the recovery follows.
#[must_use]
pub fn settle_recovery(
    pending_problem: &OutboxEntry,
    recovery: &Notice,
    takes_recovery: bool,
) -> Settlement {
    let pending = pending_problem.state == OutboxState::Pending;
    let of_it = pending_problem.notice.incident == recovery.incident && recovery.incident.is_some();
    let problem = pending_problem.notice.reason;
    if !pending || !of_it || !is_recovery(recovery.reason) || !is_problem(problem) {
        return Settlement::Unchanged;
    }
    let superseded = OutboxEntry { state: OutboxState::Superseded, ..pending_problem.clone() };
    if !takes_recovery {
        return Settlement::Superseded(superseded);
    }
    let mut recovery = recovery.clone();
    if problem == Reason::Raised || pending_problem.first {
        recovery.reason = Reason::RaisedAndRecovered;
    }
    Settlement::Merged { problem: superseded, recovery: Box::new(recovery) }
}

const fn is_recovery(reason: Reason) -> bool {
    matches!(reason, Reason::Recovered | Reason::RaisedAndRecovered)
}

const fn is_problem(reason: Reason) -> bool {
    matches!(reason, Reason::Raised | Reason::Escalated | Reason::Remedy | Reason::Undelivered)
        || reason.is_for_people()
}

/// A notifier of a check, as the decision about undelivered notices needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Its name.
    pub notifier: Name,
    /// Its recipients.
    pub recipients: Vec<String>,
    /// What it is told of.
    pub events: Vec<EventKind>,
    /// It does something about a problem instead of telling it: it must not be run again because
    /// somebody else was not reached.
    pub remedy: bool,
}

/// What the remaining notifiers of a check are told when a notice became a dead letter or did not arrive, and whom:
/// notifier and recipient. `None` when there is nothing to tell or nobody left to tell it to.
///
/// A dead test, and a dead notice that itself told of a dead letter, are not told on: they would
/// go round in circles. They stand in the list of dead letters.
#[must_use]
pub fn undelivered_notice(
    dead: &OutboxEntry,
    remaining: &[Receiver],
) -> Option<(Notice, Vec<(Name, String)>)> {
    let told_on = !matches!(dead.notice.reason, Reason::Test | Reason::Undelivered);
    let lost = matches!(dead.state, OutboxState::Dead(_) | OutboxState::Undelivered(_));
    if !lost || !told_on {
        return None;
    }
    let whom: Vec<_> = remaining
        .iter()
        .filter(|receiver| receiver.notifier != dead.notifier && !receiver.remedy)
        .filter(|receiver| receiver.events.contains(&Reason::Undelivered.event()))
        .flat_map(|receiver| {
            receiver.recipients.iter().map(|to| (receiver.notifier.clone(), to.clone()))
        })
        .collect();
    let seen = blame(&dead.notice.seen, dead.notifier.as_str());
    let notice = Notice { reason: Reason::Undelivered, seen, ..dead.notice.clone() };
    (!whom.is_empty()).then_some((notice, whom))
}

/// The same sight, with the notifier's name where its detail was: see
/// [`undelivered_by`](crate::notify::text::undelivered_by).
fn blame(seen: &Result<Observation, Failure>, notifier: &str) -> Result<Observation, Failure> {
    let detail = Some(notifier.to_owned());
    match seen {
        Ok(seen) => Ok(seen.clone().with_detail(detail)),
        Err(failure) => Err(Failure::new(failure.kind, notifier)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Language, Zone},
        notify::{fixtures, text},
    };

    fn pending() -> OutboxEntry {
        fixtures::entry(1, "oncall", "+1", fixtures::off())
    }

    #[test]
    fn a_problem_that_ended_unsent_is_one_message() {
        let over = fixtures::on_again();
        let Settlement::Merged { problem, recovery } = settle_recovery(&pending(), &over, true)
        else {
            panic!("not merged")
        };
        assert_eq!(problem.state, OutboxState::Superseded);
        let line = text::line(&recovery, Language::English, &Zone::utc(), recovery.at);
        assert_eq!(line, "OK web-1 nginx On, was Off 4m since 05:33 #17");
    }

    #[test]
    fn a_remedy_is_called_off() {
        let settled = settle_recovery(&pending(), &fixtures::on_again(), false);
        assert!(
            matches!(settled, Settlement::Superseded(entry) if entry.state == OutboxState::Superseded)
        );
    }

    #[test]
    fn what_is_settled_or_of_another_incident_stays() {
        let over = fixtures::on_again();
        let sent = OutboxEntry { state: OutboxState::Accepted, ..pending() };
        assert_eq!(settle_recovery(&sent, &over, true), Settlement::Unchanged);
        let other = Notice { incident: Some(18), ..over.clone() };
        assert_eq!(settle_recovery(&pending(), &other, true), Settlement::Unchanged);
        let test = Notice { reason: Reason::Test, incident: None, ..fixtures::off() };
        let test = fixtures::entry(1, "oncall", "+1", test);
        assert_eq!(settle_recovery(&test, &over, true), Settlement::Unchanged);
    }

    /// Who is told only when nobody else took it gets the whole of it in one message, too.
    #[test]
    fn what_was_told_before_decides_how_the_end_is_told() {
        for (reason, first, told) in [
            (Reason::Escalated, false, Reason::Recovered),
            (Reason::Unacknowledged, false, Reason::Recovered),
            (Reason::Unacknowledged, true, Reason::RaisedAndRecovered),
            (Reason::Flapping, true, Reason::RaisedAndRecovered),
            (Reason::Raised, false, Reason::RaisedAndRecovered),
        ] {
            let mut entry = OutboxEntry { first, ..pending() };
            entry.notice.reason = reason;
            let settled = settle_recovery(&entry, &fixtures::on_again(), true);
            let Settlement::Merged { recovery, .. } = settled else { panic!("{reason:?}") };
            assert_eq!(recovery.reason, told, "{reason:?} {first}");
        }
    }

    fn receiver(name: &str, remedy: bool) -> Receiver {
        Receiver {
            notifier: fixtures::name(name),
            recipients: vec!["+2".into()],
            events: vec![EventKind::Problem],
            remedy,
        }
    }

    #[test]
    fn the_others_hear_of_a_dead_letter() {
        let dead = OutboxEntry { state: OutboxState::Dead("403".into()), ..pending() };
        let all = [receiver("oncall", false), receiver("backup", false), receiver("restart", true)];
        let (notice, whom) = undelivered_notice(&dead, &all).unwrap();
        assert_eq!(whom, [(fixtures::name("backup"), "+2".to_owned())]);
        let line = text::line(&notice, Language::English, &Zone::utc(), notice.at);
        assert_eq!(line, "PROBLEM web-1 nginx Off since 05:33 (oncall could not deliver this) #17");

        let again = OutboxEntry { notice, ..dead.clone() };
        assert_eq!(undelivered_notice(&again, &all), None);
        assert_eq!(undelivered_notice(&dead, &all[..1]), None);
        assert_eq!(undelivered_notice(&pending(), &all), None);
    }
}
