//! Servers that were not reached in a job that may wait for them: they have their turn once the
//! monitor sees them again. What has begun on a server is never begun there again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::Semaphore, task::JoinSet, time::sleep};

use super::{
    handle::Shared,
    live::Live,
    model::{Outcome, Stage},
    place::{self, Place},
};
use crate::{
    config::ServerPlan,
    model::{Name, Status, Timestamp},
    monitor::Snapshot,
};

/// How often it is looked who is back.
const LOOK: Duration = Duration::from_secs(1);

/// Until when servers of a job are waited for.
pub(super) fn until(live: &Live) -> Option<Timestamp> {
    live.stored.head.order.when_back.map(|within| live.stored.created.plus(within))
}

/// Whether what has not begun stays as it is, since litemon ends and another one takes it over.
pub(super) fn stays(shared: &Shared, live: &Live) -> bool {
    shared.end.is_cancelled() && live.stored.head.order.when_back.is_some()
}

/// Gives those their turn that are back, until none is waited for any more or litemon ends. A process
/// without a monitor leaves them to one that has it.
pub(super) async fn wait(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    servers: &BTreeMap<Name, ServerPlan>,
    at_once: usize,
) {
    let Some(snapshots) = shared.health.get() else { return };
    let room = Arc::new(Semaphore::new(at_once));
    let mut running = JoinSet::new();
    let mut begun: BTreeSet<usize> = BTreeSet::new();
    loop {
        while let Some(done) = running.try_join_next() {
            begun.remove(&done.unwrap_or(usize::MAX));
        }
        let snapshot = snapshots.borrow().clone();
        let now = shared.manage.clock().now();
        let mut left = !running.is_empty();
        for (at, tried, until) in away(live) {
            if shared.end.is_cancelled() {
                break;
            }
            if begun.contains(&at) {
                continue;
            }
            left = true;
            let Some(cancel) = live.cancels.get(at).cloned() else { continue };
            let Some(name) = live.record(at).map(|record| record.result.server) else { continue };
            let over = match servers.get(&name) {
                _ if cancel.is_cancelled() => Some(Outcome::Cancelled),
                None => Some(Outcome::Unknown("the server is not configured any more".to_owned())),
                Some(_) if now >= until => Some(not_back(until)),
                Some(_) => None,
            };
            if let Some(outcome) = over {
                place::done(shared, live, at, outcome).await;
                continue;
            }
            let Some(server) = servers.get(&name).filter(|_| is_back(&snapshot, &name, tried))
            else {
                continue;
            };
            let Ok(permit) = Arc::clone(&room).try_acquire_owned() else { continue };
            begun.insert(at);
            let place =
                Place::new(Arc::clone(shared), Arc::clone(live), at, server.clone(), cancel);
            running.spawn(async move {
                place.run().await;
                drop(permit);
                at
            });
        }
        if !left || shared.end.is_cancelled() {
            break;
        }
        tokio::select! {
            () = sleep(LOOK) => {}
            () = live.cancel.cancelled() => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// It was waited for in vain.
pub(super) fn not_back(until: Timestamp) -> Outcome {
    Outcome::Unreachable(format!("it was not back by {until}"))
}

/// The places that wait: when they were tried, and until when they wait.
fn away(live: &Live) -> Vec<(usize, Timestamp, Timestamp)> {
    let records = live.records();
    let waits = |(place, stage): (usize, &Stage)| match stage {
        Stage::Away { since, until } => Some((place, *since, *until)),
        _ => None,
    };
    records.iter().map(|record| &record.result.stage).enumerate().filter_map(waits).collect()
}

/// Whether the monitor logged in to a server after that.
fn is_back(snapshot: &Snapshot, server: &Name, tried: Timestamp) -> bool {
    let seen = snapshot.server(server.as_str()).and_then(|view| view.ssh().cloned());
    let last = seen.and_then(|ssh| ssh.last.clone());
    last.is_some_and(|last| last.status == Status::Ok && last.at > tried)
}
