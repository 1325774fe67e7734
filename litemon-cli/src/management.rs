//! Management without a running monitor: `manage.db` of the configuration's state folder, opened by
//! this process.

use std::sync::Arc;

use litemon_core::{
    config::Plan,
    manage::{
        Manage, ManageError, Principal,
        actions::Catalog,
        jobs::{Fleet, Jobs},
    },
    monitor::Snapshot,
};
use tokio::sync::watch;

use crate::{
    context::Context,
    error::{CliError, Result},
    inventory,
    state_dir::StateDir,
};

/// Opens `manage.db`, and makes it and its folder if there are none.
pub async fn open(context: &Context, plan: &Plan) -> Result<Manage> {
    if !plan.manage.enabled {
        return Err(CliError::usage(
            "there is no management here: [manage] says `enabled = false`",
        ));
    }
    StateDir::make(&plan.state_dir)?;
    let keys = inventory::keys(&plan.manage);
    let manage = Manage::open(&plan.state_dir, &keys, context.clock()).await.map_err(refused)?;
    manage.set_planning(Arc::new(context.clone()));
    Ok(manage)
}

/// The jobs, as this process runs them.
#[derive(Debug)]
pub struct Works {
    pub manage: Manage,
    pub jobs: Jobs,
    pub fleet: watch::Sender<Fleet>,
    pub catalog: Catalog,
}

/// The jobs of a plan.
pub fn works(manage: &Manage, plan: &Plan) -> Result<Works> {
    let (fleet, now) = watch::channel(Fleet::of(plan));
    let catalog = Catalog::new(manage, plan);
    let jobs = Jobs::open(manage, now, catalog.clone()).map_err(refused)?;
    Ok(Works { manage: manage.clone(), jobs, fleet, catalog })
}

impl Works {
    /// Takes the configuration as it is now.
    pub fn reload(&self, plan: &Plan) {
        self.fleet.send_replace(Fleet::of(plan));
        self.catalog.reload(plan);
    }
}

/// The management of the running monitor, unless the configuration says that there is none. It takes
/// care of jobs whose process ended.
pub async fn of_monitor(
    context: &Context,
    plan: &Plan,
    snapshots: watch::Receiver<Arc<Snapshot>>,
) -> Result<Option<Works>> {
    if !plan.manage.enabled {
        return Ok(None);
    }
    let manage = open(context, plan).await?;
    let works = works(&manage, plan)?;
    works.jobs.heed(snapshots);
    works.jobs.take_over();
    works.jobs.keep_times();
    Ok(Some(works))
}

/// Whoever is logged in to this machine and can open the state folder.
pub fn principal() -> Principal {
    Principal::system(Some(rustix::process::getuid().as_raw()))
}

/// Why it was not done: what was asked for has to be changed, or it did not work.
pub fn refused(error: ManageError) -> CliError {
    match &error {
        ManageError::Database { .. } => CliError::failed(error.to_string()).because(error),
        ManageError::Conflict(_) | ManageError::Vault(_) => {
            CliError::failed(error.to_string()).behind(error)
        }
        _ => CliError::usage(error.to_string()).behind(error),
    }
}
