//! The same check by the Nagios plugin `check_by_ssh`, which starts an ssh for each.

use std::{net::SocketAddr, path::Path, process::Stdio, time::Duration};

use tokio::{process::Command, task::JoinSet};

use crate::{
    monitor::{ANSWER, COMMAND},
    proc,
    support::account::{Keys, user},
};

const PLUGIN: &str = "/usr/lib/nagios/plugins/check_by_ssh";
/// How many run at once; it changes the time they take, hardly the CPU.
const AT_ONCE: usize = 2;

/// The CPU time of one run, with the ssh it starts, as the mean of `runs`.
pub async fn measure(keys: &Keys, servers: &[SocketAddr], runs: usize) -> Duration {
    assert!(Path::new(PLUGIN).exists(), "install the package monitoring-plugins-basic");
    let known_hosts = keys.known_hosts();
    let before = proc::cpu_of_children();
    let mut running = JoinSet::new();
    for address in servers.iter().cycle().take(runs) {
        if running.len() == AT_ONCE {
            running.join_next().await.unwrap().unwrap();
        }
        running.spawn(check(command(keys, &known_hosts, *address)));
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
    (proc::cpu_of_children() - before).div_f64(runs as f64)
}

fn command(keys: &Keys, known_hosts: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(PLUGIN);
    command.args(["-H", &address.ip().to_string(), "-p", &address.port().to_string()]);
    command.args(["-l", &user(), "-C", COMMAND, "-F", "/dev/null", "-t", "30", "-i"]);
    command.arg(keys.identity());
    for option in ["BatchMode=yes", "GlobalKnownHostsFile=none"] {
        command.args(["-o", option]);
    }
    command.arg("-o").arg(format!("UserKnownHostsFile={}", known_hosts.display()));
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

async fn check(mut command: Command) {
    let output = command.output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.trim() == ANSWER, "check_by_ssh: {text}{errors}");
}
