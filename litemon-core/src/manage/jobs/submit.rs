//! Orders: checked, written down, begun.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde_json::json;

use super::{
    conduct,
    handle::{Shared, no_job, no_server},
    live::Live,
    model::{Job, JobId, Order, What},
    planned::{Claim, InsertRun, Look, Taken},
    records::{self, Head, Insert, Record, Stored},
    rolling,
};
use crate::{
    config::ServerPlan,
    manage::{ManageError, Principal, Role},
    model::{Name, TellOn},
    store::sql::Arg,
};

/// The most servers of one job.
const SERVERS: usize = 10_000;
/// The longest command.
const COMMAND: usize = 64 * 1024;
/// The longest that one server may take.
const LIMIT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a server may be waited for.
const WAIT: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(30 * 24 * 3600)];
/// The most servers at once.
const AT_ONCE: usize = 1000;
/// The most jobs that run in one process.
const JOBS: usize = 200;
/// What a cancellation of the whole job has for its place.
pub(super) const WHOLE: i64 = -1;

pub(super) async fn submit(
    shared: &Arc<Shared>,
    by: &Principal,
    order: Order,
) -> Result<Job, ManageError> {
    let run = begin(shared, by, order, None).await?;
    run.map_err(|_| ManageError::Conflict("it runs already".to_owned()))
}

/// The same for a run of a job of the configuration, unless something speaks against it.
pub(super) async fn submit_run(
    shared: &Arc<Shared>,
    by: &Principal,
    order: Order,
    claim: &Claim,
) -> Result<Result<Job, Taken>, ManageError> {
    begin(shared, by, order, Some(claim)).await
}

async fn begin(
    shared: &Arc<Shared>,
    by: &Principal,
    order: Order,
    claim: Option<&Claim>,
) -> Result<Result<Job, Taken>, ManageError> {
    by.require(Role::Operator, "run anything on servers")?;
    let servers = vetted(shared, by, &order)?;
    let changes = conduct::changes(shared, by, &order, &servers).await?;
    if let Some(asked) = &order.rolling {
        let fleet = shared.fleet.borrow().clone();
        rolling::can_be_had(asked, &shared.health, &fleet, &servers)?;
    }
    if shared.end.is_cancelled() {
        return Err(ManageError::Conflict("litemon is stopping".to_owned()));
    }
    if shared.lives().len() >= JOBS {
        return Err(ManageError::Conflict(format!("{JOBS} jobs run already; wait for one")));
    }
    let manage = &shared.manage;
    let now = manage.clock().now();
    let detail = json!(order);
    let about = order.what.line();
    let audit = manage.office.begin(by, "job.start", &about, &detail).await?;
    let records = order.servers.iter().cloned().map(Record::waiting).collect();
    let head = Head { order, by: by.clone(), changes, audit };
    let owner = shared.owner.name().to_owned();
    let (rolled, pausing) = (None, None);
    let mut stored =
        Stored { id: 0, created: now, ended: None, owner, head, records, rolled, pausing };
    let taken = insert(shared, &stored, claim).await?;
    let Taken::Begun(id) = taken else {
        manage.office.end(by, "job.start", audit, "not begun: it runs already").await?;
        return Ok(Err(taken));
    };
    stored.id = id;
    let live = Arc::new(Live::new(stored, &shared.end));
    let job = live.job();
    conduct::begin(shared, live, servers);
    Ok(Ok(job))
}

async fn insert(
    shared: &Shared,
    job: &Stored,
    claim: Option<&Claim>,
) -> Result<Taken, ManageError> {
    let database = shared.manage.database();
    match job.head.order.planned.as_ref().zip(claim) {
        Some((name, claim)) => database.work(&InsertRun { job, look: Look { name, claim } }).await,
        None => Ok(Taken::Begun(database.work(&Insert(job)).await?)),
    }
}

