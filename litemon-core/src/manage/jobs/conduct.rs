//! One job: its servers in their order, so many at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::{sync::Semaphore, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    away,
    handle::Shared,
    live::{self, Live},
    model::{Order, Outcome, Stage, What},
    place::{self, Place},
    rolling,
    submit::WHOLE,
};
use crate::{
    config::ServerPlan,
    exec::Sudo,
    manage::{
        ManageError, Principal,
        actions::{self, Proof, Runnable},
    },
    model::Name,
};

/// How many servers at once unless told otherwise.
const AT_ONCE: usize = 50;
/// How long names may take that tell whether a server is this machine.
const RESOLVED: Duration = Duration::from_secs(2);

/// Whether an order changes servers, if it may be run at all.
pub(super) async fn changes(
    shared: &Shared,
    by: &Principal,
    order: &Order,
    servers: &[ServerPlan],
) -> Result<bool, ManageError> {
    let all: Vec<&ServerPlan> = servers.iter().collect();
    shared.catalog.check(by, order, &all).await?;
    match servers.first() {
        Some(first) => {
            let how = runnable(shared, order, first).await?;
            let gated = order.rolling.as_ref().is_some_and(|order| order.healthy_rounds > 0);
            if gated && matches!(how.proof, Proof::Gone { .. }) {
                let why = "a server that is shut down does not get well again: \
                           ask for healthy_rounds 0";
                return Err(ManageError::invalid("rolling", why));
            }
            Ok(how.changes)
        }
        None => Ok(false),
    }
}

/// What an order comes down to on a server.
pub(super) async fn runnable(
    shared: &Shared,
    order: &Order,
    server: &ServerPlan,
) -> Result<Runnable, ManageError> {
    let mut how = shared.catalog.runnable(&order.what, server).await?;
    if matches!(order.what, What::Command(_)) {
        // Whoever becomes root does so to change something, mostly; others only look.
        how.changes = order.sudo;
        if order.sudo {
            how.command.sudo = Sudo::Passwordless;
        }
    }
    how.limit = order.limit.unwrap_or(how.limit);
    Ok(how)
}

/// Starts the tasks of a job.
pub(super) fn begin(shared: &Arc<Shared>, live: Arc<Live>, servers: Vec<ServerPlan>) {
    let mut lives = shared.live.lock().unwrap_or_else(PoisonError::into_inner);
    lives.insert(live.id(), Arc::clone(&live));
    drop(lives);
    shared.changed(live.id(), None);
    let over = CancellationToken::new();
    shared.tasks.spawn(live::write(Arc::clone(shared), Arc::clone(&live), over.clone()));
    shared.tasks.spawn(conduct(Arc::clone(shared), live, servers, over));
}

/// Asks one place, or all, to end.
pub(super) fn cancel(live: &Live, place: i64) {
    if place == WHOLE {
        live.cancel.cancel();
    } else if let Some(one) = usize::try_from(place).ok().and_then(|at| live.cancels.get(at)) {
        one.cancel();
    }
    live.nudge();
}

async fn conduct(
    shared: Arc<Shared>,
    live: Arc<Live>,
    servers: Vec<ServerPlan>,
    over: CancellationToken,
) {
    let by_name: BTreeMap<Name, ServerPlan> =
        servers.into_iter().map(|server| (server.name.clone(), server)).collect();
    let turns = turns(&shared, &live).await;
    match &live.stored.head.order.rolling {
        Some(order) => rolling::roll(&shared, &live, by_name, turns, order).await,
        None => {
            let at_once = at_once(&shared, &live).await;
            for turn in turns {
                take_turn(&shared, &live, &by_name, &turn, at_once).await;
            }
            away::wait(&shared, &live, &by_name, at_once).await;
        }
    }
    finish(&shared, &live).await;
    over.cancel();
}

/// How many servers at once.
async fn at_once(shared: &Shared, live: &Live) -> usize {
    let order = &live.stored.head.order;
    let one_by_one = match &order.what {
        What::Action { name, .. } => {
            shared.catalog.action(name).await.is_ok_and(|action| action.one_by_one)
        }
        What::Command(_) => false,
    };
    order.at_once.unwrap_or(if one_by_one { 1 } else { AT_ONCE }).max(1)
}

/// The places that are not done, those that go together in one list: where servers are changed,
/// litemon's own host comes last, and before it those through which others are reached.
async fn turns(shared: &Shared, live: &Live) -> Vec<Vec<usize>> {
    let fleet = shared.fleet.borrow().clone();
    let changes = live.stored.head.changes;
    let own = if changes {
        actions::own_hosts(fleet.servers(), Instant::now() + RESOLVED).await
    } else {
        BTreeSet::new()
    };
    let mut turns: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
    for (place, result) in live.job().results.iter().enumerate() {
        if !matches!(result.stage, Stage::Done(_)) {
            let turn = actions::turn(&result.server, fleet.servers(), &own);
            turns.entry(if changes { turn } else { 0 }).or_default().push(place);
        }
    }
    turns.into_values().collect()
}

async fn take_turn(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    servers: &BTreeMap<Name, ServerPlan>,
    turn: &[usize],
    at_once: usize,
) {
    let room = Arc::new(Semaphore::new(at_once));
    let mut running = JoinSet::new();
    for &place in turn {
        let Some(result) = live.record(place).map(|record| record.result) else { continue };
        let Some(cancel) = live.cancels.get(place).cloned() else { continue };
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit.ok(),
            () = cancel.cancelled() => None,
        };
        let Some(permit) = permit else {
            if !away::stays(shared, live) {
                place::done(shared, live, place, Outcome::Cancelled).await;
            }
            continue;
        };
        let Some(server) = servers.get(&result.server).cloned() else {
            let why = "the server is not configured any more".to_owned();
            place::done(shared, live, place, Outcome::Unknown(why)).await;
            continue;
        };
        let place = Place::new(Arc::clone(shared), Arc::clone(live), place, server, cancel);
        running.spawn(async move {
            place.run().await;
            drop(permit);
        });
        while running.try_join_next().is_some() {}
    }
    while running.join_next().await.is_some() {}
}

/// Writes how it ended, unless something of it goes on without this process.
async fn finish(shared: &Shared, live: &Live) {
    let job = live.job();
    let done = job.results.iter().all(|result| matches!(result.stage, Stage::Done(_)));
    if done {
        let manage = &shared.manage;
        let now = manage.clock().now();
        let head = &live.stored.head;
        let outcome = summary(job.results.iter().filter_map(|result| result.outcome()));
        let told = manage.office.end(&head.by, "job.start", head.audit, &outcome).await;
        if let Err(error) = told {
            tracing::error!(job = live.id(), "its end is not in the audit trail: {error}");
        }
        live.written(live.end(now)).await;
    } else {
        // Whoever looks from now on, looks into the database.
        live.written(live.version()).await;
    }
    shared.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&live.id());
    shared.changed(live.id(), None);
}

/// `3 ok, 1 unreachable`
fn summary<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome.word()).or_default() += 1;
    }
    counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}
