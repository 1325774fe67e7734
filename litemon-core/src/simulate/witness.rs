//! Sees what the monitor knows and does not tell.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::watch;

use super::{log::Log, report::Happening, why};
use crate::{
    config::Plan,
    model::{Failure, Name, NoticeState, Observation, Status, Zone},
    monitor::{CheckView, IncidentView, Snapshot, Told},
    policy::{Quiet, Silence, Window},
};

/// What of a configuration says why something waits.
#[derive(Debug)]
pub(super) struct Rules {
    zone: Zone,
    /// Hours in which notifiers do not tell of warnings.
    quiet: Vec<(Name, Quiet)>,
}

impl Rules {
    pub(super) fn of(plan: &Plan) -> Self {
        let quiet = plan.notifiers.iter();
        let quiet = quiet.filter_map(|one| Some((one.name.clone(), one.quiet.clone()?)));
        Self { zone: plan.zone.clone(), quiet: quiet.collect() }
    }

    /// Why what waits is not told: for the end of a time of silence, or of quiet hours.
    fn awaited(&self, one: &IncidentView, now: &Snapshot) -> Option<String> {
        let told = waits(one)?;
        let server = now.server(one.check.owner());
        let (name, groups) = server
            .map_or((None, [].as_slice()), |server| (Some(&server.name), server.groups.as_slice()));
        let silences = |window: &&Window| window.silences(&one.check, name, groups, now.at);
        if let Some(window) = now.windows.iter().find(silences) {
            let (kind, until, by) = (window.kind, window.until, window.by.clone());
            return Some(why::not_told(&Silence::Window { kind, until, by }, &self.zone));
        }
        let until = told.at;
        let mut quiet = self.quiet.iter().filter(|(name, _)| name.as_str() == told.notifier);
        let ends = quiet.any(|(_, quiet)| quiet.end(now.at) == Some(until));
        let waits = ends && one.status == Status::Warning;
        waits.then(|| format!("quiet hours until {}", self.zone.hour_minute(until)))
    }
}

/// Watches until the monitor is gone.
pub(super) async fn watch(
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    log: Arc<Log>,
    rules: Rules,
) {
    let mut before = Arc::clone(&snapshots.borrow_and_update());
    while snapshots.changed().await.is_ok() {
        let now = Arc::clone(&snapshots.borrow_and_update());
        for happening in differs(&before, &now, &rules) {
            log.note(happening);
        }
        before = now;
    }
}

/// What is wrong and not told, as far as it is news.
fn differs(before: &Snapshot, now: &Snapshot, rules: &Rules) -> Vec<Happening> {
    let was: BTreeMap<_, _> = before.incidents.iter().map(|one| (one.number, one)).collect();
    let open = now.incidents.iter().filter_map(|one| {
        let was = was.get(&one.number).map(|was| &***was);
        incident(was.map(|was| (was, before)), one, now, rules)
    });
    let still = |number| now.incidents.iter().any(|one| one.number == number);
    let over = before.incidents.iter().filter(|one| !still(one.number)).filter_map(|one| over(one));
    let checks: BTreeMap<_, _> = before.checks().map(|check| (&check.id, check)).collect();
    let quiet = now.checks().filter_map(|check| {
        let was = checks.get(&check.id)?;
        soft(was, check).or_else(|| flaps(was, check))
    });
    open.chain(over).chain(quiet).chain(blocked(before, now)).collect()
}

