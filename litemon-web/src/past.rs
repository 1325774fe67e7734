//! What pages about incidents read from the history: with a deadline, kept for a few seconds, and
//! what was read before when the history is away.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use litemon_core::{
    clock::Clock,
    model::{Incident, IncidentNumber, StatusChange},
    monitor::Snapshot,
    store::{IncidentHistory, Store, StoreError},
};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::pages::{Page, Search};

/// Incidents on one page of the list.
pub(crate) const PAGE: usize = 50;
/// As many are read at once, and so often at most, to find those that a reader looks for.
const BATCH: usize = 200;
const BATCHES: usize = 10;
const MOST_CHANGES: usize = 500;
const DEADLINE: Duration = Duration::from_secs(3);
/// How long what was read stands while no open incident changes.
const FRESH: Duration = Duration::from_secs(5);
/// How long it can stand in for a history that is away.
const KEPT: Duration = Duration::from_secs(120);
const MOST_KEPT: usize = 64;

/// What a page was given of the history.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    /// Why it could not be read now.
    pub(crate) away: Option<String>,
    pub(crate) listing: Option<Arc<Listing>>,
    pub(crate) story: Option<Arc<Story>>,
}

/// Incidents of the history that are no longer open, newest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) incidents: Vec<Incident>,
    /// Below which number older ones are.
    pub(crate) older: Option<IncidentNumber>,
}

/// One incident with all that is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) history: IncidentHistory,
    /// What its check became while it lasted.
    pub(crate) changes: Vec<StatusChange>,
}

/// Reads for pages.
#[derive(Debug)]
pub(crate) struct Reading {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    // A plain lock: held while the map is looked at, never over an await.
    kept: Mutex<HashMap<Page, Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    read: Instant,
    open: u64,
    past: Arc<Past>,
}

impl Reading {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, kept: Mutex::default() }
    }

    /// What a page shows of the history. Most show none.
    pub(crate) async fn of(&self, page: &Page, snapshot: &Arc<Snapshot>) -> Arc<Past> {
        if !matches!(page, Page::Incidents(_) | Page::Incident(_)) {
            return Arc::default();
        }
        let (now, open) = (self.clock.instant(), fingerprint(snapshot));
        let before = self.kept(page, now);
        if let Some(kept) = before.as_ref().filter(|k| k.open == open && now < k.read + FRESH) {
            return kept.past.clone();
        }
        // A task of its own, which ends when nobody waits for it: what a store's calls give is not
        // `Sync`, as the stream of events that waits here has to be.
        let read = read(self.store.clone(), self.clock.clone(), page.clone(), snapshot.clone());
        let task = AbortOnDropHandle::new(tokio::spawn(tokio::time::timeout(DEADLINE, read)));
        let past = match task.await {
            Ok(Ok(Ok(past))) => past,
            Ok(Ok(Err(error))) => stand_in(before, error.to_string()),
            Ok(Err(_)) => stand_in(before, "it does not answer in time".to_owned()),
            Err(error) => stand_in(before, error.to_string()),
        };
        self.keep(page, Kept { read: now, open, past: Arc::new(past) })
    }

    fn kept(&self, page: &Page, now: Instant) -> Option<Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, one| now < one.read + KEPT);
        kept.get(page).cloned()
    }

    fn keep(&self, page: &Page, new: Kept) -> Arc<Past> {
        let past = new.past.clone();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MOST_KEPT || kept.contains_key(page) {
            kept.insert(page.clone(), new);
        }
        past
    }
}

async fn read(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    page: Page,
    snapshot: Arc<Snapshot>,
) -> Result<Past, StoreError> {
    match page {
        Page::Incidents(search) => {
            let listing = listing(&*store, &search, &snapshot).await?;
            Ok(Past { listing: Some(Arc::new(listing)), ..Past::default() })
        }
        Page::Incident(number) => {
            let story = story(&*store, &*clock, number).await?;
            Ok(Past { story: story.map(Arc::new), ..Past::default() })
        }
        _ => Ok(Past::default()),
    }
}

async fn story(
    store: &dyn Store,
    clock: &dyn Clock,
    number: IncidentNumber,
) -> Result<Option<Story>, StoreError> {
    let Some(history) = store.incident(number).await? else { return Ok(None) };
    let incident = &history.incident;
    let end = incident.closed.map_or_else(|| clock.now(), |(at, _)| at);
    let to = end.plus(Duration::from_millis(1));
    let changes = store.changes(&incident.check, incident.since, to, MOST_CHANGES).await?;
    Ok(Some(Story { history, changes }))
}

/// What was read before, with the reason why it is not of now.
fn stand_in(before: Option<Kept>, away: String) -> Past {
    tracing::debug!(away, "incidents are shown without their history");
    let past = before.map_or_else(Past::default, |kept| Past::clone(&kept.past));
    Past { away: Some(away), ..past }
}

/// Changes when an open incident does, or a notice of it.
fn fingerprint(snapshot: &Snapshot) -> u64 {
    let mut hasher = DefaultHasher::new();
    for incident in &snapshot.incidents {
        (incident.number, incident.status).hash(&mut hasher);
        for told in &incident.told {
            (told.at, told.state.as_str()).hash(&mut hasher);
        }
    }
    hasher.finish()
}

async fn listing(
    store: &dyn Store,
    search: &Search,
    snapshot: &Snapshot,
) -> Result<Listing, StoreError> {
    let mut listing = Listing { older: search.before, ..Listing::default() };
    if search.open == Some(true) {
        return Ok(Listing::default());
    }
    // One that the snapshot has is open, whatever the history says: that comes a little later.
    let is_open = |one: &Incident| snapshot.incidents.iter().any(|i| i.number == one.number);
    for _ in 0..BATCHES {
        let batch = store.incidents(listing.older, BATCH).await?;
        let more = batch.len() >= BATCH;
        listing.older = batch.last().map(|last| last.number).filter(|_| more);
        let wanted = |one: &Incident| search.finds(&one.check) && !is_open(one);
        listing.incidents.extend(batch.into_iter().filter(wanted));
        if listing.incidents.len() > PAGE {
            listing.incidents.truncate(PAGE);
            listing.older = listing.incidents.last().map(|last| last.number);
            break;
        }
        if !more {
            break;
        }
    }
    Ok(listing)
}

#[cfg(test)]
mod tests;
