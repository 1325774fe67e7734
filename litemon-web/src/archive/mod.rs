//! What the store knows of one check or one server, read in the background: a page waits a moment
//! for it and comes without it when the store is slow.

mod read;

use std::{sync::Arc, time::Duration};

use litemon_core::{
    clock::Clock,
    model::{CheckId, Incident, Name, Sample, Timestamp, Uptime},
    monitor::{CheckView, Snapshot},
    store::Store,
};
use tokio::{sync::watch, time::Instant};

use crate::{
    chart::{Window, range::Range, spans::Changes},
    pages::Page,
    shelf::{Seen, Shelf},
};

/// How long a page waits for its history before it comes without.
const WAIT: Duration = Duration::from_millis(1500);
/// How long one reading may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long uptimes and incidents count as new.
const FRESH: Duration = Duration::from_secs(60);
/// The same where something has changed since.
const SOON: Duration = Duration::from_secs(5);

/// What a chart is drawn from.
#[derive(Debug, PartialEq)]
pub(crate) struct Course {
    pub(crate) window: Window,
    /// What one sample stands for.
    pub(crate) width: Duration,
    pub(crate) samples: Vec<Sample>,
    pub(crate) changes: Changes,
    /// Those of this time, oldest first.
    pub(crate) incidents: Vec<Incident>,
}

/// The times over which uptime is told.
pub(crate) const UPTIMES: [Range; 4] = [Range::Day, Range::Week, Range::Month, Range::Year];

/// What is known of a check besides its chart.
#[derive(Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) at: Timestamp,
    /// For each of [`UPTIMES`].
    pub(crate) uptimes: [Uptime; 4],
    /// The newest first.
    pub(crate) incidents: Vec<Incident>,
}

/// What is known of a server.
#[derive(Debug, PartialEq)]
pub(crate) struct ServerPast {
    pub(crate) at: Timestamp,
    pub(crate) window: Window,
    /// The last day of its resources.
    pub(crate) trends: Vec<(CheckId, Vec<Sample>)>,
    /// How long it could be logged in to, for each of [`UPTIMES`]; `None` without such a check.
    pub(crate) uptimes: Option<[Uptime; 4]>,
    /// Those of all its checks, the newest first.
    pub(crate) incidents: Vec<Incident>,
}

/// What of it belongs to a page.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) course: Seen<Course>,
    pub(crate) record: Seen<Record>,
    pub(crate) server: Seen<ServerPast>,
}

/// Where it is read and kept.
#[derive(Debug)]
pub(crate) struct Archive {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    courses: Shelf<(CheckId, Range), Course>,
    records: Shelf<CheckId, Record>,
    servers: Shelf<Name, ServerPast>,
    told: watch::Sender<u64>,
}

impl Archive {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let told = watch::Sender::new(0);
        Self {
            store,
            clock,
            courses: Shelf::new(told.clone(), DEADLINE),
            records: Shelf::new(told.clone(), DEADLINE),
            servers: Shelf::new(told.clone(), DEADLINE),
            told,
        }
    }

    /// Counts up whenever something was read.
    pub(crate) fn told(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    /// What is known now for a page. What is old is read again for the next one who looks.
    pub(crate) fn kept(&self, page: &Page, snapshot: &Snapshot) -> Kept {
        match page {
            Page::Server(name) => Kept { server: self.server(name, snapshot), ..Kept::default() },
            Page::Check(id, range) => match snapshot.check(id.as_str()) {
                Some(check) => Kept {
                    course: self.course(check, *range),
                    record: self.record(check),
                    ..Kept::default()
                },
                None => Kept::default(),
            },
            _ => Kept::default(),
        }
    }

    /// Waits until a page's history has been read, or cannot be, or takes too long to wait for.
    ///
    /// Cancel safety: may be dropped at any time.
    pub(crate) async fn settle(&self, page: &Page, snapshot: &Snapshot) {
        let mut told = self.told();
        let settled = async {
            while self.kept(page, snapshot).is_reading(page) && told.changed().await.is_ok() {}
        };
        // A page that comes without is a page with a notice in it.
        let _ = tokio::time::timeout(WAIT, settled).await;
    }

    fn course(&self, check: &CheckView, range: Range) -> Seen<Course> {
        let (store, now) = (self.store.clone(), self.clock.now());
        let id = check.id.clone();
        let fresh = |course: &Course| {
            if changed(check, course.window.to) { SOON } else { range.fresh() }
        };
        let read = || async move { read::course(&*store, &id, range, now).await };
        self.courses.look(&(check.id.clone(), range), self.instant(), fresh, read)
    }

    fn record(&self, check: &CheckView) -> Seen<Record> {
        let (store, now) = (self.store.clone(), self.clock.now());
        let id = check.id.clone();
        let fresh = |record: &Record| if changed(check, record.at) { SOON } else { FRESH };
        let read = || async move { read::record(&*store, &id, now).await };
        self.records.look(&check.id, self.instant(), fresh, read)
    }

    fn server(&self, name: &Name, snapshot: &Snapshot) -> Seen<ServerPast> {
        let Some(server) = snapshot.server(name.as_str()).cloned() else { return Seen::default() };
        let (store, now) = (self.store.clone(), self.clock.now());
        let fresh = |past: &ServerPast| {
            let changed = server.checks.iter().any(|check| changed(check, past.at));
            if changed { SOON } else { FRESH }
        };
        let of = server.clone();
        let read = || async move { read::server(&*store, &of, now).await };
        self.servers.look(name, self.instant(), fresh, read)
    }

    fn instant(&self) -> Instant {
        self.clock.instant()
    }
}

/// Whether a check became what it is only after `at`.
fn changed(check: &CheckView, at: Timestamp) -> bool {
    check.since.is_some_and(|since| since > at)
}

impl Kept {
    const fn is_reading(&self, page: &Page) -> bool {
        match page {
            Page::Server(_) => self.server.is_reading(),
            Page::Check(..) => self.course.is_reading() || self.record.is_reading(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
