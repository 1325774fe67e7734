//! A whole report of a small store, worked out by hand.

use std::{sync::Arc, time::Duration};

use super::*;
use crate::{
    model::{
        AttemptRecord, AttemptResult, CheckId, CheckKind, CloseReason, CurrentStatus,
        HistoryRecord, Incident, Name, NoticeRecord, NoticeState, Number, Observation, Reason,
        Status, StatusChange, Timestamp, ValueRecord, Zone,
    },
    store::{MemoryStore, Store},
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Milliseconds after 2026-11-16T00:00:00Z, a Monday.
fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_794_787_200_000 + millis)
}

fn id(name: &str) -> CheckId {
    CheckId::parse(name).unwrap()
}

fn seen(check: &str, kind: CheckKind, status: Status, last: Observation) -> HistoryRecord {
    let at = at(3 * DAY);
    HistoryRecord::Current(CurrentStatus {
        check: id(check),
        kind,
        status,
        since: at,
        at,
        last: Ok(last),
    })
}

fn on() -> Observation {
    Observation::Switch { on: true, detail: None }
}

fn change(check: &str, millis: i64, status: Status) -> HistoryRecord {
    let detail = String::new();
    HistoryRecord::Change(StatusChange { check: id(check), at: at(millis), status, detail })
}

fn value(check: &str, millis: i64, value: f64) -> HistoryRecord {
    HistoryRecord::Value(ValueRecord { check: id(check), at: at(millis), value })
}

fn incident(number: i64, check: &str, since: i64, closed: Option<i64>) -> HistoryRecord {
    HistoryRecord::Incident(Incident {
        number,
        check: id(check),
        kind: CheckKind::Service,
        since: at(since),
        raised: at(since + 4_000),
        status: Status::Critical,
        worst: Status::Critical,
        last: Ok(Observation::Switch { on: false, detail: None }),
        limit: None,
        closed: closed.map(|closed| (at(closed), CloseReason::Recovered)),
    })
}

fn notice(
    id_of: i64,
    incident: i64,
    notifier: &str,
    millis: i64,
    state: NoticeState,
) -> HistoryRecord {
    HistoryRecord::Notice(NoticeRecord {
        id: id_of,
        incident: Some(incident),
        check: id("web-1/nginx"),
        notifier: notifier.into(),
        recipient: "+628123456789".into(),
        reason: Reason::Raised,
        at: at(millis),
        state,
        state_at: at(millis + 30_000),
        told_in: None,
    })
}

fn attempt(notice: i64, number: u32, millis: i64, result: AttemptResult) -> HistoryRecord {
    let detail = String::new();
    HistoryRecord::Attempt(AttemptRecord {
        notice,
        attempt: number,
        at: at(millis),
        took_ms: 500,
        result,
        detail,
    })
}

fn servers() -> Vec<HistoryRecord> {
    vec![
        seen("web-1/ssh", CheckKind::Ssh, Status::Ok, on()),
        seen("web-2/ssh", CheckKind::Ssh, Status::Ok, on()),
        seen("web-1/nginx", CheckKind::Service, Status::Ok, on()),
        seen("late/ssh", CheckKind::Ssh, Status::Ok, on()),
        // web-1: seen first 6 h into the first day; 1 h down on it; 2 h down after a shutdown.
        change("web-1/ssh", 6 * HOUR, Status::Ok),
        change("web-1/ssh", 10 * HOUR, Status::Critical),
        change("web-1/ssh", 11 * HOUR, Status::Ok),
        change("web-1/ssh", DAY + HOUR, Status::Critical),
        change("web-1/ssh", DAY + 3 * HOUR, Status::Ok),
        change("web-2/ssh", -DAY, Status::Ok),
        change("web-1/nginx", -DAY, Status::Ok),
        change("web-1/nginx", 10 * HOUR, Status::Unknown),
        change("web-1/nginx", 11 * HOUR, Status::Warning),
        change("web-1/nginx", DAY + HOUR, Status::Unknown),
        change("web-1/nginx", DAY + 3 * HOUR, Status::Ok),
        // Came when the two days were over.
        change("late/ssh", 2 * DAY + HOUR, Status::Ok),
    ]
}

fn troubles() -> Vec<HistoryRecord> {
    use AttemptResult::{Accepted, Retry};
    vec![
        incident(7, "web-1/nginx", -2 * DAY, Some(-DAY)),
        incident(8, "web-1/nginx", -HOUR, Some(HOUR)),
        incident(9, "web-1/nginx", 5 * HOUR, Some(5 * HOUR + 60_000)),
        incident(10, "web-1/nginx", DAY, None),
        incident(11, "web-1/nginx", 2 * DAY, None),
        // Restarted at once, which tells nobody; told at the second attempt, 12.5 s after the fault.
        notice(1, 9, "restart-nginx", 5 * HOUR + 4_000, NoticeState::Accepted),
        attempt(1, 1, 5 * HOUR + 4_000, Accepted),
        notice(2, 9, "oncall", 5 * HOUR + 4_000, NoticeState::Accepted),
        attempt(2, 1, 5 * HOUR + 4_000, Retry),
        attempt(2, 2, 5 * HOUR + 12_000, Accepted),
        notice(3, 10, "oncall", DAY + 4_000, NoticeState::Pending),
    ]
}

