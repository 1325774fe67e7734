//! Which files to read.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

/// Everything that decides what is read. Nothing else of the process or the machine is looked at.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Inputs {
    /// Files and folders named on the command line.
    pub files: Vec<PathBuf>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// Relative paths count from here.
    pub working_dir: PathBuf,
}

impl Inputs {
    /// What was named, and where.
    #[must_use]
    pub fn new(
        files: Vec<PathBuf>,
        environment: BTreeMap<String, String>,
        working_dir: PathBuf,
    ) -> Self {
        Self { files, environment, working_dir }
    }

    /// The home folder, by `HOME`.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        self.variable("HOME").map(PathBuf::from)
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The places that are looked at when none is named, first match wins.
    #[must_use]
    pub fn usual_places(&self) -> Vec<PathBuf> {
        let mut places = vec![PathBuf::from("litemon.toml")];
        places.extend(self.home().map(|home| home.join(".config/litemon/litemon.toml")));
        places.push(PathBuf::from("/etc/litemon/litemon.toml"));
        places
    }

    /// The files to read, in order: those named on the command line, else the one of
    /// `$LITEMON_CONFIG`, else the first of the usual places. A folder stands for its `*.toml`, in
    /// the order of their names.
    ///
    /// # Errors
    /// [`FindError`] when there is none, or one that was named cannot be looked at.
    pub fn find(&self) -> Result<Vec<PathBuf>, FindError> {
        let named = match self.variable("LITEMON_CONFIG") {
            Some(path) if self.files.is_empty() => vec![PathBuf::from(path)],
            _ => self.files.clone(),
        };
        if named.is_empty() {
            let places = self.usual_places();
            let found = places.iter().find(|place| self.working_dir.join(place).is_file()).cloned();
            return found.map(|path| vec![path]).ok_or(FindError::Nowhere { places });
        }
        let mut files = Vec::new();
        for path in named {
            self.expand(path, &mut files)?;
        }
        Ok(files)
    }

    fn expand(&self, path: PathBuf, files: &mut Vec<PathBuf>) -> Result<(), FindError> {
        let full = self.working_dir.join(&path);
        let unreadable = |source| FindError::Unreadable { path: path.clone(), source };
        if !std::fs::metadata(&full).map_err(unreadable)?.is_dir() {
            files.push(path);
            return Ok(());
        }
        let mut inside = toml_files(&full).map_err(unreadable)?;
        inside.sort();
        if inside.is_empty() {
            return Err(FindError::EmptyFolder { path });
        }
        files.extend(inside.into_iter().map(|name| path.join(name)));
        Ok(())
    }
}

fn toml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = PathBuf::from(entry?.file_name());
        let hidden = name.to_string_lossy().starts_with('.');
        if !hidden && name.extension().is_some_and(|extension| extension == "toml") {
            names.push(name);
        }
    }
    Ok(names)
}

/// There is no configuration to read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// None was named, and none is in the usual places.
    #[error(
        "no configuration found: looked for -c/--config, $LITEMON_CONFIG, {}; \
         `litemon quickstart` writes a first one",
        listed(.places)
    )]
    Nowhere {
        /// Where it was looked for.
        places: Vec<PathBuf>,
    },
    /// A file or folder that was named cannot be read.
    #[error("cannot read the configuration {}", .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A folder that was named holds no `*.toml`.
    #[error("the configuration folder {} holds no *.toml file", .path.display())]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
}

fn listed(places: &[PathBuf]) -> String {
    let show = |place: &PathBuf| match place.is_relative() {
        true => format!("./{}", place.display()),
        false => place.display().to_string(),
    };
    places.iter().map(show).collect::<Vec<_>>().join(", ")
}
