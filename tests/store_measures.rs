//! What every store says of a time: the same as what is worked out of raw rows, whatever the order
//! in which these came and however often.

use std::{sync::Arc, time::Duration};

use litemon_core::{
    clock::VirtualClock,
    model::{
        AttemptRecord, AttemptResult, CheckId, CheckKind, CloseReason, CurrentStatus, Failure,
        FailureKind, HistoryRecord, Incident, NoticeRecord, NoticeState, Observation, Reason,
        Resolution, Status, StatusChange, Timestamp, ToldIn, Uptime, ValueRecord,
    },
    store::{
        MemoryStore, MySqlStore, Retention, SqliteStore, Store, Upkeep, UpkeepPlace, UpkeepSettings,
    },
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};

use sqlx::Connection;

use crate::support::{eventually, mariadb::MariaDb};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// A whole hour.
const BASE: i64 = 1_460_599_200_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(BASE + millis)
}

fn check(number: u8) -> CheckId {
    CheckId::parse(&format!("s{number}/cpu")).unwrap()
}

fn value(number: u8, millis: i64, value: f64) -> HistoryRecord {
    HistoryRecord::Value(ValueRecord { check: check(number), at: at(millis), value })
}

fn change(number: u8, millis: i64, status: Status) -> HistoryRecord {
    let detail = String::new();
    HistoryRecord::Change(StatusChange { check: check(number), at: at(millis), status, detail })
}

fn current(number: u8, millis: i64) -> HistoryRecord {
    HistoryRecord::Current(CurrentStatus {
        check: check(number),
        kind: CheckKind::Resource,
        status: Status::Ok,
        since: at(0),
        at: at(millis),
        last: Ok(Observation::percent(1.0, None)),
    })
}

fn incident(number: i64, of: u8, since: i64, closed: Option<i64>) -> HistoryRecord {
    HistoryRecord::Incident(Incident {
        number,
        check: check(of),
        kind: CheckKind::Service,
        since: at(since),
        raised: at(since + 1),
        status: Status::Critical,
        worst: Status::Critical,
        last: Err(Failure::new(FailureKind::Exit, "exit 127")),
        limit: None,
        closed: closed.map(|millis| (at(millis), CloseReason::Recovered)),
    })
}

const STATUSES: [Status; 4] = [Status::Ok, Status::Warning, Status::Unknown, Status::Critical];

/// One thing that comes, and how late: most come in the order of their times.
#[derive(Clone, Debug)]
struct Coming {
    record: HistoryRecord,
    place: i64,
}

fn coming() -> impl Strategy<Value = Coming> {
    let time = prop_oneof![0..5 * HOUR, 0..5 * MINUTE, HOUR - 3000..HOUR + 3000];
    let late = prop_oneof![8 => 0..2000_i64, 1 => 0..3 * HOUR];
    let what = prop_oneof![
        6 => (-1e6..1e6_f64).prop_map(Some),
        2 => Just(None),
    ];
    (0..3_u8, time, late, what, prop::sample::select(&STATUSES[..])).prop_map(
        |(of, millis, late, number, status)| {
            let record = match number {
                Some(number) => value(of, millis, number),
                None => change(of, millis, status),
            };
            Coming { record, place: millis + late }
        },
    )
}

/// Batches in the order in which they are handed over, and whether a batch comes once more.
fn batches() -> impl Strategy<Value = Vec<(Vec<HistoryRecord>, bool)>> {
    (vec(coming(), 1..120), vec((1..40_usize, any::<bool>()), 1..8), 0..6 * HOUR).prop_map(
        |(mut all, cuts, seen)| {
            all.sort_by_key(|one| one.place);
            let mut rest: Vec<_> = all.into_iter().map(|one| one.record).collect();
            rest.push(current(0, seen));
            let mut batches = Vec::new();
            for (size, again) in cuts.into_iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let behind = rest.split_off(size.min(rest.len()));
                batches.push((std::mem::replace(&mut rest, behind), again));
            }
            batches
        },
    )
}

