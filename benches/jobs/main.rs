//! One command on many servers, beside the tools that people use for that. docs/BENCHMARKS.md says
//! how to run it.

#![allow(missing_docs, unreachable_pub, clippy::print_stdout, reason = "a tool")]
#![allow(clippy::disallowed_methods, reason = "what is measured takes real time")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that fails shall stop"
)]

mod open;
mod peers;
#[allow(dead_code, reason = "another benchmark takes the rest of it")]
#[path = "../check_cost/proc.rs"]
mod proc;
#[allow(dead_code, reason = "another benchmark takes the rest of it")]
#[path = "../check_cost/simulated.rs"]
mod simulated;
#[path = "../../tests/support/mod.rs"]
mod support;

use std::{
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use clap::Parser;
use support::account::{Keys, Sshd, user};

/// What runs on each server.
pub const LINE: &str = "sleep 1";

/// Runs `sleep 1` on many real SSH servers at once: litemon, parallel-ssh, clush, ansible.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many real servers, at most 238
    #[arg(long, default_value_t = 50)]
    servers: usize,
    /// How many simulated servers, for litemon's memory
    #[arg(long, default_value_t = 1000)]
    simulated: usize,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub wall: Duration,
    pub cpu: Duration,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let scene = Scene::new(folder.path(), &keys);

    let servers = real_servers(&keys, arguments.servers).await;
    let addresses: Vec<_> = servers.iter().flat_map(|sshd| sshd.addresses.clone()).collect();
    println!("`{LINE}` on {} servers, logins included:", addresses.len());
    let config = scene.config("real", &addresses, &user());
    let own = measure(exec(&config, LINE));
    println!("  {:<14}{}", "litemon exec", shown(own));
    for (name, command) in peers::all(&scene, &addresses) {
        let peer = measure(command);
        let (wall, cpu) = (
            peer.wall.div_duration_f64(own.wall),
            peer.cpu.div_duration_f64(own.cpu.max(Duration::from_millis(10))),
        );
        println!("  {name:<14}{}: {wall:.1} times the time, {cpu:.0} times the CPU", shown(peer));
    }
    open::measure(&config).await;
    drop(servers);

    let fleet = simulated::Fleet::start(&keys, arguments.simulated);
    let config = scene.config("simulated", &fleet.addresses, "monitor");
    let peak = peak_memory(exec(&config, "echo 42"));
    println!("memory of `litemon exec` on {} simulated servers: {peak} MB", arguments.simulated);
}

fn shown(cost: Cost) -> String {
    format!("{:>6.2} s, {:>6.2} s of CPU", cost.wall.as_secs_f64(), cost.cpu.as_secs_f64())
}

/// Where the files of a run are.
#[derive(Debug)]
pub struct Scene {
    pub folder: PathBuf,
    pub identity: PathBuf,
    pub known_hosts: PathBuf,
}

impl Scene {
    fn new(folder: &Path, keys: &Keys) -> Self {
        let (identity, known_hosts) = (keys.identity(), keys.known_hosts());
        Self { folder: folder.to_owned(), identity, known_hosts }
    }

    /// A configuration of these servers.
    fn config(&self, name: &str, addresses: &[SocketAddr], user: &str) -> PathBuf {
        let folder = self.folder.join(name);
        fs::create_dir(&folder).unwrap();
        let mut text = format!(
            "timezone = \"UTC\"\nstate_dir = \"state\"\n[ssh]\nuser = \"{user}\"\n\
             identity = \"{}\"\nknown_hosts = \"{}\"\n",
            self.identity.display(),
            self.known_hosts.display()
        );
        for (number, address) in addresses.iter().enumerate() {
            writeln!(text, "[servers.s{number}]\naddress = \"{address}\"").unwrap();
        }
        let path = folder.join("litemon.toml");
        fs::write(&path, text).unwrap();
        path
    }
}

/// `litemon exec` on all servers of a configuration.
fn exec(config: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_litemon"));
    command.arg("--config").arg(config).args(["exec", "--all", "--", line]);
    command.env_remove("SSH_AUTH_SOCK");
    command
}

/// Runs it, which has to succeed.
fn measure(mut command: Command) -> Cost {
    let (before, begun) = (proc::cpu_of_children(), Instant::now());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let wall = begun.elapsed();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {errors}{}",
        String::from_utf8_lossy(&output.stdout)
    );
    Cost { wall, cpu: proc::cpu_of_children() - before }
}

/// The most memory it had, in MB, looked at every 10 ms.
fn peak_memory(mut command: Command) -> u64 {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut peak = 0;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command:?}");
            return peak / 1_000_000;
        }
        peak = peak.max(memory(child.id()));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// 0 for one that just ended.
fn memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Enough sshd processes for that many addresses, from 127.0.0.2 on.
async fn real_servers(keys: &Keys, count: usize) -> Vec<Sshd> {
    let last = u8::try_from(count + 1).expect("the real servers share 127.0.0.0/24");
    let addresses: Vec<_> = (2..=last).map(|host| Ipv4Addr::new(127, 0, 0, host)).collect();
    let port = support::free_port();
    let mut servers = Vec::new();
    for addresses in addresses.chunks(16) {
        servers.push(Sshd::start_at(keys, addresses, port, "").await);
    }
    servers
}
