//! From the command line to a plan, and from a plan to what can run.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use litemon_core::{
    clock::{Clock, SystemClock},
    config::{
        self, FindError, Inputs, Kinds, LoadError, Loaded, MachineSecrets, MySqlPlan, Plan,
        StorePlan, Surroundings, TlsPlan,
    },
    journal::SqliteJournal,
    model::Zone,
    monitor::{Assembler, Setup},
    store::{MySqlSettings, MySqlStore, MySqlTls, SqliteStore, Store},
};

use crate::{
    error::{CliError, Result},
    inventory,
};

/// Where the configuration comes from; it can be read again.
#[derive(Clone, Debug)]
pub struct Context {
    inputs: Inputs,
    environment: BTreeMap<String, String>,
    clock: Arc<dyn Clock>,
}

impl Context {
    /// The files named on the command line, and this process's environment.
    pub fn new(files: Vec<PathBuf>) -> Result<Self> {
        let mut environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        // In containers nobody says who runs this.
        let told = ["USER", "LOGNAME"].iter().any(|name| environment.contains_key(*name));
        if let Some(user) = crate::user::name().filter(|_| !told) {
            environment.insert("USER".to_owned(), user);
        }
        let working_dir = std::env::current_dir()
            .map_err(|error| CliError::failed("the working folder is gone").because(error))?;
        let inputs = Inputs::new(files, environment.clone(), working_dir);
        Ok(Self { inputs, environment, clock: Arc::new(SystemClock) })
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Reads the configuration.
    pub fn load(&self) -> Result<Loaded> {
        config::load(&self.inputs).map_err(unloaded)
    }

    /// Where the configuration comes from.
    pub const fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Reads the configuration and makes the plan of it and of the servers that were added; every
    /// mistake is a line of the error.
    pub async fn plan(&self) -> Result<Plan> {
        let mut loaded = self.load()?;
        let managed = inventory::managed(self, &loaded).await?;
        if !managed.is_empty() {
            loaded = config::load_with(&self.inputs, &managed).map_err(unloaded)?;
        }
        self.around(|around| loaded.plan(around)).map_err(|mistakes| CliError::mistakes(&mistakes))
    }

    /// The state folder of the configuration. Nothing else of it has to be good, as whoever asks a
    /// running monitor need not have its secrets.
    pub fn state_dir(&self) -> Result<PathBuf> {
        let loaded = self.load()?;
        Ok(self.around(|around| loaded.state_dir(around)))
    }

    /// Planning needs to know this machine.
    pub fn around<T>(&self, look: impl FnOnce(&Surroundings<'_>) -> T) -> T {
        let secrets = MachineSecrets::new(self.environment.clone());
        let kinds = Kinds::builtin();
        look(&Surroundings::of(&self.environment, Zone::system(), &secrets, &kinds))
    }

    /// A variable of the environment, unless it is empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether nobody has written a configuration yet. One that was named and cannot be read is
    /// there: reading it says what is wrong.
    pub fn has_no_configuration(&self) -> bool {
        matches!(self.inputs.find(), Err(FindError::Nowhere { .. }))
    }

    /// The files that are read.
    pub fn files(&self) -> Vec<PathBuf> {
        self.inputs.find().unwrap_or_default()
    }

    /// Brings a plan to life, without the connections of an earlier one.
    pub fn assemble(&self, plan: &Plan) -> Setup {
        Assembler::new(self.clock()).assemble(plan)
    }
}

pub fn unloaded(error: LoadError) -> CliError {
    match error {
        LoadError::Mistakes(mistakes) => CliError::mistakes(&mistakes),
        error => CliError::usage(error.to_string()).because(error),
    }
}

/// The store of a plan; nothing is opened or asked before it is used.
pub fn open_store(plan: &Plan) -> Result<Arc<dyn Store>> {
    Ok(match &plan.store {
        StorePlan::Sqlite(path) => Arc::new(SqliteStore::open(path)),
        StorePlan::MySql(mysql) => Arc::new(MySqlStore::connect(mysql_settings(mysql)?)),
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

fn mysql_settings(plan: &MySqlPlan) -> Result<MySqlSettings> {
    let mut settings = MySqlSettings::new(&plan.host, &plan.database, &plan.user);
    settings.port = plan.port;
    settings.password.clone_from(&plan.password);
    settings.tls = match &plan.tls {
        TlsPlan::Default => MySqlTls::VerifiedUnlessLoopback,
        TlsPlan::Roots(path) => MySqlTls::Roots(path.clone()),
        TlsPlan::Off => MySqlTls::Off,
        _ => return Err(CliError::usage("this kind of TLS is not built in")),
    };
    Ok(settings)
}

/// What a plan accepts and this version does not use, a line each.
pub fn unused(plan: &Plan) -> Vec<String> {
    let unused = plan.unused.iter();
    unused.map(|key| format!("{key} is accepted, but does nothing in this version")).collect()
}