async fn same_as_worked_out(
    store: &dyn Store,
    batches: Vec<(Vec<HistoryRecord>, bool)>,
    spans: Vec<(i64, i64, usize)>,
) -> Result<(), TestCaseError> {
    let memory = MemoryStore::new();
    for (batch, again) in &batches {
        for _ in 0..=usize::from(*again) {
            store.append(batch).await.unwrap();
        }
        memory.append(batch).await.unwrap();
    }
    // A batch of the beginning once more, when its hours have long been worked out.
    store.append(&batches[0].0).await.unwrap();
    memory.append(&batches[0].0).await.unwrap();
    for (from, long, points) in spans {
        for of in 0..3 {
            let (check, from, to) = (check(of), at(from), at(from + long));
            let wanted = memory.series(&check, from, to, points).await.unwrap();
            let found = store.series(&check, from, to, points).await.unwrap();
            prop_assert_eq!(found.resolution, wanted.resolution);
            prop_assert_eq!(found.samples.len(), wanted.samples.len(), "{:?} {:?}", found, wanted);
            for (found, wanted) in found.samples.iter().zip(&wanted.samples) {
                prop_assert_eq!(
                    (found.at, found.min, found.max, found.count),
                    (wanted.at, wanted.min, wanted.max, wanted.count)
                );
                prop_assert!((found.avg - wanted.avg).abs() < 1e-6, "{:?} {:?}", found, wanted);
            }
            let wanted = memory.uptime(&check, from, to).await.unwrap();
            let found = store.uptime(&check, from, to).await.unwrap();
            prop_assert_eq!(found, wanted, "{} {} {}", check, from, to);
            prop_assert_eq!(found.up + found.down + found.unknown, to.since(from));
        }
    }
    Ok(())
}

fn spans() -> impl Strategy<Value = Vec<(i64, i64, usize)>> {
    let from = prop_oneof![-HOUR..6 * HOUR, Just(0), Just(HOUR), Just(MINUTE)];
    let long = prop_oneof![0..8 * HOUR, Just(HOUR), Just(3 * HOUR), 0..MINUTE];
    vec((from, long, prop::sample::select(&[1, 3, 60, 300, 100_000][..])), 1..6)
}

fn property(cases: u32, open: impl Fn(u32) -> (Arc<dyn Store>, Box<dyn std::any::Any>)) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let opened = std::cell::Cell::new(0);
    TestRunner::new(config)
        .run(&(batches(), spans()), |(batches, spans)| {
            opened.set(opened.get() + 1);
            let (store, _keep) = open(opened.get());
            runtime.block_on(async {
                store.migrate().await.unwrap();
                same_as_worked_out(&*store, batches, spans).await
            })
        })
        .unwrap();
}

#[test]
fn sqlite_says_what_raw_rows_say() {
    property(64, |_| {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path().join("history.db")));
        (store, Box::new(folder))
    });
}

#[test]
fn mariadb_says_what_raw_rows_say() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(MariaDb::shared());
    property(12, |number| {
        let name = format!("measures_{number}");
        let settings = runtime.block_on(server.database(&name));
        (Arc::new(MySqlStore::connect(settings)), Box::new(()))
    });
}

async fn sqlite() -> (Arc<dyn Store>, Box<dyn std::any::Any + Send>) {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path().join("history.db")));
    store.migrate().await.unwrap();
    (store, Box::new(folder))
}

async fn mariadb(name: &str) -> (Arc<dyn Store>, Box<dyn std::any::Any + Send>) {
    let server = MariaDb::shared().await;
    let store = Arc::new(MySqlStore::connect(server.database(name).await));
    store.migrate().await.unwrap();
    (store, Box::new(server))
}

/// The three stores, each empty.
async fn stores(test: &str) -> Vec<(Arc<dyn Store>, Box<dyn std::any::Any + Send>)> {
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    vec![(memory, Box::new(())), sqlite().await, mariadb(test).await]
}

