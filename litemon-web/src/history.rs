//! The strips at the foot of the tiles, a server's last day, and the lines beside numbers: read in
//! the background so that no page waits for a database.

use std::{collections::HashMap, sync::Arc, time::Duration};

use litemon_core::{
    clock::Clock,
    model::{CheckId, CheckKind, Name, Status, StatusChange, Timestamp},
    monitor::{CheckView, ServerView, Snapshot},
    store::{Store, StoreError},
};
use tokio::sync::watch;

use crate::shelf::Shelf;

/// Cells of a strip.
pub(crate) const CELLS: usize = 48;
const CELL: Duration = Duration::from_secs(1800);
/// How far back a change is looked for that says what the first cell was.
const SEED: Duration = Duration::from_secs(6 * 86_400);
const FRESH: Duration = Duration::from_secs(60);
const MOST_SERVERS: usize = 300;
const MOST_CHECKS: usize = 30;
const MOST_CHANGES: usize = 2_000;
const MOST_LINES: usize = 50;
const HOUR: Duration = Duration::from_secs(3600);
const DEADLINE: Duration = Duration::from_secs(50);

/// One server's day: `None` where nothing is known.
pub(crate) type Cells = [Option<Status>; CELLS];

/// The strips of all servers.
#[derive(Debug, Default)]
pub(crate) struct Strips {
    days: HashMap<Name, Cells>,
    lines: HashMap<CheckId, Line>,
}

/// What was measured over a time, as a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    /// When, as a part of that time from 0 to 1, and what.
    pub(crate) points: Vec<(f64, f64)>,
}

impl Line {
    pub(crate) fn low(&self) -> f64 {
        self.points.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn high(&self) -> f64 {
        self.points.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max)
    }
}

impl Strips {
    pub(crate) fn get(&self, server: &Name) -> Option<&Cells> {
        self.days.get(server)
    }

    /// The line of a check that belongs to no server.
    pub(crate) fn line(&self, check: &CheckId) -> Option<&Line> {
        self.lines.get(check)
    }

    #[cfg(test)]
    pub(crate) fn put(&mut self, server: Name, cells: Cells) {
        self.days.insert(server, cells);
    }

    #[cfg(test)]
    pub(crate) fn put_line(&mut self, check: CheckId, points: Vec<(f64, f64)>) {
        self.lines.insert(check, Line { points });
    }
}

/// Reads strips when somebody looks, at most once a minute. Its task ends with it.
#[derive(Debug)]
pub(crate) struct History {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    shelf: Shelf<(), Strips>,
}

impl History {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        // Nobody waits for them: they come with the next change of the page.
        Self { store, clock, shelf: Shelf::new(watch::Sender::new(0), DEADLINE) }
    }

    /// What is known now; if that is old, newer strips are fetched for the next one who asks.
    pub(crate) fn strips(&self, snapshot: &Arc<Snapshot>) -> Arc<Strips> {
        let (store, snapshot, now) = (self.store.clone(), snapshot.clone(), self.clock.now());
        let read = || async move { read(&*store, &snapshot, now).await };
        self.shelf.look(&(), self.clock.instant(), |_| FRESH, read).value.unwrap_or_default()
    }
}

async fn read(
    store: &dyn Store,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<Strips, StoreError> {
    let mut strips = Strips { lines: lines(store, snapshot, now).await?, ..Strips::default() };
    for server in snapshot.servers.iter().take(MOST_SERVERS) {
        let cells = server_cells(store, server, now).await?;
        if cells.iter().any(Option::is_some) {
            strips.days.insert(server.name.clone(), cells);
        }
    }
    Ok(strips)
}

/// The last hour of what is measured often, the last day of what is counted.
async fn lines(
    store: &dyn Store,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<HashMap<CheckId, Line>, StoreError> {
    let mut lines = HashMap::new();
    for check in snapshot.others.iter().take(MOST_LINES) {
        let (span, points) = match check.kind {
            CheckKind::Messaging => (HOUR, 60),
            CheckKind::Statistic => (HOUR * 24, 24),
            _ => continue,
        };
        let from = now.minus(span);
        let series = store.series(&check.id, from, now, points).await?;
        let samples = series.samples.iter().filter(|sample| sample.at >= from);
        let part = |at: Timestamp| at.since(from).as_secs_f64() / span.as_secs_f64();
        let points = samples.map(|sample| (part(sample.at), sample.avg)).collect();
        lines.insert(check.id.clone(), Line { points });
    }
    Ok(lines)
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
