//! What can be read.

use litemon_core::model::{self, Timestamp};

use super::{
    call::{Answer, Call, json},
    openapi,
    problem::Refusal,
    types::{ChangeList, IncidentPage, IncidentReport, Sample, Series, ServerList, Uptime},
    view::millis,
};

/// Rows of a series when nothing else is asked for.
pub(super) const USUAL_POINTS: usize = 300;
/// Incidents of a page when nothing else is asked for.
pub(super) const USUAL_PAGE: usize = 50;
/// Changes of one answer.
const MOST_CHANGES: usize = 1_000;

pub(super) async fn status(call: Call) -> Answer {
    json(&call.view().report(&call.site.settings))
}

pub(super) async fn servers(call: Call) -> Answer {
    let view = call.view();
    let servers = call.snapshot.servers.iter().map(|server| view.server(server)).collect();
    json(&ServerList { servers })
}

pub(super) async fn server(call: Call) -> Answer {
    let server = call.snapshot.server(call.segment(0));
    let server = server.ok_or_else(|| Refusal::unknown("no server has this name"))?;
    json(&call.view().server(server))
}

pub(super) async fn check(call: Call) -> Answer {
    let id = call.check_id()?;
    let check = call.snapshot.check(id.as_str());
    let check = check.ok_or_else(|| Refusal::unknown("no check has this name"))?;
    json(&call.view().check(check))
}

pub(super) async fn series(call: Call) -> Answer {
    let id = call.check_id()?;
    let (from, to) = call.query.span(call.now)?;
    let points = call.query.count("points", USUAL_POINTS);
    let ask = call.site.handles.store.series(&id, from, to, points);
    let series = call.history(ask).await?;
    let slots = Slots::new(from, to, points);
    let step_ms = slots.width.max(millis(series.resolution.span()));
    let samples = slots.fill(&series.samples).iter().map(sample).collect();
    json(&Series { check: id.to_string(), from: from.into(), to: to.into(), step_ms, samples })
}

const fn sample(sample: &model::Sample) -> Sample {
    let model::Sample { at, min, avg, max, count } = *sample;
    Sample { at: super::types::Time(at), min, avg, max, count }
}

/// A time cut into equal parts, so that an answer has no more rows than were asked for.
struct Slots {
    from: i64,
    width: u64,
}

impl Slots {
    fn new(from: Timestamp, to: Timestamp, points: usize) -> Self {
        let points = u64::try_from(points).unwrap_or(u64::MAX).max(1);
        Self { from: from.as_millis(), width: millis(to.since(from)).div_ceil(points).max(1) }
    }

    fn of(&self, at: Timestamp) -> u64 {
        // A row may begin before the time that was asked for; it belongs to the first part.
        u64::try_from(at.as_millis().saturating_sub(self.from)).unwrap_or(0) / self.width
    }

    fn fill(&self, rows: &[model::Sample]) -> Vec<model::Sample> {
        let mut filled: Vec<(u64, model::Sample)> = Vec::new();
        for row in rows {
            let slot = self.of(row.at);
            match filled.last_mut() {
                Some((last, sum)) if *last == slot => sum.merge(row),
                _ => filled.push((slot, *row)),
            }
        }
        filled.into_iter().map(|(_, sample)| sample).collect()
    }
}

pub(super) async fn uptime(call: Call) -> Answer {
    let id = call.check_id()?;
    let (from, to) = call.query.span(call.now)?;
    let uptime = call.history(call.site.handles.store.uptime(&id, from, to)).await?;
    json(&Uptime {
        check: id.to_string(),
        from: from.into(),
        to: to.into(),
        up_ms: millis(uptime.up),
        down_ms: millis(uptime.down),
        unknown_ms: millis(uptime.unknown),
        share: uptime.share(),
    })
}

pub(super) async fn changes(call: Call) -> Answer {
    let id = call.check_id()?;
    let (from, to) = call.query.span(call.now)?;
    let ask = call.site.handles.store.changes(&id, from, to, MOST_CHANGES);
    let changes = call.history(ask).await?;
    let full = changes.len() >= MOST_CHANGES;
    let next =
        changes.last().filter(|_| full).map(|last| Timestamp::from_millis(last.at.as_millis() + 1));
    let view = call.view();
    json(&ChangeList {
        check: id.to_string(),
        from: from.into(),
        to: to.into(),
        changes: changes.iter().map(|change| view.change(change)).collect(),
        next: next.map(Into::into),
    })
}

