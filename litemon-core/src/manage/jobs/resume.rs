//! Jobs of processes that ended, and cancellations from other processes.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{MissedTickBehavior, interval};

use super::{
    conduct,
    handle::Shared,
    leftovers,
    live::Live,
    model::{JobId, Outcome, Stage},
    records::{self, Stored},
    rolling,
};
use crate::{manage::ManageError, store::sql::Arg};

/// How often cancellations are looked for while jobs run.
const LOOK: Duration = Duration::from_secs(1);
/// How often jobs without a process are looked for.
const TAKE_OVER: Duration = Duration::from_secs(5);
/// How often what detached runs left on servers is looked for.
const TIDY: Duration = Duration::from_secs(10 * 60);
/// How long jobs are kept.
const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// How many old jobs are removed at once.
const REMOVED: i64 = 50;

/// Looks for cancellations that were asked for elsewhere, and closes what is idle, until the jobs are
/// dropped or end.
pub(super) fn listen(shared: &Arc<Shared>) {
    let (weak, end) = (Arc::downgrade(shared), shared.end.clone());
    shared.tasks.spawn(end.run_until_cancelled_owned(async move {
        each(LOOK, weak, async |shared| {
            shared.connections.prune();
            if let Err(error) = cancellations(&shared).await {
                tracing::debug!("cancellations cannot be read: {error}");
            }
            if let Err(error) = pauses(&shared).await {
                tracing::debug!("pauses cannot be read: {error}");
            }
        })
        .await;
    }));
}

/// Takes care of jobs whose process ended, now and from now on.
pub(super) fn take_over(shared: &Arc<Shared>) {
    let (weak, end) = (Arc::downgrade(shared), shared.end.clone());
    shared.tasks.spawn(end.run_until_cancelled_owned(async move {
        each(TAKE_OVER, weak, async |shared| {
            if let Err(error) = orphans(&shared).await {
                tracing::warn!("jobs that were left cannot be looked at: {error}");
            }
            if let Err(error) = forget(&shared).await {
                tracing::warn!("old jobs cannot be removed: {error}");
            }
        })
        .await;
    }));
}

/// Removes what detached runs left on servers, now and from now on.
pub(super) fn tidy(shared: &Arc<Shared>) {
    let (weak, end) = (Arc::downgrade(shared), shared.end.clone());
    shared.tasks.spawn(end.run_until_cancelled_owned(async move {
        each(TIDY, weak, async |shared| {
            if let Err(error) = leftovers::tidy(&shared).await {
                tracing::warn!("what jobs left on servers cannot be looked for: {error}");
            }
        })
        .await;
    }));
}

async fn each(every: Duration, weak: Weak<Shared>, look: impl AsyncFn(Arc<Shared>)) {
    let mut tick = interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let Some(shared) = weak.upgrade() else { return };
        look(shared).await;
    }
}

async fn cancellations(shared: &Shared) -> Result<(), ManageError> {
    if shared.lives().is_empty() {
        return Ok(());
    }
    let database = shared.manage.database();
    let rows = database.rows("SELECT job, place FROM job_cancels LIMIT 10000", &[]).await?;
    for row in rows {
        let (job, place) = row
            .int(0)
            .and_then(|job| Ok((job, row.int(1)?)))
            .map_err(|cause| database.unreadable(cause))?;
        if let Some(live) = shared.live(job) {
            conduct::cancel(&live, place);
        }
    }
    Ok(())
}

/// Only rolling jobs are paused.
async fn pauses(shared: &Shared) -> Result<(), ManageError> {
    let rolling = |live: &Arc<Live>| live.stored.head.order.rolling.is_some();
    if shared.lives().iter().any(rolling) { rolling::heed(shared).await } else { Ok(()) }
}

async fn orphans(shared: &Arc<Shared>) -> Result<(), ManageError> {
    for mut job in records::open(shared.manage.database()).await? {
        let theirs = shared.live(job.id).is_none() && job.owner != shared.owner.name();
        if !theirs || shared.owner.lives(&job.owner) {
            continue;
        }
        rolling::hold_over(shared, &mut job).await?;
        if claim(shared, &job).await? {
            shared.owner.forget(&job.owner);
            adopt(shared, job);
        }
    }
    Ok(())
}

/// Makes a job this process's, unless another one was quicker.
async fn claim(shared: &Shared, job: &Stored) -> Result<bool, ManageError> {
    let owner = shared.owner.name();
    let args = [Arg::Text(owner), Arg::Int(job.id), Arg::Text(&job.owner)];
    let statement = "UPDATE jobs SET owner = ? WHERE id = ? AND owner = ?";
    let touched = shared.manage.database().write(&[(statement, &args)]).await?;
    Ok(touched.first() == Some(&1))
}

/// Follows what is detached on its server; of the rest, what is known is written. A rolling job is
/// paused by now: what of it has not begun waits for somebody who says to go on.
fn adopt(shared: &Arc<Shared>, mut job: Stored) {
    shared.owner.name().clone_into(&mut job.owner);
    let now = shared.manage.clock().now();
    let order = &job.head.order;
    let waits = order.rolling.is_some() || order.when_back.is_some();
    for record in &mut job.records {
        let outcome = match &record.result.stage {
            Stage::Done(_) | Stage::Away { .. } => continue,
            _ if record.mark.is_some() => continue,
            Stage::Waiting(_) if waits => continue,
            Stage::Settling(_) => continue,
            Stage::Waiting(_) => Outcome::Cancelled,
            Stage::Running | Stage::Cancelling => {
                Outcome::Unknown("litemon ended while it ran".to_owned())
            }
        };
        record.result.stage = Stage::Done(outcome);
        record.result.ended = Some(now);
    }
    tracing::info!(job = job.id, "a job of a litemon that ended is taken over");
    let fleet = shared.fleet.borrow().clone();
    let servers = job.records.iter().filter_map(|record| fleet.server(&record.result.server));
    let servers = servers.cloned().collect();
    let live = Arc::new(Live::new(job, &shared.end));
    live.touch_all();
    conduct::begin(shared, live, servers);
}

/// Removes jobs that are kept long enough, with their outputs.
async fn forget(shared: &Shared) -> Result<(), ManageError> {
    let before = shared.manage.clock().now().minus(KEPT);
    let database = shared.manage.database();
    let args = [Arg::Int(before.as_millis()), Arg::Int(REMOVED)];
    let statement = "SELECT id FROM jobs WHERE ended IS NOT NULL AND id IN
        (SELECT id FROM jobs ORDER BY id LIMIT 1000) AND ended < ? LIMIT ?";
    for row in database.rows(statement, &args).await? {
        let id: JobId = row.int(0).map_err(|cause| database.unreadable(cause))?;
        let folder = shared.folder.join(id.to_string());
        let removed = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(folder)).await;
        if let Ok(Err(error)) = removed
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(job = id, "its output cannot be removed: {error}");
            continue;
        }
        let id = [Arg::Int(id)];
        database
            .write(&[
                ("DELETE FROM job_results WHERE job = ?", &id),
                ("DELETE FROM job_cancels WHERE job = ?", &id),
                ("DELETE FROM job_leases WHERE job = ?", &id),
                ("DELETE FROM job_pauses WHERE job = ?", &id),
                ("DELETE FROM job_rolls WHERE job = ?", &id),
                ("DELETE FROM jobs WHERE id = ?", &id),
            ])
            .await?;
    }
    Ok(())
}
