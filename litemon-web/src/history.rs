//! The strips at the foot of the tiles: a server's last day, read in the background so that no
//! page waits for a database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use litemon_core::{
    clock::Clock,
    model::{Name, Status, StatusChange, Timestamp},
    monitor::{CheckView, ServerView, Snapshot},
    store::{Store, StoreError},
};
use tokio::task::JoinSet;

/// Cells of a strip.
pub(crate) const CELLS: usize = 48;
const CELL: Duration = Duration::from_secs(1800);
/// How far back a change is looked for that says what the first cell was.
const SEED: Duration = Duration::from_secs(6 * 86_400);
const FRESH: Duration = Duration::from_secs(60);
const MOST_SERVERS: usize = 300;
const MOST_CHECKS: usize = 30;
const MOST_CHANGES: usize = 2_000;
const DEADLINE: Duration = Duration::from_secs(50);

/// One server's day: `None` where nothing is known.
pub(crate) type Cells = [Option<Status>; CELLS];

/// The strips of all servers.
#[derive(Debug, Default)]
pub(crate) struct Strips(HashMap<Name, Cells>);

impl Strips {
    pub(crate) fn get(&self, server: &Name) -> Option<&Cells> {
        self.0.get(server)
    }

    #[cfg(test)]
    pub(crate) fn put(&mut self, server: Name, cells: Cells) {
        self.0.insert(server, cells);
    }
}

/// Reads strips when somebody looks, at most once a minute. Its task ends with it.
#[derive(Debug)]
pub(crate) struct History {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    // A plain lock: it is held for a pointer's copy, never over an await.
    kept: Arc<Mutex<Kept>>,
    tasks: Mutex<JoinSet<()>>,
}

#[derive(Debug, Default)]
struct Kept {
    strips: Arc<Strips>,
    asked: Option<Timestamp>,
}

impl History {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, kept: Arc::default(), tasks: Mutex::default() }
    }

    /// What is known now; if that is old, newer strips are fetched for the next one who asks.
    pub(crate) fn strips(&self, snapshot: &Arc<Snapshot>) -> Arc<Strips> {
        let now = self.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.asked.is_none_or(|asked| now.since(asked) >= FRESH || now < asked) {
            kept.asked = Some(now);
            self.refresh(snapshot.clone(), now);
        }
        kept.strips.clone()
    }

    fn refresh(&self, snapshot: Arc<Snapshot>, now: Timestamp) {
        let (store, kept) = (self.store.clone(), self.kept.clone());
        let read = async move {
            match tokio::time::timeout(DEADLINE, read(&*store, &snapshot, now)).await {
                Ok(Ok(strips)) => {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).strips = Arc::new(strips);
                }
                Ok(Err(error)) => tracing::debug!(%error, "history strips are left as they are"),
                Err(_) => tracing::debug!("the store is too slow for history strips"),
            }
        };
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        if tasks.is_empty() {
            tasks.spawn(read);
        }
    }
}

async fn read(
    store: &dyn Store,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<Strips, StoreError> {
    let mut strips = Strips::default();
    for server in snapshot.servers.iter().take(MOST_SERVERS) {
        let cells = server_cells(store, server, now).await?;
        if cells.iter().any(Option::is_some) {
            strips.0.insert(server.name.clone(), cells);
        }
    }
    Ok(strips)
}

async fn server_cells(
    store: &dyn Store,
    server: &ServerView,
    now: Timestamp,
) -> Result<Cells, StoreError> {
    let from = now.minus(SEED);
    let to = now.plus(Duration::from_millis(1));
    let mut worst: Cells = [None; CELLS];
    for check in server.checks.iter().take(MOST_CHECKS) {
        let changes = store.changes(&check.id, from, to, MOST_CHANGES).await?;
        for (sum, cell) in worst.iter_mut().zip(cells(check, &changes, now)) {
            *sum = (*sum).max(cell);
        }
    }
    Ok(worst)
}

/// The worst status of a check in each half hour up to `now`.
fn cells(check: &CheckView, changes: &[StatusChange], now: Timestamp) -> Cells {
    let mut steps: Vec<(Timestamp, Option<Status>)> =
        changes.iter().map(|change| (change.at, Some(change.status))).collect();
    if changes.len() >= MOST_CHANGES {
        // The newest were cut off; what lies between is not known.
        steps.extend(changes.last().map(|last| (last.at.plus(Duration::from_millis(1)), None)));
    }
    if steps.last().is_none_or(|(_, status)| *status != Some(check.status)) {
        steps.extend(check.since.map(|since| (since, Some(check.status))));
    }
    let start = now.minus(CELL * u32::try_from(CELLS).unwrap_or(48));
    std::array::from_fn(|index| {
        let from = start.plus(CELL * u32::try_from(index).unwrap_or(0));
        within(&steps, from, from.plus(CELL))
    })
}

/// The worst of what held at `from` and what it changed to before `to`.
fn within(steps: &[(Timestamp, Option<Status>)], from: Timestamp, to: Timestamp) -> Option<Status> {
    let held = steps.iter().rev().find(|(at, _)| *at <= from).and_then(|(_, status)| *status);
    let became = steps.iter().filter(|(at, _)| *at > from && *at <= to);
    became.filter_map(|(_, status)| *status).fold(held, |worst, status| worst.max(Some(status)))
}

#[cfg(test)]
mod tests;