pub(super) async fn incidents(call: Call) -> Answer {
    let before = call.query.number("before");
    let limit = call.query.count("limit", USUAL_PAGE);
    let page = match call.query.word("state") {
        Some("open") => open_incidents(&call, before, limit),
        state => past_incidents(&call, before, limit, state == Some("closed")).await?,
    };
    json(&page)
}

fn open_incidents(call: &Call, before: Option<i64>, limit: usize) -> IncidentPage {
    let view = call.view();
    let mut all =
        view.incidents().rev().filter(|one| before.is_none_or(|before| one.number < before));
    let incidents: Vec<_> = all.by_ref().take(limit).collect();
    let next = incidents.last().map(|last| last.number).filter(|_| all.next().is_some());
    IncidentPage { incidents, next, timezone: call.timezone() }
}

async fn past_incidents(
    call: &Call,
    before: Option<i64>,
    limit: usize,
    closed: bool,
) -> Result<IncidentPage, Refusal> {
    let past = call.history(call.site.handles.store.incidents(before, limit)).await?;
    let next = past.last().map(|last| last.number).filter(|_| past.len() >= limit);
    let view = call.view();
    // What is open is known better by the monitor than by its history, which comes later.
    let open = |number| view.snapshot.incidents.iter().find(|incident| incident.number == number);
    let mut incidents: Vec<_> = past
        .iter()
        .map(|one| {
            open(one.number).map_or_else(|| view.past_incident(one), |one| view.open_incident(one))
        })
        .collect();
    let newest = past.first().map_or(0, |first| first.number);
    let unwritten = view
        .incidents()
        .filter(|one| one.number > newest && before.is_none_or(|before| one.number < before));
    incidents.splice(0..0, unwritten.rev().collect::<Vec<_>>());
    incidents.retain(|one| !closed || !one.open);
    Ok(IncidentPage { incidents, next, timezone: call.timezone() })
}

pub(super) async fn incident(call: Call) -> Answer {
    let unknown = || Refusal::unknown("no incident has this number");
    let number: i64 = call.segment(0).parse().map_err(|_| unknown())?;
    let view = call.view();
    let open = call.snapshot.incidents.iter().find(|incident| incident.number == number);
    let past = call.history(call.site.handles.store.incident(number)).await;
    match (open, past) {
        (open, Ok(Some(past))) => {
            let incident = &past.incident;
            let to = incident
                .closed
                .map_or(call.now, |(at, _)| at)
                .plus(std::time::Duration::from_millis(1));
            let changes =
                call.site.handles.store.changes(&incident.check, incident.since, to, MOST_CHANGES);
            let changes = call.history(changes).await;
            json(&IncidentReport {
                incident: open
                    .map_or_else(|| view.past_incident(incident), |one| view.open_incident(one)),
                notices: view.notices(&past, open.map(|open| &**open)),
                complete: changes.is_ok(),
                changes: changes.unwrap_or_default().iter().map(|one| view.change(one)).collect(),
                timezone: call.timezone(),
            })
        }
        (Some(open), _) => json(&IncidentReport {
            incident: view.open_incident(open),
            notices: open.told.iter().map(|told| view.notice(told)).collect(),
            changes: Vec::new(),
            complete: false,
            timezone: call.timezone(),
        }),
        (None, past) => past.and_then(|_| Err(unknown())),
    }
}

pub(super) async fn openapi(_: Call) -> Answer {
    json(&openapi::document())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_put_together_until_there_are_as_few_as_asked_for() {
        let row = |at: i64, value: f64| model::Sample {
            at: Timestamp::from_millis(at),
            min: value,
            avg: value,
            max: value,
            count: 1,
        };
        let slots = Slots::new(Timestamp::from_millis(1_000), Timestamp::from_millis(2_000), 3);
        let rows =
            [row(990, 1.0), row(1_000, 3.0), row(1_333, 5.0), row(1_334, 7.0), row(1_999, 9.0)];
        let filled = slots.fill(&rows);
        let seen: Vec<_> =
            filled.iter().map(|one| (one.at.as_millis(), one.min, one.avg, one.count)).collect();
        assert_eq!(seen, [(990, 1.0, 3.0, 3), (1_334, 7.0, 7.0, 1), (1_999, 9.0, 9.0, 1)]);
    }
}
