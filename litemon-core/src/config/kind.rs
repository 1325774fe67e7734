//! Kinds of checks and notifiers: the built-in ones and those of an embedder stand in one list,
//! which the parser, the planner and the schema use.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::de::DeserializeOwned;

use super::{KeyPath, Origins, SecretSource, Secrets, kinds, mistake::Draft, read::read};
use crate::{
    model::{CheckKind, Device, EventKind, Name},
    notify::NotifierRecipe,
    policy::{FlowRules, Remedy},
    probe::Recipe,
    secret::Secret,
};

/// The settings of a check or notifier that are not common to all of its sort.
pub type SettingsMap = serde_json::Map<String, serde_json::Value>;

/// A kind of check: `kind = "NAME"` in `[checks.…]` and `[servers.….checks.…]`.
///
/// Sections of one kind find it by its name: `resource` for resources, `service` for services,
/// `stomp_round_trip` for `[messaging.…]`, `http_stats` for `[stats.…]`.
pub trait ProbeKind: fmt::Debug + Send + Sync + 'static {
    /// The word behind `kind =`.
    fn name(&self) -> &'static str;

    /// What sort of check it makes.
    fn check_kind(&self) -> CheckKind {
        CheckKind::Other
    }

    /// Whether it sees a number, so that `threshold`, `warn`, `clear` and `for` make sense.
    fn measures_number(&self) -> bool {
        true
    }

    /// Reads the settings. No I/O but by the context.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>>;

    /// The JSON Schema of the settings: an object with `properties`.
    fn schema(&self) -> serde_json::Value;
}

/// A kind of notifier: `[notifiers.NAME.…]`.
pub trait NotifierKind: fmt::Debug + Send + Sync + 'static {
    /// The word behind `notifiers.`
    fn name(&self) -> &'static str;

    /// What it is told of unless `events` says otherwise.
    fn default_events(&self) -> &'static [EventKind] {
        &[EventKind::Problem, EventKind::Recovery]
    }

    /// How much a recipient is sent at a time unless `gather` and `budget` say otherwise: all at once,
    /// as is right for a machine.
    fn default_flow(&self) -> FlowRules {
        FlowRules::default()
    }

    /// Whether it tells a person. Those that do not, such as a remedy, are left out of the proof
    /// that somebody is told in time.
    fn tells_people(&self) -> bool {
        true
    }

    /// Reads the settings. No I/O but by the context.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<PlannedNotifier, Vec<SettingError>>;

    /// The JSON Schema of the settings: an object with `properties`.
    fn schema(&self) -> serde_json::Value;
}

/// What a [`NotifierKind`] makes of its settings.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlannedNotifier {
    /// What it sends with.
    pub recipe: Arc<dyn NotifierRecipe>,
    /// It acts on the failing server, so that only checks of servers may notify it.
    pub on_server: bool,
    /// It is run a limited number of times, and it is verified that it helped.
    pub remedy: Option<Remedy>,
}

impl PlannedNotifier {
    /// One that any check may notify.
    #[must_use]
    pub fn new(recipe: Arc<dyn NotifierRecipe>) -> Self {
        Self { recipe, on_server: false, remedy: None }
    }

    /// One that acts on the failing server.
    #[must_use]
    pub fn on_server(recipe: Arc<dyn NotifierRecipe>) -> Self {
        Self { recipe, on_server: true, remedy: None }
    }

    /// One that puts problems right.
    #[must_use]
    pub fn heals(mut self, remedy: Option<Remedy>) -> Self {
        let on_server = self.on_server;
        self.remedy = remedy.map(|remedy| Remedy { on_server, ..remedy });
        self
    }
}

/// A setting of a kind is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettingError {
    /// The key, relative to the check's or notifier's table: `command`, `query.to`.
    pub key: String,
    /// What is wrong and what was expected, in one line without secrets.
    pub message: String,
    pub(crate) valid: Option<Vec<&'static str>>,
    pub(crate) missing: bool,
}

impl SettingError {
    /// A wrong value.
    #[must_use]
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into(), valid: None, missing: false }
    }

    /// A key that has to be there and is not.
    #[must_use]
    pub fn missing(key: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { missing: true, ..Self::new(key, expected) }
    }

    pub(crate) fn draft(self, path: KeyPath, common: &[&str]) -> Draft {
        match self.valid {
            Some(mut valid) => {
                valid.retain(|word| !common.contains(word));
                let words: Vec<&str> = common.iter().copied().chain(valid).collect();
                Draft::unknown_key(path, &words)
            }
            None if self.missing => Draft::missing(path, &self.message),
            None => Draft::value(path, self.message),
        }
    }
}

/// Reads the settings of a kind into its own serde type (which should `deny_unknown_fields`), with
/// every mistake instead of the first.
///
/// # Errors
/// Everything that does not fit the type.
pub fn read_settings<T: DeserializeOwned>(settings: &SettingsMap) -> Result<T, Vec<SettingError>> {
    match read_settings_partly(settings) {
        (Some(table), wrong) if wrong.is_empty() => Ok(table),
        (_, wrong) => Err(wrong),
    }
}

/// As [`read_settings`], with the settings that do fit beside what is wrong with the others, so
/// that a kind can go on and say what else is wrong. Nothing when a required one is missing.
#[must_use]
pub fn read_settings_partly<T: DeserializeOwned>(
    settings: &SettingsMap,
) -> (Option<T>, Vec<SettingError>) {
    let tree = figment::value::Value::serialize(settings)
        .ok()
        .and_then(figment::value::Value::into_dict)
        .unwrap_or_default();
    let (table, drafts) = read::<T>(tree);
    (table, drafts.into_iter().map(setting_error).collect())
}

