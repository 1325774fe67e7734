//! `run`, `notify test` and `db migrate`: what may be in the way, and what is said then.

use std::net::TcpListener;

use rustix::process::Signal;

use super::{Place, end, free_port};

fn quiet(port: u16) -> Place {
    Place::with(&format!(
        "[web]\nlisten = \"127.0.0.1:{port}\"\n[servers.here]\naddress = \"local\"\n\
         services.on = {{ command = \"true\" }}\n"
    ))
}

#[tokio::test]
async fn one_at_a_time_and_only_on_a_free_port() {
    let place = quiet(free_port());
    let run = place.start("run");
    place.printed("monitors").await;

    let second = place.run("run");
    assert_eq!(second.code, 1, "{second}");
    assert!(second.line().contains("another litemon is running with the state folder"), "{second}");

    let other = place.path("other").display().to_string();
    let place = place.set("LITEMON__STATE_DIR", &other);
    let second = place.run("run");
    assert!(
        second.code == 1 && second.line().contains("another program listens there"),
        "{second}"
    );
    assert!(!second.err.contains("os error"), "{second}");
    assert!(place.run("-v run").err.contains("caused by: Address already in use"));
    end(run, Signal::TERM).await;
    let out = place.read("out");
    assert!(!out.contains('\u{1b}') && !out.contains("ERROR") && !out.contains("WARN"), "{out}");
}

#[test]
fn not_for_others_to_reach_unless_public() {
    let place = quiet(free_port()).set("LITEMON__WEB__LISTEN", "0.0.0.0:0");
    let ran = place.run("run");
    assert_eq!(ran.code, 2, "{ran}");
    assert!(
        ran.err.contains("LITEMON__WEB__LISTEN: web.listen: ") && ran.err.contains("public = true")
    );
}

#[test]
fn a_state_folder_that_cannot_be_used_is_named() {
    let place = quiet(free_port()).set("LITEMON__STATE_DIR", "/proc/nosuch");
    let ran = place.run("run");
    assert!(ran.code == 1 && ran.line().contains("/proc/nosuch cannot be used"), "{ran}");
}

#[tokio::test]
async fn a_reload_that_is_not_good_changes_nothing() {
    let place = quiet(free_port());
    let run = place.start("run --no-web");
    place.printed("monitors").await;
    place.write("litemon.toml", "[servers.here]\nadress = \"local\"\n");
    run.signal(Signal::HUP);
    let out = place.printed("stays in force").await;
    assert!(out.contains("litemon.toml:2:1: servers.here.adress: unknown key"), "{out}");
    place.write("litemon.toml", "[servers.here]\naddress = \"local\"\n");
    run.signal(Signal::HUP);
    place.printed("is reloaded").await;
    end(run, Signal::TERM).await;
}

#[test]
fn tables_are_made_and_made_again() {
    let place = quiet(free_port());
    for _ in 0..2 {
        let said = place.run("db migrate").good();
        assert!(said.ends_with("litemon-data/litemon.db are up to date.\n"), "{said}");
    }
    let port = free_port();
    let place = place
        .set("LITEMON__STORE__URL", &format!("mysql://u@127.0.0.1:{port}/history"))
        .set("LITEMON__STORE__PASSWORD", "canary");
    let ran = place.run("db migrate");
    let said =
        format!("litemon: mysql://127.0.0.1:{port}/history: migrating failed: cannot connect");
    assert!(ran.code == 1 && ran.line().starts_with(&said), "{ran}");
}

#[test]
fn a_notifier_is_tried() {
    let port = free_port();
    let place = Place::with(&format!(
        "[notifiers.exec.note]\ncommand = [\"/bin/sh\", \"-c\", \"cat > told\"]\n\
         [notifiers.exec.broken]\ncommand = [\"/bin/sh\", \"-c\", \"echo no >&2; exit 3\"]\n\
         [notifiers.sms.oncall]\nurl = \"http://127.0.0.1:{port}/\"\nrecipients = [\"+628123456789\"]\n"
    ));
    let ran = place.run("notify test note");
    assert!(ran.code == 0 && ran.out.contains("accepted"), "{ran}");
    let ran = place.run("notify test broken");
    assert!(ran.code == 1 && ran.out.contains("FAILED") && ran.out.contains("exit 3"), "{ran}");
    let ran = place.run("notify test oncall");
    assert!(ran.code == 1 && ran.out.contains("FAILED  "), "{ran}");
    let ran = place.run("notify test onkall");
    assert_eq!(ran.line(), r#"litemon: no notifier is called "onkall"; did you mean "oncall"?"#);
    assert_eq!(ran.code, 2);
}

#[tokio::test]
async fn what_the_store_knows_is_shown_without_a_monitor() {
    let port = free_port();
    let place = quiet(port);
    let run = place.start("run");
    place.printed("monitors").await;
    end(run, Signal::TERM).await;
    std::fs::remove_file(place.path("out")).unwrap();
    let show = place.start("run --no-monitor");
    place.printed("the dashboard is at").await;
    let url = format!("http://127.0.0.1:{port}/");
    let page = crate::support::chromium::client().get(url).send().await.unwrap();
    assert_eq!(page.status(), 200);
    end(show, Signal::TERM).await;
    drop(TcpListener::bind(("127.0.0.1", port)).unwrap());
}
