use std::{sync::Arc, time::Duration};

use litemon_core::{
    model::{HistoryRecord, Language, Timestamp, Zone},
    report::{Ask, JobLine, Period, Report, Span, report},
    store::{MemoryStore, Store},
    testing::paper_past,
};

/// The scene of the paper, with what its checks are now, a measure, a count and jobs.
async fn made() -> Report {
    let now = Timestamp::from_millis(1_460_586_794_000);
    let store = MemoryStore::new();
    store.append(&paper_past(now).unwrap()).await.unwrap();
    store.append(&current(now)).await.unwrap();
    let zone = Zone::named("Asia/Jakarta").unwrap();
    let mut ask = Ask::new(Span::holding(Period::Week, now, &zone), now, zone);
    let at = now.minus(Duration::from_secs(3600));
    ask.jobs = Some(vec![
        JobLine::new(2, "ann", "=cmd|'/c calc'!A0 <b>", at, Some(now)).with("ok").with("failed"),
        JobLine::new(1, "bob\u{1b}[31m", "update", at, None).with("ok").with("running"),
    ]);
    report(Arc::new(store), ask).await.unwrap()
}

fn current(now: Timestamp) -> Vec<HistoryRecord> {
    let on = |check: &str, kind: &str| {
        serde_json::json!({
            "record": "current", "check": check, "kind": kind, "status": "ok", "since": now, "at": now,
            "last": { "Ok": { "kind": "switch", "on": true, "detail": null } },
        })
    };
    let value = |check: &str, minutes: u64, value: f64| {
        let at = now.minus(Duration::from_secs(minutes * 60));
        serde_json::json!({ "record": "value", "check": check, "at": at, "value": value })
    };
    let resource = |check: &str| {
        let mut one = on(check, "resource");
        one["last"] = serde_json::json!({ "Ok": { "kind": "value", "value": 1.0, "unit": "%", "detail": null } });
        one
    };
    let mut counted = on("stats/new-users", "statistic");
    counted["last"] = serde_json::json!({ "Ok": { "kind": "numbers", "detail": null, "numbers": [
        { "name": "total", "value": 48310.0, "at": now, "failure": null },
    ] } });
    let records = vec![
        on("server1/nginx", "service"),
        on("server3/chat", "service"),
        on("server4/ssh", "ssh"),
        resource("server1/cpu"),
        resource("server2/cpu"),
        counted,
        value("server1/cpu", 120, 37.0),
        value("server1/cpu", 60, 51.5),
        value("server2/cpu", 60, 96.0),
        value("stats/new-users", 1500, 2083.0),
        value("stats/new-users", 5, 12.0),
    ];
    records.into_iter().map(|record| serde_json::from_value(record).unwrap()).collect()
}

fn zone() -> Zone {
    Zone::named("Asia/Jakarta").unwrap()
}

#[tokio::test]
async fn a_report_for_spreadsheets() {
    insta::assert_snapshot!(super::csv(&made().await, &zone()).replace('\r', ""));
}

#[tokio::test]
async fn every_row_for_spreadsheets_is_as_long_as_the_head_and_works_nothing_out() {
    let text = super::csv(&made().await, &zone());
    assert!(text.lines().all(|line| !line.contains('\r')) && text.contains("\r\n"));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert!(rows.len() > 8);
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "{cell}");
        assert!(!cell.contains('\u{1b}'), "{cell}");
    }
}

#[tokio::test]
async fn a_report_to_be_printed() {
    for (name, language) in [("english", Language::English), ("indonesian", Language::Indonesian)] {
        let page = super::html(&made().await, &zone(), language);
        assert!(!page.contains("<script") && !page.contains("http"), "it needs nothing else");
        let (_, body) = page.split_once("<body>").unwrap();
        insta::assert_snapshot!(name, body.replace("><", ">\n<"));
    }
}

#[tokio::test]
async fn a_report_for_programs() {
    let document = super::json(&made().await);
    let text = serde_json::to_string_pretty(&document).unwrap();
    insta::assert_snapshot!(text);
    let schema = serde_json::to_value(schemars::schema_for!(super::Document)).unwrap();
    let value = serde_json::to_value(&document).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&value));
}
