//! Services that a remedy puts right, or does not, on real servers and a real gateway.

use super::{PHONE, SOON, Scene, Servers, Sms, fs, mask};
use crate::support::eventually;

/// Three services: one that its remedy starts, one that its remedy leaves as it is, and one whose
/// remedy fails.
fn remedied(servers: &Servers) -> String {
    let service = |server: &str, remedy: &str| {
        let file = servers.file(&format!("{server}-nginx"));
        fs::write(&file, "").unwrap();
        format!(
            "servers.{server}.services.nginx.command = \"test -e '{}'\"\n\
             servers.{server}.services.nginx.notify = [\"oncall\", \"{remedy}\"]\n",
            file.display()
        )
    };
    let remedy = |name: &str, script: &str, more: &str| {
        let argv = serde_json::json!(["sh", "-c", script]);
        format!(
            "notifiers.exec.{name} = {{ command = {argv}, on = \"server\", tries = 1, {more} }}\n"
        )
    };
    let starts = format!("touch '{}'", servers.file("edge-nginx").display());
    [
        // Nothing but what verifies a remedy looks in time.
        "defaults.interval = \"20s\"\ndefaults.time_to_notify = \"5m\"\n",
        "defaults.attempts = 1\ndefaults.retry_interval = \"1s\"\n",
        &service("edge", "restart-nginx"),
        &service("web", "leave-it"),
        &service("app", "break-it"),
        &remedy("restart-nginx", &starts, "says = \"restarted nginx\", verify = \"15s\""),
        &remedy("leave-it", "true", "verify = \"3s\""),
        &remedy("break-it", "echo no such unit >&2; exit 3", "verify = \"3s\""),
    ]
    .concat()
}

/// The remedy of the open incident of a check.
fn tried(status: &serde_json::Value, check: &str) -> serde_json::Value {
    let all = status["incidents"].as_array().unwrap();
    let one = all.iter().find(|incident| incident["check"] == check).unwrap();
    one["remedies"][0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_remedy_did_is_said_and_shown() {
    let mut scene = Scene::start(&["edge", "web", "app"], remedied).await;
    for server in ["edge", "web", "app"] {
        scene.servers.remove(&format!("{server}-nginx"));
    }
    scene.kannel.wait_for(6, SOON).await;
    // A phone may ring before the page shows why.
    let status = eventually("the remedy to be given up", SOON, async || {
        let status = scene.litemon.control("GET", "/api/v1/incidents?state=open", None).await.1;
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        (tried(&status, "web/nginx")["stage"] == "given_up").then_some(status)
    })
    .await;
    assert_eq!(tried(&status, "app/nginx")["name"], "break-it");

    let all: Vec<Sms> = scene.all().await;
    assert!(all.iter().all(|sms| sms.to == PHONE), "{all:?}");
    let mut texts: Vec<String> = all.iter().map(|sms| mask(&sms.text)).collect();
    texts.sort();
    let expected = [
        "OK edge nginx On, was Off 0s (restarted nginx, On again after 0s) #0",
        "PROBLEM app nginx Off since 0:0 #0",
        "PROBLEM app nginx still Off since 0:0 (break-it failed: exit 0: no such unit) #0",
        "PROBLEM edge nginx Off since 0:0 #0",
        "PROBLEM web nginx Off since 0:0 #0",
        "PROBLEM web nginx still Off since 0:0 (ran leave-it, did not help) #0",
    ];
    assert_eq!(texts, expected);
    assert!(scene.servers.file("edge-nginx").exists());
}