#[tokio::test]
async fn incidents_of_a_check_by_time() {
    for (store, _keep) in stores("incidents_of").await {
        let records = [
            incident(1, 1, 0, Some(100)),
            incident(2, 1, 200, Some(300)),
            incident(3, 2, 200, Some(300)),
            incident(4, 1, 400, None),
            incident(5, 1, 900, None),
        ];
        store.append(&records).await.unwrap();
        let of = async |from, to, most| {
            let found = store.incidents_of(&check(1), at(from), at(to), most).await.unwrap();
            found.iter().map(|one| one.number).collect::<Vec<_>>()
        };
        assert_eq!(of(0, 1000, 9).await, [1, 2, 4, 5], "{store:?}");
        assert_eq!(of(100, 900, 9).await, [1, 2, 4], "{store:?}");
        assert_eq!(of(101, 401, 1).await, [4], "the newest, {store:?}");
        assert!(of(310, 390, 9).await.is_empty(), "{store:?}");
        assert_eq!(store.incidents_of(&check(9), at(0), at(999), 9).await.unwrap(), []);
    }
}

#[tokio::test]
async fn nothing_is_known_after_the_last_result() {
    for (store, _keep) in stores("stopped").await {
        let records = [change(1, 0, Status::Ok), current(1, HOUR), current(2, HOUR - 5)];
        store.append(&records).await.unwrap();
        let uptime = async |from, to| store.uptime(&check(1), at(from), at(to)).await.unwrap();
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let minute = Duration::from_secs(60);
        let while_it_runs = uptime(0, HOUR + 30_000).await;
        assert_eq!(while_it_runs.up, hours(1) + minute / 2, "{store:?}");
        let found = uptime(0, 5 * HOUR).await;
        let expected = Uptime { up: hours(1) + minute, down: hours(0), unknown: hours(4) - minute };
        assert_eq!(found, expected, "{store:?}");
        assert_eq!(uptime(3 * HOUR, 5 * HOUR).await.unknown, hours(2), "{store:?}");
    }
}

#[tokio::test]
async fn the_largest_numbers_do_not_stop_history() {
    for (store, _keep) in stores("largest").await {
        let big = |millis| [value(1, millis, f64::MAX), value(1, millis + 1, f64::MAX)];
        store.append(&big(0)).await.unwrap();
        store.append(&big(2 * HOUR)).await.unwrap();
        store.append(&big(4 * HOUR)).await.unwrap();
        let series = store.series(&check(1), at(0), at(5 * HOUR), 5).await.unwrap();
        assert_eq!(series.resolution, Resolution::Hour);
        let seen: Vec<_> = series.samples.iter().map(|one| (one.max, one.count)).collect();
        assert_eq!(seen, [(f64::MAX, 2); 3], "{store:?}");
    }
}

const DAY: i64 = 24 * HOUR;

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

async fn keep_up(store: &dyn Store, now: Timestamp, retention: &Retention) -> usize {
    let mut place = Some(UpkeepPlace::default());
    let mut pieces = 0;
    while let Some(from) = place {
        place = store.upkeep(now, retention, from).await.unwrap();
        pieces += 1;
        assert!(pieces < 10_000, "upkeep does not end: {place:?}");
    }
    pieces
}

async fn a_day_of(store: &dyn Store, day: i64) {
    let times = (0..24 * 6).map(|n| day * DAY + n * 10 * MINUTE);
    let mut records: Vec<_> = times
        .flat_map(|time| [value(1, time, 1.0), value(2, time + 5000, 2.0), current(1, time + 1)])
        .collect();
    records.push(change(1, day * DAY, Status::Ok));
    if day < 9 {
        records.push(change(2, day * DAY, Status::Critical));
    }
    records.push(incident(100 + day, 1, day * DAY, Some(day * DAY + HOUR)));
    let (id, number) = (1000 + day, 100 + day);
    records.push(HistoryRecord::Notice(notice(id, Some(number), day)));
    records.push(HistoryRecord::Notice(notice(id + 500, None, day)));
    records.push(HistoryRecord::Attempt(AttemptRecord {
        notice: id,
        attempt: 1,
        at: at(day * DAY),
        took_ms: 1,
        result: AttemptResult::Accepted,
        detail: String::new(),
    }));
    store.append(&records).await.unwrap();
}

