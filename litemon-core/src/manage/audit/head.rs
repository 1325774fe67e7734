//! How far the trail reaches, beside the database: without it, cutting off the end would not show.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::{AuditId, chain::ChainKey};
use crate::manage::ManageError;

/// Far longer than the line that is written.
const LONGEST: u64 = 1024;

/// A statement that the trail reaches at least to this entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) id: AuditId,
    /// The seal of that entry; empty for 0.
    pub(super) seal: String,
}

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Head(Head),
    /// There is no file.
    Nothing,
    /// It was not written with this key.
    Forged,
}

/// The file, which holds one line: number, seal of the entry, seal of both.
#[derive(Debug)]
pub(super) struct HeadFile {
    path: PathBuf,
    /// One writer of this process at a time. Another process may set it back by an entry or two,
    /// until the next entry.
    turn: tokio::sync::Mutex<()>,
}

impl HeadFile {
    pub(super) fn new(state_dir: &Path) -> Self {
        Self { path: state_dir.join("audit.head"), turn: tokio::sync::Mutex::new(()) }
    }

    pub(super) fn read(&self, key: &ChainKey) -> Result<Said, ManageError> {
        let mut text = String::new();
        match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Said::Nothing),
            Err(error) => return Err(self.cannot("read", error)),
            Ok(file) => {
                if let Err(error) = file.take(LONGEST).read_to_string(&mut text) {
                    if error.kind() == io::ErrorKind::InvalidData {
                        return Ok(Said::Forged);
                    }
                    return Err(self.cannot("read", error));
                }
            }
        }
        let mut words = text.trim_end_matches('\n').split(' ');
        let id = words.next().and_then(|word| word.parse().ok());
        let (Some(id), Some(seal), Some(both), None) =
            (id, words.next(), words.next(), words.next())
        else {
            return Ok(Said::Forged);
        };
        let head = Head { id, seal: seal.to_owned() };
        Ok(if key.seal_head(id, seal)? == both { Said::Head(head) } else { Said::Forged })
    }

    /// Says that a trail without entries is one.
    pub(super) fn begin(&self, key: &ChainKey) -> Result<(), ManageError> {
        let line = line(key, &Head::default())?;
        write(&self.path, &line).map_err(|error| self.cannot("written", error))
    }

    /// Says that the trail reaches further. What is not a good head is left as it is: it has to be
    /// seen.
    pub(super) async fn advance(&self, key: &ChainKey, to: &Head) -> Result<(), ManageError> {
        let _turn = self.turn.lock().await;
        match self.read(key)? {
            Said::Head(head) if head.id < to.id => {
                let (path, line) = (self.path.clone(), line(key, to)?);
                // It waits for the disk.
                let written = tokio::task::spawn_blocking(move || write(&path, &line)).await;
                written
                    .unwrap_or_else(|error| Err(io::Error::other(error)))
                    .map_err(|error| self.cannot("written", error))
            }
            _ => Ok(()),
        }
    }

    fn cannot(&self, doing: &'static str, source: io::Error) -> ManageError {
        let place = self.path.display().to_string();
        ManageError::Database { place, doing, source: Box::new(source) }
    }
}

fn line(key: &ChainKey, head: &Head) -> Result<String, ManageError> {
    let both = key.seal_head(head.id, &head.seal)?;
    Ok(format!("{} {} {both}\n", head.id, head.seal))
}

fn write(path: &Path, line: &str) -> io::Result<()> {
    let draft = path.with_extension(format!("head.{}", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(line.as_bytes())?;
    // A file that is renamed before it is on the disk may be empty after a loss of power.
    file.sync_all()?;
    fs::rename(&draft, path)
}
