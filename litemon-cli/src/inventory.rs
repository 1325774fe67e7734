//! Managed servers in the program: `manage.db` beside the files that were named.

use std::sync::Arc;

use litemon_core::{
    config::{self, LoadError, ManagePlan, Managed, Plan},
    manage::{
        KeyFiles, Manage,
        inventory::{Planning, PlanningError},
    },
};

use crate::{
    context::Context,
    error::{CliError, Result},
    management::refused,
    state_dir::StateDir,
};

impl Planning for Context {
    fn plan(&self, managed: &Managed) -> std::result::Result<Plan, PlanningError> {
        let loaded = config::load_with(self.inputs(), managed).map_err(|error| match error {
            LoadError::Mistakes(mistakes) => PlanningError::Mistakes(mistakes),
            error => PlanningError::Unreadable(error.to_string()),
        })?;
        Ok(self.around(|around| loaded.plan(around))?)
    }
}

/// Opens `manage.db` of the configuration's state folder, and makes both if there are none. The
/// configuration need not be good: its managed servers may be what is wrong with it.
pub async fn open_for(context: &Context) -> Result<Manage> {
    let loaded = context.load()?;
    let (folder, plan) = context.around(|around| (loaded.state_dir(around), loaded.manage(around)));
    if !plan.enabled {
        return Err(CliError::usage("management is switched off: [manage] enabled = false"));
    }
    StateDir::make(&folder)?;
    let manage = Manage::open(&folder, &keys(&plan), context.clock()).await.map_err(refused)?;
    manage.set_planning(Arc::new(context.clone()));
    Ok(manage)
}

/// The servers that were added, if any were: nothing is made where nothing is.
pub async fn managed(context: &Context, loaded: &config::Loaded) -> Result<Managed> {
    let (folder, plan) = context.around(|around| (loaded.state_dir(around), loaded.manage(around)));
    // Whoever cannot look into the folder has not added any.
    if !plan.enabled || !folder.join(Manage::FILE).is_file() {
        return Ok(Managed::default());
    }
    let manage = Manage::open(&folder, &keys(&plan), context.clock()).await.map_err(refused)?;
    manage.managed().await.map_err(refused)
}

pub fn keys(plan: &ManagePlan) -> KeyFiles {
    KeyFiles::new(plan.key.clone(), plan.audit_key.clone(), plan.credentials.clone())
}
