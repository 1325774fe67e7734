//! `litemon exec` and `litemon job`, as people and scripts use them.

use std::{
    fs,
    process::{Command, Output, Stdio},
    time::Duration,
};

use litemon_core::manage::jobs::Outcome;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::{Desk, lives, outcome};
use crate::support::{Process, eventually, servers::Servers};

/// A folder with a configuration.
struct Place(TempDir);

impl Place {
    fn with(configuration: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let text = format!("state_dir = \"state\"\n{configuration}");
        fs::write(dir.path().join("litemon.toml"), text).unwrap();
        Self(dir)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_litemon"));
        command.args(arguments).current_dir(self.0.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", "/usr/bin:/bin").env("HOME", self.0.path()).env("USER", "tester");
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn output_has_names_before_it_and_the_end_its_status() {
    let servers = Servers::start(&["a", "bb"]).await;
    let place = Place::with(&format!(
        "{}servers.bb.groups = [\"g\"]\ngroups.g.profiles = []\n",
        servers.configuration()
    ));

    let line = "printf 'one\\n\\033[31mtwo\\033[0m'";
    let (code, out, err) = place.run(&["exec", "--all", "--", line]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(sorted(&out), ["a  | one", "a  | two", "bb | one", "bb | two"]);
    assert!(err.contains("2 servers ok: a, bb\njob 1 in "), "{err}");
    assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'));

    let line = "case $SSH_CONNECTION in *127.0.0.2*) exit 3;; esac";
    let (code, _, err) = place.run(&["exec", "-s", "a", "-g", "g", "--", line]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("1 server ok: a\n1 server failed (exit 3): bb\n"), "{err}");

    let (code, out, _) = place.run(&["exec", "-s", "a", "--json", "--", "echo", "x"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["results"][0]["output"]), (0, &Value::from("x\n")));
    assert_eq!(told["results"][0]["outcome"], "ok");

    for wrong in [
        &["exec", "--", "true"][..],
        &["exec", "-s", "x", "--", "true"],
        &["exec", "-g", "x", "--", "true"],
        &["exec", "--all", "--limit", "soon", "--", "true"],
        &["exec", "--all"],
        &["job", "show", "99"],
    ] {
        let (code, out, err) = place.run(wrong);
        assert_eq!((code, out.as_str()), (2, ""), "{wrong:?}: {err}");
    }

    let (code, out, _) = place.run(&["job", "list"]);
    assert!(code == 0 && out.contains("1 failed, 1 ok"), "{out}");
    let (code, out, _) = place.run(&["job", "show", "1"]);
    assert!(code == 0 && out.contains("2 servers: a, bb\n  one\n  two\n"), "{out}");
    let (_, out, _) = place.run(&["job", "show", "1", "-s", "a"]);
    assert_eq!(out, "one\ntwo\n");
    let (code, _, err) = place.run(&["job", "retry", "2"]);
    assert!(code == 1 && err.contains("1 server failed (exit 3): bb\njob 4 in "), "{err}");
    let (code, _, err) = place.run(&["job", "retry", "1"]);
    assert!(code == 1 && err.contains("failed on no server"), "{err}");
}

/// Ctrl-C ends what runs on the servers. After kill -9 nothing is called what it may not be.
#[tokio::test]
async fn it_ends_as_it_is_ended() {
    let servers = Servers::start(&["a"]).await;
    let configuration = servers.configuration();
    let place = Place::with(&configuration);
    let start = || {
        let mut command = place.command(&["exec", "--all", "--", "echo pid $$; sleep 600"]);
        Process::start(&mut command, &place.0.path().join("out")).unwrap()
    };
    let pid = async || {
        eventually("a pid", super::PATIENCE, async || {
            let out = fs::read_to_string(place.0.path().join("out")).unwrap_or_default();
            out.lines().rev().find_map(|line| line.strip_prefix("a | pid ")?.parse::<u32>().ok())
        })
        .await
    };
    let mut exec = start();
    let sleeper = pid().await;
    exec.signal(Signal::INT);
    eventually("the end", super::PATIENCE, async || (!exec.runs()).then_some(())).await;
    assert_eq!(exec.wait().unwrap().code(), Some(130));
    assert!(!lives(sleeper));
    let out = fs::read_to_string(place.0.path().join("out")).unwrap();
    assert!(out.contains("1 server cancelled: a"), "{out}");
    fs::remove_file(place.0.path().join("out")).unwrap();

    let mut exec = start();
    pid().await;
    exec.signal(Signal::KILL);
    exec.wait().unwrap();
    let desk = Desk::open(place.0.path(), &configuration).await;
    desk.jobs.take_over();
    let job = desk.ended(2).await;
    let why = "litemon ended while it ran".to_owned();
    assert_eq!(outcome(&job, "a"), &Outcome::Unknown(why));
}

/// 1 GB of output is read to its end, and its head and tail are kept, in bounded memory.
#[tokio::test]
async fn a_flood_is_bounded() {
    let servers = Servers::start(&["a"]).await;
    let place = Place::with(&servers.configuration());
    let size = crate::support::scale(200_000_000_u64, 1_000_000_000);
    let line = format!("echo first; yes flood | head -c {size}; echo; echo last");
    let mut command = place.command(&["exec", "--limit", "10m", "--all", "--", &line]);
    let mut exec = Process::start(&mut command, &place.0.path().join("out")).unwrap();
    let status = format!("/proc/{}/status", exec.id());
    let mut most = 0;
    eventually("the end of the flood", Duration::from_secs(600), async || {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let peak =
            text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split(' ').rev().nth(1));
        most = peak.and_then(|kib| kib.trim().parse::<u64>().ok()).unwrap_or(most);
        (!exec.runs()).then_some(())
    })
    .await;
    assert_eq!(exec.wait().unwrap().code(), Some(0));
    println!("{size} bytes: {most} KiB at most");
    assert!(most > 0 && most < 200 * 1024, "{most} KiB");
    let (_, out, _) = place.run(&["job", "show", "1", "-s", "a"]);
    let lines: Vec<_> = out.lines().collect();
    assert_eq!((lines[0], lines[lines.len() - 1]), ("first", "last"));
    assert!(out.len() < 1_200_000 && out.contains("bytes are not kept"));
}
