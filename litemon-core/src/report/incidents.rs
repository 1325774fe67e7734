//! What went wrong, and how soon it was told.

use std::{collections::BTreeSet, time::Duration};

use super::{IncidentLine, Incidents, Times, Told};
use crate::{
    model::{AttemptResult, Incident, NoticeState, Reason},
    store::IncidentHistory,
};

/// An incident as a line; `history` holds its notices, `remedies` are the notifiers that do
/// something instead of telling somebody.
pub(super) fn line(
    incident: &Incident,
    history: Option<&IncidentHistory>,
    remedies: &BTreeSet<String>,
) -> IncidentLine {
    IncidentLine {
        number: incident.number,
        check: incident.check.clone(),
        kind: incident.kind,
        worst: incident.worst,
        since: incident.since,
        closed: incident.closed,
        told: history.map_or(Told::Nobody, |history| told(history, remedies)),
    }
}

/// When the first gateway took the first notice of the problem.
fn told(history: &IncidentHistory, remedies: &BTreeSet<String>) -> Told {
    let since = history.incident.since;
    let of_problem =
        |reason| matches!(reason, Reason::Raised | Reason::Escalated | Reason::RaisedAndRecovered);
    let mut notices = history
        .notices
        .iter()
        .filter(|(notice, _)| of_problem(notice.reason) && !remedies.contains(&notice.notifier))
        .peekable();
    if notices.peek().is_none() {
        return Told::Nobody;
    }
    let accepted = notices.filter_map(|(notice, attempts)| {
        let taken = attempts.iter().find(|attempt| attempt.result == AttemptResult::Accepted);
        let taken = taken.map(|attempt| {
            let took = u64::try_from(attempt.took_ms).unwrap_or(0);
            attempt.at.plus(Duration::from_millis(took))
        });
        // Its attempts may not have come to the history.
        taken.or_else(|| {
            matches!(
                notice.state,
                NoticeState::Accepted | NoticeState::Gathered | NoticeState::Delivered
            )
            .then_some(notice.state_at)
        })
    });
    accepted.min().map_or(Told::NotYet, |at| Told::After(at.since(since)))
}

/// Puts lines together; `count` is how many incidents there were in all.
pub(super) fn summary(list: Vec<IncidentLine>, count: usize) -> Incidents {
    let after = |line: &IncidentLine| match line.told {
        Told::After(time) => Some(time),
        _ => None,
    };
    Incidents {
        told: Times::of(list.iter().filter_map(after)),
        lasted: Times::of(list.iter().filter_map(IncidentLine::lasted)),
        count: count.max(list.len()),
        list,
    }
}
