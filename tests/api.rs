//! The machine faces of a running monitor: `/api/v1`, `control.sock`, and the commands that use them.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Output, time::Duration};

use litemon_core::model::Zone;
use litemon_web::api::types::{IncidentReport, StatusReport};
use reqwest::Response;
use serde_json::Value;

use crate::support::{eventually, litemon::Litemon};

const SOON: Duration = Duration::from_secs(20);

/// This machine with services that are on while a file is there; who is told writes a file.
fn watched(services: &[&str]) -> String {
    let services: Vec<_> = services
        .iter()
        .map(|name| format!("[servers.here.services.{name}]\ncommand = \"test -e $HOME/{name}\"\n"))
        .collect();
    format!(
        "timezone = \"Pacific/Kiritimati\"\n[defaults]\ninterval = \"1s\"\ntimeout = \"1s\"\nattempts = 1\nnotify = [\"note\"]\n\
         [servers.here]\naddress = \"local\"\n{}\
         [notifiers.exec.note]\ncommand = [\"/bin/sh\", \"-c\", \"cat >> told\"]\n\
         events = [\"problem\", \"recovery\"]\n",
        services.concat()
    )
}

async fn start(services: &[&str]) -> Litemon {
    let mut litemon = Litemon::prepare(&watched(services), &[]);
    for service in services {
        turn(&litemon, service, true);
    }
    litemon.run();
    litemon.healthy().await;
    litemon
}

fn turn(litemon: &Litemon, service: &str, on: bool) {
    let file = litemon.path(service);
    let done = if on { fs::write(file, "") } else { fs::remove_file(file) };
    done.unwrap();
}

/// What a command printed, and how it ended.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn ran(output: &Output) -> Ran {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

fn run(litemon: &Litemon, line: &str) -> Ran {
    let words: Vec<_> = line.split(' ').collect();
    ran(&litemon.command(&words).output().unwrap())
}

async fn until(litemon: &Litemon, line: &str, code: i32, says: &str) -> Ran {
    let what = format!("`{line}` to end with {code} and say {says:?}");
    eventually(&what, SOON, async || {
        Some(run(litemon, line)).filter(|ran| ran.code == code && ran.out.contains(says))
    })
    .await
}

/// One request over the socket.
pub async fn ask(socket: &Path, method: &str, path: &str) -> Response {
    let provider = rustls::crypto::ring::default_provider();
    let roots = rustls::RootCertStore::empty();
    let tls = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).unix_socket(socket);
    let method = method.parse().unwrap();
    // No name leads to a socket, so any will do.
    let url = format!("http://anything.example{path}");
    client.build().unwrap().request(method, url).send().await.unwrap()
}

#[tokio::test]
async fn status_tells_how_it_stands_and_ends_as_a_plugin() {
    let mut litemon = start(&["web", "mail"]).await;
    let good = until(&litemon, "status", 0, "The server runs").await;
    assert!(good.err.is_empty() && good.out.contains("here/web"), "{}", good.out);

    turn(&litemon, "mail", false);
    let bad = until(&litemon, "status", 2, "1 problem").await;
    let lines: Vec<_> = bad.out.lines().collect();
    assert_eq!(lines[0], "1 problem");
    let worst = lines.iter().position(|line| line.starts_with("CHECK")).unwrap() + 1;
    assert!(lines[worst].starts_with("here/mail  Off"), "{}", bad.out);
    assert!(lines[worst].contains("#1"), "{}", bad.out);
    assert!(!bad.out.contains('\u{1b}'), "{}", bad.out);

    let json = run(&litemon, "status --json");
    assert_eq!(json.code, 2);
    let report: StatusReport = serde_json::from_str(&json.out).unwrap();
    assert_eq!((report.counts.problems, report.incidents.len()), (1, 1));
    let same: Value = litemon.get_json("/api/v1/status").await;
    let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&serde_json::from_str(&json.out).unwrap()), fields(&same));

    assert!(litemon.stop().await.success());
    let gone = run(&litemon, "status");
    assert_eq!(
        (gone.code, gone.out.as_str(), gone.err.lines().count()),
        (3, "", 1),
        "{}",
        gone.err
    );
    assert!(gone.err.starts_with("litemon: no monitor is running here: "), "{}", gone.err);
    assert_eq!(run(&litemon, "incident list").code, 1);
}

