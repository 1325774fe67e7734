//! Managing servers: who may do what, what was done, and doing it on many servers at once.
//!
//! Everything here is asked for by a [`Principal`], and stands in one local file, `manage.db` in the
//! state folder, fsynced: accounts, servers added while it runs, actions, jobs and the audit trail.
//! The shared database may be away.

pub mod accounts;
pub mod actions;
pub mod audit;
mod database;
mod error;
pub mod inventory;
pub mod jobs;
mod principal;
mod silences;
mod vault;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use self::database::Database;
pub use self::{
    error::ManageError,
    principal::{Principal, Role, Via},
    vault::{KeyFiles, Vault, VaultError},
};
use crate::clock::Clock;

/// The management of one litemon. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct Manage {
    office: Arc<Office>,
}

#[derive(Debug)]
struct Office {
    database: Database,
    vault: Vault,
    desk: accounts::Desk,
    trail: audit::Trail,
    clock: Arc<dyn Clock>,
    folder: PathBuf,
    planning: OnceLock<Arc<dyn inventory::Planning>>,
}

impl Manage {
    /// The name of the file in the state folder.
    pub const FILE: &str = "manage.db";

    /// Opens `manage.db` in this folder, and makes both if there are none.
    ///
    /// # Errors
    /// [`ManageError::Database`] when the file cannot be opened or made, is damaged, or was written
    /// by a newer version; [`ManageError::Vault`] when the key cannot be used.
    pub async fn open(
        state_dir: &Path,
        keys: &KeyFiles,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ManageError> {
        let database = Database::open(state_dir.join(Self::FILE)).await?;
        let vault = Vault::open(state_dir, keys)?;
        let folder = state_dir.to_owned();
        let trail = audit::Trail::open(state_dir, keys, &database).await?;
        let desk = accounts::Desk::default();
        Ok(Self {
            office: Arc::new(Office {
                database,
                vault,
                desk,
                trail,
                clock,
                folder,
                planning: OnceLock::new(),
            }),
        })
    }

    fn database(&self) -> &Database {
        &self.office.database
    }

    fn clock(&self) -> &dyn Clock {
        &*self.office.clock
    }

    /// The state folder.
    fn folder(&self) -> &Path {
        &self.office.folder
    }
}
