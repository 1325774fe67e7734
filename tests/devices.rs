//! Network devices: checks, commands and actions at the prompt of an IOS and of a `RouterOS`.

mod running;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::support::{
    device::{Device, ENABLE, Kind, Trait},
    eventually,
};

/// A folder with a configuration that knows some devices.
struct Place(TempDir);

impl Place {
    fn with(devices: &[(&str, &Device)], more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let known_hosts = dir.path().join("known");
        let keys: String = devices.iter().map(|(_, device)| device.known_hosts()).collect();
        fs::write(&known_hosts, keys).unwrap();
        let tables = devices.iter().map(|(name, device)| device.configuration(name, &known_hosts));
        let tables: String = tables.collect();
        let text = format!("state_dir = \"state\"\n{tables}{more}");
        fs::write(dir.path().join("litemon.toml"), text).unwrap();
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    async fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_litemon"));
        command.args(arguments).current_dir(self.0.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", "/usr/bin:/bin").env("HOME", self.path("home")).env("USER", "tester");
        // The devices answer from tasks of this very program.
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
        let Output { status, stdout, stderr } = output.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    async fn probe(&self, names: &[&str]) -> (i32, Vec<Value>) {
        let arguments: Vec<&str> = ["probe", "--json"].iter().chain(names).copied().collect();
        let (code, out, err) = self.run(&arguments).await;
        let told: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        (code, told.as_array().or_else(|| told["checks"].as_array()).unwrap().clone())
    }
}

/// Nothing is left open on a device.
async fn is_left(device: &Device) {
    let limit = Duration::from_secs(20);
    eventually("all connections to be closed", limit, async || {
        (device.connections() == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_tell_how_they_are() {
    let (ios, router) =
        (Device::start(Kind::Ios, &[]).await, Device::start(Kind::RouterOs, &[]).await);
    let place = Place::with(&[("sw-1", &ios), ("gw-1", &router)], "");
    let (code, out, err) = place.run(&["probe"]).await;
    assert_eq!(code, 0, "{out}{err}");
    let has = |check: &str, value: &str| {
        let line = out.lines().find(|line| line.contains(check)).unwrap_or_default();
        assert!(line.contains(value), "{check} {value}:\n{out}");
    };
    has("sw-1/ssh", "reachable");
    has("sw-1/cpu", "8%");
    has("sw-1/mem", "25%");
    has("sw-1/uptime", "up 17d 4h");
    has("gw-1/cpu", "7%");
    has("gw-1/mem", "25%");
    has("gw-1/hdd", "75%");
    has("gw-1/uptime", "up 17d 4h");
    // The console of RouterOS is set by the name, and that of IOS by commands.
    assert!(router.users().iter().all(|user| user == "admin+cet1024w"), "{:?}", router.users());
    assert!(ios.typed().contains(&"terminal length 0".to_owned()));
    is_left(&ios).await;
    is_left(&router).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_login_is_enough_for_all_checks() {
    let ios = Device::start(Kind::Ios, &[]).await;
    let place = Place::with(&[("sw-1", &ios)], "");
    let (code, out, err) = place.run(&["probe", "sw-1"]).await;
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(ios.users().len(), 1, "{:?}", ios.users());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_told_in_the_words_of_the_device() {
    let (ios, router) =
        (Device::start(Kind::Ios, &[]).await, Device::start(Kind::RouterOs, &[]).await);
    let more = "[servers.sw-1.services.x]\ncommand = \"show nonsense\"\n\
         [servers.sw-1.services.clock]\ncommand = \"show clock\"\nexpect = \"UTC\"\n\
         [servers.gw-1.services.x]\ncommand = \"/interface get ether9 running\"\n\
         [servers.gw-1.resources.y]\ncommand = \"/nonsense\"\n";
    let place = Place::with(&[("sw-1", &ios), ("gw-1", &router)], more);
    let (_, out, err) = place.run(&["probe", "sw-1/x", "sw-1/clock", "gw-1/x", "gw-1/y"]).await;
    for (check, words) in [
        ("sw-1/x", "% Invalid input detected at '^' marker."),
        ("sw-1/clock", "On"),
        ("gw-1/x", "no such item"),
        ("gw-1/y", "bad command name /nonsense (line 1 column 1)"),
    ] {
        let line = out.lines().find(|line| line.contains(check)).unwrap_or_default();
        assert!(line.contains(words), "{check}: {out}{err}");
    }
    // What was not understood says nothing of the service; what is not there is off.
    let (_, told) = place.probe(&["sw-1/x", "gw-1/x"]).await;
    let of = |name: &str| told.iter().find(|check| check["check"] == name).unwrap().to_string();
    assert!(of("sw-1/x").contains("unknown"), "{told:?}");
    assert!(of("gw-1/x").contains("critical"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_hangs_drips_or_floods_ends_in_time_and_leaves_nothing() {
    let ios = Device::start(Kind::Ios, &[]).await;
    for (command, kind) in [("hang", "timeout"), ("drip", "timeout"), ("flood", "output")] {
        let more =
            format!("[servers.sw-1.services.x]\ncommand = \"{command}\"\ntimeout = \"4s\"\n");
        let place = Place::with(&[("sw-1", &ios)], &more);
        let begun = Instant::now();
        let (code, told) = place.probe(&["sw-1/x"]).await;
        assert_eq!(code, 3, "{command}: {told:?}");
        assert!(told[0].to_string().contains(kind), "{command}: {told:?}");
        assert!(begun.elapsed() < Duration::from_secs(12), "{command}");
        is_left(&ios).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_without_a_prompt_is_a_server_that_does_not_answer() {
    for (what, kind) in [(Trait::Mute, "silent"), (Trait::Babble, "output")] {
        let ios = Device::start(Kind::Ios, &[what]).await;
        let place = Place::with(&[("sw-1", &ios)], "timeout = \"3s\"\n");
        let text = fs::read_to_string(place.path("litemon.toml")).unwrap();
        let text = text.replace("timeout = \"3s\"\n", "") + "[defaults]\ntimeout = \"3s\"\n";
        fs::write(place.path("litemon.toml"), text).unwrap();
        let begun = Instant::now();
        let (_, told) = place.probe(&["sw-1/ssh"]).await;
        assert!(told[0].to_string().contains(kind), "{what:?}: {told:?}");
        assert!(begun.elapsed() < Duration::from_secs(12), "{what:?}");
        is_left(&ios).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_algorithms_are_for_the_server_that_asks_for_them() {
    let ios = Device::start(Kind::Ios, &[Trait::Legacy]).await;
    let place = Place::with(&[("sw-1", &ios)], "");
    let (code, told) = place.probe(&["sw-1/ssh"]).await;
    assert_ne!(code, 0);
    assert!(told[0].to_string().contains("no algorithm in common"), "{told:?}");
    let place = Place::with(&[("sw-1", &ios)], "legacy = true\n");
    let (code, out, err) = place.run(&["probe", "sw-1"]).await;
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, _) = place.run(&["config", "check"]).await;
    assert_eq!(code, 0);
    assert!(out.contains("Note: sw-1 may use weak algorithms (ssh.legacy)"), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_the_privileged_mode_gets_it_for_that_command_alone() {
    let ios = Device::start(Kind::Ios, &[]).await;
    let sudo = |password: &str| {
        format!(
            "{password}[servers.sw-1.services.x]\ncommand = \"clear counters\"\nsudo = true\n\
             [servers.sw-1.services.y]\ncommand = \"clear counters\"\n"
        )
    };
    let right = sudo(&format!("sudo_password = \"{ENABLE}\"\n"));
    let place = Place::with(&[("sw-1", &ios)], &right);
    let (_, told) = place.probe(&["sw-1/x"]).await;
    assert!(told[0].to_string().contains("ok"), "{told:?}");
    let (_, told) = place.probe(&["sw-1/x", "sw-1/y"]).await;
    assert!(told[1].to_string().contains("Invalid input"), "{told:?}");
    for (password, words) in [
        ("", "enable refused: it asks for a password; set sudo_password"),
        ("sudo_password = \"hunter2-wrong\"\n", "enable refused: % Bad secrets"),
    ] {
        let place = Place::with(&[("sw-1", &ios)], &sudo(password));
        let (_, told) = place.probe(&["sw-1/x"]).await;
        assert!(told[0].to_string().contains(words), "{told:?}");
        assert!(!told[0].to_string().contains("hunter2"), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_never_answered_by_chance() {
    let ios = Device::start(Kind::Ios, &[]).await;
    let more = format!(
        "sudo_password = \"{ENABLE}\"\n[servers.sw-1.services.x]\ncommand = \"reload\"\nsudo = true\n"
    );
    let place = Place::with(&[("sw-1", &ios)], &more);
    let (code, told) = place.probe(&["sw-1/x"]).await;
    assert_eq!(code, 3);
    let words = "it asks, and was not answered: Proceed with reload? [confirm]";
    assert!(told[0].to_string().contains(words), "{told:?}");
    is_left(&ios).await;
    assert_eq!(ios.restarts(), 0);
}
