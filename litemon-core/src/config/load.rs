//! Reading and merging.

use std::path::PathBuf;

use figment::{
    Figment, Metadata, Profile, Provider, Source,
    value::{Dict, Map, Value},
};
use toml_edit::{Document, Item, TableLike};

use super::{
    Config, FindError, Inputs, KeyPath, ManagePlan, Managed, Mistake, Mistakes, Plan, Surroundings,
    env::EnvLayer,
    mistake::{Draft, IN_BOTH},
    origin::{FileOrigin, Origins, place_in},
    planning,
    read::read,
    show, split,
};
use crate::model::Name;

/// The configuration could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// There is none.
    #[error(transparent)]
    Find(#[from] FindError),
    /// A file is not TOML.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
}

/// A configuration that was read and merged, with what is known of where it was written.
#[derive(Debug)]
pub struct Loaded {
    /// What was written, as far as it could be understood.
    config: Config,
    origins: Origins,
    files: Vec<PathBuf>,
    merged: Merged,
    drafts: Vec<Draft>,
    mistakes: Vec<Mistake>,
}

/// The merged tree. It may hold secrets: its `Debug` shows nothing.
struct Merged(Dict);

impl std::fmt::Debug for Merged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Merged")
    }
}

/// Finds, reads and merges the files and the environment; later ones win.
///
/// What is wrong *inside* a file that is TOML is not an error yet: [`Loaded::plan`] reports it
/// together with everything that planning finds.
///
/// # Errors
/// [`LoadError`] when there is no file, one cannot be read, or one is not TOML.
pub fn load(inputs: &Inputs) -> Result<Loaded, LoadError> {
    load_with(inputs, &Managed::default())
}

/// As [`load`], with the servers that were added while litemon runs behind the files.
///
/// # Errors
/// As [`load`].
pub fn load_with(inputs: &Inputs, managed: &Managed) -> Result<Loaded, LoadError> {
    let files = inputs.find()?;
    let mut texts = Vec::with_capacity(files.len());
    for path in files {
        let text = std::fs::read_to_string(inputs.working_dir.join(&path))
            .map_err(|source| FindError::Unreadable { path: path.clone(), source })?;
        texts.push((path, text));
    }
    Ok(load_texts_with(texts, inputs, managed)?)
}

/// As [`load`], with texts in place of files; each has the name it is called by in mistakes.
///
/// # Errors
/// [`Mistakes`] when a text is not TOML.
pub fn load_texts(texts: Vec<(PathBuf, String)>, inputs: &Inputs) -> Result<Loaded, Mistakes> {
    load_texts_with(texts, inputs, &Managed::default())
}

/// As [`load_with`], with texts in place of files.
///
/// # Errors
/// As [`load_texts`].
pub fn load_texts_with(
    texts: Vec<(PathBuf, String)>,
    inputs: &Inputs,
    managed: &Managed,
) -> Result<Loaded, Mistakes> {
    let mut layers = Vec::new();
    let mut broken = Vec::new();
    for (path, text) in texts {
        match Document::parse(text.clone()) {
            Ok(document) => layers.push(Written::of(path, &document, document.as_table())),
            Err(error) => broken.push(syntax(&error, path, &text)),
        }
    }
    if !broken.is_empty() {
        return Err(Mistakes::new(broken));
    }
    Ok(merge(layers, inputs, managed))
}

/// One file, or a part of one, as it was written.
pub(crate) struct Written {
    path: PathBuf,
    pub(crate) origin: FileOrigin,
    pub(crate) tree: Dict,
}

impl Written {
    /// A table of a document.
    pub(crate) fn of(path: PathBuf, document: &Document<String>, table: &dyn TableLike) -> Self {
        let origin = FileOrigin::new(&path, document.raw(), table);
        Self { path, origin, tree: from_table(table) }
    }
}

/// Merges what was written and the environment; later ones win.
pub(crate) fn merge(layers: Vec<Written>, inputs: &Inputs, managed: &Managed) -> Loaded {
    let mut figment = Figment::new();
    let (mut files, mut origins) = (Vec::new(), Vec::new());
    for Written { path, origin, tree } in layers {
        origins.push(origin);
        figment = figment.merge(Layer { name: "file", path: Some(path.clone()), tree });
        files.push(path);
    }
    let (layer, twice) = managed.apart_from(&tree(&figment));
    let figment = figment.merge(Layer { name: "managed servers", path: None, tree: layer });
    let env = EnvLayer::new(&inputs.environment, &tree(&figment));
    let figment = figment.merge(Layer { name: "environment", path: None, tree: env.tree });
    let merged = tree(&figment);
    let (config, mut drafts) = read::<Config>(split::kinds_apart(merged.clone()));
    drafts.extend(twice.iter().map(in_both));
    let managed = managed.names().filter(|name| !twice.contains(name)).cloned().collect();
    Loaded {
        config: config.unwrap_or_default(),
        origins: Origins::new(origins, env.variables, inputs.working_dir.clone())
            .with_managed(managed),
        files,
        merged: Merged(merged),
        drafts,
        mistakes: env.mistakes,
    }
}