/// The mistakes of one table, without those that only follow from others of it.
pub(crate) fn setting_drafts(
    wrong: Vec<SettingError>,
    locate: &dyn LocateSetting,
    common: &[&str],
) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for error in wrong {
        let path = locate.locate(&error.key);
        let draft = error.draft(path, common);
        if !draft.follows(&drafts) {
            drafts.push(draft);
        }
    }
    drafts
}

fn setting_error(draft: Draft) -> SettingError {
    SettingError {
        key: draft.path.words().join("."),
        message: if draft.missing { "it is required here".to_owned() } else { draft.message },
        valid: draft.valid,
        missing: draft.missing,
    }
}

/// What a kind may ask for while it reads its settings.
#[derive(Debug)]
pub struct KindContext<'a> {
    pub(crate) name: &'a Name,
    pub(crate) server: Option<&'a Name>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) host: Option<String>,
    pub(crate) device: Device,
    pub(crate) secrets: &'a dyn Secrets,
    pub(crate) home: Option<&'a Path>,
    pub(crate) origins: &'a Origins,
    pub(crate) locate: &'a dyn LocateSetting,
}

/// Finds where a setting was written.
pub(crate) trait LocateSetting: fmt::Debug {
    fn locate(&self, key: &str) -> KeyPath;
}

impl KindContext<'_> {
    /// The check's or notifier's name.
    #[must_use]
    pub const fn name(&self) -> &Name {
        self.name
    }

    /// The server that a check belongs to.
    #[must_use]
    pub const fn server(&self) -> Option<&Name> {
        self.server
    }

    /// The check's `timeout`; `None` for a notifier. It is what bounds a run, unless the recipe has
    /// a [limit of its own](Recipe::run_limit).
    #[must_use]
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// The host of that server: its name or address without a port, 127.0.0.1 for `local`.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// How that server is spoken to; a Linux where there is none.
    #[must_use]
    pub const fn device(&self) -> Device {
        self.device
    }

    /// Reads a secret that stands at `key`.
    ///
    /// # Errors
    /// [`SettingError`] when it cannot be had.
    pub fn secret(&self, key: &str, source: &SecretSource) -> Result<Secret, SettingError> {
        let found = match source {
            SecretSource::Literal(secret) => Ok(secret.clone()),
            SecretSource::Env(name) => self.secrets.variable(name),
            SecretSource::File(path) => self.secrets.file(&self.path(key, path)),
        };
        found.map_err(|error| SettingError::new(key, error.to_string()))
    }

    /// A path that stands at `key`: `~` is the home folder, and relative ones count from the folder
    /// of the file that holds it.
    #[must_use]
    pub fn path(&self, key: &str, path: &Path) -> PathBuf {
        let folder = self.origins.folder(&self.locate.locate(key));
        resolve_path(path, &folder, self.home)
    }
}

/// `~` is the home folder; relative paths count from `folder`.
pub(crate) fn resolve_path(path: &Path, folder: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => folder.join(path),
    }
}

/// The kinds that the configuration may name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Kinds {
    probes: Vec<Arc<dyn ProbeKind>>,
    notifiers: Vec<Arc<dyn NotifierKind>>,
}

impl Kinds {
    /// Those that litemon comes with, as far as their features are on.
    #[must_use]
    pub fn builtin() -> Self {
        Self { probes: kinds::probes(), notifiers: kinds::notifiers() }
    }

    /// Adds a kind of check, in place of one of the same name.
    #[must_use]
    pub fn with_probe(mut self, kind: impl ProbeKind) -> Self {
        self.probes.retain(|old| old.name() != kind.name());
        self.probes.push(Arc::new(kind));
        self
    }

    /// Adds a kind of notifier, in place of one of the same name.
    #[must_use]
    pub fn with_notifier(mut self, kind: impl NotifierKind) -> Self {
        self.notifiers.retain(|old| old.name() != kind.name());
        self.notifiers.push(Arc::new(kind));
        self
    }

    /// The kinds of checks.
    #[must_use]
    pub fn probes(&self) -> &[Arc<dyn ProbeKind>] {
        &self.probes
    }

    /// The kinds of notifiers.
    #[must_use]
    pub fn notifiers(&self) -> &[Arc<dyn NotifierKind>] {
        &self.notifiers
    }

    pub(crate) fn probe(&self, name: &str) -> Option<&Arc<dyn ProbeKind>> {
        self.probes.iter().find(|kind| kind.name() == name)
    }

    /// Why there is none of a kind of check that litemon has elsewhere.
    pub(crate) fn probe_not_built_in(name: &str) -> Option<String> {
        kinds::probe_not_built_in(name)
    }

    /// The same of a kind of notifier.
    pub(crate) fn notifier_not_built_in(name: &str) -> Option<String> {
        kinds::notifier_not_built_in(name)
    }

    /// As in a build without any feature.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self { probes: Vec::new(), notifiers: Vec::new() }
    }

    pub(crate) fn notifier(&self, name: &str) -> Option<&Arc<dyn NotifierKind>> {
        self.notifiers.iter().find(|kind| kind.name() == name)
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self::builtin()
    }
}
