//! Commands over SSH, on the real sshd.

pub(crate) mod account;
mod faults;
mod keys;
mod login;

use std::{sync::Arc, time::Duration};

use litemon_core::{
    clock::SystemClock,
    exec::{Command, Exec, Exit, SshExec, SshTarget},
    model::FailureKind,
};
use rustix::process::Signal;
use tokio::time::Instant;

use crate::support::{eventually, sshd::Sshd};

pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

pub fn exec(target: SshTarget) -> SshExec {
    SshExec::new(target, Arc::new(SystemClock))
}

/// The kind of failure that reaching a target ends with.
pub async fn reach(target: SshTarget) -> Result<(), FailureKind> {
    exec(target).reach(soon()).await.map_err(|failure| failure.kind)
}

#[tokio::test]
async fn commands_share_one_connection() {
    let sshd = Sshd::start().await;
    let exec = exec(sshd.target());
    exec.reach(soon()).await.unwrap();
    let runs = (0..20).map(|number| {
        let exec = &exec;
        async move {
            let mut command = Command::shell("cat; echo $A; echo err >&2; exit 7");
            command.stdin = format!("in {number} ").into_bytes();
            command.env.push(("A".into(), "it's".into()));
            exec.run(&command, soon()).await.unwrap()
        }
    });
    for (number, output) in futures_util::future::join_all(runs).await.into_iter().enumerate() {
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("in {number} it's\n"));
        assert_eq!((&*output.stderr, output.exit), (&b"err\n"[..], Exit::Status(7)));
    }
    assert_eq!((exec.stats().logins, exec.stats().connections), (1, 1));
}

/// A channel that is closed from here first stays in the SSH library's memory for as long as its
/// connection does: what a server is asked each second must not leave one behind each time.
#[tokio::test]
async fn looking_often_leaves_nothing_behind() {
    let sshd = Sshd::start().await;
    let exec = exec(sshd.target());
    for _ in 0..100 {
        exec.reach(soon()).await.unwrap();
    }
    // Forsaken channels would have led to a login afresh.
    assert_eq!(exec.stats().logins, 1);
}

