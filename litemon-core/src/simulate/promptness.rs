//! A failure is told within the time that `config check` proves, unless something in the timeline
//! keeps it from that. Pure.

use std::time::Duration;

use super::{
    evidence::Evidence,
    promises::{Broken, arrived, people},
    scene::{Attempt, Sight, Way},
    timeline::{Action, Timeline},
};
use crate::{
    answer::LONGEST_MUTE,
    config::{CheckPlan, Plan},
    model::{CheckId, CheckKind, Criteria, Name, Reason, Timestamp},
};

/// After so long without trouble nothing of it is left: what came and went has settled.
const SETTLED: Duration = Duration::from_secs(45 * 60);
/// What a clock that was set leaves behind: windows that end hours later.
const CLOCK: Duration = Duration::from_secs(10 * 3600);
/// After a restart, until all is as it was.
const RESTARTED: Duration = Duration::from_secs(120);
/// How long silence lasts where nothing is said.
const HOUR: Duration = Duration::from_secs(3600);

/// So long every message counts towards the budget of a recipient, and so many are not few.
const BUDGET: Duration = Duration::from_secs(300);
const BUSY: usize = 2;

/// Failures that were told too late, or never.
pub(super) fn late(timeline: &Timeline, evidence: &Evidence) -> Vec<Broken> {
    let disturbed = disturbances(timeline);
    let mut found = Vec::new();
    for (place, plan) in timeline.plans.iter().enumerate() {
        for check in &plan.checks {
            let Some(worst) = check.worst_case else { continue };
            for (begin, end) in failures(timeline, &check.id) {
                let until = begin + worst;
                let calm =
                    in_force(timeline, begin) == place && !overlaps(&disturbed, begin, until);
                if end >= until && calm && is_alone(timeline, plan, check, (begin, until)) {
                    found.extend(missed(plan, check, (begin, until), evidence));
                }
            }
        }
    }
    found
}

/// Which configuration the monitor has so long after the start. (Near a change of it nothing is
/// calm.)
fn in_force(timeline: &Timeline, after: Duration) -> usize {
    let reloads = timeline.events.iter().take_while(|event| event.after <= after);
    let places = reloads.filter_map(|event| match event.action {
        Action::Reload(place, _) => Some(place),
        _ => None,
    });
    places.last().unwrap_or_default()
}

fn missed(
    plan: &Plan,
    check: &CheckPlan,
    (begin, until): (Duration, Duration),
    evidence: &Evidence,
) -> Vec<Broken> {
    let in_time = |attempt: &&Attempt| (begin..=until).contains(&evidence.after(attempt));
    let of_it = |attempt: &&Attempt| match &attempt.notice.digest {
        None => attempt.notice.reason == Reason::Raised && attempt.notice.check == check.id,
        Some(digest) => {
            let mut numbers = digest.numbers.iter();
            numbers.any(|number| {
                evidence.incidents.get(&number).is_some_and(|one| one.check == check.id)
            })
        }
    };
    let untold = |notifier: &&Name| {
        let mut sent = evidence.attempts.iter().filter(|attempt| attempt.notifier == **notifier);
        !sent.any(|attempt| arrived(attempt) && in_time(&attempt) && of_it(&attempt))
    };
    // Who was told much of late may have to wait: so the budget says.
    let busy = |notifier: &&Name| {
        let lately = begin.saturating_sub(BUDGET)..=until;
        let sent = evidence.attempts.iter().filter(|attempt| attempt.notifier == **notifier);
        sent.filter(|attempt| lately.contains(&evidence.after(attempt))).count() > BUSY
    };
    // A warning may wait for the end of quiet hours.
    let may_warn = match &check.criteria {
        Criteria::Threshold(limits) => limits.warn.is_some(),
        Criteria::On => check.kind == CheckKind::Other,
    };
    let waits = |notifier: &&Name| {
        let mut quiet = plan.notifiers.iter().filter(|one| one.quiet.is_some());
        may_warn && quiet.any(|one| one.name == **notifier)
    };
    let late = people(plan, check).filter(untold);
    let late = late.filter(|notifier| !busy(notifier) && !waits(notifier));
    late.map(|notifier| Broken {
        after: until,
        what: format!(
            "{} failed {begin:?} after the start, and {notifier} was not told in time",
            check.id
        ),
    })
    .collect()
}

