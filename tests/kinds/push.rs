//! `push`: called by a real client, missed, and called again.

use std::time::Duration;

use reqwest::Method;

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

async fn ask(litemon: &Litemon, method: Method, path: &str) -> (u16, String) {
    let client = crate::support::chromium::client();
    let request = client.request(method, litemon.url(path)).body("unread");
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// A monitor that waits for a backup to call, and the phone that is told when it does not.
struct Backup {
    phones: Phones,
    litemon: Litemon,
    configuration: String,
    token: String,
}

impl Backup {
    async fn start() -> Self {
        let phones = Phones::start().await;
        let (token, table) = made("backup");
        assert!(
            table.starts_with("[checks.backup]\nkind = \"push\"\nwithin = \"1h\"\n"),
            "{table}"
        );
        assert!(!table.contains(&token));
        let configuration = format!(
            "[defaults]\ninterval = \"500ms\"\nretry_interval = \"200ms\"\nattempts = 1\nnotify = \"oncall\"\n\
             [servers.here]\naddress = \"local\"\n[servers.here.services.on]\ncommand = \"true\"\n{}\n{}",
            table.replace("\"1h\"", "\"3s\""),
            phones.notifier("oncall")
        );
        let litemon = Litemon::start(&configuration, &[]).await;
        Self { phones, litemon, configuration, token }
    }

    /// What a call with these parameters is answered.
    async fn call(&self, method: Method, parameters: &str) -> (u16, String) {
        ask(&self.litemon, method, &format!("/hooks/push/{}{parameters}", self.token)).await
    }

    async fn restart(&mut self) {
        self.litemon.kill9();
        self.litemon.run();
        self.litemon.healthy().await;
    }

    /// Nobody is told before it was called, nor told more than that by a token that is none.
    async fn is_missed(&self) {
        for wrong in ["/hooks/push/x", "/hooks/push/AAAAAAAAAAAAAAAAAAAAAA"] {
            let answer = ask(&self.litemon, Method::GET, wrong).await;
            assert_eq!(answer, (404, "not found".to_owned()));
        }
        assert_eq!(self.call(Method::GET, "").await, (200, "ok".to_owned()));
        let told = self.phones.wait_for("PROBLEM backup critical since ", PATIENCE).await;
        assert!(told[0].ends_with("s) #1") && told[0].contains("(not called for "), "{told:?}");
        self.litemon.says("checks/backup is critical</a></b> — not called for ", PATIENCE).await;
    }

    /// The incident stays open over a restart, is not told twice, and ends with a call.
    async fn is_called_again(&self) {
        let wrong = self.call(Method::POST, "?status=fine").await;
        assert_eq!(wrong, (400, "status is ok, warning, critical or unknown".to_owned()));
        assert_eq!(self.call(Method::POST, "").await, (200, "ok".to_owned()));
        let told = self.phones.wait_for("OK backup normal, was critical ", PATIENCE).await;
        assert!(told[0].ends_with(" #1"), "{told:?}");
    }

    /// What the caller says is told at once; the last call survives a reload.
    async fn says_itself_that_it_failed(&self) {
        let said = "?status=critical&msg=disk+full&value=98.5";
        assert_eq!(self.call(Method::GET, said).await.0, 200);
        let patient = self.configuration.replace("within = \"3s\"", "within = \"30m\"");
        assert!(self.litemon.reload(&patient).await);
        let told = self.phones.wait_for("PROBLEM backup critical since ", PATIENCE).await;
        eventually("the second problem", PATIENCE, async || {
            let all = self.phones.accepted();
            all.iter().find(|text| text.ends_with("(disk full) #2")).cloned()
        })
        .await;
        assert!(told.len() <= 2, "{told:?}");
        self.litemon.says("checks/backup is critical</a></b> — disk full", PATIENCE).await;
    }

    /// What runs first after a restart knows of the last call.
    async fn is_remembered(&self) {
        let last = eventually("the first run", PATIENCE, async || {
            let seen = self.litemon.get_json("/api/v1/checks/checks/backup").await;
            Some(seen["last"]["status"].clone()).filter(|status| status.is_string())
        })
        .await;
        assert_eq!(last, "critical");
    }

    /// Too often is refused, and forgotten soon.
    async fn is_held_back(&self) {
        // All at once, and again where this machine takes a second to ask.
        eventually("too many calls", PATIENCE, async || {
            let calls = (0..60).map(|_| self.call(Method::GET, ""));
            let answers = futures_util::future::join_all(calls).await;
            answers.iter().any(|(status, _)| *status == 429).then_some(())
        })
        .await;
        eventually("room for a call", Duration::from_secs(10), async || {
            (self.call(Method::GET, "").await.0 == 200).then_some(())
        })
        .await;
    }

    /// The token stands nowhere.
    async fn ends(mut self) {
        assert!(self.litemon.stop().await.success());
        assert!(!self.litemon.log().contains(&self.token), "{}", self.litemon.log());
        let told = self.phones.accepted();
        assert!(told.iter().all(|text| !text.contains(&self.token)), "{told:?}");
    }
}

#[tokio::test]
async fn missed_told_and_called_again() {
    let mut backup = Backup::start().await;
    backup.is_missed().await;
    backup.restart().await;
    backup.is_called_again().await;
    backup.says_itself_that_it_failed().await;
    backup.restart().await;
    backup.is_remembered().await;
    backup.is_held_back().await;
    backup.ends().await;
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
