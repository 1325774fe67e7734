//! What pages show of jobs, read with a deadline; what did not change is not read again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use litemon_core::{
    manage::{
        Manage, ManageError, Principal, Role, Via,
        actions::Catalog,
        jobs::{Difference, Fold, Job, JobId, JobResult, Jobs, Outcome, Ran},
    },
    model::{Name, Timestamp},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    chart::range::Range,
    gate::Reader,
    pages::{
        JobSearch, Page,
        jobs::{Listing, Same, Sight, Tail, Work},
    },
    plain::{Plain, settled},
    settings::Handles,
};

const DEADLINE: Duration = Duration::from_secs(3);
/// Jobs on one page of the list, and how many are looked through for them.
const PAGE: usize = 50;
const BATCHES: usize = 10;
/// Jobs whose output is kept for the next reading.
const MOST_KEPT: usize = 16;
/// Of a group's output, as much is shown.
const GROUP: usize = 32 * 1024;

/// Reads for pages.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    // A plain lock: held while the map is looked at, never over an await.
    kept: Mutex<HashMap<JobId, Arc<Sight>>>,
}

impl Reading {
    /// What a page shows of jobs, and of what its reader can run.
    pub(crate) async fn of(&self, handles: &Handles, page: &Page, reader: Reader) -> Arc<Work> {
        let may = reader.role.filter(|role| *role >= Role::Operator);
        let tells = reader.detail && matches!(page, Page::Server(_));
        // Reading is not audited, so that only the role counts.
        let by = Principal::new("dashboard", may.unwrap_or(Role::Viewer), Via::Session);
        let desk = Desk {
            jobs: handles.jobs.clone().filter(|_| may.is_some()),
            catalog: handles.actions.clone(),
            manage: handles.manage.clone().filter(|_| tells),
            by,
            now: handles.clock.now(),
        };
        if desk.jobs.is_none() && desk.manage.is_none() {
            return Arc::default();
        }
        let before = match page {
            Page::Job(id) => self.kept(*id),
            _ => None,
        };
        let read = read(desk, page.clone(), before);
        // A task of its own, since what waits here has to be `Sync`; it ends when nobody waits.
        let task = AbortOnDropHandle::new(tokio::spawn(tokio::time::timeout(DEADLINE, read)));
        let work = match task.await {
            Ok(Ok(Ok(work))) => work,
            Ok(Ok(Err(ManageError::NotFound { .. }))) => Work::default(),
            Ok(Ok(Err(error))) => away(&error.to_string()),
            Ok(Err(_)) => away("it does not answer in time"),
            Err(error) => away(&error.to_string()),
        };
        if let Some(sight) = &work.job {
            self.keep(sight);
        }
        Arc::new(work)
    }

    fn kept(&self, id: JobId) -> Option<Arc<Sight>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    fn keep(&self, sight: &Arc<Sight>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT && !kept.contains_key(&sight.job.id) {
            // The oldest is looked at least.
            if let Some(oldest) = kept.keys().min().copied() {
                kept.remove(&oldest);
            }
        }
        kept.insert(sight.job.id, Arc::clone(sight));
    }
}

fn away(why: &str) -> Work {
    tracing::warn!(why, "jobs cannot be read");
    Work { away: true, ..Work::default() }
}

/// What is read from, as far as the reader may know.
struct Desk {
    jobs: Option<Jobs>,
    catalog: Option<Catalog>,
    manage: Option<Manage>,
    by: Principal,
    now: Timestamp,
}

async fn read(desk: Desk, page: Page, before: Option<Arc<Sight>>) -> Result<Work, ManageError> {
    let mut work = Work::default();
    if let (Some(manage), Page::Server(name)) = (&desk.manage, &page) {
        work.told = manage.facts(&desk.by, name.as_str()).await?;
    }
    let (Some(jobs), by) = (&desk.jobs, &desk.by) else { return Ok(work) };
    match &page {
        Page::Job(id) => work.job = Some(Arc::new(sight(jobs, by, *id, before.as_deref()).await?)),
        Page::Jobs(search) => {
            work.list = Some(Arc::new(listing(jobs, by, search).await?));
            work.planned = jobs.planned(by).await?;
        }
        Page::Server(name) => work.ran = desk.ran(jobs, name, Range::Day).await?,
        Page::Check(check, range) => {
            if let Ok(server) = Name::new(check.owner()) {
                work.ran = desk.ran(jobs, &server, *range).await?;
            }
        }
        _ => {}
    }
    if let (Some(catalog), Page::Servers(..) | Page::Server(_) | Page::Incident(_)) =
        (&desk.catalog, &page)
    {
        work.actions = Some(catalog.list(by).await?.into());
    }
    Ok(work)
}

