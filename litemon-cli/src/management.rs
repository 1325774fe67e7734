//! Management without a running monitor: `manage.db` of the configuration's state folder, opened by
//! this process.

use litemon_core::{
    config::Plan,
    manage::{
        KeyFiles, Manage, ManageError, Principal,
        actions::Catalog,
        jobs::{Fleet, Jobs},
    },
};
use tokio::sync::watch;

use crate::{
    context::Context,
    error::{CliError, Result},
    state_dir::StateDir,
};

/// Opens `manage.db`, and makes it and its folder if there are none.
pub async fn open(context: &Context, plan: &Plan) -> Result<Manage> {
    StateDir::make(&plan.state_dir)?;
    Manage::open(&plan.state_dir, &KeyFiles::default(), context.clock()).await.map_err(refused)
}

/// The jobs, as this process runs them.
#[derive(Debug)]
pub struct Works {
    pub jobs: Jobs,
    pub fleet: watch::Sender<Fleet>,
    pub catalog: Catalog,
}

/// The jobs of a plan.
pub fn works(manage: &Manage, plan: &Plan) -> Result<Works> {
    let (fleet, now) = watch::channel(Fleet::new(plan.servers.iter().cloned()));
    let catalog = Catalog::new(manage, plan);
    let jobs = Jobs::open(manage, now, catalog.clone()).map_err(refused)?;
    Ok(Works { jobs, fleet, catalog })
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
