//! Who takes an incident, who is told besides, and when nobody is: the program with a gateway, from
//! the command line and in a browser.

use std::{fs, time::Duration};

use litemon_core::manage::Role;
use serde_json::Value;

use crate::support::{eventually, litemon::Litemon, person::Person, phones::Phones};

const SOON: Duration = Duration::from_secs(20);

/// A service of this machine that is on while a file is there, and a boss who is told when nobody
/// takes it.
struct Site {
    litemon: Litemon,
    phones: Phones,
    folder: tempfile::TempDir,
}

impl Site {
    async fn start() -> Self {
        let (phones, folder) = (Phones::start().await, tempfile::tempdir().unwrap());
        fs::write(folder.path().join("on"), "").unwrap();
        let configuration = format!(
            "timezone = \"UTC\"\n{}{}\
             [defaults]\ninterval = \"300ms\"\nattempts = 1\nnotify = \"oncall\"\nflapping = false\n\
             escalate = [{{ after = \"4s\", notify = \"boss\" }}]\n\
             [servers.box]\naddress = \"local\"\n\
             services.lamp.command = \"test -e {}\"\n",
            phones.notifier("oncall"),
            phones.notifier("boss").replace("8123456789", "8999999999"),
            folder.path().join("on").display(),
        );
        Self { litemon: Litemon::start(&configuration, &[]).await, phones, folder }
    }

    fn switch(&self, on: bool) {
        let file = self.folder.path().join("on");
        if on { fs::write(file, "").unwrap() } else { fs::remove_file(file).unwrap() }
    }

    /// What a command prints; it has to succeed.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.litemon.command(arguments).output().unwrap();
        let (out, err) = (&output.stdout, &output.stderr);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(err));
        String::from_utf8_lossy(out).into_owned()
    }

    /// The open incident, once it is there.
    async fn incident(&self) -> Value {
        eventually("an open incident", SOON, async || {
            let page: Value =
                serde_json::from_str(&self.says(&["incident", "list", "--json"])).ok()?;
            page["incidents"].get(0).cloned()
        })
        .await
    }

    fn to(&self, number: &str) -> Vec<String> {
        let all = self.phones.receipts().into_iter();
        all.filter(|one| one.to == number).map(|one| one.text).collect()
    }
}

const ONCALL: &str = "+628123456789";
const BOSS: &str = "+628999999999";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incident_is_muted_told_taken_and_given_up_from_the_command_line() {
    let site = Site::start().await;
    let muted = site.says(&["mute", "box/lamp", "--for", "1h", "--note", "new bulb"]);
    assert!(muted.starts_with("1: box/lamp is not told until "), "{muted}");
    site.switch(false);
    let incident = site.incident().await;
    assert_eq!(incident["silence"], "window");
    let list = site.says(&["maintenance", "list"]);
    assert!(list.contains("box/lamp") && list.contains("new bulb"), "{list}");
    assert_eq!(site.to(ONCALL), [""; 0]);

    // What still holds is told when nothing speaks against it any more.
    assert_eq!(site.says(&["maintenance", "end", "1"]), "1 is over\n");
    site.phones.wait_for("PROBLEM box lamp Off since ", SOON).await;
    assert_eq!(site.says(&["maintenance", "list"]), "Everything is told.\n");

    let number = incident["number"].to_string();
    site.says(&["incident", "ack", &number, "--note", "on my way"]);
    let acks = site.phones.wait_for("ACK box lamp Off since ", SOON).await;
    assert!(acks[0].contains(", taken by "), "{acks:?}");
    let shown = site.says(&["incident", "show", &number]);
    assert!(shown.contains("taken by ") && shown.contains(": on my way"), "{shown}");
    // A second later than the boss would be told.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(site.to(BOSS), [""; 0]);
    site.says(&["incident", "ack", &number, "--undo"]);
    eventually("the boss to be told", SOON, async || {
        site.to(BOSS).first()?.contains(", nobody took it #").then_some(())
    })
    .await;
    site.switch(true);
    eventually("both to be told that it is over", SOON, async || {
        let over =
            |number| site.to(number).last().is_some_and(|text| text.starts_with("OK box lamp On"));
        (over(ONCALL) && over(BOSS)).then_some(())
    })
    .await;

    let trail = site.says(&["audit", "list"]);
    for done in ["window.add", "window.end", "incident.ack", "incident.unack"] {
        assert!(trail.contains(done), "{done} is not in\n{trail}");
    }
    for (wrong, why) in [
        (&["incident", "ack", "99"][..], "there is no open incident \"99\""),
        (&["mute", "nobody", "--for", "1h"], "there is no nobody"),
        (&["mute", "box", "--for", "1s"], "a minute to 90 days"),
        (&["maintenance", "end", "7"], "there is no time of silence \"7\""),
        (&["maintenance", "add", "box", "--for", "1h", "--from", "soon"], "--from: expected"),
    ] {
        let output = site.litemon.command(wrong).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(why), "{wrong:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incident_is_taken_and_maintenance_is_planned_in_a_browser() {
    let site = Site::start().await;
    let ann = Person::log_in(&site.litemon, Role::Operator).await;
    site.switch(false);
    let number = site.incident().await["number"].clone();
    ann.open(&format!("/incidents/{number}")).await;
    ann.looks_at("incident-open").await;
    ann.press("#take button").await;
    ann.says("Taken by ann.").await;
    ann.looks_at("incident-taken").await;
    ann.open("/").await;
    ann.says("Taken by ann").await;
    ann.looks_at("overview-taken").await;

    ann.open("/maintenance").await;
    ann.says("Everything is told").await;
    ann.looks_at("maintenance-none").await;
    ann.fill(&[("targets", "box, nobody")]).await;
    ann.press("form.entry button").await;
    ann.says("there is no nobody").await;
    ann.fill(&[("targets", "box"), ("note", "new bulb")]).await;
    ann.press("form.entry button").await;
    ann.says("new bulb").await;
    ann.looks_at("maintenance").await;
    ann.press("td.do button").await;
    ann.says("Everything is told").await;
    ann.open("/language?to=id").await;
    ann.open("/maintenance").await;
    ann.looks_at("maintenance-id").await;
    ann.open(&format!("/incidents/{number}")).await;
    ann.says("Ditangani ann").await;
    ann.press("#take button").await;
    ann.says("Saya tangani").await;
    ann.looks_at("incident-id").await;
    assert_eq!(ann.complaints().await, Vec::<String>::new());
}