#[tokio::test]
async fn an_incident_is_told_from_its_beginning_to_its_end() {
    let litemon = start(&["web"]).await;
    assert_eq!(run(&litemon, "incident list").out, "No incident is open.\n");
    turn(&litemon, "web", false);
    let open = until(&litemon, "incident list", 0, "1 incident is open.").await;
    assert!(open.out.contains("here/web"), "{}", open.out);
    turn(&litemon, "web", true);
    until(&litemon, "incident list", 0, "No incident is open.").await;

    let all = until(&litemon, "incident list --all", 0, "recovered").await;
    assert!(all.out.lines().any(|line| line.starts_with('1')), "{}", all.out);
    let told = until(&litemon, "incident show 1", 0, "over: recovered").await;
    let lines: Vec<_> = told.out.lines().collect();
    assert!(lines[0].starts_with("#1 here/web  recovered"), "{}", told.out);
    for line in ["the first result that was not OK", "note", "(raised), attempt 1: accepted"] {
        assert!(told.out.contains(line), "{line}: {}", told.out);
    }
    let times: Vec<_> = lines.iter().filter(|line| line.starts_with("20")).collect();
    assert!(times.len() >= 4 && times.is_sorted_by_key(|line| &line[..19]), "{}", told.out);

    let json = run(&litemon, "incident show 1 --json");
    let report: IncidentReport = serde_json::from_str(&json.out).unwrap();
    // In the monitor's zone, which is not that of this machine.
    assert_eq!(report.timezone.as_deref(), Some("Pacific/Kiritimati"));
    let since = Zone::named("Pacific/Kiritimati").unwrap().date_time(report.incident.since.0);
    assert!(lines[1].starts_with(&format!("from {since} to ")), "{}", told.out);
    assert!(all.out.contains(&since), "{}", all.out);
    assert!(report.complete && !report.incident.open && !report.notices.is_empty());
    let none = run(&litemon, "incident show 99");
    assert_eq!(none.code, 1);
    assert!(none.err.ends_with("no incident has this number\n"), "{}", none.err);
}

#[tokio::test]
async fn the_socket_is_its_owners_and_survives_a_crash() {
    let mut litemon = start(&["web"]).await;
    let socket = litemon.state_dir().join("control.sock");
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);

    let accepted = ask(&socket, "POST", "/api/v1/checks/here/web/run").await;
    assert_eq!(accepted.status(), 202);
    assert_eq!(ask(&socket, "POST", "/api/v1/checks/here/none/run").await.status(), 404);
    let over_tcp = reqwest_post(&litemon.url("/api/v1/checks/here/web/run")).await;
    assert_eq!(over_tcp, 403);

    litemon.kill9();
    assert!(socket.exists());
    assert_eq!(run(&litemon, "status").code, 3);
    litemon.run();
    litemon.healthy().await;
    until(&litemon, "status", 0, "The server runs").await;
    assert!(litemon.stop().await.success());
    assert!(!socket.exists());
}

async fn reqwest_post(url: &str) -> u16 {
    crate::support::chromium::client().post(url).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_public_dashboard_tells_programs_no_more_than_people() {
    let mut configuration = watched(&["web"]);
    configuration.push_str("[servers.far]\naddress = \"127.0.0.9:1\"\n[web]\npublic = true\n");
    let litemon = Litemon::start(&configuration, &[("LITEMON_TOKEN", "canary")]).await;
    until(&litemon, "status", 2, "unreachable").await;
    let inside = run(&litemon, "status --json");
    assert!(inside.out.contains("127.0.0.9:1") && inside.out.contains("refused"), "{}", inside.out);
    let outside =
        run(&litemon, &format!("--verbose --log trace status --json --url {}", litemon.url("")));
    assert_eq!(outside.code, 2, "{}", outside.err);
    for secret in ["127.0.0.9", "refused", "canary"] {
        assert!(!outside.out.contains(secret), "{secret}: {}", outside.out);
    }
    assert!(!outside.err.contains("canary"), "{}", outside.err);
}

#[tokio::test]
async fn a_state_folder_with_a_long_name_has_no_socket_and_works() {
    let long = "x".repeat(100);
    let mut litemon = Litemon::prepare(&watched(&["web"]), &[("LITEMON__STATE_DIR", &long)]);
    turn(&litemon, "web", true);
    litemon.run();
    litemon.healthy().await;
    assert!(litemon.log().contains("no control.sock: the path"), "{}", litemon.log());
    let status = run(&litemon, "status");
    assert_eq!(status.code, 3);
    assert!(status.err.contains("too long for a socket"), "{}", status.err);
    until(&litemon, &format!("status --url {}", litemon.url("")), 0, "The server runs").await;
}
