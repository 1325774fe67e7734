//! `control.sock`: how commands reach the monitor that runs with a state folder.

use std::{
    fs, io,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

/// Its name in the state folder.
const FILE: &str = "control.sock";

/// The longest path that the address of a socket has room for: `sun_path` of unix(7), without the
/// zero at its end.
const LONGEST: usize = 107;

/// Where the socket of a state folder is.
pub fn path(state_dir: &Path) -> PathBuf {
    state_dir.join(FILE)
}

/// Whether there can be a socket at this path.
pub fn fits(path: &Path) -> bool {
    path.as_os_str().len() <= LONGEST
}

/// The file of a socket that is listened on. Dropping it removes the file.
#[derive(Debug)]
pub struct ControlFile(PathBuf);

impl Drop for ControlFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Listens in a state folder whose lock this process holds. Without a socket the monitor works all
/// the same, so what is in its way is said and is no error.
pub fn listen(state_dir: &Path) -> Option<(UnixListener, ControlFile)> {
    let path = path(state_dir);
    let shown = path.display();
    if !fits(&path) {
        tracing::warn!(
            "no {FILE}: the path {shown} is longer than the {LONGEST} bytes that a socket may have; \
             `litemon status` will not find this monitor. Set a shorter state_dir"
        );
        return None;
    }
    bind(&path)
        .map(|listener| (listener, ControlFile(path.clone())))
        .map_err(|error| tracing::warn!("no {FILE}: {shown} cannot be made: {error}"))
        .ok()
}

fn bind(path: &Path) -> io::Result<UnixListener> {
    // The lock says that no other monitor runs here: a socket that is there was left by a crash.
    // Anything else that has its name is not ours to remove.
    if fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    // Until then the folder (0700) keeps others out.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_crash_left_is_replaced_and_the_end_removes_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = path(dir.path());
        // A dropped listener leaves its file, as a crash does.
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let (_listener, file) = listen(dir.path()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        tokio::net::UnixStream::connect(&path).await.unwrap();
        drop(file);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn what_is_not_ours_stays() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(path(dir.path()), "mine").unwrap();
        assert!(listen(dir.path()).is_none());
        assert_eq!(fs::read_to_string(path(dir.path())).unwrap(), "mine");
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_gives_none() {
        let dir = tempfile::tempdir().unwrap();
        let room = LONGEST - dir.path().as_os_str().len() - FILE.len() - 2;
        for (length, fits) in [(room, true), (room + 1, false)] {
            let folder = dir.path().join("x".repeat(length));
            fs::create_dir(&folder).unwrap();
            assert_eq!(listen(&folder).is_some(), fits, "{length}");
        }
    }
}
