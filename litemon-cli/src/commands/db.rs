//! `db migrate`.

use std::process::ExitCode;

use super::printed;
use crate::{
    context::{Context, open_store},
    error::{CliError, Result},
    terminal,
};

pub async fn migrate(context: &Context) -> Result<ExitCode> {
    let plan = context.plan()?;
    let store = open_store(&plan)?;
    store.migrate().await.map_err(|error| {
        CliError::failed("the tables were not brought up to date").because(error)
    })?;
    printed(terminal::print("The tables are up to date.\n"))
}
