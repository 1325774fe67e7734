//! Delivery reports: of the real Kannel, and of gateways that send none.

use std::{fs, time::Duration};

use serde_json::Value;

use crate::support::{eventually, kannel::Kannel, litemon::Litemon, phones::Phones};

const SOON: Duration = Duration::from_secs(30);

/// A lamp of this machine that is on while a file is there.
fn configuration(notifiers: &str, folder: &std::path::Path, url: &str) -> String {
    format!(
        "timezone = \"UTC\"\n{notifiers}\
         [hooks]\nreport_url = \"{url}\"\n\
         [defaults]\ninterval = \"300ms\"\nattempts = 1\nnotify = [\"oncall\", \"boss\"]\n\
         [servers.box]\naddress = \"local\"\nservices.lamp.command = \"test -e {}\"\n",
        folder.join("on").display(),
    )
}

/// litemon, which gateways reach at the address that it found.
async fn start(notifiers: &str, folder: &std::path::Path) -> Litemon {
    fs::write(folder.join("on"), "").unwrap();
    let secrets = [("SMS_KEY", Kannel::PASSWORD)];
    let mut litemon = Litemon::prepare("", &secrets);
    let written = configuration(notifiers, folder, &litemon.url(""));
    fs::write(litemon.path("litemon.toml"), written).unwrap();
    litemon.run();
    litemon.healthy().await;
    litemon
}

/// How far the notices of the first incident to a notifier are, oldest first.
async fn states(litemon: &Litemon, notifier: &str) -> Option<Vec<String>> {
    let (status, text) = litemon.get("/api/v1/incidents/1").await?;
    let incident: Value = serde_json::from_str(&text).ok().filter(|_| status == 200)?;
    let notices = incident["notices"].as_array()?;
    let of_it = notices.iter().filter(|notice| notice["notifier"] == notifier);
    Some(of_it.map(|notice| notice["state"].as_str().unwrap().to_owned()).collect())
}

async fn until(litemon: &Litemon, notifier: &str, expected: &[&str]) {
    eventually(&format!("{notifier} {expected:?}"), SOON, async || {
        (states(litemon, notifier).await? == expected).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kannel_reports_what_arrived() {
    let (folder, kannel) = (tempfile::tempdir().unwrap(), Kannel::start().await);
    let boss = Phones::start().await;
    let asks = "\"{{ text }}\", dlr-mask = \"31\", dlr-url = \"{{ dlr_url }}?status=%d\" }";
    let oncall = kannel.notifier("oncall", "+628123456789").replace("\"{{ text }}\" }", asks);
    let litemon = start(&format!("{oncall}{}", boss.notifier("boss")), folder.path()).await;
    fs::remove_file(folder.path().join("on")).unwrap();
    kannel.wait_for(1, SOON).await;
    until(&litemon, "oncall", &["delivered"]).await;
    // It was not asked to report.
    until(&litemon, "boss", &["accepted"]).await;
    let shown = litemon.command(&["incident", "show", "1"]).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains(": delivered"), "{shown}");
    litemon.says("oncall delivered", SOON).await;
    let (_, metrics) = litemon.get("/metrics").await.unwrap();
    assert!(metrics.contains("litemon_time_to_deliver_seconds_count 1"), "{metrics}");

    // Its end is reported though the incident is over.
    fs::write(folder.path().join("on"), "").unwrap();
    until(&litemon, "oncall", &["delivered", "delivered"]).await;
    assert_eq!(kannel.texts().len(), 2, "{:?}", kannel.texts());
    let log = litemon.log();
    assert!(!log.contains("hooks/dlr") && !log.contains("ERROR"), "{log}");
    let made_up = litemon.get("/hooks/dlr/1-AAAAAAAAAAAAAAAAAAAAAA?status=1").await.unwrap();
    assert_eq!(made_up.0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_report_another_way_is_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second, boss] =
        [Phones::start().await, Phones::start().await, Phones::start().await];
    let url = |phones: &Phones| {
        let text = phones.notifier("x");
        text.lines().find(|line| line.starts_with("url")).unwrap().to_owned()
    };
    let asks = "\"{{ text }}\", report = \"{{ dlr_url }}\" }";
    let oncall = first.notifier("oncall").replace("\"{{ text }}\" }", asks);
    let notifiers = format!(
        "{oncall}delivered_within = \"4s\"\n[[notifiers.sms.oncall.gateways]]\n{}\n{}",
        url(&second),
        boss.notifier("boss").replace("8123456789", "8999999999"),
    );
    let mut litemon = start(&notifiers, folder.path()).await;
    fs::remove_file(folder.path().join("on")).unwrap();
    first.wait_for("PROBLEM box lamp Off ", SOON).await;
    until(&litemon, "oncall", &["accepted"]).await;
    // What is waited for is known after a kill, too.
    litemon.kill9();
    litemon.run();
    litemon.healthy().await;
    second.wait_for("PROBLEM box lamp Off ", SOON).await;
    until(&litemon, "oncall", &["undelivered", "undelivered"]).await;
    eventually("the boss to hear of it", SOON, async || {
        let last = boss.accepted().last()?.clone();
        last.contains("(oncall could not deliver this)").then_some(())
    })
    .await;
    // One send may have been in flight when it was killed.
    assert!(first.accepted().len() <= 2, "{:?}", first.accepted());
    assert_eq!(second.accepted().len(), 1, "{:?}", second.accepted());
}
