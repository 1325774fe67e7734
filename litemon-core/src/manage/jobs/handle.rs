use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{broadcast, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    fleet::{Fleet, FleetWatch},
    fold::{self, Fold},
    live::Live,
    model::{Job, JobId, Order},
    output::{OutputFile, OutputPart},
    owner::Owner,
    place::Connections,
    planned, records, resume,
    rolling::{self, Health},
    submit,
};
use crate::{
    manage::{Manage, ManageError, Principal, Role, actions::Catalog},
    model::{Name, TellOn},
    monitor::Snapshot,
};

/// How many changes a listener may be behind.
const CHANGES: usize = 1024;

/// Jobs: what runs on many servers at once, and what ran. Cheap to clone; clones share everything.
///
/// Any number of processes may have this open on one state folder: each runs the jobs that were
/// submitted to it, and sees and cancels those of the others.
#[derive(Clone, Debug)]
pub struct Jobs {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) manage: Manage,
    pub(super) fleet: FleetWatch,
    pub(super) catalog: Catalog,
    pub(super) folder: PathBuf,
    pub(super) owner: Owner,
    pub(super) connections: Connections,
    pub(super) health: Health,
    pub(super) calls: planned::Calls,
    /// Those that run in this process. Held for a look only.
    pub(super) live: Mutex<BTreeMap<JobId, Arc<Live>>>,
    pub(super) changes: broadcast::Sender<JobChange>,
    pub(super) tasks: TaskTracker,
    /// Nothing new begins.
    pub(super) end: CancellationToken,
}

/// Something about a job is different now: ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobChange {
    /// The job.
    pub job: JobId,
    /// The server whose result or output changed; `None`: the job as a whole began or ended.
    pub server: Option<Name>,
}

impl Jobs {
    /// The most that [`Jobs::list`] gives.
    pub const MOST: usize = 200;

    /// Jobs on these servers, of commands and of the catalog's actions. Within a tokio runtime, which runs the tasks.
    ///
    /// # Errors
    /// [`ManageError::Conflict`] when the folder of outputs cannot be made.
    pub fn open(manage: &Manage, fleet: FleetWatch, catalog: Catalog) -> Result<Self, ManageError> {
        let folder = manage.folder().join("jobs");
        let shared = Shared {
            manage: manage.clone(),
            fleet,
            catalog,
            owner: Owner::new(&folder)?,
            folder,
            connections: Connections::default(),
            health: Health::new(),
            calls: planned::Calls::default(),
            live: Mutex::default(),
            changes: broadcast::Sender::new(CHANGES),
            tasks: TaskTracker::new(),
            end: CancellationToken::new(),
        };
        let jobs = Self { shared: Arc::new(shared) };
        resume::listen(&jobs.shared);
        Ok(jobs)
    }

    /// Goes by how servers are from now on, as a running monitor shows it: rolling jobs, and those
    /// that wait for servers, need it. To be said once, before [`Jobs::take_over`].
    pub fn heed(&self, snapshots: watch::Receiver<Arc<Snapshot>>) {
        // Whoever says it twice has one monitor nevertheless.
        let _ = self.shared.health.set(snapshots);
    }

    /// From now on takes care of jobs whose process ended: what is detached on its server is followed
    /// to its end, the others get the outcome that is known. What detached runs left on servers is
    /// removed once they ended. For the running monitor.
    pub fn take_over(&self) {
        resume::take_over(&self.shared);
        resume::tidy(&self.shared);
    }

    /// Runs something on servers. It is stored and audited when this returns, and nothing was
    /// connected before that.
    ///
    /// Cancel safety: the job may or may not have begun.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`] for less than an operator, [`ManageError::NotFound`] and
    /// [`ManageError::Invalid`] for what cannot be run, [`ManageError::Database`] when it cannot be
    /// written down: then it does not run.
    pub async fn submit(&self, by: &Principal, order: Order) -> Result<Job, ManageError> {
        submit::submit(&self.shared, by, order).await
    }

    /// Runs a job again on the servers where it ended and not well, as a new job.
    ///
    /// # Errors
    /// As [`Jobs::submit`]; [`ManageError::Conflict`] when the job has not ended or failed nowhere.
    pub async fn retry(&self, by: &Principal, id: JobId) -> Result<Job, ManageError> {
        let job = self.job(by, id).await?;
        if job.ended.is_none() {
            return Err(ManageError::Conflict(format!("job {id} has not ended yet")));
        }
        let servers: Vec<Name> = job.failed().cloned().collect();
        if servers.is_empty() {
            return Err(ManageError::Conflict(format!("job {id} failed on no server")));
        }
        // Somebody looks at it, and it is no run of its own of what the configuration plans.
        let order = Order {
            servers,
            retry_of: Some(id),
            notify: Vec::new(),
            notify_on: TellOn::End,
            planned: None,
            ..job.order
        };
        self.submit(by, order).await
    }

    /// Asks a job to end, on one server or on all. It is over when its results say so.
    ///
    /// # Errors
    /// [`ManageError::NotFound`], [`ManageError::Forbidden`], [`ManageError::Database`];
    /// [`ManageError::Conflict`] when it has ended.
    pub async fn cancel(
        &self,
        by: &Principal,
        id: JobId,
        server: Option<&Name>,
    ) -> Result<(), ManageError> {
        submit::cancel(&self.shared, by, id, server).await
    }

