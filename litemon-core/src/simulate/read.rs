//! Reads a timeline and the configurations that it plays with.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use toml_edit::Document;

use super::{file::Written, timeline::Timeline, understand::Reader};
use crate::{
    config::{
        self, Inputs, Kinds, LoadError, Loaded, MachineSecrets, Managed, Mistakes, Origins, Plan,
        SecretError, Secrets, Surroundings,
    },
    model::Zone,
    secret::Secret,
};

/// What begins the names of variables that are configuration.
const CONFIGURATION: &str = "LITEMON__";

/// A timeline could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Something is wrong with it.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// The configuration it plays with cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Reads a timeline. Its configuration is its own table `[config]`, or what its key `config` names
/// (then the environment's `LITEMON__…` do not count, so that it plays the same everywhere), else
/// the usual one, by `inputs`. Secrets that are not there are made up, as nothing is sent.
///
/// # Errors
/// [`ReadError`]; every mistake of the file and of its configurations at once.
pub fn read(file: &Path, inputs: &Inputs, zone: &Zone) -> Result<Timeline, ReadError> {
    let unreadable = |source| ReadError::Unreadable { path: file.to_owned(), source };
    let text = std::fs::read_to_string(inputs.working_dir.join(file)).map_err(unreadable)?;
    read_text(file, &text, inputs, zone)
}

/// As [`read`], with a text in place of a file.
pub(super) fn read_text(
    file: &Path,
    text: &str,
    inputs: &Inputs,
    zone: &Zone,
) -> Result<Timeline, ReadError> {
    let document = Document::parse(text.to_owned())
        .map_err(|error| Mistakes::new(vec![config::syntax(&error, file.to_owned(), text)]))?;
    let mut whole = config::Written::of(file.to_owned(), &document, document.as_table());
    let kept = Inputs::new(Vec::new(), environment(inputs), inputs.working_dir.clone());
    let place = Place { file, document: &document, inputs: &kept, zone };
    let inline = document.get("config").is_some_and(toml_edit::Item::is_table_like);
    if inline {
        whole.tree.remove("config");
    }
    whole.tree.remove("configs");
    let (written, drafts) = config::read_table::<Written>(whole.tree.clone());
    let written = written.unwrap_or_default();
    let folder = inputs.working_dir.clone();
    let mut reader = Reader::new(Origins::new(vec![whole.origin], BTreeMap::new(), folder), drafts);
    let loaded = match (&written.config, inline) {
        (_, true) => place.table(&["config"]),
        (Some(files), false) => place.files(&files.0)?,
        (None, false) => config::load(inputs)?,
    };
    let named = document.get("configs").and_then(toml_edit::Item::as_table_like);
    let names: Vec<&str> =
        named.iter().flat_map(|named| named.iter().map(|(name, _)| name)).collect();
    reader.add(None, place.plan(&loaded));
    for name in names {
        reader.add(Some(name.to_owned()), place.plan(&place.table(&["configs", name])));
    }
    for path in reader.reloads(&written) {
        let loaded = place.files(std::slice::from_ref(&path))?;
        reader.add(Some(path.display().to_string()), place.plan(&loaded));
    }
    Ok(reader.timeline(written)?)
}

/// What is no configuration. Nobody logs in, so that it does not matter as whom.
fn environment(inputs: &Inputs) -> BTreeMap<String, String> {
    let mut environment = inputs.environment.clone();
    environment.entry("USER".to_owned()).or_insert_with(|| "somebody".to_owned());
    environment.retain(|name, _| !name.starts_with(CONFIGURATION) && name != "LITEMON_CONFIG");
    environment
}

/// Where configurations are looked for.
struct Place<'a> {
    file: &'a Path,
    document: &'a Document<String>,
    inputs: &'a Inputs,
    zone: &'a Zone,
}

impl Place<'_> {
    /// A table of the timeline as a configuration.
    fn table(&self, keys: &[&str]) -> Loaded {
        let mut table: Option<&dyn toml_edit::TableLike> = Some(self.document.as_table());
        for key in keys {
            table = table.and_then(|table| table.get(key)?.as_table_like());
        }
        let layer =
            table.map(|table| config::Written::of(self.file.to_owned(), self.document, table));
        config::merge(layer.into_iter().collect(), self.inputs, &Managed::default())
    }

    /// Files, by paths that count from the timeline's folder.
    fn files(&self, files: &[PathBuf]) -> Result<Loaded, LoadError> {
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let mut inputs = self.inputs.clone();
        inputs.files = files.iter().map(|path| folder.join(path)).collect();
        config::load(&inputs)
    }

    fn plan(&self, loaded: &Loaded) -> Result<Plan, Mistakes> {
        let secrets = MadeUp(MachineSecrets::new(self.inputs.environment.clone()));
        let kinds = Kinds::builtin();
        let zone = self.zone.clone();
        loaded.plan(&Surroundings::of(&self.inputs.environment, zone, &secrets, &kinds))
    }
}

/// The secrets of this machine, and something that serves for those that are not there.
#[derive(Debug)]
struct MadeUp(MachineSecrets);

impl MadeUp {
    /// It may stand for a URL, too.
    fn something() -> Secret {
        Secret::new("https://made-up.invalid/".to_owned())
    }
}

impl Secrets for MadeUp {
    fn variable(&self, name: &str) -> Result<Secret, SecretError> {
        Ok(self.0.variable(name).unwrap_or_else(|_| Self::something()))
    }

    fn file(&self, path: &Path) -> Result<Secret, SecretError> {
        Ok(self.0.file(path).unwrap_or_else(|_| Self::something()))
    }
}
