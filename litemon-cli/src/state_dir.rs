//! The folder that belongs to one running monitor.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use rustix::fs::{FlockOperation, flock};

use crate::error::{CliError, Result};

/// A state folder, locked while this lives. The kernel lets go of the lock when the process ends,
/// however it ends.
#[derive(Debug)]
pub struct StateDir {
    _lock: File,
}

impl StateDir {
    /// Makes the folder (0700) if need be.
    pub fn make(path: &Path) -> Result<()> {
        let wrong = |error| unusable(path, error);
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(wrong)?;
        let mode = fs::metadata(path).map_err(wrong)?.permissions().mode();
        if mode & 0o077 != 0 {
            let shown = path.display();
            return Err(CliError::usage(format!(
                "others can look into the state folder {shown}: run `chmod 700 {shown}`"
            )));
        }
        Ok(())
    }

    /// Makes the folder if need be, and locks it.
    pub fn lock(path: &Path) -> Result<Self> {
        Self::make(path)?;
        let wrong = |error| unusable(path, error);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(wrong)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(CliError::failed(format!(
                "another litemon is running with the state folder {}; end it first, or set another \
                 state_dir",
                path.display()
            ))),
            Err(error) => Err(wrong(error.into())),
        }
    }
}

fn unusable(path: &Path, error: io::Error) -> CliError {
    let line = format!("the state folder {} cannot be used; set another state_dir", path.display());
    CliError::failed(line).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let first = StateDir::lock(&path).unwrap();
        assert!(StateDir::lock(&path).unwrap_err().to_string().contains("another litemon"));
        drop(first);
        StateDir::lock(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_folder_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(StateDir::lock(&path).unwrap_err().to_string().contains("chmod 700"));
    }
}
