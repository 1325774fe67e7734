//! A private MariaDB server.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use litemon_core::{
    secret::Secret,
    store::{MySqlSettings, MySqlTls},
};
use rustix::process::Signal;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, mysql::MySqlConnectOptions};
use tempfile::TempDir;

use super::{Process, eventually, free_port};

/// The password of the user `litemon`.
pub const PASSWORD: &str = "tr0ub4dor&3";

/// A MariaDB server of its own, in a temporary folder, ended on drop.
#[derive(Debug)]
pub struct MariaDb {
    process: Mutex<Option<Process>>,
    folder: TempDir,
    pub port: u16,
    arguments: Vec<String>,
}

/// The one of tests that do it no harm. It ends when the last of them lets go of it.
static SHARED: tokio::sync::Mutex<Weak<MariaDb>> = tokio::sync::Mutex::const_new(Weak::new());

impl MariaDb {
    /// The server that tests share, each with a database of its own.
    pub async fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().await;
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start().await);
        *shared = Arc::downgrade(&server);
        server
    }

    /// A server for a test that stops or kills it.
    pub async fn start() -> Self {
        Self::start_with(|_| Vec::new()).await
    }

    /// A server with arguments of its own, which may name files in its folder.
    pub async fn start_with(arguments: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments = arguments(folder.path());
        let server = Self { process: Mutex::default(), folder, port: free_port(), arguments };
        let installed = Command::new("mariadb-install-db")
            // Servers that start at once clear away each other's files in a shared one.
            .env("TMPDIR", server.folder.path())
            .args(["--no-defaults", "--auth-root-authentication-method=normal"])
            .arg(format!("--datadir={}", server.data().display()))
            .arg(format!("--user={}", user()))
            .output()
            .unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        server.resume().await;
        server.sql(&format!("CREATE USER litemon IDENTIFIED BY '{PASSWORD}'")).await;
        // Else the anonymous user of a fresh installation takes the login on localhost.
        server.sql("DROP USER IF EXISTS ''@'localhost'").await;
        server
    }

    /// A file of its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts it (again), and waits until it answers.
    pub async fn resume(&self) {
        let mut command = Command::new("mariadbd");
        command
            .env("TMPDIR", self.folder.path())
            .args(["--no-defaults", "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=32M"])
            .arg(format!("--datadir={}", self.data().display()))
            .arg(format!("--user={}", user()))
            .arg(format!("--port={}", self.port))
            .arg(format!("--socket={}", self.folder.path().join("sock").display()))
            .arg(format!("--pid-file={}", self.folder.path().join("pid").display()))
            .args(&self.arguments);
        let process = Process::start(&mut command, &self.folder.path().join("log")).unwrap();
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
        eventually("MariaDB to answer", Duration::from_secs(60), async || {
            assert!(self.runs(), "MariaDB ended: see {}", self.folder.path().display());
            MySqlConnection::connect_with(&self.root()).await.ok()
        })
        .await;
    }

    fn runs(&self) -> bool {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.as_mut().is_some_and(Process::runs)
    }

    /// Kills it as a power cut does.
    pub fn kill(&self) {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Makes it hang, and waits until each of its threads does.
    pub async fn hang(&self) {
        let id = self.signal(Signal::STOP);
        eventually("MariaDB to hang", Duration::from_secs(10), async || {
            let mut threads = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
            let stopped = |path: PathBuf| {
                std::fs::read_to_string(path).is_ok_and(|status| status.contains("State:\tT"))
            };
            threads.all(|thread| stopped(thread.unwrap().path().join("status"))).then_some(())
        })
        .await;
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// Sends a signal; the process id.
    fn signal(&self, signal: Signal) -> u32 {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let process = process.as_ref().expect("it runs");
        process.signal(signal);
        process.id()
    }

    fn root(&self) -> MySqlConnectOptions {
        MySqlConnectOptions::new().host("127.0.0.1").port(self.port).username("root")
    }

    /// Runs a statement as root.
    pub async fn sql(&self, statement: &str) {
        let mut root = MySqlConnection::connect_with(&self.root()).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut root).await.unwrap();
    }

    /// A number that a query as root gives.
    pub async fn number(&self, query: &str) -> i64 {
        let mut root = MySqlConnection::connect_with(&self.root()).await.unwrap();
        sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut root).await.unwrap()
    }

    /// A new, empty database, and how the user `litemon` gets to it. Its default character set is
    /// not the one that is needed, as on many real servers.
    pub async fn database(&self, name: &str) -> MySqlSettings {
        self.sql(&format!("CREATE DATABASE {name} CHARACTER SET latin1")).await;
        self.sql(&format!("GRANT ALL ON {name}.* TO litemon")).await;
        let mut settings = MySqlSettings::new("127.0.0.1", name, "litemon");
        settings.port = self.port;
        settings.password = Some(Secret::new(PASSWORD.into()));
        settings.tls = MySqlTls::VerifiedUnlessLoopback;
        settings
    }
}

/// Who runs the tests: the server drops root's rights to nobody else.
fn user() -> String {
    let id = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().to_owned()
}
