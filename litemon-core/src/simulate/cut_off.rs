//! While the monitor's own network is away, nothing that is beyond it is declared down. Pure.

use std::time::Duration;

use super::{
    evidence::Evidence,
    promises::Broken,
    promptness::wall,
    timeline::{Action, Timeline},
};

/// A canary counts once it answered: so long after a start, or a reload that brings others, one did.
const TRIED: Duration = Duration::from_secs(30);

/// Incidents that began in such a time.
pub(super) fn declared_down(timeline: &Timeline, evidence: &Evidence) -> Vec<Broken> {
    let mut found = Vec::new();
    for (down, up) in times(timeline).into_iter().filter(|time| is_judged(timeline, *time)) {
        let (from, to) = (wall(timeline, down), wall(timeline, up));
        let meanwhile = evidence.incidents.values().filter(|incident| {
            evidence.beyond.contains(&incident.check) && (from..to).contains(&incident.since)
        });
        found.extend(meanwhile.map(|incident| Broken {
            after: down + incident.since.since(from),
            what: format!(
                "{} was declared down as #{}, and it was litemon's own network that was away",
                incident.check, incident.number
            ),
        }));
    }
    found
}

/// From when to when it was away.
fn times(timeline: &Timeline) -> Vec<(Duration, Duration)> {
    let (mut found, mut since) = (Vec::new(), None);
    for event in &timeline.events {
        match event.action {
            Action::Network(false) => {
                since.get_or_insert(event.after);
            }
            Action::Network(true) => found.extend(since.take().map(|down| (down, event.after))),
            _ => {}
        }
    }
    found.extend(since.map(|down| (down, timeline.lasts)));
    found
}

/// Whether there were canaries that count all the time, and a clock that was not set.
fn is_judged(timeline: &Timeline, (down, up): (Duration, Duration)) -> bool {
    let canaries = timeline.plans.iter().all(|plan| !plan.canaries.is_empty());
    let mut events = timeline.events.iter();
    let disturbed = events.any(|event| match &event.action {
        Action::Clock(_) | Action::Reload(..) => near(event.after, event.after, (down, up)),
        Action::Restart { after, .. } => near(event.after, event.after + *after, (down, up)),
        _ => false,
    });
    canaries && down >= TRIED && !disturbed
}

fn near(from: Duration, to: Duration, (down, up): (Duration, Duration)) -> bool {
    from <= up && down <= to + TRIED
}
