//! Reads what a report is made of.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    Availability, Busy, Counted, JobLine, Planned, Report, Span,
    availability::{Window, availability, windows},
    incidents, resources,
    statistics::{counted, whole_days},
};
use crate::{
    model::{CheckId, CheckKind, CurrentStatus, Incident, Name, Timestamp, Zone},
    store::{Store, StoreError},
};

/// Checks that are read at once: as many calls as a store does side by side.
const AT_ONCE: usize = 4;
/// Incidents of one check; more are not counted.
const OF_A_CHECK: usize = 1_000;
/// Incidents that are listed, with the time to tell of each.
const LISTED: usize = 500;
/// Status changes that are looked through for the return of a server.
const CHANGES: usize = 10_000;
/// Rows of a series: few enough that a day comes in hours, as what was counted or is a mean of a day
/// is the same in rows of whichever length.
const POINTS: usize = 20;

/// What a report is wanted of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ask {
    /// The time.
    pub span: Span,
    /// What time it is.
    pub now: Timestamp,
    /// Where days begin and end.
    pub zone: Zone,
    /// Jobs of that time, where they are kept.
    pub jobs: Option<Vec<JobLine>>,
    /// When servers were expected not to run.
    pub planned: Vec<Planned>,
    /// Notifiers that do something instead of telling somebody: what they do tells nobody.
    pub remedies: BTreeSet<String>,
}

impl Ask {
    /// A report without jobs and planned times.
    #[must_use]
    pub const fn new(span: Span, now: Timestamp, zone: Zone) -> Self {
        Self { span, now, zone, jobs: None, planned: Vec::new(), remedies: BTreeSet::new() }
    }

    /// Until when something can be told.
    fn window(&self) -> Window {
        (self.span.from, self.span.to.min(self.now).max(self.span.from))
    }
}

/// Makes a report of what a store knows.
///
/// Takes time with the number of checks: about a millisecond for each, on a store that is near.
/// Cancel safe: it only reads.
///
/// # Errors
/// [`StoreError`] of the first call that fails.
pub async fn report(store: Arc<dyn Store>, ask: Ask) -> Result<Report, StoreError> {
    let window = ask.window();
    let current = store.current().await?;
    // What ended before this time began and has not come back is no part of it.
    let present: Vec<_> = current.into_iter().filter(|one| one.at >= window.0).collect();
    let plans = plans(&store, &ask, window).await?;
    let ask = &ask;
    let found: Vec<Found> = stream::iter(present)
        .map(|check| {
            let (store, plans) = (Arc::clone(&store), &plans);
            async move { look(&*store, check, ask, plans).await }
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    put_together(store, ask, window, found).await
}

/// What was found of one check.
struct Found {
    part: Part,
    incidents: Vec<Incident>,
}

enum Part {
    Server(Availability),
    Service(Availability),
    Resource(Option<Busy>),
    Statistic(Counted),
    /// Only its incidents count.
    None,
}

async fn look(
    store: &dyn Store,
    check: CurrentStatus,
    ask: &Ask,
    plans: &BTreeMap<Name, Vec<Window>>,
) -> Result<Found, StoreError> {
    let (id, window) = (&check.check, ask.window());
    let incidents = store.incidents_of(id, window.0, window.1, OF_A_CHECK).await?;
    let planned = plans.get(id.owner()).map_or(&[][..], Vec::as_slice);
    let part = match check.kind {
        CheckKind::Own => Part::None,
        CheckKind::Resource => {
            let series = store.series(id, window.0, window.1, POINTS).await?;
            let unit = check.last.as_ref().map_or("%", |seen| seen.unit());
            Part::Resource(resources::busy(id, unit, &series, window))
        }
        CheckKind::Statistic => {
            let days = whole_days(window, &ask.zone);
            let now = ask.now.plus(Duration::from_millis(1));
            let series = store.series(id, days.0, now, POINTS).await?;
            let seen = check.last.as_ref().ok();
            Part::Statistic(counted(id, &series, seen, window, check.at, &ask.zone))
        }
        kind => {
            let available = availability(store, id, kind, window, planned).await?;
            match kind {
                _ if !was_there(store, &available, window.1).await? => Part::None,
                CheckKind::Ssh => Part::Server(available),
                _ => Part::Service(available),
            }
        }
    };
    Ok(Found { part, incidents })
}

/// Whether a check had been seen before a time ended: one that came later is no part of it.
async fn was_there(
    store: &dyn Store,
    available: &Availability,
    end: Timestamp,
) -> Result<bool, StoreError> {
    let known = !(available.up + available.down + available.planned).is_zero();
    let first = Timestamp::default();
    Ok(known || !store.changes(&available.check, first, end, 1).await?.is_empty())
}

/// The planned parts of the window, by server.
async fn plans(
    store: &Arc<dyn Store>,
    ask: &Ask,
    window: Window,
) -> Result<BTreeMap<Name, Vec<Window>>, StoreError> {
    let servers: BTreeSet<&Name> = ask.planned.iter().map(|one| &one.server).collect();
    let mut plans = BTreeMap::new();
    for server in servers {
        let of_it = || ask.planned.iter().filter(|one| one.server == *server);
        let first = of_it().map(|one| one.from).min().unwrap_or(window.0);
        let changes = store.changes(&CheckId::ssh(server), first, window.1, CHANGES).await?;
        plans.insert(server.clone(), windows(of_it(), window, &changes));
    }
    Ok(plans)
}

async fn put_together(
    store: Arc<dyn Store>,
    ask: &Ask,
    window: Window,
    found: Vec<Found>,
) -> Result<Report, StoreError> {
    let (mut servers, mut services) = (Vec::new(), Vec::new());
    let (mut resources, mut statistics, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for one in found {
        open.extend(one.incidents);
        match one.part {
            Part::Server(server) => servers.push(server),
            Part::Service(service) => services.push(service),
            Part::Resource(resource) => resources.extend(resource),
            Part::Statistic(statistic) => statistics.push(statistic),
            Part::None => {}
        }
    }
    least_first(&mut servers);
    least_first(&mut services);
    resources::sort(&mut resources);
    let incidents = told(&store, open, &ask.remedies).await?;
    Ok(Report {
        span: ask.span,
        until: window.1,
        made: ask.now,
        servers,
        services,
        incidents,
        resources,
        statistics,
        jobs: ask.jobs.clone(),
    })
}

fn least_first(list: &mut [Availability]) {
    // What nothing is known of comes last: there is nothing to say of it.
    let share = |one: &Availability| one.share().unwrap_or(2.0);
    list.sort_by(|a, b| share(a).total_cmp(&share(b)).then_with(|| a.check.cmp(&b.check)));
}

/// Reads the notices of the newest incidents.
async fn told(
    store: &Arc<dyn Store>,
    mut open: Vec<Incident>,
    remedies: &BTreeSet<String>,
) -> Result<super::Incidents, StoreError> {
    let count = open.len();
    open.sort_by_key(|incident| std::cmp::Reverse(incident.number));
    open.truncate(LISTED);
    let list = stream::iter(open)
        .map(|incident| {
            let store = Arc::clone(store);
            async move {
                let history = store.incident(incident.number).await?;
                Ok::<_, StoreError>(incidents::line(&incident, history.as_ref(), remedies))
            }
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(incidents::summary(list, count))
}
