//! Where secrets are read from. The only part of planning that touches the machine, behind a trait.

use std::{
    collections::BTreeMap,
    fmt, fs,
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::Path,
};

use crate::secret::Secret;

/// The longest secret that is read from a file.
const LONGEST: u64 = 64 * 1024;

/// A place that secrets are read from.
pub trait Secrets: fmt::Debug {
    /// The value of an environment variable.
    ///
    /// # Errors
    /// [`SecretError::NoVariable`] when it is not set.
    fn variable(&self, name: &str) -> Result<Secret, SecretError>;

    /// The content of a file, without the newline at its end.
    ///
    /// # Errors
    /// [`SecretError`] when it cannot be read or others than its owner have access to it.
    fn file(&self, path: &Path) -> Result<Secret, SecretError>;
}

/// A secret cannot be had. It says where it was looked for, never what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The environment variable is not set.
    #[error("the environment variable {0} is not set")]
    NoVariable(String),
    /// There is nothing in it.
    #[error("{0} is empty")]
    Empty(String),
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Others than the owner have access to the file.
    #[error(
        "{path} can be accessed by others than its owner (mode {mode:04o}); run: chmod 600 {path}"
    )]
    Exposed {
        /// The file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
}

/// The secrets of this machine.
#[derive(Clone)]
pub struct MachineSecrets {
    environment: BTreeMap<String, String>,
}

impl MachineSecrets {
    /// With the environment it was given.
    #[must_use]
    pub const fn new(environment: BTreeMap<String, String>) -> Self {
        Self { environment }
    }
}

impl fmt::Debug for MachineSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MachineSecrets")
    }
}

impl Secrets for MachineSecrets {
    fn variable(&self, name: &str) -> Result<Secret, SecretError> {
        let value = self.environment.get(name);
        let value = value.ok_or_else(|| SecretError::NoVariable(name.to_owned()))?;
        not_empty(value.clone(), || format!("the environment variable {name}"))
    }

    fn file(&self, path: &Path) -> Result<Secret, SecretError> {
        let shown = path.display().to_string();
        let unreadable = |source| SecretError::Unreadable { path: shown.clone(), source };
        // Looked at through the open file, so that it cannot be exchanged in between.
        let file = fs::File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(unreadable(io::Error::other("not a regular file")));
        }
        let mode = metadata.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Exposed { path: shown, mode });
        }
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
        let kept = text.trim_end_matches(['\n', '\r']).len();
        text.truncate(kept);
        not_empty(text, || shown)
    }
}

fn not_empty(text: String, place: impl FnOnce() -> String) -> Result<Secret, SecretError> {
    if text.is_empty() { Err(SecretError::Empty(place())) } else { Ok(Secret::new(text)) }
}
