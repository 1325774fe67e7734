//! SIGHUP with a broken configuration and with a good one.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::Instant;

use super::switches::Switches;
use crate::support::{eventually, monitor_process::MonitorProcess, phones::Phones};

const SOON: Duration = Duration::from_secs(20);

async fn until_logged(monitor: &MonitorProcess, words: &str) {
    eventually(&format!("{words:?} in the log"), SOON, async || {
        monitor.log().contains(words).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_configuration_changes_nothing_and_a_good_one_keeps_what_is_known() {
    let phones = Phones::start().await;
    let switches = Switches::new(3);
    let gauge = switches.file("gauge");
    std::fs::write(&gauge, "5\n").unwrap();
    let hold = Duration::from_secs(12);
    let patient = format!(
        "[servers.here.resources.patient]\ncommand = \"cat {}\"\nthreshold = 50\nfor = \"12s\"\n",
        gauge.display()
    );
    let good = switches.config("[\"oncall\"]") + &patient + &phones.notifier("oncall");
    let monitor = MonitorProcess::start_with(&good).await;
    monitor.until_service("here", "s2", "On").await;
    switches.set(0, false);
    phones.wait_for("PROBLEM here s0 Off since ", SOON).await;

    // Three mistakes of three sorts.
    let broken = good
        .replace("interval = \"1s\"", "interval = \"soon\"")
        .replace("threshold = 50", "treshold = 50")
        .replace("[\"oncall\"]", "[\"onkall\"]");
    monitor.configure(&broken);
    monitor.signal(Signal::HUP);
    until_logged(&monitor, "the one before stays in force").await;
    let log = monitor.log();
    for mistake in ["soon", "treshold", "onkall"] {
        let line = log.lines().find(|line| line.contains(mistake));
        let line = line.unwrap_or_else(|| panic!("{mistake} is not in the log: {log}"));
        assert!(line.contains("litemon.toml:"), "no place: {line}");
    }
    switches.set(1, false);
    phones.wait_for("PROBLEM here s1 Off since ", SOON).await;

    // A good one in the middle of a `for`: the timer goes on.
    std::fs::write(&gauge, "93\n").unwrap();
    let over = Instant::now();
    eventually("the number to be seen", SOON, async || {
        monitor.get("/servers/here").await.contains("93").then_some(())
    })
    .await;
    tokio::time::sleep_until(over + hold / 2).await;
    let better = good.clone() + "[servers.here.services.new]\ncommand = \"true\"\n";
    monitor.configure(&better);
    monitor.signal(Signal::HUP);
    until_logged(&monitor, "the configuration is reloaded").await;
    let reloaded = Instant::now();
    monitor.until_service("here", "new", "On").await;
    phones.wait_for("PROBLEM here patient 93% > 50% since ", hold + SOON).await;
    let (since, after) = (over.elapsed(), reloaded.elapsed());
    println!("told {since:?} after the value, {after:?} after the reload");
    assert!(since >= hold - Duration::from_secs(1) && after < hold, "the timer began anew");

    // Incidents keep their numbers, and nothing is told again.
    monitor.until_service("here", "s0", "Off").await;
    switches.set(0, true);
    switches.set(1, true);
    let first = phones.wait_for("OK here s0 On, was Off", SOON).await;
    let second = phones.wait_for("OK here s1 On, was Off", SOON).await;
    assert!(first[0].ends_with("#1") && second[0].ends_with("#2"), "{first:?} {second:?}");
    assert_eq!(phones.accepted().len(), 5, "{:#?}", phones.accepted());
}
