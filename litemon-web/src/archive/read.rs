//! What is asked of the store: all of it bounded.

use std::{cmp::Reverse, time::Duration};

use litemon_core::{
    model::{CheckId, CheckKind, Timestamp, Uptime},
    monitor::ServerView,
    store::{Store, StoreError},
};

use super::{Course, Record, ServerPast, UPTIMES};
use crate::chart::{Window, range::Range, rows, spans::Changes};

const MOST_CHANGES: usize = 2_000;
const MOST_INCIDENTS: usize = 100;
/// Incidents that a page lists.
const LISTED: usize = 10;
/// Charts of a server's page.
const TRENDS: usize = 8;
/// Checks of a server whose incidents are looked for.
const MOST_CHECKS: usize = 60;
const YEAR: Duration = Duration::from_secs(366 * 86_400);

fn window(range: Range, now: Timestamp) -> Window {
    Window { from: now.minus(range.span()), to: now }
}

pub(super) async fn course(
    store: &dyn Store,
    check: &CheckId,
    range: Range,
    now: Timestamp,
) -> Result<Course, StoreError> {
    let window = window(range, now);
    let Window { from, to } = window;
    let series = store.series(check, from, to, range.points()).await?;
    let width = range.point().max(series.resolution.span());
    Ok(Course {
        window,
        width,
        samples: rows::fold(&series.samples, window, width, 0),
        changes: changes(store, check, window).await?,
        incidents: store.incidents_of(check, from, to, MOST_INCIDENTS).await?,
    })
}

async fn changes(
    store: &dyn Store,
    check: &CheckId,
    Window { from, to }: Window,
) -> Result<Changes, StoreError> {
    let earlier = store.changes(check, from.minus(YEAR), from, MOST_CHANGES).await?;
    let changes = store.changes(check, from, to, MOST_CHANGES).await?;
    // Of too many the newest are not among them: then nothing says what held.
    let known = earlier.len() < MOST_CHANGES;
    let before = earlier.last().filter(|_| known).map(|change| change.status);
    Ok(Changes { before, cut: changes.len() >= MOST_CHANGES, changes })
}

pub(super) async fn record(
    store: &dyn Store,
    check: &CheckId,
    now: Timestamp,
) -> Result<Record, StoreError> {
    let uptimes = uptimes(store, check, now).await?;
    let soon = now.plus(Duration::from_millis(1));
    let mut incidents = store.incidents_of(check, now.minus(YEAR), soon, LISTED).await?;
    incidents.reverse();
    Ok(Record { at: now, uptimes, incidents })
}

async fn uptimes(
    store: &dyn Store,
    check: &CheckId,
    now: Timestamp,
) -> Result<[Uptime; 4], StoreError> {
    let mut uptimes = [Uptime::default(); 4];
    for (uptime, range) in uptimes.iter_mut().zip(UPTIMES) {
        *uptime = store.uptime(check, now.minus(range.span()), now).await?;
    }
    Ok(uptimes)
}

pub(super) async fn server(
    store: &dyn Store,
    server: &ServerView,
    now: Timestamp,
) -> Result<ServerPast, StoreError> {
    let window = window(Range::Day, now);
    let mut trends = Vec::new();
    let resources = server.checks.iter().filter(|check| check.kind == CheckKind::Resource);
    for check in resources.take(TRENDS) {
        let series = store.series(&check.id, window.from, window.to, Range::Day.points()).await?;
        let rows = rows::fold(&series.samples, window, Range::Day.point(), 0);
        trends.push((check.id.clone(), rows));
    }
    let uptimes = match server.ssh() {
        Some(ssh) => Some(uptimes(store, &ssh.id, now).await?),
        None => None,
    };
    let incidents = incidents(store, server, now).await?;
    Ok(ServerPast { at: now, window, trends, uptimes, incidents })
}

async fn incidents(
    store: &dyn Store,
    server: &ServerView,
    now: Timestamp,
) -> Result<Vec<litemon_core::model::Incident>, StoreError> {
    let soon = now.plus(Duration::from_millis(1));
    let mut all = Vec::new();
    for check in server.checks.iter().take(MOST_CHECKS) {
        all.extend(store.incidents_of(&check.id, now.minus(YEAR), soon, LISTED).await?);
    }
    all.sort_by_key(|incident| Reverse(incident.number));
    all.truncate(LISTED);
    Ok(all)
}
