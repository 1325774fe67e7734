//! Reports: of the same history in SQLite and in MariaDB, without a running monitor and beside one.

use std::{fs, process::Output, time::Duration};

use litemon_core::{
    model::{
        AttemptRecord, AttemptResult, CheckId, CheckKind, CloseReason, CurrentStatus,
        HistoryRecord, Incident, NoticeRecord, NoticeState, Number, Observation, Reason, Status,
        StatusChange, Timestamp, ValueRecord,
    },
    store::{MySqlStore, SqliteStore, Store},
};
use serde_json::Value;

use crate::{
    api::ask,
    support::{
        eventually,
        litemon::Litemon,
        mariadb::{MariaDb, PASSWORD},
    },
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Milliseconds after 2026-10-05 00:00 in Jakarta, a Monday.
fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_791_133_200_000 + millis)
}

fn id(name: &str) -> CheckId {
    CheckId::parse(name).unwrap()
}

/// What was there ten days later, when the newest result came.
fn current(check: &str, kind: CheckKind, last: Observation) -> HistoryRecord {
    let (status, at) = (Status::Ok, at(10 * DAY));
    HistoryRecord::Current(CurrentStatus {
        check: id(check),
        kind,
        status,
        since: at,
        at,
        last: Ok(last),
    })
}

fn change(check: &str, millis: i64, status: Status) -> HistoryRecord {
    let detail = String::new();
    HistoryRecord::Change(StatusChange { check: id(check), at: at(millis), status, detail })
}

fn value(check: &str, millis: i64, value: f64) -> HistoryRecord {
    HistoryRecord::Value(ValueRecord { check: id(check), at: at(millis), value })
}

/// A week in which web-1 was away for 7 of 160 known hours, nginx for half an hour.
fn history() -> Vec<HistoryRecord> {
    let on = || Observation::Switch { on: true, detail: None };
    let total = Number { name: "total".into(), value: Some(1000.0), at: None, failure: None };
    let counts = Observation::Numbers { numbers: vec![total], detail: None };
    vec![
        current("web-1/ssh", CheckKind::Ssh, on()),
        current("web-2/ssh", CheckKind::Ssh, on()),
        current("web-1/nginx", CheckKind::Service, on()),
        current("web-1/cpu", CheckKind::Resource, Observation::percent(1.0, None)),
        current("web-2/cpu", CheckKind::Resource, Observation::percent(1.0, None)),
        current("stats/users", CheckKind::Statistic, counts),
        change("web-1/ssh", 8 * HOUR, Status::Ok),
        change("web-1/ssh", DAY + HOUR, Status::Critical),
        change("web-1/ssh", DAY + 8 * HOUR, Status::Ok),
        change("web-2/ssh", -DAY, Status::Ok),
        change("web-1/nginx", -DAY, Status::Ok),
        change("web-1/nginx", 30 * HOUR, Status::Critical),
        change("web-1/nginx", 30 * HOUR + HOUR / 2, Status::Ok),
        value("web-1/cpu", -HOUR, 99.0),
        value("web-1/cpu", HOUR, 20.0),
        value("web-1/cpu", 2 * DAY, 60.0),
        value("web-2/cpu", 3 * DAY, 50.0),
        value("stats/users", 20 * HOUR, 30.0),
        value("stats/users", DAY + 20 * HOUR, 12.0),
    ]
}

/// Nginx's half hour: told at the second attempt, twelve seconds after the fault; the command that
/// was to mend it tells nobody.
fn trouble() -> Vec<HistoryRecord> {
    let since = 30 * HOUR - 4_000;
    let notice = |id_of: i64, notifier: &str| {
        HistoryRecord::Notice(NoticeRecord {
            id: id_of,
            incident: Some(7),
            check: id("web-1/nginx"),
            notifier: notifier.into(),
            recipient: "+628123456789".into(),
            reason: Reason::Raised,
            at: at(30 * HOUR),
            state: NoticeState::Accepted,
            state_at: at(30 * HOUR + 8_000),
            told_in: None,
        })
    };
    let attempt = |notice, attempt, millis, result| {
        let detail = String::new();
        let at = at(30 * HOUR + millis);
        HistoryRecord::Attempt(AttemptRecord {
            notice,
            attempt,
            at,
            took_ms: 1_000,
            result,
            detail,
        })
    };
    vec![
        HistoryRecord::Incident(Incident {
            number: 7,
            check: id("web-1/nginx"),
            kind: CheckKind::Service,
            since: at(since),
            raised: at(30 * HOUR),
            status: Status::Ok,
            worst: Status::Critical,
            last: Ok(Observation::Switch { on: false, detail: None }),
            limit: None,
            closed: Some((at(30 * HOUR + HOUR / 2), CloseReason::Recovered)),
        }),
        notice(1, "mend"),
        notice(2, "oncall"),
        attempt(1, 1, 0, AttemptResult::Accepted),
        attempt(2, 1, 0, AttemptResult::Retry),
        attempt(2, 2, 7_000, AttemptResult::Accepted),
    ]
}

const REST: &str = r#"
timezone = "Asia/Jakarta"

[notifiers.sms.oncall]
gather = false
budget = false
url = "http://127.0.0.1:9/send"
query = { to = "{{ to }}", text = "{{ text }}" }
recipients = ["+628123456789"]

[notifiers.exec.mend]
command = ["true"]
"#;

async fn filled(store: &dyn Store) {
    store.migrate().await.unwrap();
    for records in [history(), trouble()] {
        store.append(&records).await.unwrap();
    }
}

fn report(litemon: &Litemon, line: &str) -> Output {
    let words: Vec<&str> = ["report"].into_iter().chain(line.split_whitespace()).collect();
    litemon.command(&words).output().unwrap()
}

