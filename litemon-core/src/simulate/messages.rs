//! From attempts to what became of each notice.

use std::collections::BTreeMap;

use super::{
    log::Log,
    report::{Happening, Message, Outcome, Row},
    scene::{Attempt, Reported, Sent},
    why,
};
use crate::{
    config::{Plan, TimeSpan},
    model::{IncidentNumber, Timestamp},
    notify::report::Report,
};

/// What tells one notice from another.
type Key<'a> = (&'a str, &'a str, &'a str, Option<IncidentNumber>, &'static str, Timestamp);

/// One row for the first failure of a notice, and one for its end.
pub(super) fn messages(
    attempts: &[Attempt],
    plans: &[Plan],
    rows: &[Row],
) -> Vec<(Attempt, Message)> {
    let mut tries: BTreeMap<Key<'_>, (u32, Timestamp)> = BTreeMap::new();
    let mut made = Vec::new();
    for attempt in attempts {
        let notice = &attempt.notice;
        let key = (
            attempt.notifier.as_str(),
            attempt.recipient.as_str(),
            notice.check.as_str(),
            notice.incident,
            notice.reason.as_str(),
            notice.at,
        );
        let (count, first) = tries.entry(key).or_insert((0, attempt.at));
        *count += 1;
        let again = matches!(attempt.sent, Sent::Failed(_)) && *count > 1;
        if !again {
            made.push((attempt.clone(), message(attempt, plans, rows, *count, *first)));
        }
    }
    made
}

fn message(
    attempt: &Attempt,
    plans: &[Plan],
    rows: &[Row],
    attempts: u32,
    first: Timestamp,
) -> Message {
    let notice = &attempt.notice;
    let knows = |plan: &&Plan| plan.checks.iter().any(|check| check.id == notice.check);
    let plan = plans.iter().find(knows).or(plans.first());
    let held = notice.incident.and_then(|number| held(number, notice.at, rows));
    let mut words = plan.map(|plan| why::told(notice, plan, held)).unwrap_or_default();
    if let Some(digest) = &notice.digest {
        words = format!("{} notices in one", digest.count());
    }
    let outcome = match &attempt.sent {
        Sent::Accepted if attempt.command => Outcome::Ran,
        Sent::Accepted => Outcome::Sent,
        Sent::Queued => Outcome::Queued,
        Sent::Failed(why) => {
            words.push_str(&format!("; {why}, tried again"));
            Outcome::Failed
        }
        Sent::Refused(why) => {
            words.push_str(&format!("; {why}, given up"));
            Outcome::GaveUp
        }
    };
    if attempts > 1 {
        let took = TimeSpan(std::time::Duration::from_secs(attempt.at.since(first).as_secs()));
        words.push_str(&format!("; attempt {attempts}, {took} after the first"));
    }
    if attempt.lost {
        words.push_str("; once more, as it did not arrive");
    }
    if let Some(gateway) = attempt.gateway {
        words.push_str(&format!("; gateway {}", gateway.saturating_add(1)));
    }
    if notice.unjournaled {
        words.push_str("; from memory, as the journal is down");
    }
    Message {
        outcome,
        notifier: attempt.notifier.clone(),
        recipient: attempt.recipient.clone(),
        text: attempt.text.clone(),
        reason: notice.reason,
        why: words,
        check: notice.check.clone(),
        incident: notice.incident,
        attempts,
    }
}

/// Why an incident was not told at once.
fn held(number: IncidentNumber, told: Timestamp, rows: &[Row]) -> Option<&str> {
    rows.iter().rev().filter(|row| row.at <= told).find_map(|row| match &row.happening {
        Happening::NotTold { incident: Some(of), why, .. } if *of == number => Some(why.as_str()),
        _ => None,
    })
}

/// What gateways reported, where it is bad news.
pub(super) fn note_reports(reported: &[Reported], log: &Log) {
    for one in reported.iter().filter(|one| one.what == Report::Failed) {
        let about = format!("{} {}", one.notifier, one.recipient);
        let text = "the gateway reports that it failed".to_owned();
        log.note_at(one.when, one.at, Happening::Event { about, text });
    }
}

/// Adds them to the log.
pub(super) fn note(attempts: &[Attempt], plans: &[Plan], rows: &[Row], log: &Log) {
    for (attempt, message) in messages(attempts, plans, rows) {
        log.note_at(attempt.ended, attempt.at, Happening::Message(message));
    }
}
