//! `push`: called by a real client, missed, and called again.

use std::time::Duration;

use super::{Checks, PATIENCE, said};
use crate::support::{eventually, litemon::Litemon, phones::Phones};

/// What `litemon push token` printed: the token, and the table for the configuration.
fn made(name: &str) -> (String, String) {
    let (code, out, err) = Checks::new("").run(&["push", "token", name]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let mut indented = out.lines().filter_map(|line| line.strip_prefix("    "));
    let token = indented.next().unwrap().to_owned();
    assert!(indented.next().unwrap().ends_with(&format!("/hooks/push/{token}")), "{out}");
    (token, indented.collect::<Vec<_>>().join("\n"))
}

async fn ask(litemon: &Litemon, method: reqwest::Method, path: &str) -> (u16, String) {
    let client = crate::support::chromium::client();
    let request = client.request(method, litemon.url(path)).body("unread");
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn missed_told_and_called_again() {
    use reqwest::Method;
    let phones = Phones::start().await;
    let (token, table) = made("backup");
    assert!(table.starts_with("[checks.backup]\nkind = \"push\"\nwithin = \"1h\"\n"), "{table}");
    assert!(!table.contains(&token));
    let configuration = format!(
        "[defaults]\ninterval = \"500ms\"\nretry_interval = \"200ms\"\nattempts = 1\nnotify = \"oncall\"\n\
         [servers.here]\naddress = \"local\"\n[servers.here.services.on]\ncommand = \"true\"\n{}\n{}",
        table.replace("\"1h\"", "\"3s\""),
        phones.notifier("oncall")
    );
    let mut litemon = Litemon::start(&configuration, &[]).await;
    let path = format!("/hooks/push/{token}");

    // Nobody is told before it was called, nor told more than that by a token that is none.
    for wrong in ["/hooks/push/x", "/hooks/push/AAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(ask(&litemon, Method::GET, wrong).await, (404, "not found".to_owned()));
    }
    assert_eq!(ask(&litemon, Method::GET, &path).await, (200, "ok".to_owned()));
    let told = phones.wait_for("PROBLEM backup critical since ", PATIENCE).await;
    assert!(told[0].ends_with("s) #1") && told[0].contains("(not called for "), "{told:?}");
    litemon.says("checks/backup is critical</a></b> — not called for ", PATIENCE).await;

    // Killed and started again: the incident stays open, and is not told twice.
    litemon.kill9();
    litemon.run();
    litemon.healthy().await;
    let wrong = ask(&litemon, Method::POST, &format!("{path}?status=fine")).await;
    assert_eq!(wrong, (400, "status is ok, warning, critical or unknown".to_owned()));
    assert_eq!(ask(&litemon, Method::POST, &path).await, (200, "ok".to_owned()));
    let told = phones.wait_for("OK backup normal, was critical ", PATIENCE).await;
    assert!(told[0].ends_with(" #1"), "{told:?}");

    // What the caller says is told at once; the last call survives a reload.
    let said = format!("{path}?status=critical&msg=disk+full&value=98.5");
    assert_eq!(ask(&litemon, Method::GET, &said).await.0, 200);
    assert!(litemon.reload(&configuration.replace("within = \"3s\"", "within = \"30m\"")).await);
    let told = phones.wait_for("PROBLEM backup critical since ", PATIENCE).await;
    eventually("the second problem", PATIENCE, async || {
        let all = phones.accepted();
        all.iter().find(|text| text.ends_with("(disk full) #2")).cloned()
    })
    .await;
    assert!(told.len() <= 2, "{told:?}");
    litemon.says("checks/backup is critical</a></b> — disk full", PATIENCE).await;

    // And a restart: what runs first knows of it.
    litemon.kill9();
    litemon.run();
    litemon.healthy().await;
    let last = eventually("the first run", PATIENCE, async || {
        let seen = litemon.get_json("/api/v1/checks/checks/backup").await;
        Some(seen["last"]["status"].clone()).filter(|status| status.is_string())
    })
    .await;
    assert_eq!(last, "critical");

    // Too often is refused, and forgotten soon.
    let mut answers = Vec::new();
    for _ in 0..60 {
        answers.push(ask(&litemon, Method::GET, &path).await.0);
    }
    assert!(answers.contains(&429), "{answers:?}");
    eventually("room for a call", Duration::from_secs(10), async || {
        (ask(&litemon, Method::GET, &path).await.0 == 200).then_some(())
    })
    .await;

    assert!(litemon.stop().await.success());
    assert!(!litemon.log().contains(&token), "{}", litemon.log());
    let told = phones.accepted();
    assert!(told.iter().all(|text| !text.contains(&token)), "{told:?}");
}

#[test]
fn a_single_look_cannot_know() {
    let (token, table) = made("web-1/backup");
    assert!(table.starts_with("[servers.web-1.checks.backup]\n"), "{table}");
    let checks = Checks::new(&format!(
        "[checks.backup]\nkind = \"push\"\nwithin = \"1d\"\ntoken = \"{token}\"\n"
    ));
    let seen = checks.probe();
    assert_eq!(said(&seen, "checks/backup"), ("unknown", "waits for its first call"));
    let (_, shown, _) = checks.run(&["config", "show"]);
    assert!(shown.contains("within") && !shown.contains(&token), "{shown}");
}