fn in_both(name: &Name) -> Draft {
    let message = format!("{IN_BOTH}; expected another name, or: litemon server remove {name}");
    Draft::key(KeyPath::new(["servers", name.as_str()]), message)
}

pub(crate) fn syntax(error: &toml_edit::TomlError, path: PathBuf, text: &str) -> Mistake {
    let offset = error.span().map_or(0, |span| span.start);
    let place = place_in(&path, text, offset);
    let message = format!("not TOML: {}", error.message().replace('\n', "; "));
    Mistake { place: Some(place), key: String::new(), message }
}

impl Loaded {
    /// What was written, as far as it could be understood.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Where it was written.
    #[must_use]
    pub const fn origins(&self) -> &Origins {
        &self.origins
    }

    /// The files that were read, in order.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Makes the plan.
    ///
    /// # Errors
    /// [`Mistakes`]: everything that is wrong, in what was read and in what it means.
    pub fn plan(&self, around: &Surroundings<'_>) -> Result<Plan, Mistakes> {
        let mut drafts = self.drafts.clone();
        let (plan, later) = planning::plan_with_drafts(&self.config, &self.origins, around);
        drafts.extend(later.into_iter().filter(|draft| !draft.follows(&self.drafts)));
        let mut mistakes = self.mistakes.clone();
        mistakes.extend(self.origins.place(drafts));
        match plan {
            Some(plan) if mistakes.is_empty() => Ok(plan),
            _ => Err(Mistakes::new(mistakes)),
        }
    }

    /// The folder of the local durable state, by which a running monitor is found. No secret is
    /// read, and mistakes elsewhere are passed over: they are the running monitor's to tell.
    #[must_use]
    pub fn state_dir(&self, around: &Surroundings<'_>) -> PathBuf {
        planning::state_dir(&self.config, &self.origins, around)
    }

    /// What `[manage]` says. Mistakes in it are told by [`plan`](Self::plan).
    #[must_use]
    pub fn manage(&self, around: &Surroundings<'_>) -> ManagePlan {
        planning::manage(&self.config, &self.origins, around)
    }

    /// Whether a server stands in no file, but was added while litemon ran.
    #[must_use]
    pub fn is_managed(&self, server: &Name) -> bool {
        self.origins.is_managed(server)
    }

    /// The merged configuration as TOML, secrets hidden.
    ///
    /// # Errors
    /// [`Mistakes`] in what was read, as what is not understood cannot be hidden.
    pub fn show(&self) -> Result<String, Mistakes> {
        let mut mistakes = self.mistakes.clone();
        mistakes.extend(self.origins.place(self.drafts.clone()));
        if mistakes.is_empty() {
            Ok(show::show(&self.merged.0))
        } else {
            Err(Mistakes::new(mistakes))
        }
    }
}

fn tree(figment: &Figment) -> Dict {
    figment.data().ok().and_then(|mut data| data.remove(&Profile::Default)).unwrap_or_default()
}

/// One layer of the configuration.
struct Layer {
    name: &'static str,
    path: Option<PathBuf>,
    tree: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        let metadata = Metadata::named(self.name);
        match &self.path {
            Some(path) => metadata.source(Source::File(path.clone())),
            None => metadata,
        }
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.tree.clone())]))
    }
}

fn from_table(table: &dyn TableLike) -> Dict {
    table.iter().map(|(key, item)| (key.to_owned(), from_item(item))).collect()
}

fn from_item(item: &Item) -> Value {
    match item {
        Item::None => Value::from(""),
        Item::Value(value) => from_toml(value),
        Item::Table(table) => Value::from(from_table(table)),
        Item::ArrayOfTables(tables) => Value::from(
            tables.iter().map(|table| Value::from(from_table(table))).collect::<Vec<_>>(),
        ),
    }
}

/// Dates and times become text, as no key is one.
pub(crate) fn from_toml(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => Value::from(text.value().as_str()),
        toml_edit::Value::Integer(number) => Value::from(*number.value()),
        toml_edit::Value::Float(number) => Value::from(*number.value()),
        toml_edit::Value::Boolean(on) => Value::from(*on.value()),
        toml_edit::Value::Datetime(at) => Value::from(at.value().to_string()),
        toml_edit::Value::Array(list) => {
            Value::from(list.iter().map(from_toml).collect::<Vec<_>>())
        }
        toml_edit::Value::InlineTable(table) => Value::from(from_table(table)),
    }
}
