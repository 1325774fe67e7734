//! What may never happen, whatever does: held against what the phones got. Pure.

use std::{collections::BTreeMap, time::Duration};

use super::{
    cut_off,
    evidence::{Evidence, Quiet},
    promptness,
    scene::{Attempt, Sent, Sight},
    timeline::{Action, Event, Timeline},
};
use crate::{
    config::{CheckPlan, Plan},
    model::{
        CheckId, CloseReason, Digest, EventKind, IncidentNumber, Name, NoticeState, Reason, Status,
    },
    monitor::{IncidentView, Told},
    policy::Duty,
};

/// A send that was in flight when litemon was killed may be repeated.
const IN_FLIGHT: Duration = Duration::from_secs(2);

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// How long after the start it shows.
    pub(super) after: Duration,
    /// What, in one line.
    pub(super) what: String,
}

/// Everything that should not have been, in the order in which it showed.
pub(super) fn broken(timeline: &Timeline, evidence: &Evidence) -> Vec<Broken> {
    let mut found = Vec::new();
    let known = told(timeline, evidence, &mut found);
    silent(timeline, evidence, &mut found);
    if let Some(plan) = timeline.plans.first() {
        in_the_end(timeline, plan, evidence, &known, &mut found);
    }
    found.extend(promptness::late(timeline, evidence));
    found.extend(cut_off::declared_down(timeline, evidence));
    found.sort_by_key(|broken| broken.after);
    found
}

/// Who was told of which incident.
type Key<'a> = (&'a Name, &'a str, IncidentNumber);

/// What somebody knows of an incident.
#[derive(Debug)]
struct Known<'a> {
    worst: Status,
    over: bool,
    /// It was told with others, so that it cannot be known how far it was told.
    unsure: bool,
    last: &'a Attempt,
}

impl Known<'_> {
    /// It stands among the numbers of a digest; if that tells of ends, this may be one of them.
    fn digests(&mut self, digest: &Digest) {
        self.unsure = true;
        self.over |= digest.parts.iter().any(|part| part.what.event() == EventKind::Recovery);
    }
}

pub(super) fn arrived(attempt: &Attempt) -> bool {
    !attempt.command && matches!(attempt.sent, Sent::Accepted | Sent::Queued)
}

/// Follows what each recipient hears of each incident.
fn told<'a>(
    timeline: &Timeline,
    evidence: &'a Evidence,
    found: &mut Vec<Broken>,
) -> BTreeMap<Key<'a>, Known<'a>> {
    let mut known: BTreeMap<Key<'_>, Known<'_>> = BTreeMap::new();
    for attempt in evidence.attempts.iter().filter(|attempt| arrived(attempt)) {
        if let Some(digest) = &attempt.notice.digest {
            for number in digest.numbers.iter() {
                let key = (&attempt.notifier, attempt.recipient.as_str(), number);
                known.entry(key).and_modify(|known| known.digests(digest)).or_insert(Known {
                    worst: attempt.notice.status,
                    over: false,
                    unsure: true,
                    last: attempt,
                });
            }
            continue;
        }
        let Some(number) = attempt.notice.incident else { continue };
        let key = (&attempt.notifier, attempt.recipient.as_str(), number);
        let before = known.get(&key);
        if before.is_some_and(|known| is_repeated(timeline, evidence, known.last, attempt)) {
            continue;
        }
        if let Some(wrong) = contradicts(before, attempt, takes_turns(timeline, &attempt.notifier))
        {
            let what = format!("{wrong}: {:?} to {} {}", attempt.text, key.0, key.1);
            found.push(Broken { after: evidence.after(attempt), what });
        }
        let status = attempt.notice.status;
        let worst = before.map_or(status, |known| known.worst.max(status));
        let over = is_end(attempt.notice.reason);
        known.insert(key, Known { worst, over, unsure: false, last: attempt });
    }
    known
}

const fn is_end(reason: Reason) -> bool {
    matches!(reason, Reason::Recovered | Reason::RaisedAndRecovered)
}

/// Whether who is told by it changes: then one is told how it goes on with what another was told of.
fn takes_turns(timeline: &Timeline, notifier: &Name) -> bool {
    let mut planned = timeline.plans.iter().flat_map(|plan| &plan.notifiers);
    planned.any(|one| one.name == *notifier && one.duty != Duty::default())
}

