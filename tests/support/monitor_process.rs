//! `litemon run` in a process of its own, with its state in a temporary folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use rustix::process::Signal;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::{Process, chromium::client, eventually, free_port};

/// How long it may take to answer, on a busy machine.
const READY: Duration = Duration::from_secs(20);
/// How long it may take to end.
const ENDED: Duration = Duration::from_secs(30);

/// A monitor that can be started, killed and started again on the same state.
#[derive(Debug)]
pub struct MonitorProcess {
    folder: TempDir,
    state: PathBuf,
    web: u16,
    process: Option<Process>,
}

/// What a process holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// Open files, sockets and pipes, but those of databases.
    pub files: usize,
    pub threads: usize,
    pub children: usize,
    /// Resident memory.
    pub rss_kb: u64,
}

impl MonitorProcess {
    /// One that is not started yet. Where it keeps its state and serves its pages is set beside the
    /// configuration.
    pub fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let monitor = Self { folder, state, web: free_port(), process: None };
        monitor.configure(config);
        monitor
    }

    /// One that runs.
    pub async fn start_with(config: &str) -> Self {
        let mut monitor = Self::new(config);
        monitor.start().await;
        monitor
    }

    /// Keeps its state elsewhere, from the next start on.
    pub fn keep_state_in(&mut self, state: &Path) {
        self.state = state.to_owned();
    }

    /// Writes another configuration; it counts from the next start or reload on.
    pub fn configure(&self, config: &str) {
        fs::write(self.file("litemon.toml"), config).unwrap();
    }

    /// A file of its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The journal's file.
    pub fn journal(&self) -> PathBuf {
        self.state.join("journal.db")
    }

    /// Waits until its journal says that every notice is settled. A notice that its gateway has, and
    /// of which the journal does not know that yet, is rightly sent again after a crash.
    pub async fn until_settled(&self) {
        eventually("the journal to say that all notices are settled", READY, async || {
            self.unsettled().await.ok().filter(|count| *count == 0)
        })
        .await;
    }

    async fn unsettled(&self) -> sqlx::Result<i64> {
        let options = SqliteConnectOptions::new().filename(self.journal()).read_only(true);
        let mut journal = SqliteConnection::connect_with(&options).await?;
        let count = "SELECT count(*) FROM outbox WHERE settled = 0";
        let count = sqlx::query_scalar(count).fetch_one(&mut journal).await?;
        journal.close().await?;
        Ok(count)
    }

    /// Starts it (again), without waiting for anything.
    pub fn spawn(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_litemon"));
        command.arg("run").arg("--config").arg(self.file("litemon.toml"));
        command.current_dir(self.folder.path());
        command.env_remove("SSH_AUTH_SOCK").env("LITEMON_LOG", "info").env("NO_COLOR", "1");
        command.env("LITEMON__STATE_DIR", &self.state);
        command.env("LITEMON__WEB__LISTEN", format!("127.0.0.1:{}", self.web));
        self.process = Some(Process::start(&mut command, &self.file("log")).unwrap());
    }

    /// Starts it (again), and waits until it serves.
    pub async fn start(&mut self) {
        self.spawn();
        eventually("the monitor to serve", READY, async || {
            assert!(self.runs(), "{}", self.log());
            self.try_get("/healthz").await
        })
        .await;
    }

    /// Whether it runs.
    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::runs)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.process.as_ref().expect("it was started").signal(signal);
    }

    /// Waits for its end, and says how it ended.
    pub async fn wait(&mut self) -> std::process::ExitStatus {
        eventually("the monitor to end", ENDED, async || (!self.runs()).then_some(())).await;
        self.process.take().expect("it was started").wait().unwrap()
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Everything it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    /// What a page says.
    pub async fn get(&self, path: &str) -> String {
        self.try_get(path).await.unwrap_or_else(|| panic!("{path} is not served: {}", self.log()))
    }

    /// Whether it serves pages.
    pub async fn serves(&self) -> bool {
        self.try_get("/healthz").await.is_some()
    }

    async fn try_get(&self, path: &str) -> Option<String> {
        let url = format!("http://127.0.0.1:{}{path}", self.web);
        client().get(url).send().await.ok()?.text().await.ok()
    }

    /// What `/dashboard/get/svcstats` says of a service.
    pub async fn service(&self, server: &str, service: &str) -> String {
        let all: serde_json::Value =
            serde_json::from_str(&self.get("/dashboard/get/svcstats").await).unwrap();
        all[server][service]["status"].as_str().unwrap_or("absent").to_owned()
    }

    /// Waits until `/dashboard/get/svcstats` says this of a service.
    pub async fn until_service(&self, server: &str, service: &str, status: &str) {
        let what = format!("{server}/{service} to be {status}");
        eventually(&what, Duration::from_secs(40), async || {
            (self.service(server, service).await == status).then_some(())
        })
        .await;
    }

    /// What it holds now.
    pub fn holdings(&self) -> Holdings {
        let id = self.process.as_ref().expect("it was started").id();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let number = |key: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        let tasks = fs::read_dir(format!("/proc/{id}/task")).unwrap();
        Holdings {
            files: files(id),
            threads: tasks.count(),
            children: children(id),
            rss_kb: number("VmRSS:"),
        }
    }
}

/// Open files but those of databases: up to four connections to the history are opened when they
/// are needed, and kept.
fn files(id: u32) -> usize {
    let of_database = |path: &Path| path.display().to_string().contains(".db");
    let open = fs::read_dir(format!("/proc/{id}/fd")).unwrap().flatten();
    let named = open.filter_map(|entry| fs::read_link(entry.path()).ok());
    named.filter(|path| !of_database(path)).count()
}

/// Processes that any of its threads started and that are still there.
fn children(id: u32) -> usize {
    let threads = fs::read_dir(format!("/proc/{id}/task")).unwrap().flatten();
    let of_thread = |thread: fs::DirEntry| {
        let text = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        text.split_whitespace().count()
    };
    threads.map(of_thread).sum()
}

/// A test that failed shows what the monitor had to say.
impl Drop for MonitorProcess {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("--- the monitor's log\n{}", self.log());
        }
    }
}
