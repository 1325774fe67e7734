//! `db migrate`.

use std::process::ExitCode;

use litemon_core::config::{Plan, StorePlan};

use super::printed;
use crate::{
    context::{Context, open_store},
    error::{CliError, Result},
    state_dir::StateDir,
    terminal,
};

pub async fn migrate(context: &Context) -> Result<ExitCode> {
    let plan = context.plan().await?;
    if let StorePlan::Sqlite(_) = plan.store {
        // Where its file is, unless the configuration says otherwise.
        StateDir::make(&plan.state_dir)?;
    }
    let store = open_store(&plan)?;
    store.migrate().await.map_err(|error| CliError::failed(error.to_string()).because(error))?;
    printed(terminal::print(&format!("The tables of {} are up to date.\n", place(&plan))))
}

/// The database, without credentials.
fn place(plan: &Plan) -> String {
    match &plan.store {
        StorePlan::Sqlite(path) => path.display().to_string(),
        StorePlan::MySql(mysql) => {
            format!("mysql://{}:{}/{}", mysql.host, mysql.port, mysql.database)
        }
        _ => "the store".to_owned(),
    }
}
