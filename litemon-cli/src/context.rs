//! From the command line to a plan, and from a plan to what can run.

use std::{path::PathBuf, sync::Arc};

use litemon_core::{
    clock::{Clock, SystemClock},
    config::{self, Inputs, Kinds, Loaded, Plan, StorePlan, Surroundings},
    journal::SqliteJournal,
    monitor::{Assembler, Setup},
    store::{MySqlSettings, MySqlStore, SqliteStore, Store},
};

use crate::error::{CliError, Result, USAGE};

/// Where the configuration comes from; it can be read again.
#[derive(Debug)]
pub struct Context {
    inputs: Inputs,
    clock: Arc<dyn Clock>,
}

impl Context {
    /// The files named on the command line, and this process's environment.
    pub fn new(files: Vec<PathBuf>) -> Result<Self> {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let working_dir = std::env::current_dir()
            .map_err(|error| CliError::failed("the working folder is gone").because(error))?;
        let inputs = Inputs::new(files, environment, working_dir);
        Ok(Self { inputs, clock: Arc::new(SystemClock) })
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Reads the configuration.
    pub fn load(&self) -> Result<Loaded> {
        config::load(&self.inputs).map_err(|error| CliError::usage(error.to_string()).code(USAGE))
    }

    /// Reads the configuration and makes the plan; every mistake is a line of the error.
    pub fn plan(&self) -> Result<Plan> {
        self.load()?
            .plan(&Surroundings::new(&self.inputs, &Kinds::builtin()))
            .map_err(|mistakes| CliError::usage(mistakes.to_string()))
    }

    /// Brings a plan to life, without the connections of an earlier one.
    pub fn assemble(&self, plan: &Plan) -> Setup {
        Assembler::new(self.clock()).assemble(plan)
    }
}

/// The store of a plan. A SQLite file is opened (and created); a MySQL server is not asked yet.
pub async fn open_store(plan: &Plan) -> Result<Arc<dyn Store>> {
    Ok(match &plan.store {
        StorePlan::Sqlite(path) => Arc::new(
            SqliteStore::open(path)
                .await
                .map_err(|error| CliError::failed("the history cannot be opened").because(error))?,
        ),
        StorePlan::MySql(mysql) => Arc::new(MySqlStore::connect(mysql_settings(mysql))),
        _ => return Err(CliError::usage("this kind of store is not built in")),
    })
}

/// The journal in a plan's `state_dir`.
pub async fn open_journal(plan: &Plan) -> Result<Arc<SqliteJournal>> {
    let path = plan.state_dir.join("journal.db");
    let journal = SqliteJournal::open(path)
        .await
        .map_err(|error| CliError::failed("the journal cannot be opened").because(error))?;
    Ok(Arc::new(journal))
}
