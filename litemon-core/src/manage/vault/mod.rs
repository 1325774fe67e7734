//! Credentials at rest: encrypted, and bound to the row they stand in.

mod file;
mod key;
mod rekey;

use std::{
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

pub use self::file::VaultError;
use self::key::Key;
pub(super) use self::rekey::Sealed;
use crate::secret::Secret;

/// Where the keys of one litemon are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyFiles {
    /// `[manage] key`: the file of the key for credentials.
    pub key: Option<PathBuf>,
    /// `[manage] audit_key`: the file of the key of the audit trail.
    pub audit_key: Option<PathBuf>,
    /// `$CREDENTIALS_DIRECTORY`, where systemd puts the credentials of a service.
    pub credentials: Option<PathBuf>,
}

impl KeyFiles {
    /// Keys in these files; those that are not named are in the folder of credentials or, if they
    /// are not there either, made in the state folder.
    #[must_use]
    pub const fn new(
        key: Option<PathBuf>,
        audit_key: Option<PathBuf>,
        credentials: Option<PathBuf>,
    ) -> Self {
        Self { key, audit_key, credentials }
    }
}

/// The first key of another file, which is found, looked at and made as the vault's own is.
///
/// # Errors
/// [`VaultError`] when it cannot be read or made, is none, or others can read it.
pub(super) fn key_in(
    state_dir: &Path,
    named: Option<&Path>,
    credentials: Option<&Path>,
    credential: &str,
    name: &str,
) -> Result<Secret, VaultError> {
    let place = file::Place::of(state_dir, named, credentials, credential, name);
    let keys = place.read_or_make()?;
    let first = keys.first().ok_or_else(|| place.malformed())?;
    Ok(Secret::new(first.line().to_owned()))
}

impl From<&crate::config::ManagePlan> for KeyFiles {
    fn from(plan: &crate::config::ManagePlan) -> Self {
        Self::new(plan.key.clone(), plan.audit_key.clone(), plan.credentials.clone())
    }
}

/// Seals secrets for the database, and opens them again.
///
/// XChaCha20-Poly1305 with a random nonce. The *context* says which field of which row a secret
/// stands in, such as `server/7/password`; it is authenticated, so what was moved to another row
/// does not open. A sealed text names its key, so keys can be exchanged one row at a time.
#[derive(Debug)]
pub struct Vault {
    place: file::Place,
    /// The first seals; each opens. Read anew when a text was sealed by a key that is not here.
    keys: RwLock<Vec<Key>>,
}

impl Vault {
    /// The name of the key's file in the state folder.
    pub const FILE: &str = "manage.key";
    /// The name of the key among the credentials that systemd gives to a service.
    pub const CREDENTIAL: &str = "litemon-manage.key";

    /// Reads the key; makes one in the state folder when none is given and none was made before.
    ///
    /// # Errors
    /// [`VaultError`] when a key cannot be read or made, is not one, or others can read it.
    pub fn open(state_dir: &Path, files: &KeyFiles) -> Result<Self, VaultError> {
        let place = file::Place::find(state_dir, files);
        let keys = RwLock::new(place.read_or_make()?);
        Ok(Self { place, keys })
    }

    /// Encrypts a secret for this context.
    ///
    /// # Errors
    /// [`VaultError`] when the key cannot be read any more.
    pub fn seal(&self, context: &str, secret: &Secret) -> Result<String, VaultError> {
        // Another process may have exchanged the key since it was read.
        let keys = self.reload()?;
        let first = keys.first().ok_or_else(|| self.place.malformed())?;
        first.seal(context, secret).ok_or_else(|| VaultError::Damaged(context.to_owned()))
    }

    /// Decrypts what [`seal`](Self::seal) gave for this context.
    ///
    /// # Errors
    /// [`VaultError`] when its key is not there, or the text was changed or belongs elsewhere.
    pub fn unseal(&self, context: &str, sealed: &str) -> Result<Secret, VaultError> {
        let damaged = || VaultError::Damaged(context.to_owned());
        let id = key::id_of(sealed).ok_or_else(damaged)?;
        let known = self.known(|key| key.id() == id);
        let key = match known {
            Some(key) => Some(key),
            None => self.reload()?.into_iter().find(|key| key.id() == id),
        };
        let key = key.ok_or_else(|| self.place.unknown(id))?;
        key.open(context, sealed).ok_or_else(damaged)
    }

    /// Whether a text is sealed by the key that seals now.
    #[must_use]
    pub fn is_current(&self, sealed: &str) -> bool {
        let first = self.known(|_| true);
        first.is_some_and(|key| key::id_of(sealed) == Some(key.id()))
    }

    /// The name of the key that seals now.
    #[must_use]
    pub fn key_id(&self) -> String {
        self.known(|_| true).map(|key| key.id().to_owned()).unwrap_or_default()
    }

    /// Begins an exchange of keys: from here on a new key seals, and those before only open.
    ///
    /// A file with more than one key is an exchange that was begun (by an operator, or by a call
    /// that did not end): then nothing is made.
    ///
    /// # Errors
    /// [`VaultError`] when the file cannot be written; what to do is then said.
    pub fn begin_exchange(&self) -> Result<(), VaultError> {
        let mut keys = self.place.read()?;
        if keys.len() == 1 {
            keys.insert(0, Key::generate());
            self.place.write(&keys)?;
        }
        self.keep(keys);
        Ok(())
    }

    /// Ends an exchange: only the key that seals is left. Everything must be sealed by it.
    ///
    /// # Errors
    /// [`VaultError`] when the file cannot be written.
    pub fn end_exchange(&self) -> Result<(), VaultError> {
        let mut keys = self.place.read()?;
        if keys.len() > 1 {
            keys.truncate(1);
            self.place.write(&keys)?;
        }
        self.keep(keys);
        Ok(())
    }

    fn known(&self, which: impl Fn(&Key) -> bool) -> Option<Key> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|key| which(key)).cloned()
    }

    fn reload(&self) -> Result<Vec<Key>, VaultError> {
        let keys = self.place.read()?;
        self.keep(keys.clone());
        Ok(keys)
    }

    fn keep(&self, keys: Vec<Key>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

#[cfg(test)]
mod tests;
