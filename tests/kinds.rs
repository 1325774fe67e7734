//! Kinds of checks against a real far side, through the program.

mod dns;
mod ping;
mod plugin;
mod push;
mod tcp;
mod tls;

use std::{fs, path::PathBuf, process::Command, time::Duration};

use serde_json::Value;
use tempfile::TempDir;

/// How long anything here may take on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(40);

/// A configuration of its own to run the program with.
struct Checks {
    folder: TempDir,
}

impl Checks {
    fn new(configuration: &str) -> Self {
        let checks = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(checks.path("litemon.toml"), configuration).unwrap();
        checks
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `litemon ARGUMENTS` printed on standard output and error.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_litemon"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.folder.path());
        command.current_dir(self.folder.path()).args(["-c", "litemon.toml"]).args(arguments);
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    /// All checks, looked at once.
    fn probe(&self) -> Vec<Value> {
        let (_, out, err) = self.run(&["probe", "--json"]);
        let all: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        all["checks"].as_array().unwrap().clone()
    }
}

/// The check of this name.
#[track_caller]
fn one<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("{checks:#?}"))
}

/// Its status, and what was seen or why nothing was.
#[track_caller]
fn said<'a>(checks: &'a [Value], name: &str) -> (&'a str, &'a str) {
    let check = one(checks, name);
    let detail = check["failure"]["message"].as_str().or(check["detail"].as_str());
    (check["status"].as_str().unwrap(), detail.unwrap_or_default())
}
