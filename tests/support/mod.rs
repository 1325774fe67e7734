//! Private instances of the real components, on free loopback ports, in temporary folders, ended by
//! process id.
#![allow(dead_code, reason = "the benchmarks take a part of it")]

pub mod account;
pub mod activemq;
pub mod axe;
pub mod chromium;
pub mod courier;
pub mod device;
pub mod faulty;
pub mod fleet;
pub mod hook;
pub mod kannel;
pub mod litemon;
pub mod machine;
pub mod mariadb;
pub mod monitor_process;
pub mod namespace;
pub mod person;
pub mod phones;
pub mod prometheus;
pub mod rabbitmq;
pub mod servers;
pub mod smtp;
pub mod sshd;
pub mod statistics;
pub mod terminal;
pub mod web;

use std::{
    io,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

/// A child process in a process group of its own, killed with all its children on drop.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts it; what it prints goes to `log`.
    pub fn start(command: &mut Command, log: &Path) -> io::Result<Self> {
        let out = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .process_group(0)
            .spawn()?;
        Ok(Self { child })
    }

    /// Takes care of one that was started in a group of its own.
    pub fn adopt(child: Child) -> Self {
        Self { child }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to it alone.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, signal);
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> io::Result<std::process::ExitStatus> {
        self.child.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.child.wait();
    }
}

/// A TCP port of 127.0.0.1 that was free a moment ago, and that no other test gets.
///
/// It lies below the range from which the kernel takes ports for outgoing connections (from 32768
/// on): one of those would be taken by a client before its server is up.
pub fn free_port() -> u16 {
    const FIRST: u16 = 10_000;
    const COUNT: u16 = 20_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Several test programs may run at once.
    let start = u16::try_from(std::process::id() * 97 % u32::from(COUNT)).unwrap();
    (0..COUNT)
        .map(|_| (start + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT + FIRST)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

/// The length of a long scene: `full` under tests/soak (LITEMON_SOAK=1), else `short`.
pub fn scale<T>(short: T, full: T) -> T {
    if std::env::var_os("LITEMON_SOAK").is_some_and(|value| value == "1") { full } else { short }
}

/// Runs a helper program to its end.
///
/// # Panics
/// With what it printed, unless it succeeds.
pub fn run(command: &mut Command) -> String {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?} did not start: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{text}{errors}", output.status);
    text
}

/// Waits until `done` gives something, asking every 20 ms.
///
/// # Panics
/// After `limit`, with `what` it waited for.
pub async fn eventually<T>(what: &str, limit: Duration, done: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_or(limit, done).await.unwrap_or_else(|| panic!("waited {limit:?} for {what}"))
}

/// The same, but `None` when it never is.
pub async fn eventually_or<T>(
    limit: Duration,
    mut done: impl AsyncFnMut() -> Option<T>,
) -> Option<T> {
    let wait = async {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        loop {
            tick.tick().await;
            if let Some(value) = done().await {
                return value;
            }
        }
    };
    tokio::time::timeout(limit, wait).await.ok()
}
