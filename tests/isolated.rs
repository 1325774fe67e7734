//! The monitor's own link is cut: no server is told as unreachable, one notice says what is wrong, and
//! all is right soon after the link is back.

use std::{fs, net::Ipv4Addr, time::Duration};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::Instant,
};

use crate::support::{
    account::{Keys, Sshd, user},
    eventually, eventually_or,
    kannel::Kannel,
    litemon::Litemon,
    namespace::Namespace,
    sshd::{children, signal_tree},
};

const SOON: Duration = Duration::from_secs(40);
const PHONE: &str = "+628123456789";
/// What has to hold so soon after the link is back.
const BACK: Duration = Duration::from_secs(30);

/// Lets the gateway, which listens on loopback, be reached from inside the namespace.
async fn forward(outside: Ipv4Addr, to: u16) -> (u16, JoinSet<()>) {
    let listener = TcpListener::bind((outside, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut from, _)) = listener.accept().await {
            connections.spawn(async move {
                let Ok(mut far) = TcpStream::connect(("127.0.0.1", to)).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut from, &mut far).await;
            });
        }
    });
    (port, tasks)
}

/// Two servers outside, the gateway outside, and the program inside.
struct Scene {
    litemon: Litemon,
    namespace: Namespace,
    kannel: Kannel,
    servers: Vec<Sshd>,
    _forward: JoinSet<()>,
    _keys: TempDir,
}

impl Scene {
    async fn start(namespace: Namespace) -> Self {
        let outside = namespace.outside();
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::make(folder.path());
        let known = keys.known_hosts();
        let line = fs::read_to_string(&known).unwrap().replace("127.", "10.213.");
        fs::write(&known, line).unwrap();
        let mut servers = Vec::new();
        for _ in 0..2 {
            servers.push(Sshd::start(&keys, &[outside], "").await);
        }
        let kannel = Kannel::start().await;
        let url = reqwest::Url::parse(&kannel.url()).unwrap();
        let (port, forward) = forward(outside, url.port().unwrap()).await;
        let notifier = kannel.notifier("oncall", PHONE);
        let notifier = notifier
            .replace(&format!("127.0.0.1:{}", url.port().unwrap()), &format!("{outside}:{port}"));
        let configuration = format!(
            "defaults = {{ interval = \"2s\", retry_interval = \"1s\", timeout = \"2s\", notify = \"oncall\" }}\n\
             isolation.canaries = [\"gateway\", \"resolver\", \"{}\"]\n\
             ssh = {{ user = {:?}, agent = false, identity = {:?}, known_hosts = {known:?} }}\n\
             servers.web.address = \"{}\"\nservers.db.address = \"{}\"\n\
             servers.web.services.chat.command = \"true\"\n\
             checks.echo = {{ kind = \"ping\", host = \"{outside}\", count = 1 }}\n\
             servers.here = {{ address = \"local\", services.disk.command = \"true\" }}\n{notifier}",
            servers[0].addresses[0],
            user(),
            keys.identity(),
            servers[0].addresses[0],
            servers[1].addresses[0],
        );
        let mut litemon = Litemon::prepare(&configuration, &[("SMS_KEY", Kannel::PASSWORD)]);
        litemon.run_in(&namespace);
        let scene = Self { litemon, namespace, kannel, servers, _forward: forward, _keys: folder };
        scene.until("all is well", SOON, |status| all_are(status, "ok")).await;
        scene
    }

    /// sshd gives each connection a process group of its own, so its end is not theirs.
    fn end_last_server(&mut self) {
        let sshd = self.servers.pop().unwrap();
        sshd.process.signal(Signal::STOP);
        for connection in children(sshd.process.id()) {
            signal_tree(connection, Signal::KILL);
        }
    }

    async fn status(&self) -> Option<Value> {
        self.litemon.state_dir().join("control.sock").exists().then_some(())?;
        let (status, text) = self.litemon.try_control("GET", "/api/v1/status").await?;
        (status == 200).then(|| serde_json::from_str(&text).unwrap())
    }

    async fn until(&self, what: &str, limit: Duration, holds: impl Fn(&Value) -> bool) -> Value {
        let what = format!("{what}, see the log:\n{}", self.litemon.log());
        let mut last = Value::Null;
        let found = eventually_or(limit, async || {
            last = self.status().await.unwrap_or_default();
            (!last.is_null() && holds(&last)).then(|| last.clone())
        });
        let found = found.await;
        found.unwrap_or_else(|| panic!("waited {limit:?} for {what}\n{last:#}"))
    }
}

