//! The program as people and scripts use it: what it prints, how it ends, and what it never says.

mod accounts;
mod configuration;
mod documents;
mod first_steps;
mod probing;
mod running;
mod secrets;
mod usage;

use std::{
    fmt, fs,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::{Process, eventually, free_port};

/// How long anything here may take on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder to work in, with an environment that holds nothing of this machine's.
struct Place {
    dir: TempDir,
    environment: Vec<(String, String)>,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// With a `litemon.toml`.
    fn with(text: &str) -> Self {
        let place = Self::new();
        place.write("litemon.toml", text);
        place
    }

    /// With a variable.
    fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// A file that only its owner may read.
    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_litemon"));
        command.args(line.split_whitespace()).current_dir(self.dir.path()).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("HOME", self.path("home")).env("USER", "tester");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs `litemon LINE` to its end.
    fn run(&self, line: &str) -> Ran {
        let output = self.command(line).output().unwrap();
        self.ran(output)
    }

    fn ran(&self, output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ran {
            code: output.status.code().unwrap_or_else(|| -output.status.signal().unwrap()),
            out: text(output.stdout),
            err: text(output.stderr),
            folder: self.dir.path().display().to_string(),
        }
    }

    /// Starts `litemon LINE`, which prints into `out`.
    fn start(&self, line: &str) -> Process {
        Process::start(&mut self.command(line), &self.path("out")).unwrap()
    }

    /// Waits until what was started has printed this, and gives all that it printed.
    async fn printed(&self, what: &str) -> String {
        eventually(what, PATIENCE, async || Some(self.read("out")).filter(|out| out.contains(what)))
            .await
    }
}

/// Ends it as a person or systemd does; it has to end well.
async fn end(mut process: Process, signal: Signal) {
    process.signal(signal);
    eventually("the end", PATIENCE, async || (!process.runs()).then_some(())).await;
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

/// What a command printed, and how it ended.
struct Ran {
    code: i32,
    out: String,
    err: String,
    folder: String,
}

impl Ran {
    /// It ended well and said nothing on standard error.
    #[track_caller]
    fn good(self) -> String {
        assert!(self.code == 0 && self.err.is_empty(), "{self}");
        self.out
    }

    /// It printed nothing, and one line on standard error.
    #[track_caller]
    fn line(&self) -> &str {
        let one = self.err.strip_suffix('\n').filter(|line| !line.contains('\n'));
        one.filter(|_| self.out.is_empty()).unwrap_or_else(|| panic!("{self}"))
    }
}

/// As it stands in a snapshot.
impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}--- error\n{}--- exit {}", self.out, self.err, self.code);
        f.write_str(&text.replace(&self.folder, "[FOLDER]"))
    }
}

/// Text without numbers that differ from run to run.
fn steady(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (pattern, to)| {
        regex::Regex::new(pattern).unwrap().replace_all(&text, *to).into_owned()
    })
}

/// No terminal, no colour.
#[track_caller]
fn plain(ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains('\u{1b}'), "{ran}");
    }
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => files.extend(files_below(&entry.path())),
            false => files.push(entry.path()),
        }
    }
    files
}
