//! `user`, `token` and `audit`, on the database of the state folder.

use std::{fs, io::Write, os::unix::fs::PermissionsExt, process::Stdio};

use sqlx::{Connection, Executor, SqliteConnection};

use super::{PATIENCE, Place, Ran, files_below, steady};
use crate::support::{eventually, terminal::Terminal};

const PASSWORD: &str = "c4n4ry horse battery";

/// With a configuration that watches nothing.
fn place() -> Place {
    Place::with("timezone = \"UTC\"\n[web]\nlisten = \"127.0.0.1:0\"\n").set("TZ", "UTC")
}

/// Runs `litemon LINE` with this on standard input.
fn typed(place: &Place, line: &str, input: &str) -> Ran {
    let mut command = place.command(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    place.ran(child.wait_with_output().unwrap())
}

fn add(place: &Place, line: &str) -> String {
    typed(place, &format!("user add {line} --password-stdin"), &format!("{PASSWORD}\n")).good()
}

#[test]
fn accounts_from_the_command_line() {
    let place = place();
    let mut text = String::new();
    let mut say = |line: &str, ran: &dyn std::fmt::Display| {
        text.push_str(&format!("$ litemon {line}\n{ran}\n"));
    };
    for line in ["user list", "user add eve", "user role eve admin", "user add a/b"] {
        say(line, &place.run(line));
    }
    for (line, input) in [
        ("user add ann --role admin --own --password-stdin", PASSWORD),
        ("user add bob --role operator --group web --group db --password-stdin", PASSWORD),
        ("user add bob --password-stdin", PASSWORD),
        ("user add eve --password-stdin", "short"),
        ("user add eve --password-stdin", ""),
        ("user passwd bob --password-stdin", PASSWORD),
        ("user passwd eve --password-stdin", PASSWORD),
    ] {
        say(line, &typed(&place, line, input));
    }
    for line in [
        "user role bob viewer",
        "user groups bob",
        "user disable bob",
        "user list",
        "user role ann viewer",
        "token add robot --role operator --user bob --lasts 30d",
        "token add robot",
        "token add x --user nobody",
        "token list",
        "token remove robot",
        "token remove robot",
        "user remove bob",
        "user remove bob",
        "user list",
        "audit list -n 4",
        "audit list --doing user.remove --by nobody",
        "audit verify",
    ] {
        say(line, &place.run(line));
    }
    let entries = place.run("audit list -n 1 --json").good();
    let entries: serde_json::Value = serde_json::from_str(&entries).unwrap();
    let user = entries[0]["by"]["name"].as_str().unwrap();
    let text = steady(
        &text,
        &[
            (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "[TIME]"),
            (r"litemon_[A-Za-z0-9_-]+", "litemon_[TOKEN]"),
            (&format!(r"\b{user}( +)this machine"), "[USER]${1}this machine"),
        ],
    );
    insta::with_settings!({ snapshot_path => "snapshots" }, { insta::assert_snapshot!(text) });
}

#[test]
fn no_password_is_found_anywhere() {
    let place = place();
    for line in ["user add ann --role admin", "user passwd ann"] {
        let line = format!("--log trace --verbose {line} --password-stdin");
        let ran = typed(&place, &line, &format!("{PASSWORD}\n"));
        assert!(
            ran.code == 0 && !ran.out.contains("c4n4ry") && !ran.err.contains("c4n4ry"),
            "{ran}"
        );
    }
    let made = place.run("--log trace token add robot");
    let token = made.out.lines().map(str::trim).find(|line| line.starts_with("litemon_")).unwrap();
    assert!(!made.err.contains(token), "{made}");
    for path in files_below(place.dir.path()) {
        let bytes = fs::read(&path).unwrap();
        for secret in ["c4n4ry", token] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds {secret}", path.display());
        }
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o077;
        let ours = path.starts_with(place.path("litemon-data"));
        assert!(!ours || mode == 0, "{} is open to others", path.display());
    }
}

#[tokio::test]
async fn a_password_is_asked_for_and_not_shown() {
    let place = place();
    let mut terminal = Terminal::own(&place.command("user add ann --role admin"));
    for prompt in ["New password of ann:", "The same again:"] {
        terminal.shows(prompt).await;
        // It asks, and then stops to show what is typed.
        eventually("a silent terminal", PATIENCE, async || terminal.is_taken().then_some(())).await;
        terminal.press(&format!("{PASSWORD}\n"));
    }
    terminal.shows("ann is admin now").await;
    assert!(!terminal.text().contains("c4n4ry"), "{}", terminal.text());
    assert!(place.run("user list").good().contains("ann   admin"));
}

#[tokio::test]
async fn what_is_done_to_the_trail_is_found() {
    let place = place();
    add(&place, "ann --role admin");
    add(&place, "bob");
    place.run("user remove bob").good();
    assert!(place.run("audit verify").good().starts_with("6 entries are as they were written"));
    let exported = place.run("audit export").good();
    assert_eq!(exported.lines().count(), 7, "{exported}");
    for line in exported.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(entry["seal"].is_string() && entry["by"]["via"] == "system", "{entry}");
    }
    let database = format!("sqlite:{}", place.path("litemon-data/manage.db").display());
    let mut sql = SqliteConnection::connect(&database).await.unwrap();
    sql.execute("DELETE FROM audit WHERE doing = 'user.remove'").await.unwrap();
    sql.close().await.unwrap();
    let found = place.run("audit verify");
    assert!(found.code == 1 && found.out.contains("4 entries"), "{found}");
    assert!(found.err.contains("tampered with or damaged: entries 5 to 6 are gone"), "{found}");
    // Who may not be read may not be used.
    let key = place.path("litemon-data/audit.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = place.run("user list");
    assert!(refused.code != 0 && refused.line().contains("chmod 600"), "{refused}");
}

#[tokio::test]
async fn a_running_monitor_takes_what_is_changed_beside_it() {
    let place = place();
    add(&place, "ann --role admin");
    let token = place.run("token add robot").good();
    let token = token.lines().map(str::trim).find(|line| line.starts_with("litemon_")).unwrap();
    let run = place.start("run");
    let out = place.printed("the dashboard is at").await;
    let address = out.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
    let url = format!("http://{address}/api/v1/status");
    let client = crate::support::chromium::client();
    let ask = async || client.get(&url).bearer_auth(token).send().await.unwrap().status().as_u16();
    assert_eq!(ask().await, 200);
    assert_eq!(client.get(&url).send().await.unwrap().status().as_u16(), 401);
    place.run("token remove robot").good();
    eventually("the end of the token", PATIENCE, async || (ask().await == 401).then_some(())).await;
    super::end(run, rustix::process::Signal::TERM).await;
}

#[test]
fn management_can_be_off() {
    let place = Place::with("[manage]\nenabled = false\n");
    let refused = place.run("user list");
    assert!(refused.code == 2 && refused.line().contains("[manage]"), "{refused}");
    let place =
        Place::with("[manage]\nback_within = \"1s\"\nping.internet = \"-x\"\nkeys = \"k\"\n");
    let wrong = place.run("config check");
    insta::with_settings!({ snapshot_path => "snapshots" }, { insta::assert_snapshot!(wrong) });
}