/// When a check failed, from when to when.
fn failures(timeline: &Timeline, check: &CheckId) -> Vec<(Duration, Duration)> {
    let mut found: Vec<(Duration, Duration)> = Vec::new();
    let mut since = None;
    for event in &timeline.events {
        match &event.action {
            Action::See(checks, act) if checks.contains(check) => {
                // One failure that becomes another is judged by its begin.
                match (since, act.sight != Sight::Well) {
                    (None, true) => since = Some(event.after),
                    (Some(begin), false) => {
                        found.push((begin, event.after));
                        since = None;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found.extend(since.map(|begin| (begin, timeline.lasts)));
    found
}

/// Whether nothing that it depends on, nor itself, had failed before or fails meanwhile; and no
/// maintenance of the configuration is near.
fn is_alone(
    timeline: &Timeline,
    plan: &Plan,
    check: &CheckPlan,
    (begin, until): (Duration, Duration),
) -> bool {
    let near = |others: Vec<(Duration, Duration)>| {
        others.iter().any(|(from, to)| *from != begin && *from < until && *to + SETTLED > begin)
    };
    let mut above: Vec<CheckId> = check.depends_on.clone();
    above.extend(check.server.as_ref().map(CheckId::ssh).filter(|login| *login != check.id));
    let failed_together =
        |id: &CheckId| failures(timeline, id).iter().any(|(from, _)| *from == begin);
    let troubled = above.iter().any(|id| failed_together(id) || near(failures(timeline, id)));
    let (from, to) = (wall(timeline, begin), wall(timeline, until));
    let maintained = plan.maintenance.iter().filter_map(|each| each.around(from));
    let mut maintained = maintained.filter(|window| window.from <= to && from <= window.until);
    !troubled && !near(failures(timeline, &check.id)) && maintained.next().is_none()
}

/// What the monitor's clock shows so long after the start.
pub(super) fn wall(timeline: &Timeline, after: Duration) -> Timestamp {
    let set: i64 = timeline
        .events
        .iter()
        .filter(|event| event.after <= after)
        .filter_map(|event| match event.action {
            Action::Clock(by) => Some(by),
            _ => None,
        })
        .sum();
    Timestamp::from_millis(timeline.start.plus(after).as_millis().saturating_add(set))
}

fn overlaps(disturbed: &[(Duration, Duration)], begin: Duration, until: Duration) -> bool {
    disturbed.iter().any(|(from, to)| *from <= until && begin <= *to)
}

/// Times in which nobody can promise to tell.
fn disturbances(timeline: &Timeline) -> Vec<(Duration, Duration)> {
    let mut found = Vec::new();
    // The first run of a check may be late; a start is like a restart.
    found.push((Duration::ZERO, RESTARTED));
    let (mut ways, mut journal) = (std::collections::BTreeMap::new(), None);
    let mut network = None;
    for event in &timeline.events {
        let at = event.after;
        match &event.action {
            Action::Way(names, Way::Up) => {
                let back = names.iter().filter_map(|name| ways.remove(name));
                found.extend(back.map(|since| (since, at + RESTARTED)));
            }
            Action::Way(names, _) => {
                for name in names {
                    ways.entry(name.clone()).or_insert(at);
                }
            }
            Action::Journal(false) => {
                journal.get_or_insert(at);
            }
            Action::Journal(true) => {
                found.extend(journal.take().map(|since| (since, at + RESTARTED)));
            }
            Action::Network(false) => {
                network.get_or_insert(at);
            }
            Action::Network(true) => {
                found.extend(network.take().map(|since| (since, at + RESTARTED)));
            }
            // What is sent by another way may take as long as that.
            Action::Gateway(..) | Action::Reports(..) => found.push((at, timeline.lasts)),
            // What somebody asks for may be silence, for hours.
            Action::Answer { .. } => found.push((at, at + LONGEST_MUTE * 2 + SETTLED)),
            Action::Restart { after, .. } => found.push((at, at + *after + RESTARTED)),
            Action::Clock(_) => found.push((at, at + CLOCK)),
            Action::Silence(_, _, by) | Action::Plan(_, _, by) => {
                found.push((at, at + by.lasts.unwrap_or(HOUR) * 2 + SETTLED));
            }
            Action::Reload(..) => found.push((at.saturating_sub(SETTLED), at + SETTLED)),
            _ => {}
        }
    }
    let open = ways.into_values().chain(journal).chain(network);
    found.extend(open.map(|since| (since, timeline.lasts)));
    found
}
