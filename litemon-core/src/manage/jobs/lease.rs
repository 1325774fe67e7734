//! One job at a time changes a server, whichever process runs it: a queue for each server in
//! `manage.db`.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{handle::Shared, model::JobId, records};
use crate::{manage::ManageError, model::Name, store::sql::Arg};

/// How often one that waits looks again.
const LOOK: Duration = Duration::from_millis(500);

/// A place at the head of a server's queue.
#[derive(Debug)]
pub(super) struct Lease {
    server: Name,
    job: JobId,
}

impl Lease {
    /// Queues up, and waits for the head of the queue. `waits` hears which job is in the way.
    ///
    /// Cancel safety: [`Lease::leave`] has to be called when this is dropped.
    pub(super) async fn take(
        shared: &Arc<Shared>,
        server: &Name,
        job: JobId,
        mut waits: impl FnMut(JobId),
    ) -> Result<Self, ManageError> {
        let database = shared.manage.database();
        let owner = shared.owner.name();
        let args = [Arg::Text(server.as_str()), Arg::Int(job), Arg::Text(owner)];
        // Taken over from a process that ended, it keeps its place.
        let statement = "INSERT INTO job_leases (server, job, owner) VALUES (?, ?, ?)
            ON CONFLICT (server, job) DO UPDATE SET owner = excluded.owner";
        database.write(&[(statement, &args)]).await?;
        let mut told = None;
        loop {
            let statement = "SELECT job, owner FROM job_leases WHERE server = ?
                ORDER BY turn LIMIT 1";
            let rows = database.rows(statement, &[Arg::Text(server.as_str())]).await?;
            let head = rows.first().map(|row| Ok((row.int(0)?, row.text(1)?))).transpose();
            match head.map_err(|cause| database.unreadable(cause))? {
                Some((first, owner)) if first != job => {
                    if is_over(shared, server, first, &owner).await? {
                        Self::leave(shared, server, first).await;
                        continue;
                    }
                    if told != Some(first) {
                        waits(first);
                        told = Some(first);
                    }
                    sleep(LOOK).await;
                }
                _ => return Ok(Self { server: server.clone(), job }),
            }
        }
    }

    pub(super) async fn release(self, shared: &Shared) {
        Self::leave(shared, &self.server, self.job).await;
    }

    /// Leaves the queue. Should that fail, the others find that the job is over.
    pub(super) async fn leave(shared: &Shared, server: &Name, job: JobId) {
        let args = [Arg::Text(server.as_str()), Arg::Int(job)];
        let statement = "DELETE FROM job_leases WHERE server = ? AND job = ?";
        if let Err(error) = shared.manage.database().write(&[(statement, &args)]).await {
            tracing::warn!(job, %server, "its place in the queue stays for now: {error}");
        }
    }
}

/// Whether the job at the head of a queue has nothing to do with the server any more: it is done
/// there, or its process ended and nothing of it can go on.
async fn is_over(
    shared: &Shared,
    server: &Name,
    job: JobId,
    owner: &str,
) -> Result<bool, ManageError> {
    let Some(job) = records::find(shared.manage.database(), job).await? else { return Ok(true) };
    let record = job.records.iter().find(|record| record.result.server == *server);
    let done = record.is_none_or(|record| record.result.ended.is_some());
    let goes_on = record.is_some_and(|record| record.mark.is_some());
    Ok(done || (!goes_on && !shared.owner.lives(owner)))
}
