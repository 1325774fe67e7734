//! The dead man's switch, and what systemd is told.

use std::{os::unix::net::UnixDatagram, time::Duration};

use rustix::process::Signal;

use super::{SOON, Watch};
use crate::support::{
    eventually,
    hook::Hook,
    litemon::Litemon,
    phones::{Manner, Phones},
};

async fn next_beat(hook: &Hook) {
    let before = hook.asked().len();
    eventually("a heartbeat", SOON, async || (hook.asked().len() > before).then_some(())).await;
}

/// In a thread of its own: what is called over HTTP stands in this one.
async fn status(litemon: &Litemon) -> String {
    let mut command = litemon.command(&["status"]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn status_says(litemon: &Litemon, what: &str) {
    eventually(&format!("{what:?} in status"), SOON, async || {
        status(litemon).await.contains(what).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_heartbeat_only_while_a_problem_would_be_told() {
    let (hook, phones) = (Hook::start().await, Phones::start().await);
    let table = format!(
        "[heartbeat]\nurl = \"{}\"\ninterval = \"1s\"\nmax_outbox_age = \"2s\"\n{}",
        hook.url("/ping/s3cret-uu1d"),
        phones.notifier("oncall")
    );
    let watch = Watch::start("\"oncall\"", &table, &[]).await;
    next_beat(&hook).await;
    next_beat(&hook).await;
    assert_eq!(hook.asked()[0].line, "GET /ping/s3cret-uu1d");

    // Nobody can be told.
    phones.set(Manner::Answer(503, "down"));
    watch.off();
    status_says(&watch.litemon, "no heartbeat is sent: a notice has waited for ").await;
    let silent_at = hook.asked().len();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(hook.asked().len(), silent_at, "it was silent");
    phones.set(Manner::Accept(Duration::ZERO));
    next_beat(&hook).await;
    eventually("a status without faults", SOON, async || {
        (!status(&watch.litemon).await.contains("heartbeat")).then_some(())
    })
    .await;

    // The other side is away; then a reload ends it.
    hook.answer("500 Oops", "");
    status_says(&watch.litemon, "the heartbeat did not arrive: HTTP 500").await;
    let without = Watch::configuration(&watch.lamp, "\"oncall\"", &phones.notifier("oncall"));
    assert!(watch.litemon.reload(&without).await);
    let ended_at = hook.asked().len();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(hook.asked().len() <= ended_at + 1);
    assert!(!watch.litemon.log().contains("s3cret-uu1d"));
}

/// Reads what systemd would, until it says so; all that was said.
async fn told(socket: &UnixDatagram, what: &str) -> Vec<String> {
    let mut all = Vec::new();
    eventually(&format!("{what} for systemd"), SOON, async || {
        let mut bytes = [0; 4096];
        while let Ok(length) = socket.recv(&mut bytes) {
            all.extend(String::from_utf8_lossy(&bytes[..length]).lines().map(str::to_owned));
        }
        all.iter().any(|line| line == what).then_some(())
    })
    .await;
    all
}

#[tokio::test]
async fn systemd_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    let configuration =
        "[servers.here]\naddress = \"local\"\n[servers.here.services.on]\ncommand = \"true\"\n";
    let env = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "1500000")];
    let mut litemon = Litemon::prepare(configuration, &env);
    litemon.run();
    told(&socket, "READY=1").await;
    told(&socket, "WATCHDOG=1").await;
    told(&socket, "WATCHDOG=1").await;
    assert!(litemon.reload(configuration).await);
    let lines = told(&socket, "READY=1").await;
    assert!(lines.contains(&"RELOADING=1".to_owned()), "{lines:?}");

    // What stands still gives no sign.
    litemon.signal(Signal::STOP);
    let mut bytes = [0; 4096];
    while socket.recv(&mut bytes).is_ok() {}
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(socket.recv(&mut bytes).is_err(), "{}", String::from_utf8_lossy(&bytes));
    litemon.signal(Signal::CONT);
    told(&socket, "WATCHDOG=1").await;
    assert!(litemon.stop().await.success());
    told(&socket, "STOPPING=1").await;
}