    /// Asks a rolling job to begin nothing more until it is to go on; what is under way ends.
    ///
    /// # Errors
    /// As [`Jobs::cancel`]; [`ManageError::Conflict`] too when it is no rolling one.
    pub async fn pause(&self, by: &Principal, id: JobId) -> Result<(), ManageError> {
        rolling::pause(&self.shared, by, id, true).await
    }

    /// Asks a paused job to go on.
    ///
    /// # Errors
    /// As [`Jobs::pause`].
    pub async fn go_on(&self, by: &Principal, id: JobId) -> Result<(), ManageError> {
        rolling::pause(&self.shared, by, id, false).await
    }

    /// A job.
    ///
    /// # Errors
    /// [`ManageError::NotFound`], [`ManageError::Forbidden`], [`ManageError::Database`].
    pub async fn job(&self, by: &Principal, id: JobId) -> Result<Job, ManageError> {
        may_look(by)?;
        if let Some(live) = self.shared.live(id) {
            return Ok(live.job());
        }
        let found = records::find(self.shared.manage.database(), id).await?;
        found.map(|job| job.job()).ok_or_else(|| no_job(id))
    }

    /// Jobs before one, newest first, at most [`Jobs::MOST`].
    ///
    /// # Errors
    /// [`ManageError::Forbidden`], [`ManageError::Database`].
    pub async fn list(
        &self,
        by: &Principal,
        before: Option<JobId>,
        most: usize,
    ) -> Result<Vec<Job>, ManageError> {
        may_look(by)?;
        let most = most.min(Self::MOST);
        let page = records::page(self.shared.manage.database(), before, most).await?;
        let now = |job: &records::Stored| self.shared.live(job.id).map(|live| live.job());
        Ok(page.iter().map(|job| now(job).unwrap_or_else(|| job.job())).collect())
    }

    /// A part of what a server put out, from a byte on. What is not kept is left out: the part then
    /// begins later.
    ///
    /// # Errors
    /// [`ManageError::NotFound`] for the job or its server, [`ManageError::Forbidden`],
    /// [`ManageError::Database`]; [`ManageError::Conflict`] when the file cannot be read.
    pub async fn output(
        &self,
        by: &Principal,
        id: JobId,
        server: &Name,
        from: u64,
    ) -> Result<OutputPart, ManageError> {
        may_look(by)?;
        let live = self.shared.live(id);
        if let Some(part) = live.as_ref().and_then(|live| live.output(server, from)) {
            return Ok(part);
        }
        let records = match live {
            Some(live) => live.records(),
            None => {
                let job = records::find(self.shared.manage.database(), id).await?;
                job.ok_or_else(|| no_job(id))?.records
            }
        };
        let found = records.iter().enumerate().find(|(_, of)| of.result.server == *server);
        let (place, record) = found.ok_or_else(|| no_server(server))?;
        let file = OutputFile::of(&self.shared.folder, id, place);
        let (total, tail) = (record.result.bytes, record.tail);
        let part = blocking(move || file.part(from, total, tail)).await?;
        let last = record.result.ended.is_some() && part.next() >= part.total;
        Ok(OutputPart { last, ..part })
    }

    /// The results of a job with those put together that ended alike and put out the same, most
    /// servers first; each but the first with what is different from the first.
    ///
    /// # Errors
    /// As [`Jobs::output`].
    pub async fn folded(&self, by: &Principal, id: JobId) -> Result<Vec<Fold>, ManageError> {
        may_look(by)?;
        let job = records::find(self.shared.manage.database(), id).await?;
        let job = job.ok_or_else(|| no_job(id))?;
        fold::fold(&self.shared, &job).await
    }

    /// The servers that jobs can run on now.
    #[must_use]
    pub fn fleet(&self) -> Fleet {
        self.shared.fleet.borrow().clone()
    }

    /// Tells from now on of what changes in this process. A slow listener misses the oldest.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<JobChange> {
        self.shared.changes.subscribe()
    }

    /// How many jobs run in this process now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.lives().len()
    }

    /// Begins nothing new, ends what runs over a connection, lets go of what is detached, and waits
    /// for that, at most so long.
    pub async fn shutdown(&self, within: Duration) {
        self.shared.end.cancel();
        self.shared.tasks.close();
        if tokio::time::timeout(within, self.shared.tasks.wait()).await.is_err() {
            tracing::warn!("jobs did not end within {within:?}");
        }
    }
}

impl Shared {
    pub(super) fn live(&self, id: JobId) -> Option<Arc<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    pub(super) fn lives(&self) -> Vec<Arc<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub(super) fn changed(&self, job: JobId, server: Option<Name>) {
        // Nobody may be listening.
        let _ = self.changes.send(JobChange { job, server });
    }
}

/// Output and errors of servers are for those who may run something there.
pub(super) fn may_look(by: &Principal) -> Result<(), ManageError> {
    by.require(Role::Operator, "see jobs")
}

pub(super) fn no_job(id: JobId) -> ManageError {
    ManageError::NotFound { what: "job", name: id.to_string() }
}

pub(super) fn no_server(server: &Name) -> ManageError {
    ManageError::NotFound { what: "server in this job", name: server.to_string() }
}

/// Something with files, on a thread that may block.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, ManageError> {
    let failed = |error: &dyn std::fmt::Display| {
        ManageError::Conflict(format!("the output of jobs cannot be kept or read: {error}"))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| failed(&error)),
        Err(error) => Err(failed(&error)),
    }
}
