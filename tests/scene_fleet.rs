//! The scene of the second system, in a real browser against real servers: log in, add two servers,
//! try them, update both, restart one and see it proved; on a desk and on a phone.

use std::time::Duration;

use litemon_core::manage::Role;
use tokio::time::Instant;

use crate::support::{litemon::Litemon, machine::Machine, person::Person, sshd::user};

/// What the paper measured: its application on two servers, and a person at a terminal on one.
const PAPER: [(&str, u64); 2] =
    [("the paper's application, two servers", 32), ("by hand, one", 39)];

const WATCHED: &str = "timezone = \"UTC\"\n[defaults]\ninterval = \"1s\"\nattempts = 1\n[ssh]\nagent = false\n\
    [groups.web]\n[checks.clock]\nkind = \"service\"\ncommand = \"true\"\n";

async fn add(ann: &Person, name: &str, machine: &Machine) {
    ann.open("/admin/servers?add").await;
    let (address, identity) = (
        format!("127.0.0.1:{}", machine.sshd.port()),
        machine.sshd.path("id").display().to_string(),
    );
    ann.fill(&[("name", name), ("address", &address), ("groups", "web")]).await;
    ann.fill(&[("user", &user()), ("identity", &identity)]).await;
    ann.press("form.wide button.first").await;
    ann.says("It is added").await;
    ann.trust(&machine.sshd).await;
}

/// Restarts the second server: its sshd ends, and comes back with another boot id.
async fn restart(ann: &Person, machine: &mut Machine) {
    ann.open("/servers?q=web-2").await;
    ann.says("Select servers to run something on them.").await;
    ann.run("document.querySelector('[name=server][value=web-2]').click()").await;
    ann.press("button[value=restart]").await;
    ann.says("Restart: web-2?").await;
    ann.looks_at("fleet-restart").await;
    ann.press(".ask button[type=submit]").await;
    machine.has("shutdown").await;
    machine.sshd.stop();
    tokio::time::sleep(Duration::from_secs(2)).await;
    machine.boots("two");
    machine.sshd.run().await;
    ann.says("succeeded").await;
    ann.looks_at("fleet-restarted").await;
}

async fn scene(width: u32) {
    let (one, mut two) = (Machine::start().await, Machine::start().await);
    let litemon = Litemon::start(WATCHED, &[]).await;
    let begun = Instant::now();
    let ann = Person::log_in(&litemon, Role::Admin).await;
    ann.browser.resize(width, 844, false).await.unwrap();
    add(&ann, "web-1", &one).await;
    add(&ann, "web-2", &two).await;

    let chosen = Instant::now();
    ann.open("/").await;
    // Servers, all of them, Update, yes: four taps.
    ann.press("nav a[href='/servers']").await;
    ann.says("Select servers to run something on them.").await;
    // Who was added is watched within a second or two.
    ann.says("web-2").await;
    ann.run("document.querySelector('#choose').click()").await;
    ann.says("2 servers selected").await;
    ann.press("button[value=update]").await;
    ann.says("Update: 2 servers?").await;
    ann.press(".ask button[type=submit]").await;
    ann.says("all 2 servers succeeded").await;
    let (update, whole) = (chosen.elapsed(), begun.elapsed());
    ann.looks_at("fleet-updated").await;
    for machine in [&one, &two] {
        let log = machine.has("updated").await;
        assert!(log.contains("done as noninteractive\n"), "{log}");
    }
    println!(
        "{width} px: two servers updated in {update:.1?}, {whole:.1?} with login and adding them"
    );
    for (what, seconds) in PAPER {
        println!("    beside {seconds} s: {what}");
    }
    ann.browser.resize(width, 844, false).await.unwrap();
    restart(&ann, &mut two).await;
    assert_eq!(ann.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_are_added_updated_and_restarted_on_a_desk() {
    scene(1280).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_are_added_updated_and_restarted_on_a_phone() {
    scene(390).await;
}