fn notice(id: i64, incident: Option<i64>, day: i64) -> NoticeRecord {
    NoticeRecord {
        id,
        incident,
        check: check(1),
        notifier: "oncall".into(),
        recipient: "+628123456789".into(),
        reason: Reason::Raised,
        at: at(day * DAY),
        state: NoticeState::Accepted,
        state_at: at(day * DAY),
        told_in: incident
            .map(|number| ToldIn::new(id + 500, 2, [number, number + 1].into_iter().collect())),
    }
}

#[tokio::test]
async fn what_is_older_than_its_retention_goes_and_charts_take_what_is_kept() {
    let retention = Retention::new(days(2), days(5), days(20));
    for (store, _keep) in [sqlite().await, mariadb("retention").await] {
        for day in 0..40 {
            a_day_of(&*store, day).await;
            keep_up(&*store, at((day + 1) * DAY), &retention).await;
        }
        let now = at(40 * DAY);
        let ever = (Timestamp::default(), at(100 * DAY));
        let raw = store.values(&check(1), ever.0, ever.1, usize::MAX).await.unwrap();
        let kept = now.since(raw[0].at);
        assert!(kept >= days(2) && kept < days(3), "{kept:?} {store:?}");

        let series = async |from: i64, long, points| {
            // A database on a busy machine may pass the limit of one call.
            eventually("the series", Duration::from_secs(60), async || {
                store.series(&check(1), at(from), at(from + long), points).await.ok()
            })
            .await
        };
        for (from, resolution) in [
            (39 * DAY, Resolution::Raw),
            (36 * DAY, Resolution::Minute),
            (30 * DAY, Resolution::Hour),
        ] {
            let found = series(from, HOUR, 1000).await;
            assert_eq!(found.resolution, resolution, "{store:?}");
            assert_eq!(found.samples.iter().map(|one| one.count).sum::<u64>(), 6, "{store:?}");
        }
        let hours = series(0, 40 * DAY, 100).await.samples;
        let kept = now.since(hours[0].at);
        // MySQL drops whole parts of an eighth of the retention.
        assert!(kept >= days(20) && kept < days(23), "{kept:?} {store:?}");

        let incidents = store.incidents(None, 999).await.unwrap();
        assert_eq!(incidents.len(), 20, "{store:?}");
        assert!(store.incident(120).await.unwrap().is_some(), "{store:?}");
        assert!(store.incident(119).await.unwrap().is_none(), "{store:?}");
        assert_eq!(store.last_numbers().await.unwrap(), (139, 1539));
        let told_in = async |number: i64| {
            let history = store.incident(number).await.unwrap().unwrap();
            history.notices[0].0.told_in.as_ref().map(|told| told.numbers.to_string())
        };
        assert_eq!(told_in(120).await.as_deref(), Some("#120-121"), "{store:?}");
        // Nothing is left of the one that went: who has its numbers now has none of it.
        let again = NoticeRecord { told_in: None, ..notice(1019, Some(119), 39) };
        let again = [incident(119, 1, 39 * DAY, None), HistoryRecord::Notice(again)];
        store.append(&again).await.unwrap();
        assert_eq!(told_in(119).await, None, "{store:?}");
        let changes = store.changes(&check(1), ever.0, ever.1, 999).await.unwrap();
        assert_eq!(changes.len(), 20, "{store:?}");
        // The last change of the other is older than that, and still says what holds.
        let uptime = store.uptime(&check(2), at(30 * DAY), at(39 * DAY)).await.unwrap();
        assert_eq!(uptime.down, days(9), "{store:?}");
    }
}

