//! The file that keys stand in: one a line, the one that seals first.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::{KeyFiles, Vault, key::Key};
use crate::secret::Secret;

/// The longest file of keys that is read.
const LONGEST: u64 = 4096;

/// Why a secret cannot be sealed or opened. Each text is one line for the one who starts litemon.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The file cannot be read or written.
    #[error("the key file {path} cannot be {doing}: {source}")]
    File {
        /// The file.
        path: String,
        /// `read`, `written`.
        doing: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Others than the owner have access to the file.
    #[error(
        "the key file {path} can be accessed by others than its owner (mode {mode:04o}); run: \
         chmod 600 {path}"
    )]
    Exposed {
        /// The file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// It holds no key.
    #[error(
        "{0} is not a key file: each line is a key of 32 bytes, as `openssl rand -base64 32` \
         prints it"
    )]
    Malformed(String),
    /// A secret was sealed by another key.
    #[error(
        "a stored secret was sealed with the key {id}, which is not in {path}; put that key back, \
         or enter the secret again"
    )]
    UnknownKey {
        /// The name of the key.
        id: String,
        /// The file.
        path: String,
    },
    /// A sealed text was changed, or belongs to another place.
    #[error("the stored secret {0} was changed or damaged; enter it again")]
    Damaged(String),
}

/// Where keys are read and written.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// Whether the file is made if there is none.
    own: bool,
    /// The permissions that nobody but the owner may have.
    forbidden: u32,
}

impl Place {
    pub(super) fn find(state_dir: &Path, files: &KeyFiles) -> Self {
        let (named, credentials) = (files.key.as_deref(), files.credentials.as_deref());
        Self::of(state_dir, named, credentials, Vault::CREDENTIAL, Vault::FILE)
    }

    /// The file that is named, else that among the credentials, else one of this name that is made.
    pub(super) fn of(
        state_dir: &Path,
        named: Option<&Path>,
        credentials: Option<&Path>,
        credential: &str,
        name: &str,
    ) -> Self {
        let credential = credentials.map(|folder| folder.join(credential));
        match (named, credential.filter(|path| path.exists())) {
            (Some(path), _) => Self { path: path.to_owned(), own: false, forbidden: 0o077 },
            // systemd lets the service's user in by an access list, whose mask shows as the group's.
            (None, Some(path)) => Self { path, own: false, forbidden: 0o037 },
            (None, None) => Self { path: state_dir.join(name), own: true, forbidden: 0o077 },
        }
    }

    pub(super) fn read_or_make(&self) -> Result<Vec<Key>, VaultError> {
        if self.own && !self.path.exists() {
            self.make()?;
        }
        self.read()
    }

    pub(super) fn read(&self) -> Result<Vec<Key>, VaultError> {
        let text = self.text()?;
        let lines = text.expose().lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Option<Vec<_>> = lines.map(Key::parse).collect();
        keys.filter(|keys| !keys.is_empty()).ok_or_else(|| self.malformed())
    }

    fn text(&self) -> Result<Secret, VaultError> {
        // Looked at through the open file, so that it cannot be exchanged in between.
        let file = File::open(&self.path).map_err(|source| self.cannot("read", source))?;
        let metadata = file.metadata().map_err(|source| self.cannot("read", source))?;
        if !metadata.is_file() {
            return Err(self.cannot("read", io::Error::other("it is not a regular file")));
        }
        let mode = metadata.mode() & 0o7777;
        if mode & self.forbidden != 0 {
            return Err(VaultError::Exposed { path: self.shown(), mode });
        }
        let mut text = String::new();
        let read = file.take(LONGEST).read_to_string(&mut text);
        read.map_err(|source| self.cannot("read", source))?;
        Ok(Secret::new(text))
    }

    /// Makes the file with a new key, unless another process does so at the same time.
    fn make(&self) -> Result<(), VaultError> {
        let draft = self.draft(&[Key::generate()])?;
        let linked = fs::hard_link(&draft, &self.path);
        let removed = fs::remove_file(&draft);
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(self.cannot("written", error))
            }
            _ => removed.and_then(|()| self.sync()).map_err(|error| self.cannot("written", error)),
        }
    }

    /// Puts these keys in the place of those in the file, at once.
    pub(super) fn write(&self, keys: &[Key]) -> Result<(), VaultError> {
        let draft = self.draft(keys)?;
        let done = fs::rename(&draft, &self.path).and_then(|()| self.sync());
        done.map_err(|error| self.cannot("written", error))
    }

    /// A file beside the other, with these keys, on the disk.
    fn draft(&self, keys: &[Key]) -> Result<PathBuf, VaultError> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}", std::process::id()));
        let path = self.path.with_file_name(name);
        let lines: String = keys.iter().flat_map(|key| [key.line(), "\n"]).collect();
        let lines = Secret::new(lines);
        let write = || {
            let _ = fs::remove_file(&path);
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(lines.expose().as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| self.cannot("written", error))?;
        Ok(path)
    }

    fn sync(&self) -> io::Result<()> {
        self.path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }

    fn cannot(&self, doing: &'static str, source: io::Error) -> VaultError {
        VaultError::File { path: self.shown(), doing, source }
    }

    pub(super) fn malformed(&self) -> VaultError {
        VaultError::Malformed(self.shown())
    }

    pub(super) fn unknown(&self, id: &str) -> VaultError {
        VaultError::UnknownKey { id: id.to_owned(), path: self.shown() }
    }
}
