//! Detached runs that went on beyond their limit, or whose server could not be reached at the end:
//! looked for until what they left can be removed.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    detached,
    handle::Shared,
    model::{JobId, Outcome, Stage},
    records::{self, Record, Update},
};
use crate::{manage::ManageError, model::Name};

/// Looks once at each of them. Of those that ended, what they left is removed, and a time limit is
/// said to have seen their end.
pub(super) async fn tidy(shared: &Arc<Shared>) -> Result<(), ManageError> {
    let mut away: BTreeSet<Name> = BTreeSet::new();
    for (job, place, record) in records::marked(shared.manage.database()).await? {
        let name = &record.result.server;
        let server = shared.fleet.borrow().server(name).cloned();
        // A server that is not configured any more is not connected to.
        let Some(server) = server.filter(|_| !away.contains(name)) else { continue };
        let Some(mark) = &record.mark else { continue };
        if detached::tidy(&shared.connections.to(&server), mark).await {
            forget(shared, job, place, record).await?;
        } else {
            away.insert(server.name);
        }
    }
    Ok(())
}

async fn forget(
    shared: &Shared,
    job: JobId,
    place: i64,
    mut record: Record,
) -> Result<(), ManageError> {
    record.mark = None;
    if let Stage::Done(Outcome::TimedOut { ended }) = &mut record.result.stage {
        *ended = true;
    }
    let server = record.result.server.clone();
    let records = vec![(place, record)];
    let update = Update { id: job, records, rolled: None, ended: None, ending: None };
    shared.manage.database().work(&update).await?;
    shared.changed(job, Some(server));
    Ok(())
}
