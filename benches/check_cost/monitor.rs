//! litemon itself: its configuration, one run of it, and what that run used.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use rustix::process::Signal;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    count::Results,
    proc, results,
    support::{Process, account::Keys, eventually},
};

/// What each check runs, and what that prints.
pub const COMMAND: &str = "echo 42";
pub const ANSWER: &str = "42";
/// How many checks a server has.
pub const CHECKS: usize = 10;
/// From the start to the measurement: every connection is open by then.
const WARM_UP: Duration = Duration::from_secs(15);

/// Which ten checks.
#[derive(Clone, Copy, Debug)]
pub enum Checks {
    /// Ten times `COMMAND`, for a comparison.
    Commands,
    /// cpu, mem and hdd of the built-in profile, and `COMMAND`.
    Linux,
}

/// A litemon to be run for a while.
#[derive(Debug)]
pub struct Watch {
    folder: PathBuf,
    config: String,
    servers: usize,
    /// The process that is watched, when its share is measured too.
    peer: Option<u32>,
}

/// What one run used, after its warm-up.
#[derive(Debug)]
pub struct Measured {
    pub cpu: Duration,
    /// What the peer used.
    pub peer: Option<Duration>,
    pub wall: Duration,
    /// Resident, in bytes.
    pub memory: u64,
    pub results: Results,
}

impl Measured {
    /// CPU time for each check.
    pub fn cost(&self) -> Option<Duration> {
        (self.results.arrived > 0).then(|| self.cpu.div_f64(self.results.arrived as f64))
    }
}

impl Watch {
    /// One that watches this machine only, with one check.
    pub fn new(folder: &Path, keys: &Keys, name: &str) -> Self {
        let folder = folder.join(name);
        fs::create_dir(&folder).unwrap();
        let config = format!(
            "timezone = \"UTC\"\nstate_dir = \"{}\"\n\
             [ssh]\nidentity = \"{}\"\nknown_hosts = \"{}\"\n\
             [defaults]\ninterval = \"1s\"\ntimeout = \"5s\"\n\
             [servers.here]\naddress = \"local\"\n[servers.here.services.any]\ncommand = \"true\"\n",
            folder.join("state").display(),
            keys.identity().display(),
            keys.known_hosts().display(),
        );
        Self { folder, config, servers: 0, peer: None }
    }

    /// Ten checks on each of these servers, too.
    pub fn servers(mut self, addresses: &[SocketAddr], user: &str, checks: Checks) -> Self {
        let (profiles, commands) = match checks {
            Checks::Commands => (r#"["bench"]"#, CHECKS),
            Checks::Linux => (r#"["linux", "bench"]"#, CHECKS - 3),
        };
        let text = &mut self.config;
        for number in 0..commands {
            writeln!(
                text,
                "[profiles.bench.resources.r{number}]\ncommand = \"{COMMAND}\"\nthreshold = 90"
            )
            .unwrap();
        }
        for (number, address) in addresses.iter().enumerate() {
            writeln!(
                text,
                "[servers.s{number}]\naddress = \"{address}\"\nprofiles = {profiles}\n\
                 ssh = {{ user = \"{user}\" }}"
            )
            .unwrap();
        }
        self.servers += addresses.len();
        self
    }

    /// Measures what this process uses in the same time, too.
    pub fn beside(mut self, process: u32) -> Self {
        self.peer = Some(process);
        self
    }

    /// Runs it, and measures for that long after the warm-up.
    pub async fn run(self, length: Duration) -> Measured {
        let config = self.folder.join("litemon.toml");
        fs::write(&config, &self.config).unwrap();
        let log = self.folder.join("log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_litemon"));
        command.args(["run", "--no-web", "-c"]).arg(&config).current_dir(&self.folder);
        let mut process = Process::start(&mut command, &log).unwrap();
        sleep(WARM_UP).await;
        assert!(process.runs(), "litemon ended: {}", fs::read_to_string(&log).unwrap());

        let (from, started, before) = (results::now(), Instant::now(), proc::cpu(process.id()));
        let peer_before = self.peer.map(proc::cpu);
        sleep(length).await;
        let (to, wall) = (results::now(), started.elapsed());
        let cpu = proc::cpu(process.id()) - before;
        let peer = self.peer.map(proc::cpu).zip(peer_before).map(|(after, before)| after - before);
        let memory = proc::memory(process.id());

        process.signal(Signal::TERM);
        // What it has in memory is written at its end.
        eventually("litemon's end", Duration::from_secs(30), async || {
            (!process.runs()).then_some(())
        })
        .await;
        let state = self.folder.join("state");
        let read = results::read(&state, from..to, self.servers * CHECKS);
        let results = timeout(Duration::from_secs(60), read).await.expect("results in time");
        Measured { cpu, peer, wall, memory, results }
    }
}
