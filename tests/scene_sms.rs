//! What reaches the phone, through a real gateway and its phone network.

use std::{fs, time::Duration};

use crate::support::{
    kannel::{Kannel, Sms},
    litemon::Litemon,
    servers::Servers,
};

mod latency;
mod remedies;

const SOON: Duration = Duration::from_secs(40);
const PHONE: &str = "+628123456789";

/// A text whose numbers are all 0: exact but for times and measured values.
fn mask(text: &str) -> String {
    let mut masked = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if masked.ends_with('0') => {}
            '0'..='9' => masked.push('0'),
            c => masked.push(c),
        }
    }
    masked.replace("0.0", "0")
}

/// The incident's number at a text's end.
fn number(sms: &Sms) -> u64 {
    sms.text.rsplit_once('#').and_then(|(_, number)| number.parse().ok()).expect("a number")
}

/// The program and everything around it.
struct Scene {
    litemon: Litemon,
    servers: Servers,
    kannel: Kannel,
}

impl Scene {
    /// Starts the servers and watches them by what `rest` makes of them.
    async fn start(names: &[impl AsRef<str>], rest: impl FnOnce(&Servers) -> String) -> Self {
        let (servers, kannel) = tokio::join!(Servers::start(names), Kannel::start());
        let configuration = format!(
            "{}{}defaults.notify = \"oncall\"\n{}",
            servers.configuration(),
            rest(&servers),
            kannel.notifier("oncall", PHONE)
        );
        let litemon = Litemon::start(&configuration, &[("SMS_KEY", Kannel::PASSWORD)]).await;
        litemon.says(&format!("All {} servers run", names.len()), SOON).await;
        Self { litemon, servers, kannel }
    }

    async fn reload(&self, from: &str, to: &str) {
        let before = fs::read_to_string(self.litemon.path("litemon.toml")).unwrap();
        let after = before.replace(from, to);
        assert_ne!(before, after);
        assert!(self.litemon.reload(&after).await, "{}", self.litemon.log());
    }

    /// Ends the program in order, and then gives every SMS that ever came: one that is handed in
    /// last arrives behind all that were doubled.
    async fn all(&mut self) -> Vec<Sms> {
        assert!(self.litemon.stop().await.success(), "{}", self.litemon.log());
        let sent = self.kannel.send(PHONE, "the last one").await;
        assert!(sent.starts_with("0: "), "{sent}");
        let last = |sms: &Sms| sms.text == "the last one";
        crate::support::eventually("the last SMS", SOON, async || {
            self.kannel.received().iter().any(last).then_some(())
        })
        .await;
        self.kannel.received().into_iter().filter(|sms| !last(sms)).collect()
    }
}

/// Quicker than usual, and with as much patience: other tests may keep this machine busy.
fn quick(servers: &Servers) -> String {
    let service = |server: &str| {
        let file = servers.file(&format!("{server}-nginx"));
        fs::write(&file, "").unwrap();
        format!("servers.{server}.services.nginx.command = \"test -e '{}'\"\n", file.display())
    };
    let remedy = format!(
        r#"echo "$LITEMON_EVENT_TEXT" >> "{}"; touch "$1""#,
        servers.file("remedied").display()
    );
    let argv = serde_json::json!(["sh", "-c", remedy, "sh", servers.file("edge-nginx")]);
    [
        "defaults.interval = \"2s\"\ndefaults.retry_interval = \"1s\"\n",
        &service("web"),
        &service("db"),
        &service("edge"),
        "servers.edge.services.nginx.notify = [\"oncall\", \"restart-nginx\"]\n",
        "servers.app.resources.cpu = { threshold = 100 }\n",
        &format!("notifiers.exec.restart-nginx = {{ command = {argv}, on = \"server\" }}\n"),
    ]
    .concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_off_a_connection_cut_a_threshold_lowered_and_a_remedy() {
    let mut scene = Scene::start(&["web", "db", "app", "edge"], quick).await;
    scene.servers.remove("web-nginx");
    scene.servers.remove("edge-nginx");
    scene.servers.cut("db");
    scene.reload("threshold = 100", "threshold = 0").await;
    // Four problems, and the end of the one that a remedy is configured for.
    scene.kannel.wait_for(5, SOON).await;

    scene.servers.touch("web-nginx");
    scene.servers.mend("db").await;
    scene.reload("threshold = 0", "threshold = 100").await;
    scene.kannel.wait_for(8, SOON).await;
    let all = scene.all().await;
    all.iter().for_each(|sms| println!("{}", sms.text));
    assert!(all.iter().all(|sms| sms.to == PHONE), "{all:?}");
    for (problem, recovery) in [
        ("PROBLEM web nginx Off since 0:0", "OK web nginx On, was Off 0s"),
        ("PROBLEM edge nginx Off since 0:0", "OK edge nginx On, was Off 0s"),
        (
            "PROBLEM db unreachable since 0:0 (connection refused)",
            "OK db reachable, was unreachable 0s",
        ),
        ("PROBLEM app cpu 0% > 0% since 0:0", "OK app cpu normal, was 0% > 0% 0s"),
    ] {
        let numbers = |text: &str| -> Vec<u64> {
            let is_it = |sms: &&Sms| mask(&sms.text) == format!("{text} #0");
            all.iter().filter(is_it).map(number).collect()
        };
        let told = numbers(problem);
        assert_eq!(told.len(), 1, "{problem:?} in {all:?}");
        assert_eq!(numbers(recovery), told, "{recovery:?} in {all:?}");
    }
    assert_eq!(all.len(), 8, "{all:?}");
    // The limit that was passed, not the one that is in force when it is over.
    let limits = all.iter().filter(|sms| sms.text.contains("% > 0% ")).count();
    assert_eq!(limits, 2, "{all:?}");

    // The remedy ran once, on the server, and knew what for.
    let remedied = fs::read_to_string(scene.servers.file("remedied")).unwrap();
    let told: Vec<_> = remedied.lines().collect();
    let text = |sms: &&Sms| sms.text.starts_with("PROBLEM edge");
    assert_eq!(told, [all.iter().find(text).unwrap().text.as_str()]);
}
