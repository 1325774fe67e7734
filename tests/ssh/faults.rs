//! Servers that misbehave: each ends as it should, and frees what it held.

use std::time::Duration;

use litemon_core::{
    exec::{Command, Exec, SshSettings, SshTarget},
    model::FailureKind,
};
use tokio::time::Instant;

use super::exec;
use crate::support::{
    eventually,
    faulty::{Fault, Faulty},
    free_port,
};

fn target(host: &str, port: u16) -> SshTarget {
    let mut settings = SshSettings::new("nobody");
    settings.password = Some(litemon_core::secret::Secret::new("secret".into()));
    SshTarget { host: host.into(), port, settings }
}

/// Sockets of this process.
fn sockets_to(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let end = format!("0100007F:{port:04X}");
    // 01 is ESTABLISHED; the far address is the third column.
    let ours = |line: &&str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        columns[2] == end && matches!(columns[3], "01" | "08")
    };
    table.lines().skip(1).filter(ours).count()
}

#[tokio::test]
async fn each_fault_has_its_kind_and_frees_its_socket() {
    for (fault, kind) in [
        (Fault::Mute, FailureKind::Silent),
        (Fault::SilentAfterId, FailureKind::Silent),
        (Fault::Drip, FailureKind::Silent),
        (Fault::Babble, FailureKind::Protocol),
        (Fault::Garbage, FailureKind::Protocol),
        (Fault::HangUp, FailureKind::Busy),
        (Fault::Full, FailureKind::Busy),
        (Fault::Http, FailureKind::Dropped),
    ] {
        let server = Faulty::start(fault).await;
        let exec = exec(target("127.0.0.1", server.port()));
        let begun = Instant::now();
        let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        // Only silence has to wait for the deadline.
        let limit = Duration::from_secs(if kind == FailureKind::Silent { 1 } else { 10 });
        let failure = exec.reach(begun + limit).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{fault:?}: {failure}");
        assert!(begun.elapsed() < limit + Duration::from_secs(3), "{fault:?}");
        eventually(&format!("{fault:?} to free all"), Duration::from_secs(20), async || {
            let left = tokio::runtime::Handle::current().metrics().num_alive_tasks();
            (sockets_to(server.port()) == 0 && left <= tasks).then_some(())
        })
        .await;
        assert_eq!(exec.stats().connections, 0);
    }
}

#[tokio::test]
async fn dropping_an_attempt_frees_all() {
    for fault in [Fault::SilentAfterId, Fault::Drip, Fault::Mute] {
        let server = Faulty::start(fault).await;
        for _ in 0..20 {
            let exec = exec(target("127.0.0.1", server.port()));
            let command = Command::shell("true");
            let run = exec.run(&command, Instant::now() + Duration::from_secs(60));
            let up = eventually("a connection", Duration::from_secs(20), async || {
                (sockets_to(server.port()) > 0).then_some(())
            });
            tokio::select! { end = run => panic!("{end:?}"), () = up => {} }
        }
        eventually("all to be free", Duration::from_secs(20), async || {
            (sockets_to(server.port()) == 0).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn ways_not_to_connect_are_told_apart() {
    for (host, port, kind, message) in [
        ("127.0.0.1", free_port(), FailureKind::Refused, "connection refused"),
        // Nobody is asked about a name that cannot be one, so that no slow resolver matters.
        ("-no-such-host.invalid", 22, FailureKind::NotResolved, "name not resolved"),
        ("255.255.255.255", 22, FailureKind::NoRoute, ""),
    ] {
        let deadline = Instant::now() + Duration::from_secs(5);
        let failure = exec(target(host, port)).reach(deadline).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{host}: {failure}");
        assert!(message.is_empty() || failure.message == message, "{failure}");
    }
}

#[tokio::test]
async fn a_failure_stands_for_a_short_while() {
    let port = free_port();
    let exec = exec(target("127.0.0.1", port));
    let deadline = || Instant::now() + Duration::from_secs(5);
    exec.reach(deadline()).await.unwrap_err();
    let server = Faulty::start(Fault::Mute).await;
    drop(server);
    assert_eq!(exec.reach(deadline()).await.unwrap_err().kind, FailureKind::Refused);
    exec.retry_now().await;
    assert_eq!(exec.reach(deadline()).await.unwrap_err().kind, FailureKind::Refused);
}