fn said(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The JSON of a report, without the moment at which it was made.
fn document(litemon: &Litemon, line: &str) -> Value {
    let text = said(&report(litemon, &format!("{line} --format json")));
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document.as_object_mut().unwrap().remove("made");
    document
}

#[tokio::test]
async fn one_history_gives_one_report_in_every_database() {
    let sqlite = Litemon::prepare(REST, &[]);
    fs::create_dir(sqlite.state_dir()).unwrap();
    filled(&SqliteStore::open(sqlite.state_dir().join("litemon.db"))).await;

    let server = MariaDb::shared().await;
    let settings = server.database("reports").await;
    let url = format!(
        "mysql://{}@{}:{}/{}",
        settings.user, settings.host, settings.port, settings.database
    );
    let configuration = format!("{REST}\n[store]\nurl = {url:?}\npassword = {PASSWORD:?}\n");
    let mariadb = Litemon::prepare(&configuration, &[]);
    filled(&MySqlStore::connect(settings)).await;

    let week = "--week 2026-10-07";
    let text = said(&report(&sqlite, week));
    for line in [
        "Report 2026-10-05 to 2026-10-11 (WIB)",
        "2 servers were available 97.86 % of the known time.",
        "1 incident. Told after 12s on average, 12s at most. Over after 30m 4s on average, 30m 4s at most.",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\n{text}");
    }
    let document = document(&sqlite, week);
    assert_eq!(document, self::document(&mariadb, week));
    assert_eq!(document["servers"][0]["check"], "web-1/ssh");
    assert_eq!(document["servers"][0]["down_ms"], 7 * HOUR);
    assert_eq!(document["servers"][0]["unknown_ms"], 8 * HOUR);
    assert_eq!(document["services"][0]["down_ms"], HOUR / 2);
    assert_eq!(document["incidents"][0]["told_after_ms"], 12_000);
    assert_eq!(document["statistics"][0]["growth"], 42.0);
    for line in ["--from 2026-10-05 --to 2026-10-11", "--week 2026-W41"] {
        assert_eq!(document, self::document(&mariadb, line), "{line}");
    }
    let csv = said(&report(&mariadb, &format!("{week} --format csv")));
    assert_eq!(csv, said(&report(&sqlite, &format!("{week} --format csv"))));
}

#[tokio::test]
async fn a_report_goes_into_a_file_and_says_what_is_wrong() {
    let litemon = Litemon::prepare(REST, &[]);
    let missing = report(&litemon, "--month last");
    assert_eq!(missing.status.code(), Some(1));
    let text = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(text.contains("there is no history in") && text.lines().count() == 1, "{text}");
    assert!(!litemon.state_dir().exists(), "looking makes nothing");

    fs::create_dir(litemon.state_dir()).unwrap();
    filled(&SqliteStore::open(litemon.state_dir().join("litemon.db"))).await;
    let file = litemon.path("report.html");
    let line = format!("--day 2026-10-06 --format html --output {}", file.display());
    assert_eq!(said(&report(&litemon, &line)), "");
    let page = fs::read_to_string(&file).unwrap();
    assert!(page.contains("web-1 nginx") && page.ends_with("</html>"), "{page}");
    for (line, expected) in [
        ("--day tomorrow", "is no day: expected"),
        ("--from 2026-10-06 --to 2026-10-05", "has to end after it begins"),
        ("--day --week", "cannot be used with"),
        ("--output /nowhere/at/all", "cannot be written"),
    ] {
        let output = report(&litemon, line);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(expected), "{line}: {text}");
    }
}

#[tokio::test]
async fn a_report_is_made_beside_a_running_monitor() {
    let configuration = "[servers.here]\naddress = \"local\"\n\
        [servers.here.services.fine]\ncommand = \"true\"\ninterval = \"1s\"\ntimeout = \"900ms\"\n";
    let litemon = Litemon::start(configuration, &[]).await;
    let up = eventually("history of the check", Duration::from_secs(60), async || {
        // In its first moments the database has no tables.
        let output = report(&litemon, "--day --format json");
        let document: Value = serde_json::from_slice(&output.stdout).ok()?;
        document["services"][0]["up_ms"].as_u64().filter(|up| *up > 0)
    })
    .await;
    assert!(up < 86_400_000);
    let text = said(&report(&litemon, ""));
    assert!(text.contains("here/fine") && text.contains("this time is not over"), "{text}");
    pages_and_api(&litemon).await;
}

/// What the dashboard tells an administrator: here, the owner of the socket.
async fn pages_and_api(litemon: &Litemon) {
    let socket = litemon.state_dir().join("control.sock");
    let page = ask(&socket, "GET", "/reports?period=day").await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("here fine") && page.contains("href=\"/reports?from="), "{page}");
    let wrong = ask(&socket, "GET", "/reports?from=tomorrow").await;
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().await.unwrap().contains("That is no time."));

    let csv = ask(&socket, "GET", "/reports?period=day&format=csv").await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let named = csv.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(named.starts_with("attachment; filename=\"litemon-"), "{named}");
    assert!(csv.text().await.unwrap().contains("\r\nservice,here/fine,"));
    let api = ask(&socket, "GET", "/api/v1/reports").await;
    let api: Value = serde_json::from_str(&api.text().await.unwrap()).unwrap();
    assert_eq!(api["services"][0]["check"], "here/fine");
    for path in ["/reports", "/api/v1/reports"] {
        let (status, text) = litemon.get(path).await.unwrap();
        assert!(!text.contains("here/fine") && !text.contains("here fine"), "{path}: {status}");
    }
}
