//! The ways out beside SMS, through the program: webhooks, services over HTTP, mail; and the signs of
//! life.

mod alive;
mod mail;
mod over_http;

use std::{fs, path::PathBuf, time::Duration};

use tempfile::TempDir;

use crate::support::litemon::Litemon;

/// How long each thing may take.
const SOON: Duration = Duration::from_secs(30);

/// litemon watching a file: while the file is there, all is well.
struct Watch {
    litemon: Litemon,
    lamp: PathBuf,
    _folder: TempDir,
}

impl Watch {
    /// Tells `told` by the notifiers of `more`.
    async fn start(told: &str, more: &str, env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lamp = folder.path().join("lamp");
        fs::write(&lamp, "").unwrap();
        let configuration = Self::configuration(&lamp, told, more);
        Self { litemon: Litemon::start(&configuration, env).await, lamp, _folder: folder }
    }

    fn configuration(lamp: &std::path::Path, told: &str, more: &str) -> String {
        format!(
            "timezone = \"UTC\"\n[defaults]\ninterval = \"500ms\"\nretry_interval = \"200ms\"\nattempts = 1\n\
             notify = [{told}]\n[servers.here]\naddress = \"local\"\n[servers.here.services.lamp]\n\
             command = \"test -e {}\"\n{more}",
            lamp.display()
        )
    }

    fn off(&self) {
        fs::remove_file(&self.lamp).unwrap();
    }

    fn on(&self) {
        fs::write(&self.lamp, "").unwrap();
    }
}