fn incident(
    before: Option<(&IncidentView, &Snapshot)>,
    now: &IncidentView,
    snapshot: &Snapshot,
    rules: &Rules,
) -> Option<Happening> {
    let check = snapshot.check(now.check.as_str())?;
    let was = before.map(|(was, _)| was);
    let news = |why| Some(not_told(now, why));
    if let Some(silence) = &now.silence {
        let known = was.is_some_and(|was| was.silence.as_ref() == Some(silence));
        return if known { None } else { news(why::not_told(silence, &rules.zone)) };
    }
    if let Some(told) = waits(now) {
        let known = before.and_then(|(was, then)| rules.awaited(was, then));
        let usual = || {
            let until = rules.zone.clock_time(told.at);
            format!("waits for what else comes, until {until}")
        };
        match (was.and_then(waits), rules.awaited(now, snapshot)) {
            (None, why) => return news(why.unwrap_or_else(usual)),
            (Some(_), Some(why)) if known.as_ref() != Some(&why) => return news(why),
            _ => {}
        }
    }
    let Some(was) = was else {
        let nobody = now.told.is_empty() && !check.notifies;
        return if nobody { news("nobody is to be told: notify = []".to_owned()) } else { None };
    };
    let quiet = was.status != now.status && was.told.len() == now.told.len();
    let quiet = quiet && check.flapping.is_none();
    if quiet { news("not worse than what was told".to_owned()) } else { None }
}

/// What of it waits to be told.
fn waits(one: &IncidentView) -> Option<&Told> {
    one.told.iter().find(|told| told.state == NoticeState::Held)
}

/// It changed, and is known to come and go.
fn flaps(was: &CheckView, now: &CheckView) -> Option<Happening> {
    let quiet = was.flapping.is_some() && now.flapping.is_some() && was.status != now.status;
    quiet.then(|| Happening::NotTold {
        check: now.id.to_string(),
        incident: now.incident,
        text: now.status.to_string(),
        why: "it comes and goes".to_owned(),
    })
}

/// It is over, and nobody knew of it.
fn over(one: &IncidentView) -> Option<Happening> {
    let why = "it was over before anything was told of it";
    let untold = |told: &Told| matches!(told.state, NoticeState::Held | NoticeState::Superseded);
    one.told.iter().all(untold).then(|| match not_told(one, why.to_owned()) {
        Happening::NotTold { check, incident, why, .. } => {
            Happening::NotTold { check, incident, text: "over".to_owned(), why }
        }
        other => other,
    })
}

fn not_told(one: &IncidentView, why: String) -> Happening {
    let (check, incident) = (one.check.to_string(), Some(one.number));
    Happening::NotTold { check, incident, text: seen(one.status, &one.last), why }
}

/// `critical (connection refused)`
fn seen(status: Status, last: &Result<Observation, Failure>) -> String {
    let detail = match last {
        Ok(seen) => match (seen.value(), seen.detail()) {
            (Some(value), _) => Some(format!("{value}{}", seen.unit())),
            (None, detail) => detail.map(str::to_owned),
        },
        Err(failure) => Some(failure.message.clone()),
    };
    detail.map_or_else(|| status.to_string(), |detail| format!("{status} ({detail})"))
}

/// Results that were not enough for a problem.
fn soft(was: &CheckView, now: &CheckView) -> Option<Happening> {
    let (status, count, of) = was.soft.filter(|(status, ..)| *status != Status::Ok)?;
    let forgotten = now.soft.is_none() && now.status == was.status && !now.blocked;
    let bad = if count == 1 { "bad result" } else { "bad results" };
    forgotten.then(|| Happening::NotTold {
        check: now.id.to_string(),
        incident: now.incident,
        text: status.to_string(),
        why: format!("only {count} {bad} of {of} in a row"),
    })
}

/// Checks of which nothing is known, since their server cannot be reached: one row for each.
fn blocked(before: &Snapshot, now: &Snapshot) -> Vec<Happening> {
    let count = |snapshot: &Snapshot, server: &str| {
        let server = snapshot.server(server);
        server.map_or(0, |server| server.checks.iter().filter(|check| check.blocked).count())
    };
    let news = now.servers.iter().filter(|server| {
        count(before, server.name.as_str()) == 0 && server.checks.iter().any(|check| check.blocked)
    });
    news.map(|server| Happening::NotTold {
        check: format!("{}/*", server.name),
        incident: None,
        text: format!("{} unknown", count(now, server.name.as_str())),
        why: match server.ssh() {
            // What speaks for them is not known itself.
            Some(ssh) if ssh.blocked => why::NETWORK.to_owned(),
            _ => format!("{}/ssh speaks for them", server.name),
        },
    })
    .collect()
}