/// How a message goes against what its reader knows.
fn contradicts(before: Option<&Known<'_>>, attempt: &Attempt, turns: bool) -> Option<&'static str> {
    let reason = attempt.notice.reason;
    match (before.filter(|known| !known.unsure), reason) {
        _ if before.is_some_and(|known| known.unsure) => None,
        (Some(known), _) if known.over => Some("told after its end"),
        (Some(_), Reason::Raised) => Some("a second problem without a change"),
        (Some(_), Reason::RaisedAndRecovered) => Some("began a second time"),
        (Some(known), Reason::Escalated) if attempt.notice.status <= known.worst => {
            Some("not worse than what was told")
        }
        (None, Reason::Recovered) => Some("a recovery without a problem"),
        (None, Reason::Reminder | Reason::Acknowledged | Reason::Escalated) if !turns => {
            Some("it goes on, but was never told")
        }
        _ => None,
    }
}

/// The same message again, since it did not arrive, or litemon was killed before it knew that the
/// first one had.
fn is_repeated(timeline: &Timeline, evidence: &Evidence, first: &Attempt, again: &Attempt) -> bool {
    let same = first.notice.reason == again.notice.reason && first.notice.at == again.notice.at;
    let sent = evidence.after(first);
    let killed = |action: &Action| matches!(action, Action::Restart { killed: true, .. });
    let in_flight = |event: &Event| {
        killed(&event.action) && event.after >= sent && event.after <= sent + IN_FLIGHT
    };
    same && (again.lost || timeline.events.iter().any(in_flight))
}

/// Nothing is decided to be told while somebody wants silence.
fn silent(timeline: &Timeline, evidence: &Evidence, found: &mut Vec<Broken>) {
    use Reason::{Escalated, Flapping, Raised, Reminder, Unacknowledged};
    let clocks: Vec<Duration> = timeline
        .events
        .iter()
        .filter(|event| matches!(event.action, Action::Clock(_)))
        .map(|event| event.after)
        .collect();
    for attempt in evidence.attempts.iter().filter(|attempt| arrived(attempt)) {
        let held = matches!(
            attempt.notice.reason,
            Raised | Escalated | Reminder | Flapping | Unacknowledged
        );
        let after = evidence.after(attempt);
        let within = |quiet: &&Quiet| {
            let at = attempt.notice.at;
            // Where the clock was set, the times of the two cannot be compared.
            let comparable = !clocks.iter().any(|set| (quiet.after..=after).contains(set));
            comparable
                && quiet.after < after
                && quiet.from < at
                && at < quiet.until
                && quiet.ended.is_none_or(|ended| at < ended)
                && covers(timeline, quiet, &attempt.notice.check)
        };
        if let Some(quiet) = evidence.windows.iter().filter(|_| held).find(within) {
            let what =
                format!("told in a time of silence since {}: {:?}", quiet.from, attempt.text);
            found.push(Broken { after, what });
        }
    }
}

fn covers(timeline: &Timeline, quiet: &Quiet, check: &CheckId) -> bool {
    let Some(plan) = timeline.plans.first() else { return false };
    let server = plan.servers.iter().find(|server| server.name.as_str() == check.owner());
    let (name, groups) = match server {
        Some(server) => (Some(&server.name), server.groups.as_slice()),
        None => (None, [].as_slice()),
    };
    !check.is_own() && quiet.scopes.iter().any(|scope| scope.covers(check, name, groups))
}

/// When all is calm, people know exactly what is true.
fn in_the_end(
    timeline: &Timeline,
    plan: &Plan,
    evidence: &Evidence,
    known: &BTreeMap<Key<'_>, Known<'_>>,
    found: &mut Vec<Broken>,
) {
    let Some(last) = &evidence.last else { return };
    let mut say = |what: String| found.push(Broken { after: timeline.lasts, what });
    let open = |number: IncidentNumber| last.incidents.iter().find(|one| one.number == number);
    for ((notifier, recipient, number), known) in known {
        let incident = evidence.incidents.get(number);
        let withdrawn = incident.and_then(|one| one.closed);
        let withdrawn = withdrawn.is_some_and(|(_, reason)| reason == CloseReason::Withdrawn);
        // A digest of an end and of a beginning does not say which is which.
        let numbered = incident.is_some();
        if numbered && !known.over && !withdrawn && open(*number).is_none() {
            say(format!("the end of #{number} was not told to {notifier} {recipient}"));
        }
    }
    for one in last.incidents.iter().filter(|one| one.silence.is_none()) {
        let Some(check) = plan.checks.iter().find(|check| check.id == one.check) else { continue };
        for notifier in people(plan, check).filter(|name| !waits_for_morning(plan, name, one)) {
            if !known.keys().any(|(name, _, number)| **name == *notifier && *number == one.number) {
                say(format!(
                    "{} is open as #{}, and {notifier} was not told",
                    one.check, one.number
                ));
            }
        }
    }
    if ends_cut_off(timeline) {
        return;
    }
    for check in &plan.checks {
        let fails = truth(timeline, evidence, &check.id);
        let login = check.server.as_ref().map(CheckId::ssh).filter(|login| *login != check.id);
        if login.is_some_and(|login| truth(timeline, evidence, &login)) {
            continue;
        }
        let is_open = last.incidents.iter().any(|one| one.check == check.id);
        if fails && !is_open {
            say(format!("{} fails, and has no incident", check.id));
        } else if is_open && !fails {
            say(format!("{} is well, and its incident is open", check.id));
        }
    }
}

/// Whether it waits for the end of quiet hours.
fn waits_for_morning(plan: &Plan, notifier: &Name, incident: &IncidentView) -> bool {
    let mut quiet = plan.notifiers.iter().filter(|one| one.quiet.is_some());
    let held = |told: &Told| told.notifier == notifier.as_str() && told.state == NoticeState::Held;
    quiet.any(|one| one.name == *notifier) && incident.told.iter().any(held)
}

/// Who is told of the problems of a check.
pub(super) fn people<'a>(plan: &'a Plan, check: &'a CheckPlan) -> impl Iterator<Item = &'a Name> {
    let told = |name: &&Name| {
        plan.notifiers.iter().any(|one| {
            one.name == **name && one.tells_people && one.events.contains(&EventKind::Problem)
        })
    };
    check.notify.iter().filter(told)
}

/// Whether a check fails in the end.
fn truth(timeline: &Timeline, evidence: &Evidence, check: &CheckId) -> bool {
    let sees = timeline.events.iter().rev().find_map(|event| match &event.action {
        Action::See(checks, act) if checks.contains(check) => Some((event.after, act.sight)),
        _ => None,
    });
    let healed = |since| evidence.healed.iter().any(|(at, one)| one == check && *at >= since);
    sees.is_some_and(|(since, sight)| sight != Sight::Well && !healed(since))
}

/// Whether the monitor's own network is away in the end: then nothing is known.
fn ends_cut_off(timeline: &Timeline) -> bool {
    let last = timeline.events.iter().rev().find_map(|event| match event.action {
        Action::Network(up) => Some(up),
        _ => None,
    });
    last == Some(false)
}
