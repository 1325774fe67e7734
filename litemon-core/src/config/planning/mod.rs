//! From what was written to what can run. Pure: what it needs of the machine is given to it.

mod actions;
mod builtin;
mod checks;
mod criteria;
mod flow;
mod heartbeat;
mod hooks;
mod isolation;
mod jobs;
mod layers;
mod manage;
mod notifiers;
mod policy;
mod rotas;
mod servers;
mod shipped;
mod ssh;
mod store;
mod web;
mod wording;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Config, KeyPath, Kinds, Mistakes, Origins, Plan, SecretSource, Secrets, file::LanguageWord,
    kind::resolve_path, mistake::Draft,
};
use crate::{
    model::{Language, Name, Zone},
    policy::Rota,
    secret::Secret,
};
pub(crate) use layers::Section;
use notifiers::Told;
use policy::Wanted;
#[cfg(feature = "manage")]
pub(crate) use shipped::built_in_actions;

/// What planning needs to know of the machine it is for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Surroundings<'a> {
    /// Where secrets are read from.
    pub secrets: &'a dyn Secrets,
    /// The kinds that may be named.
    pub kinds: &'a Kinds,
    /// What `~` means.
    pub home: Option<PathBuf>,
    /// The far user where none is given.
    pub user: Option<String>,
    /// The agent's socket.
    pub agent: Option<PathBuf>,
    /// The folder a service manager made for state: it goes before the files' `state_dir`.
    pub state_directory: Option<PathBuf>,
    /// The folder in which a service manager hands over credentials.
    pub credentials: Option<PathBuf>,
    /// The zone of this machine.
    pub zone: Zone,
}

impl<'a> Surroundings<'a> {
    /// What the environment says: `HOME`, `USER` (or `LOGNAME`), `SSH_AUTH_SOCK`,
    /// `STATE_DIRECTORY`, `CREDENTIALS_DIRECTORY`.
    #[must_use]
    pub fn of(
        environment: &BTreeMap<String, String>,
        zone: Zone,
        secrets: &'a dyn Secrets,
        kinds: &'a Kinds,
    ) -> Self {
        let variable = |name| environment.get(name).filter(|value| !value.is_empty());
        // systemd separates several folders by colons; the first is the service's own.
        let state = variable("STATE_DIRECTORY").and_then(|folders| folders.split(':').next());
        Self {
            secrets,
            kinds,
            home: variable("HOME").map(PathBuf::from),
            user: variable("USER").or_else(|| variable("LOGNAME")).cloned(),
            agent: variable("SSH_AUTH_SOCK").map(PathBuf::from),
            state_directory: state.map(PathBuf::from),
            credentials: variable("CREDENTIALS_DIRECTORY").map(PathBuf::from),
            zone,
        }
    }
}

/// Makes a plan of a configuration, or says everything that is wrong with it.
///
/// # Errors
/// [`Mistakes`], all at once.
pub fn plan(
    config: &Config,
    origins: &Origins,
    around: &Surroundings<'_>,
) -> Result<Plan, Mistakes> {
    let (plan, drafts) = plan_with_drafts(config, origins, around);
    plan.ok_or_else(|| Mistakes::new(origins.place(drafts)))
}

/// The plan when there are no mistakes, and the mistakes.
pub(crate) fn plan_with_drafts(
    config: &Config,
    origins: &Origins,
    around: &Surroundings<'_>,
) -> (Option<Plan>, Vec<Draft>) {
    let mut planner = Planner::new(config, origins, around);
    let plan = planner.plan();
    (plan.filter(|_| planner.drafts.is_empty()), planner.drafts)
}

/// The folder of the local durable state; it can be told of a configuration with mistakes too.
pub(crate) fn state_dir(config: &Config, origins: &Origins, around: &Surroundings<'_>) -> PathBuf {
    Planner::new(config, origins, around).state_dir()
}

/// What `[manage]` says; it can be told of a configuration with mistakes too.
pub(crate) fn manage(
    config: &Config,
    origins: &Origins,
    around: &Surroundings<'_>,
) -> super::ManagePlan {
    Planner::new(config, origins, around).manage()
}

