//! Which process runs a job, and whether that process is still there.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rand::RngExt;
use rustix::fs::{FlockOperation, flock};

use crate::manage::ManageError;

/// This process, as it stands beside its jobs. The kernel lets go of its lock when the process ends,
/// however it ends.
#[derive(Debug)]
pub(super) struct Owner {
    name: String,
    folder: PathBuf,
    _lock: File,
}

impl Owner {
    pub(super) fn new(folder: &Path) -> Result<Self, ManageError> {
        let name = word();
        let lock = take(folder, &name).map_err(|error| {
            let shown = folder.display();
            ManageError::Conflict(format!("{shown} cannot be used: {error}"))
        })?;
        Ok(Self { name, folder: folder.to_owned(), _lock: lock })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the process of a job still runs. One of which that cannot be told counts as alive.
    pub(super) fn lives(&self, name: &str) -> bool {
        if name == self.name {
            return true;
        }
        let path = path(&self.folder, name);
        match OpenOptions::new().write(true).open(&path) {
            Ok(file) => flock(&file, FlockOperation::NonBlockingLockExclusive).is_err(),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Removes what a process left that ended, once none of its jobs is open.
    pub(super) fn forget(&self, name: &str) {
        if name != self.name {
            let _ = std::fs::remove_file(path(&self.folder, name));
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(path(&self.folder, &self.name));
    }
}

/// 128 random bits as a word.
pub(super) fn word() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}

fn path(folder: &Path, name: &str) -> PathBuf {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    folder.join(format!("owner-{plain}"))
}

fn take(folder: &Path, name: &str) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path(folder, name))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_lives_as_long_as_its_lock() {
        let dir = tempfile::tempdir().unwrap();
        let (me, other) = (Owner::new(dir.path()).unwrap(), Owner::new(dir.path()).unwrap());
        let name = other.name().to_owned();
        assert!(me.lives(me.name()) && me.lives(&name) && other.lives(me.name()));
        drop(other);
        assert!(!me.lives(&name));
        // A crash leaves the file without its lock.
        std::fs::write(dir.path().join("owner-crashed"), "").unwrap();
        assert!(!me.lives("crashed"));
        me.forget("crashed");
        assert!(!dir.path().join("owner-crashed").exists());
    }
}