fn measures() -> Vec<HistoryRecord> {
    let number = |name: &str, value| Number {
        name: name.into(),
        value: Some(value),
        at: None,
        failure: None,
    };
    let numbers = vec![number("today", 5.0), number("total", 1_000.0)];
    vec![
        seen("web-1/cpu", CheckKind::Resource, Status::Ok, Observation::percent(1.0, None)),
        seen("web-2/cpu", CheckKind::Resource, Status::Ok, Observation::percent(1.0, None)),
        value("web-1/cpu", -1, 99.0),
        value("web-1/cpu", 0, 10.0),
        value("web-1/cpu", HOUR, 20.0),
        value("web-1/cpu", HOUR + 1, 60.0),
        value("web-1/cpu", 2 * DAY, 99.0),
        value("web-2/cpu", DAY, 50.0),
        seen(
            "stats/users",
            CheckKind::Statistic,
            Status::Ok,
            Observation::Numbers { numbers, detail: None },
        ),
        value("stats/users", HOUR, 3.0),
        value("stats/users", 23 * HOUR, 30.0),
        value("stats/users", DAY + 1, 0.0),
        value("stats/users", DAY + 20 * HOUR, 12.0),
        value("stats/users", 2 * DAY + HOUR, 20.0),
        value("stats/users", 3 * DAY, 5.0),
    ]
}

async fn store() -> Arc<dyn Store> {
    let store = MemoryStore::new();
    for records in [servers(), troubles(), measures()] {
        store.append(&records).await.unwrap();
    }
    Arc::new(store)
}

/// The first two days, asked for on the fourth.
fn ask() -> Ask {
    let now = at(3 * DAY);
    let span = Span::between("2026-11-16", Some("2026-11-17"), now, &Zone::utc()).unwrap();
    let mut ask = Ask::new(span, now, Zone::utc());
    ask.planned = vec![Planned {
        server: Name::new("web-1").unwrap(),
        from: at(DAY + HOUR - 60_000),
        to: None,
        until_back: true,
    }];
    ask.remedies.insert("restart-nginx".to_owned());
    ask
}

fn hours(one: &Availability) -> (&str, [u64; 4]) {
    let times = [one.up, one.down, one.unknown, one.planned];
    (one.check.as_str(), times.map(|time| time.as_secs() / 3600))
}

#[tokio::test]
async fn servers_and_services_were_available() {
    let report = report(store().await, ask()).await.unwrap();
    let servers: Vec<_> = report.servers.iter().map(hours).collect();
    assert_eq!(servers, [("web-1/ssh", [39, 1, 6, 2]), ("web-2/ssh", [48, 0, 0, 0])]);
    assert_eq!(percent(report.servers[0].share().unwrap()), "97.50");
    let services: Vec<_> = report.services.iter().map(hours).collect();
    assert_eq!(services, [("web-1/nginx", [45, 0, 1, 2])]);
}

#[tokio::test]
async fn incidents_were_told_and_ended() {
    let incidents = report(store().await, ask()).await.unwrap().incidents;
    let lines: Vec<_> =
        incidents.list.iter().map(|one| (one.number, one.told, one.lasted())).collect();
    let s = Duration::from_secs;
    assert_eq!(
        lines,
        [
            (10, Told::NotYet, None),
            (9, Told::After(Duration::from_millis(12_500)), Some(s(60))),
            (8, Told::Nobody, Some(s(7200))),
        ]
    );
    assert_eq!(incidents.count, 3);
    assert_eq!(incidents.told, Times::of([Duration::from_millis(12_500)]));
    let lasted = incidents.lasted;
    assert_eq!((lasted.count, lasted.mean, lasted.longest), (2, s(3630), s(7200)));
}

#[tokio::test]
async fn resources_and_counts_are_of_the_time_alone() {
    let report = report(store().await, ask()).await.unwrap();
    let busy: Vec<_> = report
        .resources
        .iter()
        .map(|one| (one.check.as_str(), one.mean, one.max, one.max_at, one.count))
        .collect();
    assert_eq!(
        busy,
        [("web-2/cpu", 50.0, 50.0, at(DAY), 1), ("web-1/cpu", 30.0, 60.0, at(HOUR), 3)]
    );
    let counted = &report.statistics[0];
    // 30 + 12 in two days; of the 1,000 that there are now, 20 and 5 came later.
    assert_eq!((counted.growth, counted.total, counted.days), (Some(42.0), Some(975.0), (2, 2)));
}

#[tokio::test]
async fn a_time_that_is_not_over_ends_now() {
    let mut ask = ask();
    ask.span = Span::holding(Period::Week, ask.now, &ask.zone);
    let report = report(store().await, ask).await.unwrap();
    assert_eq!(report.until, at(3 * DAY));
    for one in report.servers.iter().chain(&report.services) {
        let sum = one.up + one.down + one.unknown + one.planned;
        assert_eq!(sum, Duration::from_secs(3 * 86_400), "{}", one.check);
    }
    let counted = &report.statistics[0];
    // What came on Thursday, which has just begun, is taken off.
    assert_eq!((counted.total, counted.days), (Some(995.0), (3, 3)));
}

#[test]
fn jobs_are_added_up_for_each_operator() {
    let job = |id, by: &str| JobLine::new(id, by, "update", at(0), Some(at(1)));
    let jobs = [
        job(3, "ann").with("ok").with("failed"),
        job(2, "bob").with("ok"),
        job(1, "ann").with("ok").with("unreachable"),
    ];
    let operators: Vec<_> = by_operator(&jobs)
        .into_iter()
        .map(|one| {
            (
                one.name,
                one.jobs,
                one.outcomes
                    .into_iter()
                    .map(|(word, n)| format!("{n} {word}"))
                    .collect::<Vec<_>>()
                    .join(", "),
            )
        })
        .collect();
    assert_eq!(
        operators,
        [
            ("ann".to_owned(), 2, "1 failed, 2 ok, 1 unreachable".to_owned()),
            ("bob".to_owned(), 1, "1 ok".to_owned()),
        ]
    );
    assert_eq!(jobs[0].servers(), 2);
}
