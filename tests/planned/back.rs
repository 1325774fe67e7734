//! What is run when a server comes back: once, over a restart of litemon, or not at all.

use std::time::Duration;

use serde_json::{Value, json};

use super::PATIENCE;
use crate::support::{eventually, litemon::Litemon, servers::Servers};

fn stage<'a>(job: &'a Value, server: &str) -> &'a Value {
    let results = job["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["server"] == server).unwrap();
    if result["outcome"].is_null() { &result["stage"] } else { &result["outcome"] }
}

async fn becomes(litemon: &Litemon, job: i64, server: &str, what: &str) -> Value {
    eventually(&format!("job {job} to be {what} on {server}"), PATIENCE, async || {
        Some(litemon.show(job).await).filter(|job| stage(job, server) == what)
    })
    .await
}

#[tokio::test]
async fn what_waits_for_a_server_runs_there_once_over_a_restart_of_litemon() {
    let mut servers = Servers::start(&["web-1", "web-2"]).await;
    servers.cut("web-2");
    let text = format!(
        "{}[defaults]\ninterval = \"500ms\"\nretry_interval = \"200ms\"\n",
        servers.configuration()
    );
    let mut litemon = Litemon::start(&text, &[]).await;
    let ran = servers.file("ran");
    let line = format!("echo $$ >> {}", ran.display());
    // Of another process, which leaves what waits to the running monitor.
    let done = litemon.command(&["exec", "--all", "--when-back=1h", "--", &line]).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("the running monitor waits for them"), "{said}");
    let job = becomes(&litemon, 1, "web-2", "away").await;
    assert_eq!(stage(&job, "web-1"), "ok");
    // One that is given up meanwhile does not run.
    let order = json!({
        "command": format!("echo no >> {}", ran.display()),
        "servers": ["web-2"], "when_back_ms": 3_600_000,
    });
    let other = litemon.job(order).await;
    becomes(&litemon, other, "web-2", "away").await;
    let path = format!("/api/v1/jobs/{other}/cancel");
    assert_eq!(litemon.control("POST", &path, Some(&json!({}))).await.0, 202);
    becomes(&litemon, other, "web-2", "cancelled").await;
    litemon.kill9();
    litemon.run();
    litemon.healthy().await;
    becomes(&litemon, 1, "web-2", "away").await;
    litemon.stop().await;
    litemon.run();
    litemon.healthy().await;
    servers.mend("web-2").await;
    let job = litemon.ended(1).await;
    assert_eq!(stage(&job, "web-2"), "ok", "{job}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let lines = std::fs::read_to_string(&ran).unwrap();
    assert_eq!(lines.lines().count(), 2, "once on each: {lines:?}");
}