struct Planner<'a> {
    config: &'a Config,
    origins: &'a Origins,
    around: &'a Surroundings<'a>,
    drafts: Vec<Draft>,
    /// What checks need to know of the notifiers.
    told: BTreeMap<Name, Told>,
    /// What checks want to depend on.
    wanted: Wanted,
    /// What notifiers may name among their recipients.
    rotas: BTreeMap<Name, Arc<Rota>>,
    /// In which people read times, once it is known.
    zone: Option<Zone>,
}

impl<'a> Planner<'a> {
    const fn new(config: &'a Config, origins: &'a Origins, around: &'a Surroundings<'a>) -> Self {
        let told = BTreeMap::new();
        let wanted = BTreeMap::new();
        let rotas = BTreeMap::new();
        Self { config, origins, around, drafts: Vec::new(), told, wanted, rotas, zone: None }
    }

    fn plan(&mut self) -> Option<Plan> {
        let zone = self.zone();
        let state_dir = self.state_dir();
        let store = self.store(&state_dir);
        let retention = self.retention();
        let web = self.web();
        let manage = self.manage();
        let heartbeat = self.heartbeat();
        let canaries = self.canaries();
        self.zone = Some(zone.clone());
        let rotas = self.rotas(&zone);
        let notifiers = self.notifiers();
        let sms_hook = self.sms_hook(&notifiers);
        let report_url = self.report_url(&notifiers);
        let servers = self.servers(&state_dir);
        let checks = self.checks();
        let maintenance = self.maintenance(&checks, &zone);
        let actions = self.actions();
        let jobs = self.jobs(&actions, &zone);
        Some(Plan {
            zone,
            language: match self.config.language {
                Some(LanguageWord::Indonesian) => Language::Indonesian,
                _ => Language::English,
            },
            state_dir,
            store: store?,
            retention,
            web: web?,
            manage,
            report_url,
            sms_hook,
            heartbeat,
            canaries,
            servers,
            checks,
            notifiers,
            rotas,
            actions,
            jobs,
            groups: self.config.groups.keys().cloned().collect(),
            profiles: self.profiles(),
            maintenance,
            unused: Vec::new(),
        })
    }

    fn zone(&mut self) -> Zone {
        let Some(name) = &self.config.timezone else { return self.around.zone.clone() };
        Zone::named(name).unwrap_or_else(|_| {
            let message = format!("no time zone {name:?}; expected an IANA name, as Asia/Jakarta");
            self.wrong(KeyPath::new(["timezone"]), message);
            self.around.zone.clone()
        })
    }

    fn state_dir(&self) -> PathBuf {
        let path = KeyPath::new(["state_dir"]);
        match (&self.around.state_directory, &self.config.state_dir) {
            (Some(given), _) if !self.origins.in_environment(&path) => given.clone(),
            (_, Some(written)) => self.resolve(&path, written),
            (_, None) => self.resolve(&path, Path::new("litemon-data")),
        }
    }

    fn resolve(&self, at: &KeyPath, path: &Path) -> PathBuf {
        resolve_path(path, &self.origins.folder(at), self.around.home.as_deref())
    }

    /// Reads a secret; a mistake when it cannot be had.
    fn secret(&mut self, at: &KeyPath, source: &SecretSource) -> Option<Secret> {
        let found = match source {
            SecretSource::Literal(secret) => return Some(secret.clone()),
            SecretSource::Env(name) => self.around.secrets.variable(name),
            SecretSource::File(path) => self.around.secrets.file(&self.resolve(at, path)),
        };
        found.map_err(|error| self.wrong(at.clone(), error.to_string())).ok()
    }

    fn wrong(&mut self, path: KeyPath, message: impl Into<String>) {
        self.drafts.push(Draft::value(path, message));
    }

    /// The names of a table in the order they were written.
    fn ordered<'n, V>(
        &self,
        path: &KeyPath,
        table: &'n BTreeMap<Name, V>,
    ) -> Vec<(&'n Name, &'n V)> {
        let mut list: Vec<_> = table.iter().collect();
        list.sort_by_cached_key(|(name, _)| self.origins.order(&path.child(name.as_str())));
        list
    }
}