/// All checks beyond the network.
fn beyond(status: &Value) -> impl Iterator<Item = &Value> {
    let servers = status["servers"].as_array().unwrap().iter();
    let servers = servers.filter(|server| server["name"] != "here");
    let others = status["others"].as_array().unwrap().iter();
    servers.flat_map(|server| server["checks"].as_array().unwrap()).chain(others)
}

fn all_are(status: &Value, word: &str) -> bool {
    beyond(status).all(|check| check["status"] == word && !check["last"].is_null())
        && beyond(status).count() == 4
}

fn faults(status: &Value) -> &Value {
    &status["monitor"]["faults"]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_monitors_own_link_is_cut_and_mended() {
    let namespace = match Namespace::make() {
        Ok(namespace) => namespace,
        Err(why) => {
            println!("SKIPPED: no network namespace can be made here ({why}); run it as root");
            return;
        }
    };
    let mut scene = Scene::start(namespace).await;
    // The canaries are asked at the start; a second round makes it certain that they count.
    tokio::time::sleep(Duration::from_secs(3)).await;
    scene.namespace.cable(false);
    let cut = scene.until("litemon to know that it is isolated", SOON, |s| *faults(s) == 1).await;
    let lines = cut["monitor"]["fault_lines"].to_string();
    assert!(lines.contains("litemon cannot reach its own network (no answer from "), "{lines}");
    assert_eq!(cut["monitor"]["health"], "isolated");
    assert!(all_are(&cut, "unknown"), "{cut}");
    let (_, metrics) = scene.litemon.try_control("GET", "/metrics").await.unwrap();
    assert!(metrics.contains("\nlitemon_isolated 1.0\n"), "{metrics}");
    // Long after both servers would have been told, runs go on, and the local check is fine.
    let runs = |status: &Value| beyond(status).map(|check| check["last"]["at"].clone()).collect();
    let before: Vec<Value> = runs(&cut);
    let later = scene
        .until("three more runs of each check", SOON, |status| {
            let now: Vec<Value> = runs(status);
            let ago = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
            let pairs = std::iter::zip(&before, &now);
            pairs.into_iter().all(|(a, b)| ago(b).duration_since(ago(a)).as_secs() >= 9)
        })
        .await;
    assert!(all_are(&later, "unknown"), "{later}");
    let own: Vec<&str> =
        later["incidents"].as_array().unwrap().iter().filter_map(|i| i["check"].as_str()).collect();
    assert_eq!(own, ["litemon:network"]);
    let here = later["servers"].as_array().unwrap().iter().find(|s| s["name"] == "here").unwrap();
    assert_eq!(here["status"], "ok");
    assert_eq!(scene.kannel.texts(), [""; 0], "no way is open");

    scene.namespace.cable(true);
    let mended = Instant::now();
    scene
        .until("all to be right", BACK, |status| all_are(status, "ok") && *faults(status) == 0)
        .await;
    assert!(mended.elapsed() <= BACK);
    println!("right again {:.1} s after the link was back", mended.elapsed().as_secs_f64());
    scene.kannel.wait_for(1, BACK).await;

    // A real failure, with a network that works.
    let ended = Instant::now();
    scene.end_last_server();
    eventually("the SMS of the server that failed", BACK, async || {
        scene.kannel.texts().iter().any(|text| text.starts_with("PROBLEM db ")).then_some(())
    })
    .await;
    println!("told {:.1} s after its end", ended.elapsed().as_secs_f64());
    let all = scene.kannel.texts();
    all.iter().for_each(|text| println!("{text}"));
    let (network, servers): (Vec<&String>, Vec<&String>) =
        all.iter().partition(|text| text.contains("litemon"));
    // One notice: problem and end in one, unless an attempt was on its way when the link came back.
    let is_end =
        |text: &&&String| text.starts_with("OK litemon reaches its own network, was cut off");
    assert_eq!(network.iter().filter(is_end).count(), 1, "{all:?}");
    assert!(network.len() <= 2 && network.last().is_some_and(|text| is_end(&text)), "{all:?}");
    assert_eq!(servers.len(), 1, "{all:?}");
    assert!(servers[0].starts_with("PROBLEM db unreachable since "), "{all:?}");
}