#[tokio::test]
async fn the_file_of_sqlite_stays_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let store = SqliteStore::open(&path);
    store.migrate().await.unwrap();
    let retention = Retention::new(days(1), days(1), days(2));
    let mut sizes = Vec::new();
    for day in 0..24 {
        let times = (0..24 * 60).map(|n| day * DAY + n * MINUTE);
        let records: Vec<_> =
            times.flat_map(|time| (0..8).map(move |of| value(of, time, time as f64))).collect();
        store.append(&records).await.unwrap();
        store.append(&[current(1, (day + 1) * DAY)]).await.unwrap();
        keep_up(&store, at((day + 1) * DAY), &retention).await;
        sizes.push(path.metadata().unwrap().len());
    }
    let [early, late] = [sizes[7], sizes[23]];
    println!("after 8 days {early}, after 24 days {late}");
    assert!(late <= early + early / 5, "{sizes:?}");
}

#[tokio::test]
async fn upkeep_goes_by_itself_and_ends_with_its_owner() {
    let (store, _keep) = sqlite().await;
    a_day_of(&*store, 0).await;
    a_day_of(&*store, 30).await;
    let clock = Arc::new(VirtualClock::new(at(31 * DAY)));
    let mut settings = UpkeepSettings::default();
    (settings.first, settings.every) = (Duration::from_millis(1), Duration::from_millis(5));
    settings.pause = Duration::ZERO;
    let upkeep = Upkeep::start(store.clone(), clock.clone(), Retention::default(), settings);
    let raw = async || {
        let end = at(99 * DAY);
        store.values(&check(1), Timestamp::default(), end, usize::MAX).await.unwrap().len()
    };
    eventually("the old day to go", Duration::from_secs(20), async || {
        (raw().await == 144).then_some(())
    })
    .await;
    clock.set_by(30 * DAY);
    // The last value stays until a later one ends its minute.
    eventually("the other to go", Duration::from_secs(20), async || {
        (raw().await == 1).then_some(())
    })
    .await;
    drop(upkeep);
    let alive = Arc::strong_count(&clock);
    eventually("its task to end", Duration::from_secs(20), async || {
        (Arc::strong_count(&clock) == 1).then_some(())
    })
    .await;
    assert!(alive <= 2);
}

#[tokio::test]
async fn what_an_earlier_version_kept_is_taken_in() {
    let retention = Retention::default();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let store = SqliteStore::open(&path);
    store.migrate().await.unwrap();
    store.append(&[value(1, 5 * HOUR, 9.0), value(2, 5 * HOUR, 9.0)]).await.unwrap();
    let url = format!("sqlite:{}", path.display());
    let mut old = sqlx::SqliteConnection::connect(&url).await.unwrap();
    for n in 0..5000_i64 {
        let insert = "INSERT INTO check_values VALUES (1 + ? % 2, ?, 1.5)";
        let time = BASE + n / 2 * 4000;
        sqlx::query(insert).bind(n).bind(time).execute(&mut old).await.unwrap();
    }
    keep_up(&store, at(DAY), &retention).await;
    let left: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM check_values").fetch_one(&mut old).await.unwrap();
    assert_eq!(left, 0);
    for of in [1, 2] {
        let series = store.series(&check(of), at(0), at(3 * HOUR), 3).await.unwrap();
        assert_eq!(series.resolution, Resolution::Hour);
        let counts: Vec<_> = series.samples.iter().map(|one| (one.count, one.max)).collect();
        assert_eq!(counts, [(900, 1.5), (900, 1.5), (700, 1.5)]);
        let ever = (Timestamp::default(), at(DAY));
        assert_eq!(store.values(&check(of), ever.0, ever.1, 9999).await.unwrap().len(), 2501);
    }
}