/// The servers of an order that makes sense.
pub(super) fn vetted(
    shared: &Shared,
    by: &Principal,
    order: &Order,
) -> Result<Vec<ServerPlan>, ManageError> {
    let wrong = |field, why: &str| ManageError::invalid(field, why);
    if let What::Command(line) = &order.what {
        if line.trim().is_empty() {
            return Err(wrong("command", "there is none; write what is to run"));
        }
        if line.len() > COMMAND || line.contains('\0') {
            return Err(wrong("command", "it is longer than 64 KiB, or holds a zero byte"));
        }
    }
    if order.servers.is_empty() {
        return Err(wrong("servers", "there are none; choose at least one"));
    }
    if order.servers.len() > SERVERS {
        return Err(wrong("servers", &format!("at most {SERVERS} at once")));
    }
    if order.limit.is_some_and(|limit| limit < Duration::from_secs(1) || limit > LIMIT) {
        return Err(wrong("limit", "expected 1 s to 24 h"));
    }
    if order.when_back.is_some_and(|within| within < WAIT[0] || within > WAIT[1]) {
        return Err(wrong("when_back", "expected 1 minute to 30 days"));
    }
    if order.at_once.is_some_and(|most| most == 0 || most > AT_ONCE) {
        return Err(wrong("at_once", &format!("expected 1 to {AT_ONCE}")));
    }
    if let Some(rolling) = &order.rolling {
        rolling.check()?;
        if order.at_once.is_some() {
            return Err(wrong("at_once", "a rolling job has batches instead"));
        }
        if order.when_back.is_some() {
            return Err(wrong("when_back", "a rolling job waits for no server"));
        }
    }
    let mut seen = BTreeSet::new();
    let fleet = shared.fleet.borrow().clone();
    if let Some(name) = order.notify.iter().find(|name| !fleet.notifiers().contains(name)) {
        return Err(wrong("notify", &format!("there is no notifier {name}")));
    }
    if order.notify_on == TellOn::Change && order.planned.is_none() {
        let why =
            "a change is told only of jobs that the configuration plans; expected end or failure";
        return Err(wrong("notify_on", why));
    }
    let one = |name: &Name| {
        if !seen.insert(name.clone()) {
            return Err(ManageError::invalid("servers", format!("{name} is named twice")));
        }
        let missing = || ManageError::NotFound { what: "server", name: name.to_string() };
        let server = fleet.server(name).cloned().ok_or_else(missing)?;
        if !by.may_act_on(&server.groups) {
            return Err(ManageError::Forbidden(format!(
                "act on {name}: it is in none of your groups"
            )));
        }
        Ok(server)
    };
    order.servers.iter().map(one).collect()
}

pub(super) async fn cancel(
    shared: &Arc<Shared>,
    by: &Principal,
    id: JobId,
    server: Option<&Name>,
) -> Result<(), ManageError> {
    by.require(Role::Operator, "cancel jobs")?;
    let manage = &shared.manage;
    let job = records::find(manage.database(), id).await?.ok_or_else(|| no_job(id))?.job();
    if job.ended.is_some() {
        return Err(ManageError::Conflict(format!("job {id} has ended already")));
    }
    let place = match server {
        None => WHOLE,
        Some(server) => {
            let (place, _) = job.result(server).ok_or_else(|| no_server(server))?;
            i64::try_from(place).unwrap_or(i64::MAX)
        }
    };
    let meant = server.map_or(job.order.servers.as_slice(), std::slice::from_ref);
    may_steer(shared, by, meant, "cancel")?;
    let about = server.map_or_else(|| format!("job {id}"), |of| format!("job {id} on {of}"));
    let detail = json!({ "job": id, "server": server });
    let asked = async {
        // Whichever process runs it finds this; if it is this one, at once.
        let args = [Arg::Int(id), Arg::Int(place)];
        let statement = "INSERT OR IGNORE INTO job_cancels (job, place) VALUES (?, ?)";
        manage.database().write(&[(statement, &args)]).await?;
        if let Some(live) = shared.live(id) {
            conduct::cancel(&live, place);
        }
        Ok(())
    };
    manage.office.audited(by, "job.cancel", &about, &detail, asked).await
}

/// Whether somebody may decide over what runs on these servers.
pub(super) fn may_steer(
    shared: &Shared,
    by: &Principal,
    servers: &[Name],
    verb: &str,
) -> Result<(), ManageError> {
    let fleet = shared.fleet.borrow().clone();
    let barred =
        |name: &&Name| fleet.server(name).is_some_and(|found| !by.may_act_on(&found.groups));
    match servers.iter().find(barred) {
        Some(name) => Err(ManageError::Forbidden(format!("{verb} what runs on {name}"))),
        None => Ok(()),
    }
}