#[tokio::test]
async fn a_connection_with_many_forsaken_channels_is_replaced() {
    let sshd = Sshd::start().await;
    let exec = exec(sshd.target());
    exec.reach(soon()).await.unwrap();
    // What it leaves behind holds the channel, which is then closed from here.
    let command = Command::shell("sleep 2 &");
    let deadline = Instant::now() + Duration::from_secs(30);
    let runs = (0..64).map(|_| exec.run(&command, deadline));
    for output in futures_util::future::join_all(runs).await {
        assert_eq!(output.unwrap().exit, Exit::Status(0));
    }
    assert_eq!(exec.stats().logins, 1);
    exec.reach(soon()).await.unwrap();
    assert_eq!(exec.stats().logins, 2);
    eventually("the old one to close", Duration::from_secs(20), async || {
        (exec.stats().connections == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_server_without_room_for_any_session_is_not_reached() {
    let sshd = Sshd::with(&["127.0.0.1"], "MaxSessions 0").await;
    let exec = exec(sshd.target());
    for _ in 0..2 {
        assert_eq!(exec.reach(soon()).await.unwrap_err().kind, FailureKind::Busy);
    }
}

#[tokio::test]
async fn concurrent_first_users_log_in_once() {
    let sshd = Sshd::start().await;
    let exec = exec(sshd.target());
    let command = Command::argv(["echo", "it's", "$HOME"]);
    let runs = (0..10).map(|_| exec.run(&command, soon()));
    for output in futures_util::future::join_all(runs).await {
        assert_eq!(output.unwrap().stdout, b"it's $HOME\n");
    }
    assert_eq!(exec.stats().logins, 1);
}

#[tokio::test]
async fn ends_are_told_apart() {
    let sshd = Sshd::start().await;
    let exec = exec(sshd.target());
    for (line, exit) in [
        ("true", Exit::Status(0)),
        ("exit 124", Exit::Status(124)),
        ("no-such-program", Exit::Status(127)),
        ("kill -KILL $$", Exit::Signal("KILL".into())),
    ] {
        let output = exec.run(&Command::shell(line), soon()).await.unwrap();
        assert_eq!(output.exit, exit, "{line}");
    }
    let output = exec.run(&Command::shell("echo x; sleep 5 &"), soon()).await.unwrap();
    assert_eq!((output.exit, &*output.stdout), (Exit::Status(0), &b"x\n"[..]));
}

#[tokio::test]
async fn the_far_command_is_gone_after_the_deadline() {
    let sshd = Sshd::start().await;
    let exec = exec(sshd.target());
    exec.reach(soon()).await.unwrap();
    let pid = sshd.path("pid");
    let command = Command::shell(format!("echo $$ >{}; exec sleep 7202", pid.display()));
    let deadline = Instant::now() + Duration::from_secs(1);
    let failure = exec.run(&command, deadline).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
    let pid = std::fs::read_to_string(pid).unwrap();
    let proc = format!("/proc/{}", pid.trim());
    let gone = async || (!std::path::Path::new(&proc).exists()).then_some(());
    eventually("the command to end", Duration::from_secs(20), gone).await;
    exec.reach(soon()).await.unwrap();
    assert_eq!(exec.stats().logins, 1);
}

#[tokio::test]
async fn a_flood_is_cut_off() {
    let sshd = Sshd::start().await;
    let exec = exec(sshd.target());
    let mut command = Command::shell("head -c 20000 /dev/zero; exit 4");
    command.output_limit = 5000;
    let output = exec.run(&command, soon()).await.unwrap();
    assert_eq!((output.stdout.len(), output.truncated), (5000, true));
    assert_eq!(output.exit, Exit::Status(4));
    let failure = exec.run(&Command::shell("yes"), soon()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Output, "{failure}");
    exec.reach(soon()).await.unwrap();
}

#[tokio::test]
async fn a_dead_connection_is_replaced_within_the_call() {
    let mut sshd = Sshd::start().await;
    let exec = exec(sshd.target());
    for _ in 0..3 {
        exec.run(&Command::shell("true"), soon()).await.unwrap();
        sshd.stop();
        sshd.run().await;
    }
    exec.run(&Command::shell("true"), soon()).await.unwrap();
    assert_eq!(exec.stats().logins, 4);
    sshd.stop();
    let failure = exec.reach(soon()).await.unwrap_err();
    assert_eq!((failure.kind, &*failure.message), (FailureKind::Refused, "connection refused"));
}

#[tokio::test]
async fn a_stopped_server_is_silent_within_the_deadline_and_comes_back() {
    let sshd = Sshd::start().await;
    let exec = exec(sshd.target());
    exec.reach(soon()).await.unwrap();
    sshd.signal_all(Signal::STOP);
    let begun = Instant::now();
    let failure = exec.reach(begun + Duration::from_secs(2)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Silent, "{failure}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    sshd.signal_all(Signal::CONT);
    let back = async || exec.reach(soon()).await.ok();
    eventually("the server", Duration::from_secs(20), back).await;
}

#[tokio::test]
async fn a_login_afresh_shows_what_an_open_connection_hides() {
    let mut sshd = Sshd::start().await;
    let exec = exec(sshd.target()).with_refresh(Duration::ZERO);
    exec.reach(soon()).await.unwrap();
    exec.reach(soon()).await.unwrap();
    assert_eq!(exec.stats().logins, 2);
    eventually("the old one to close", Duration::from_secs(20), async || {
        (exec.stats().connections == 1).then_some(())
    })
    .await;
    sshd.stop_listening();
    let failure = exec.reach(soon()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
}

#[tokio::test]
async fn a_server_without_sessions_is_busy() {
    let sshd = Sshd::with(&["127.0.0.1"], "MaxSessions 1").await;
    let exec = exec(sshd.target());
    let sleep = Command::shell("sleep 20");
    let hold = exec.run(&sleep, soon());
    let probe = async {
        eventually("the login", Duration::from_secs(20), async || {
            (exec.stats().logins == 1).then_some(())
        })
        .await;
        let busy = async || {
            let result = exec.run(&Command::shell("true"), soon()).await;
            result.err().filter(|failure| failure.kind == FailureKind::Busy)
        };
        eventually("busy", Duration::from_secs(20), busy).await
    };
    tokio::select! { _ = hold => panic!("it ended"), _ = probe => {} }
}

#[tokio::test]
async fn a_server_that_dies_amid_a_command_drops_it() {
    let mut sshd = Sshd::start().await;
    let exec = exec(sshd.target());
    let started = sshd.path("started");
    let command = Command::shell(format!("touch {}; sleep 7203", started.display()));
    let run = exec.run(&command, soon());
    let die = async {
        eventually("the command", Duration::from_secs(20), async || started.exists().then_some(()))
            .await;
        sshd.stop();
        std::future::pending::<()>().await
    };
    let failure = tokio::select! { end = run => end.unwrap_err(), () = die => unreachable!() };
    assert_eq!((failure.kind, &*failure.message), (FailureKind::Dropped, "connection lost"));
}

#[tokio::test]
async fn dropped_runs_give_their_sessions_back() {
    let sshd = Sshd::with(&["127.0.0.1"], "MaxSessions 7").await;
    let exec = exec(sshd.target());
    let command = Command::shell("cat /dev/zero >/dev/null");
    for round in 0..30 {
        let run = exec.run(&command, Instant::now() + Duration::from_secs(2));
        let wait = tokio::time::timeout(Duration::from_millis(5 * (round % 4)), run);
        wait.await.unwrap_err();
        let reach = async || exec.reach(soon()).await.ok();
        eventually("a free session", Duration::from_secs(20), reach).await;
    }
    drop(exec);
}
