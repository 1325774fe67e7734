//! What litemon costs for each check and each server. docs/BENCHMARKS.md says how to run it.

#![allow(missing_docs, unreachable_pub, clippy::print_stdout, reason = "a tool")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that fails shall stop"
)]

mod count;
mod monitor;
mod plugin;
mod proc;
mod results;
mod simulated;
#[path = "../../tests/support/mod.rs"]
mod support;

use std::{net::Ipv4Addr, path::Path, time::Duration};

use clap::{Parser, ValueEnum};
use monitor::{CHECKS, Measured, Watch};
use support::account::{Keys, Sshd, user};

/// Measures litemon against real and simulated SSH servers, on this machine.
#[derive(Debug, Parser)]
struct Arguments {
    /// What to measure
    #[arg(default_value = "check-cost")]
    scene: Scene,
    /// How long, in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How many servers; 50 real or 1000 simulated ones when absent
    #[arg(long)]
    servers: Option<usize>,
    /// How many runs of check_by_ssh
    #[arg(long, default_value_t = 200)]
    plugin_runs: usize,
    /// Measures check_by_ssh only
    #[arg(long)]
    plugin_only: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Scene {
    /// CPU for each check beside check_by_ssh, memory for each server, on real sshd
    CheckCost,
    /// Lost and late results with a simulated fleet
    Fleet,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    match arguments.scene {
        Scene::CheckCost => check_cost(folder.path(), &keys, &arguments).await,
        Scene::Fleet => fleet(folder.path(), &keys, &arguments).await,
    }
}

async fn check_cost(folder: &Path, keys: &Keys, arguments: &Arguments) {
    let servers = real_servers(keys, arguments.servers.unwrap_or(50)).await;
    let addresses: Vec<_> = servers.iter().flat_map(|sshd| sshd.addresses.clone()).collect();
    let plugin = plugin::measure(keys, &addresses, arguments.plugin_runs).await;
    println!("check_by_ssh: {:.2} ms of CPU for each check", millis(plugin));
    if arguments.plugin_only {
        return;
    }
    let seconds = Duration::from_secs(arguments.seconds);
    let alone = Watch::new(folder, keys, "local").run(Duration::from_secs(10)).await;
    let own = Watch::new(folder, keys, "cost")
        .servers(&addresses, &user(), monitor::Checks::Commands)
        .run(seconds)
        .await;
    report(&own, &alone, addresses.len());
    if let Some(cost) = own.cost() {
        println!("check_by_ssh costs {:.0} times as much", plugin.div_duration_f64(cost));
    }
}

async fn fleet(folder: &Path, keys: &Keys, arguments: &Arguments) {
    let count = arguments.servers.unwrap_or(1000);
    let fleet = simulated::Fleet::start(keys, count);
    let seconds = Duration::from_secs(arguments.seconds);
    let alone = Watch::new(folder, keys, "local").run(Duration::from_secs(10)).await;
    let own = Watch::new(folder, keys, "fleet")
        .servers(&fleet.addresses, "monitor", monitor::Checks::Linux)
        .beside(fleet.id())
        .run(seconds)
        .await;
    report(&own, &alone, count);
}

/// Enough sshd processes for that many addresses, from 127.0.0.2 on.
async fn real_servers(keys: &Keys, count: usize) -> Vec<Sshd> {
    assert!(count < 240, "the real servers share 127.0.0.0/24");
    let last = u8::try_from(count + 1).unwrap();
    let addresses: Vec<_> = (2..=last).map(|host| Ipv4Addr::new(127, 0, 0, host)).collect();
    let mut servers = Vec::new();
    for addresses in addresses.chunks(16) {
        servers.push(Sshd::start(keys, addresses, "").await);
    }
    servers
}

fn report(own: &Measured, alone: &Measured, servers: usize) {
    let results = &own.results;
    println!("litemon: {servers} servers with {CHECKS} checks each, every second");
    println!(
        "results: {} arrived, {} lost, {} late by more than 0.2 s",
        results.arrived, results.lost, results.late
    );
    let (cpu, wall) = (own.cpu.as_secs_f64(), own.wall.as_secs_f64());
    println!("CPU: {cpu:.1} s in {wall:.0} s, {:.0} % of a core", cpu / wall * 100.0);
    if let Some(peer) = own.peer.map(|peer| peer.as_secs_f64()) {
        println!("CPU of the fleet: {peer:.1} s, {:.0} % of a core", peer / wall * 100.0);
    }
    match own.cost() {
        Some(cost) => println!("CPU for each check: {:.3} ms", millis(cost)),
        None => println!("CPU for each check: unknown, as no result arrived"),
    }
    let growth = own.memory.saturating_sub(alone.memory) / servers.max(1) as u64;
    println!(
        "memory: {} KB, without servers {} KB: {} KB for each server",
        own.memory / 1000,
        alone.memory / 1000,
        growth / 1000
    );
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