impl Desk {
    /// What ran on a server in the time that a chart shows.
    async fn ran(&self, jobs: &Jobs, server: &Name, range: Range) -> Result<Vec<Ran>, ManageError> {
        jobs.on_server(&self.by, server, self.now.minus(range.span()), self.now).await
    }
}

async fn listing(jobs: &Jobs, by: &Principal, search: &JobSearch) -> Result<Listing, ManageError> {
    let mut listing = Listing { jobs: Vec::new(), older: search.before };
    for _ in 0..BATCHES {
        let batch = jobs.list(by, listing.older, PAGE).await?;
        let more = batch.len() >= PAGE;
        listing.older = batch.last().map(|last| last.id).filter(|_| more);
        listing.jobs.extend(batch.into_iter().filter(|job| search.finds(job)));
        if listing.jobs.len() > PAGE {
            listing.jobs.truncate(PAGE);
            listing.older = listing.jobs.last().map(|last| last.id);
        }
        if !more || listing.jobs.len() >= PAGE {
            break;
        }
    }
    Ok(listing)
}

async fn sight(
    jobs: &Jobs,
    by: &Principal,
    id: JobId,
    before: Option<&Sight>,
) -> Result<Sight, ManageError> {
    let job = jobs.job(by, id).await?;
    let mut tails = Vec::with_capacity(job.results.len());
    for (place, result) in job.results.iter().enumerate() {
        let kept = before.and_then(|before| before.tails.get(place));
        tails.push(match kept.filter(|tail| tail.bytes == result.bytes) {
            Some(tail) => tail.clone(),
            None => tail(jobs, by, &job, result).await?,
        });
    }
    let groups = match before.filter(|before| before.job.ended.is_some()) {
        Some(before) => before.groups.clone(),
        None if job.ended.is_some() && job.results.len() > 1 => {
            let begun = |fold: &&Fold| !matches!(fold.outcome, Some(Outcome::NotStarted(_)));
            jobs.folded(by, id).await?.iter().filter(begun).map(same).collect()
        }
        None => Vec::new(),
    };
    Ok(Sight { job, tails, groups })
}

/// Of many servers less is shown of each; all of it is a link away.
const fn room(servers: usize) -> u64 {
    match servers {
        0..=8 => 16 * 1024,
        9..=100 => 4 * 1024,
        _ => 512,
    }
}

async fn tail(
    jobs: &Jobs,
    by: &Principal,
    job: &Job,
    result: &JobResult,
) -> Result<Tail, ManageError> {
    if result.bytes == 0 {
        return Ok(Tail::default());
    }
    let from = result.bytes.saturating_sub(room(job.results.len()));
    let part = jobs.output(by, job.id, &result.server, from).await?;
    let mut plain = Plain::default();
    let text = plain.feed(&part.bytes);
    let next = part.next().saturating_sub(plain.held() as u64);
    let cut = part.from > 0;
    // A line whose beginning is cut off says nothing.
    let whole = text.split_once('\n').filter(|(_, rest)| cut && !rest.is_empty());
    let text = settled(whole.map_or(text.as_str(), |(_, rest)| rest));
    Ok(Tail { text, cut, next, bytes: result.bytes })
}

fn same(fold: &Fold) -> Same {
    let shown = fold.output.get(..fold.output.len().min(GROUP)).unwrap_or_default();
    let text = |bytes: &[u8]| settled(&Plain::default().feed(bytes));
    let line = |difference: &Difference| match difference {
        Difference::Missing(line) => format!("- {}\n", text(line.as_bytes())),
        Difference::Added(line) => format!("+ {}\n", text(line.as_bytes())),
        _ => String::new(),
    };
    let diff: String = fold.difference.iter().map(line).collect();
    Same {
        servers: fold.servers.clone(),
        text: text(shown),
        diff: (!diff.is_empty()).then_some(diff),
    }
}
