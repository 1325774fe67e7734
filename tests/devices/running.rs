//! Commands and actions on devices.

use super::{Place, is_left};
use crate::support::device::{Device, ENABLE, Kind, Trait};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_runs_on_both_kinds_at_once() {
    let (ios, router) =
        (Device::start(Kind::Ios, &[]).await, Device::start(Kind::RouterOs, &[]).await);
    let place = Place::with(&[("sw-1", &ios), ("gw-1", &router)], "");
    let (code, out, err) = place.run(&["exec", "--all", "--", "show", "clock"]).await;
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("sw-1 | 05:33:14.123 UTC Mon Nov 30 2026"), "{out}{err}");
    assert!(out.contains("gw-1 | bad command name show clock (line 1 column 1)"), "{out}{err}");
    assert!(!out.contains("sw-1>") && !out.contains("sw-1 | show clock"), "{out}");
    assert!(err.contains("1 server ok: sw-1\n1 server failed (exit 127): gw-1\n"), "{err}");
    // All pages at once, and line by line.
    let (code, out, err) = place.run(&["exec", "-s", "sw-1", "--", "show", "long"]).await;
    assert_eq!((code, out.lines().count()), (0, 100), "{out}{err}");
    assert!(out.contains("line 100") && !out.contains("More"), "{out}");
    let lines = "show clock\nshow nonsense\nshow clock";
    let (code, out, err) = place.run(&["exec", "-s", "sw-1", "--", lines]).await;
    assert_eq!(code, 1, "{out}{err}");
    assert_eq!(out.matches("05:33:14").count(), 1, "{out}");
    is_left(&ios).await;
    is_left(&router).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_limit_hangs_up() {
    let ios = Device::start(Kind::Ios, &[]).await;
    let place = Place::with(&[("sw-1", &ios)], "");
    let (code, out, err) = place.run(&["exec", "-s", "sw-1", "--limit", "3s", "--", "hang"]).await;
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("sw-1"), "{err}");
    is_left(&ios).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_is_confirmed_and_proved_by_the_uptime() {
    for kind in [Kind::Ios, Kind::RouterOs] {
        let device = Device::start(kind, &[]).await;
        let more = format!("sudo_password = \"{ENABLE}\"\n[manage]\nback_within = \"1m\"\n");
        let place = Place::with(&[("dev-1", &device)], &more);
        let arguments = ["action", "run", "restart", "-s", "dev-1", "--yes"];
        let (code, out, err) = place.run(&arguments).await;
        assert_eq!(code, 0, "{kind:?}: {out}{err}\n{:?}", device.typed());
        assert!(out.contains("it is back, and its uptime began anew"), "{out}{err}");
        assert_eq!(device.restarts(), 1);
        is_left(&device).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_saved_keeps_a_switch_from_being_restarted() {
    let ios = Device::start(Kind::Ios, &[Trait::Unsaved]).await;
    let place = Place::with(&[("sw-1", &ios)], &format!("sudo_password = \"{ENABLE}\"\n"));
    let (code, out, err) = place.run(&["action", "run", "restart", "-s", "sw-1", "--yes"]).await;
    assert_eq!(code, 1, "{out}{err}");
    let words = "it asks, and was not answered: System configuration has been modified. Save?";
    assert!(format!("{out}{err}").contains(words), "{out}{err}");
    assert_eq!(ios.restarts(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_device_cannot_do_is_said_before_anything_connects() {
    let (ios, router) =
        (Device::start(Kind::Ios, &[]).await, Device::start(Kind::RouterOs, &[]).await);
    let place = Place::with(&[("sw-1", &ios), ("gw-1", &router)], "");
    for (arguments, words) in [
        (&["update", "-s", "sw-1"][..], "update on sw-1: ios devices have no shell for it"),
        (&["cancel-shutdown", "-s", "gw-1"], "routeros devices have no shell for it"),
        (&["shutdown", "-s", "sw-1"], "ios devices cannot be shut down from their prompt"),
        (&["shutdown", "-s", "gw-1", "--param", "in=5"], "go down at once or not at all"),
        (&["ping", "-s", "sw-1", "--param", "target=gateway"], "need [manage.ping] gateway"),
    ] {
        let all: Vec<&str> =
            ["action", "run"].iter().chain(arguments).chain(&["--yes"]).copied().collect();
        let (code, out, err) = place.run(&all).await;
        assert_eq!(code, 2, "{arguments:?}: {out}{err}");
        assert!(err.contains(words), "{arguments:?}: {out}{err}");
    }
    assert_eq!((ios.users().len(), router.users().len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_ping_and_go_down() {
    let (ios, router) =
        (Device::start(Kind::Ios, &[]).await, Device::start(Kind::RouterOs, &[]).await);
    let more = "[manage.ping]\ninternet = \"1.1.1.1\"\ngateway = \"192.0.2.1\"\n";
    let place = Place::with(&[("sw-1", &ios), ("gw-1", &router)], more);
    let ping = |target: &'static str, server: &'static str| {
        let place = &place;
        async move {
            let target = format!("target={target}");
            place.run(&["action", "run", "ping", "-s", server, "--param", &target]).await
        }
    };
    assert_eq!(ping("internet", "sw-1").await.0, 0);
    let (code, out, _) = ping("gateway", "sw-1").await;
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("Success rate is 0 percent (0/3)"), "{out}");
    let (code, out, _) = ping("gateway", "gw-1").await;
    assert_eq!(code, 1, "{out}");
    let (code, out, err) = place.run(&["action", "run", "shutdown", "-s", "gw-1", "--yes"]).await;
    assert_eq!((code, router.restarts()), (0, 1), "{out}{err}");
    assert!(out.contains("does not answer any more"), "{out}{err}");
}
