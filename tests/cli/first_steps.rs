//! `quickstart`, from nothing.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt};

use rustix::process::Signal;

use super::{Place, end, steady};

/// What differs from machine to machine and from run to run.
fn welcome(place: &Place, out: &str) -> String {
    let name = place.read("litemon.toml");
    let name = name.lines().find_map(|line| line.strip_prefix("[servers.")).unwrap_or_default();
    let out = out.replace(&place.dir.path().display().to_string(), "[FOLDER]");
    let out = out.replace(name.trim_end_matches(']'), "[HOST]");
    let logs = (r"(?m)^\d{4}-.*\n", "");
    steady(&out, &[logs, (r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]"), (r"-HUP \d+", "-HUP [PID]")])
}

#[tokio::test]
async fn from_an_empty_folder_to_a_dashboard() {
    let place = Place::new();
    // So that it has to choose another port, whatever else runs here.
    let taken = TcpListener::bind("127.0.0.1:8080");
    let run = place.start("quickstart");
    let out = place.printed("Ctrl-C").await;
    insta::with_settings!({ snapshot_path => "snapshots" }, {
        insta::assert_snapshot!("welcome", welcome(&place, &out));
    });
    drop(taken);
    let address = out.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
    let page = reqwest_get(address).await;
    assert!(page.contains("name=\"password\""), "{page}");
    let mode = |name: &str| fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("litemon.toml"), mode("litemon-data")), (0o600, 0o700));
    assert_eq!(mode("litemon-data/admin-password"), 0o600);
    let password = place.read("litemon-data/admin-password");
    assert!(!out.contains(password.trim()) && !place.read("out").contains(password.trim()));
    let users = place.run("user list").good();
    assert!(users.contains("admin  admin  all      to change the password  never"), "{users}");
    end(run, Signal::INT).await;
    let checked = place.run("config check").good();
    assert!(checked.contains("3 checks"), "{checked}");

    // The second time it takes what is there.
    let before = place.read("litemon.toml");
    fs::remove_file(place.path("out")).unwrap();
    let run = place.start("quickstart");
    let out = place.printed("Ctrl-C").await;
    assert!(out.contains("nothing was written") && !out.contains("Login"), "{out}");
    assert_eq!(place.read("litemon.toml"), before);
    end(run, Signal::TERM).await;
}

async fn reqwest_get(address: &str) -> String {
    let client = crate::support::chromium::client();
    client.get(format!("http://{address}/")).send().await.unwrap().text().await.unwrap()
}

#[test]
fn one_that_was_named_and_is_not_there_is_not_replaced() {
    let place = Place::new();
    let ran = place.run("quickstart -c mine.toml");
    assert!(ran.code == 2 && ran.line().contains("mine.toml"), "{ran}");
    assert!(super::files_below(place.dir.path()).is_empty());
}
