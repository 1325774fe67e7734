//! What every store promises, held against all of them, and what only a real server can show.

use std::{any::Any, os::unix::fs::PermissionsExt, sync::Arc, time::Duration};

use litemon_core::{
    journal::{Journal, SqliteJournal},
    model::{
        AttemptRecord, AttemptResult, CheckId, CheckKind, CloseReason, CurrentStatus, Failure,
        FailureKind, HistoryRecord, Incident, NoticeRecord, NoticeState, Observation, Reason,
        Status, StatusChange, Timestamp, ToldIn, ValueRecord,
    },
    secret::Secret,
    store::{
        FeedStatus, Feeder, FeederSettings, MemoryStore, MySqlSettings, MySqlStore, MySqlTls,
        SqliteStore, Store, StoreError,
    },
};
use tokio::time::Instant;

use crate::support::{
    eventually, free_port,
    mariadb::{MariaDb, PASSWORD},
};

/// A migrated store, and what it needs to live.
struct Fixture {
    store: Arc<dyn Store>,
    /// The same data through a store of its own. In memory there is no such thing.
    again: Arc<dyn Store>,
    _keep: Box<dyn Any + Send>,
}

async fn memory(_: &str) -> Fixture {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    store.migrate().await.unwrap();
    Fixture { again: Arc::clone(&store), store, _keep: Box::new(()) }
}

async fn sqlite(_: &str) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path));
    store.migrate().await.unwrap();
    Fixture { store, again: Arc::new(SqliteStore::open(&path)), _keep: Box::new(folder) }
}

async fn mariadb(test: &str) -> Fixture {
    let server = MariaDb::shared().await;
    let settings = server.database(&format!("contract_{test}")).await;
    let store: Arc<dyn Store> = Arc::new(MySqlStore::connect(settings.clone()));
    store.migrate().await.unwrap();
    Fixture { store, again: Arc::new(MySqlStore::connect(settings)), _keep: Box::new(server) }
}

macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        contract!(memory: $($test),+);
        contract!(sqlite: $($test),+);
        contract!(mariadb: $($test),+);
    };
    ($backend:ident: $($test:ident),+) => {
        mod $backend {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::$backend(stringify!($test)).await).await;
            })+
        }
    };
}

contract![
    an_empty_store_answers,
    what_was_appended_is_read,
    appending_twice_leaves_one,
    spans_are_half_open_ordered_and_limited,
    an_older_current_never_replaces_a_newer,
    the_later_of_a_tie_stays,
    an_incident_stays_closed,
    incidents_come_in_pages,
    an_incident_has_its_notices_and_attempts,
    any_text_comes_back,
    numbers_come_back_to_the_bit,
    a_value_that_is_no_number_is_left_out,
    ten_thousand_values_at_once,
    several_append_at_once,
    migrating_again_is_harmless,
];

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_460_600_000_000 + millis)
}

fn check(name: &str) -> CheckId {
    CheckId::parse(name).unwrap()
}

fn value(name: &str, millis: i64, value: f64) -> HistoryRecord {
    HistoryRecord::Value(ValueRecord { check: check(name), at: at(millis), value })
}

fn switch(on: bool, detail: &str) -> Result<Observation, Failure> {
    Ok(Observation::Switch { on, detail: Some(detail.into()) })
}

fn current(name: &str, millis: i64, status: Status) -> CurrentStatus {
    CurrentStatus {
        check: check(name),
        kind: CheckKind::Service,
        status,
        since: at(0),
        at: at(millis),
        last: switch(status == Status::Ok, "exit 3: inactive"),
    }
}

fn change(name: &str, millis: i64, status: Status) -> HistoryRecord {
    let detail = "exit 3".into();
    HistoryRecord::Change(StatusChange { check: check(name), at: at(millis), status, detail })
}

fn incident(number: i64) -> Incident {
    Incident {
        number,
        check: check("web-1/nginx"),
        kind: CheckKind::Service,
        since: at(number),
        raised: at(number + 4000),
        status: Status::Critical,
        worst: Status::Critical,
        last: Err(Failure::new(FailureKind::Exit, "exit 127: sh: nginx: not found")),
        limit: None,
        closed: None,
    }
}

fn notice(id: i64, incident: Option<i64>, state: NoticeState) -> NoticeRecord {
    NoticeRecord {
        id,
        incident,
        check: check("web-1/nginx"),
        notifier: "oncall".into(),
        recipient: "+628123456789".into(),
        reason: Reason::RaisedAndRecovered,
        at: at(id),
        state,
        state_at: at(id + 1),
        told_in: None,
    }
}

fn attempt(notice: i64, attempt: u32) -> AttemptRecord {
    AttemptRecord {
        notice,
        attempt,
        at: at(i64::from(attempt)),
        took_ms: 12,
        result: AttemptResult::Retry,
        detail: "503 Service Unavailable".into(),
    }
}

const EVER: (Timestamp, Timestamp) = (Timestamp::from_millis(0), Timestamp::from_millis(i64::MAX));

async fn values(store: &dyn Store, name: &str) -> Vec<(i64, f64)> {
    let values = store.values(&check(name), EVER.0, EVER.1, usize::MAX).await.unwrap();
    values.iter().map(|one| (one.at.as_millis() - at(0).as_millis(), one.value)).collect()
}

async fn an_empty_store_answers(Fixture { store, .. }: Fixture) {
    assert_eq!(store.current().await.unwrap(), []);
    assert_eq!(values(&*store, "a/cpu").await, []);
    assert_eq!(store.changes(&check("a/cpu"), EVER.0, EVER.1, 9).await.unwrap(), []);
    assert_eq!(store.incidents(None, 9).await.unwrap(), []);
    assert_eq!(store.incident(1).await.unwrap(), None);
    store.append(&[]).await.unwrap();
    assert_eq!(store.last_numbers().await.unwrap(), (0, 0));
}

async fn what_was_appended_is_read(Fixture { store, again, .. }: Fixture) {
    let now = [current("web-1/nginx", 5, Status::Critical), current("a/b", 6, Status::Ok)];
    let mut records = vec![value("web-1/cpu", 1, 37.25), change("web-1/nginx", 2, Status::Unknown)];
    records.extend(now.iter().cloned().map(HistoryRecord::Current));
    records.push(HistoryRecord::Incident(incident(1)));
    store.append(&records).await.unwrap();

    assert_eq!(values(&*again, "web-1/cpu").await, [(1, 37.25)]);
    let changes = again.changes(&check("web-1/nginx"), EVER.0, EVER.1, 9).await.unwrap();
    assert_eq!(changes.into_iter().map(HistoryRecord::Change).collect::<Vec<_>>(), records[1..2]);
    let [nginx, b] = now;
    assert_eq!(again.current().await.unwrap(), [b, nginx], "by name");
    assert_eq!(again.incidents(None, 9).await.unwrap(), [incident(1)]);
}

async fn appending_twice_leaves_one(Fixture { store, .. }: Fixture) {
    let records = [
        value("a/cpu", 1, 1.5),
        change("a/x", 1, Status::Ok),
        HistoryRecord::Current(current("a/x", 1, Status::Ok)),
        HistoryRecord::Incident(incident(7)),
        HistoryRecord::Notice(notice(1, Some(7), NoticeState::Pending)),
        HistoryRecord::Attempt(attempt(1, 1)),
    ];
    for _ in 0..3 {
        store.append(&records).await.unwrap();
    }
    store.append(&[records.clone(), records].concat()).await.unwrap();
    assert_eq!(values(&*store, "a/cpu").await, [(1, 1.5)]);
    assert_eq!(store.changes(&check("a/x"), EVER.0, EVER.1, 9).await.unwrap().len(), 1);
    assert_eq!(store.current().await.unwrap().len(), 1);
    assert_eq!(store.incidents(None, 9).await.unwrap().len(), 1);
    let history = store.incident(7).await.unwrap().unwrap();
    let [(_, attempts)] = history.notices.as_slice() else { panic!("{history:?}") };
    assert_eq!(attempts.len(), 1);
}

async fn spans_are_half_open_ordered_and_limited(Fixture { store, .. }: Fixture) {
    let scrambled: Vec<_> = [5, 1, 4, 2, 3].map(|n| value("a/cpu", n, n as f64)).into();
    store.append(&scrambled).await.unwrap();
    store.append(&[value("b/cpu", 3, 9.0)]).await.unwrap();
    let span = async |from, to, most| {
        let values = store.values(&check("a/cpu"), at(from), at(to), most).await.unwrap();
        values.iter().map(|one| one.value as i64).collect::<Vec<_>>()
    };
    assert_eq!(span(2, 4, 9).await, [2, 3]);
    assert_eq!(span(0, 9, 2).await, [1, 2]);
    assert!(span(4, 2, 9).await.is_empty(), "a span that ends before it begins");

    let changes = [5, 1, 3].map(|n| change("a/x", n, Status::Warning));
    store.append(&changes).await.unwrap();
    let changes = store.changes(&check("a/x"), at(1), at(5), 9).await.unwrap();
    assert_eq!(changes.iter().map(|one| one.at).collect::<Vec<_>>(), [at(1), at(3)]);
}

async fn an_older_current_never_replaces_a_newer(Fixture { store, .. }: Fixture) {
    let newer = current("a/x", 10, Status::Critical);
    store.append(&[HistoryRecord::Current(newer.clone())]).await.unwrap();
    let older = HistoryRecord::Current(current("a/x", 9, Status::Ok));
    store.append(std::slice::from_ref(&older)).await.unwrap();
    assert_eq!(store.current().await.unwrap(), [newer]);

    let newest = current("a/x", 11, Status::Unknown);
    store.append(&[HistoryRecord::Current(newest.clone()), older]).await.unwrap();
    assert_eq!(store.current().await.unwrap(), [newest], "within a batch too");
}

async fn the_later_of_a_tie_stays(Fixture { store, .. }: Fixture) {
    store.append(&[value("a/cpu", 1, 1.0), value("a/cpu", 1, 2.0)]).await.unwrap();
    assert_eq!(values(&*store, "a/cpu").await, [(1, 2.0)]);

    let [first, second] = [Status::Ok, Status::Critical].map(|status| current("a/x", 1, status));
    let records = [first, second.clone()].map(HistoryRecord::Current);
    store.append(&records).await.unwrap();
    assert_eq!(store.current().await.unwrap(), [second]);

    store.append(&[change("a/x", 1, Status::Ok)]).await.unwrap();
    store.append(&[change("a/x", 1, Status::Critical)]).await.unwrap();
    let changes = store.changes(&check("a/x"), EVER.0, EVER.1, 9).await.unwrap();
    assert_eq!(changes.iter().map(|one| one.status).collect::<Vec<_>>(), [Status::Critical]);
}

async fn an_incident_stays_closed(Fixture { store, .. }: Fixture) {
    let worse = Incident { worst: Status::Unknown, ..incident(1) };
    let closed = Some((at(900), CloseReason::Recovered));
    let over = Incident { status: Status::Ok, closed, ..incident(1) };
    for form in [incident(1), worse.clone(), over.clone(), worse] {
        store.append(&[HistoryRecord::Incident(form)]).await.unwrap();
    }
    assert_eq!(store.incidents(None, 9).await.unwrap(), [over]);
}

async fn incidents_come_in_pages(Fixture { store, .. }: Fixture) {
    let records: Vec<_> = (1..=5).map(incident).map(HistoryRecord::Incident).collect();
    store.append(&records).await.unwrap();
    let page = async |before, most| {
        let incidents = store.incidents(before, most).await.unwrap();
        incidents.iter().map(|one| one.number).collect::<Vec<_>>()
    };
    assert_eq!(page(None, 2).await, [5, 4]);
    assert_eq!(page(Some(4), 2).await, [3, 2]);
    assert_eq!(page(Some(2), 2).await, [1]);
    assert!(page(Some(1), 2).await.is_empty());
}

async fn an_incident_has_its_notices_and_attempts(Fixture { store, .. }: Fixture) {
    let told_in = ToldIn::new(9, 5, [40, 41, 42, 70].into_iter().collect());
    let sent = NoticeRecord {
        told_in: Some(told_in.clone()),
        ..notice(2, Some(1), NoticeState::Gathered)
    };
    // The message that tells it did not arrive, and went out once more as another one.
    let before = NoticeRecord {
        told_in: Some(ToldIn::new(8, 5, told_in.numbers)),
        ..notice(2, Some(1), NoticeState::Pending)
    };
    let records = [
        HistoryRecord::Incident(incident(1)),
        HistoryRecord::Attempt(attempt(2, 2)),
        HistoryRecord::Attempt(attempt(2, 1)),
        HistoryRecord::Attempt(attempt(9, 1)),
        HistoryRecord::Notice(notice(3, Some(1), NoticeState::Dead)),
        HistoryRecord::Notice(notice(2, Some(1), NoticeState::Held)),
        HistoryRecord::Notice(before),
        HistoryRecord::Notice(notice(9, None, NoticeState::Accepted)),
        HistoryRecord::Notice(sent.clone()),
    ];
    store.append(&records).await.unwrap();
    let history = store.incident(1).await.unwrap().unwrap();
    assert_eq!(history.incident, incident(1));
    let dead = notice(3, Some(1), NoticeState::Dead);
    assert_eq!(history.notices, [(sent, vec![attempt(2, 1), attempt(2, 2)]), (dead, vec![])]);
    assert_eq!(store.last_numbers().await.unwrap(), (1, 9));
}

async fn any_text_comes_back(Fixture { store, .. }: Fixture) {
    for (millis, text) in
        (1..).zip(["", "naïve 日本語 🚒", "'; DROP TABLE checks; --", "a\0b", "\\ \" % _", "x "])
    {
        let now = CurrentStatus { last: switch(false, text), ..current("a/x", millis, Status::Ok) };
        store.append(&[HistoryRecord::Current(now.clone())]).await.unwrap();
        assert_eq!(store.current().await.unwrap(), [now]);
        let detail = text.to_owned();
        let said = StatusChange { check: check("a/x"), at: at(millis), status: Status::Ok, detail };
        store.append(&[HistoryRecord::Change(said.clone())]).await.unwrap();
        let read = store.changes(&check("a/x"), at(millis), EVER.1, 1).await.unwrap();
        assert_eq!(read, [said]);
    }
    // Names differ by case, too.
    store.append(&[value("A/cpu", 1, 1.0), value("a/cpu", 1, 2.0)]).await.unwrap();
    assert_eq!(values(&*store, "A/cpu").await, [(1, 1.0)]);
}

async fn numbers_come_back_to_the_bit(Fixture { store, .. }: Fixture) {
    let numbers = [0.1 + 0.2, f64::MAX, f64::MIN_POSITIVE, -0.5, 1e-300, 33.333_333_333_333_336];
    for (millis, number) in (1..).zip(numbers) {
        let last = Ok(Observation::percent(number, None));
        let now = CurrentStatus { last, ..current("a/cpu", millis, Status::Ok) };
        let records = [value("a/cpu", millis, number), HistoryRecord::Current(now.clone())];
        store.append(&records).await.unwrap();
        assert_eq!(store.current().await.unwrap(), [now]);
    }
    let read = values(&*store, "a/cpu").await;
    assert_eq!(read.iter().map(|(_, value)| *value).collect::<Vec<_>>(), numbers);
}

async fn a_value_that_is_no_number_is_left_out(Fixture { store, .. }: Fixture) {
    let bad = [f64::NAN, f64::INFINITY].map(|number| value("a/cpu", 1, number));
    store.append(&[bad.as_slice(), &[value("a/cpu", 2, 2.0)]].concat()).await.unwrap();
    assert_eq!(values(&*store, "a/cpu").await, [(2, 2.0)]);
}

async fn ten_thousand_values_at_once(Fixture { store, .. }: Fixture) {
    let name = |n: i64| format!("server-{}/cpu", n % 500);
    let records: Vec<_> = (0..10_000).map(|n| value(&name(n), n, n as f64)).collect();
    let began = Instant::now();
    store.append(&records).await.unwrap();
    println!("10,000 values of 500 checks: {:?}", began.elapsed());
    let began = Instant::now();
    store.append(&records).await.unwrap();
    println!("again: {:?}", began.elapsed());
    assert_eq!(values(&*store, "server-499/cpu").await.len(), 20);
    let newest = values(&*store, "server-499/cpu").await.last().copied();
    assert_eq!(newest, Some((9_999, 9_999.0)));
}

async fn several_append_at_once(Fixture { store, again, .. }: Fixture) {
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8_i64 {
        let store = Arc::clone(if task % 2 == 0 { &store } else { &again });
        tasks.spawn(async move {
            for round in 0..10 {
                // The same rows in opposite orders: what makes databases see deadlocks.
                let mut records: Vec<_> =
                    (0..20).map(|n| value(&format!("s{n}/cpu"), round, task as f64)).collect();
                if task % 3 == 0 {
                    records.reverse();
                }
                store.append(&records).await?;
            }
            Ok::<_, StoreError>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(values(&*store, "s19/cpu").await.len(), 10);
}

async fn migrating_again_is_harmless(Fixture { store, again, .. }: Fixture) {
    store.append(&[value("a/cpu", 1, 1.0)]).await.unwrap();
    store.migrate().await.unwrap();
    let (one, other) = tokio::join!(store.migrate(), again.migrate());
    one.and(other).unwrap();
    assert_eq!(values(&*again, "a/cpu").await, [(1, 1.0)]);
}

/// An error with its causes, as a user reads it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

async fn two_starters(stores: impl IntoIterator<Item = Arc<dyn Store>>) {
    let mut tasks = tokio::task::JoinSet::new();
    for store in stores {
        tasks.spawn(async move { store.migrate().await });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn starters_migrate_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    two_starters((0..4).map(|_| Arc::new(SqliteStore::open(&path)) as Arc<dyn Store>)).await;
    let server = MariaDb::shared().await;
    let settings = server.database("starters").await;
    let store = || Arc::new(MySqlStore::connect(settings.clone())) as Arc<dyn Store>;
    two_starters((0..4).map(|_| store())).await;
    let steps = server.number("SELECT COUNT(*) - MAX(version) FROM starters.schema_version").await;
    assert_eq!(steps, 0, "each step once");
    let latin = "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'starters' \
        AND character_set_name IS NOT NULL AND collation_name <> 'utf8mb4_bin'";
    assert_eq!(server.number(latin).await, 0);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let server = MariaDb::shared().await;
    let store = MySqlStore::connect(server.database("newer").await);
    store.migrate().await.unwrap();
    server.sql("INSERT INTO newer.schema_version VALUES (4711)").await;
    let line = chain(&store.migrate().await.unwrap_err());
    assert!(line.contains("version 4711") && line.contains("use a newer litemon"), "{line}");
}

#[tokio::test]
async fn the_file_is_the_owners() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/state/history.db");
    let store = SqliteStore::open(&path);
    store.migrate().await.unwrap();
    store.append(&[value("a/cpu", 1, 1.0)]).await.unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let files: Vec<_> = path.parent().unwrap().read_dir().unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
    }
}

#[tokio::test]
async fn errors_say_what_is_wrong_in_a_line_without_the_password() {
    let server = MariaDb::shared().await;
    let granted = server.database("granted").await;
    server.sql("CREATE DATABASE forbidden").await;
    let changed = |change: fn(&mut MySqlSettings)| {
        let mut settings = granted.clone();
        change(&mut settings);
        settings
    };
    let cases = [
        (changed(|it| it.password = Some(Secret::new("wr0ng".into()))), "access denied"),
        (changed(|it| it.database = "forbidden".into()), "access denied"),
        (changed(|it| it.user = "root\u{7}".into()), "access denied"),
        (changed(|it| it.port = free_port()), "Connection refused"),
        (changed(|it| it.tls = MySqlTls::Roots("/etc/hostname".into())), "no verified TLS"),
    ];
    for (settings, expected) in cases {
        let line = chain(&MySqlStore::connect(settings).migrate().await.unwrap_err());
        println!("{line}");
        assert!(line.contains(expected), "{expected}: {line}");
        assert!(!line.contains(PASSWORD) && !line.contains("wr0ng"), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
    server.sql("GRANT ALL ON *.* TO litemon").await;
    let settings = changed(|it| it.database = "absent".into());
    let line = chain(&MySqlStore::connect(settings).migrate().await.unwrap_err());
    assert!(line.contains("does not exist: create it"), "{line}");
    assert!(!format!("{granted:?}").contains(PASSWORD));
}

#[tokio::test]
async fn no_password_goes_over_a_wire_that_is_not_verified() {
    let server = MariaDb::shared().await;
    let mut settings = server.database("plain").await;
    // Not loopback by its name, whatever it resolves to; and this server has no TLS.
    settings.host = std::fs::read_to_string("/etc/hostname").unwrap().trim().to_owned();
    let line = chain(&MySqlStore::connect(settings.clone()).migrate().await.unwrap_err());
    assert!(line.contains("TLS") || line.contains("cannot connect"), "{line}");
    settings.host = "localhost".into();
    settings.tls = MySqlTls::Off;
    MySqlStore::connect(settings).migrate().await.unwrap();
}

#[tokio::test]
async fn a_restarted_server_is_found_again() {
    let server = MariaDb::start().await;
    let store = MySqlStore::connect(server.database("history").await);
    store.migrate().await.unwrap();
    store.append(&[value("a/cpu", 1, 1.0)]).await.unwrap();

    server.kill();
    let line = chain(&store.append(&[value("a/cpu", 2, 2.0)]).await.unwrap_err());
    assert!(line.contains("refused"), "the cause, not a pool's time-out: {line}");

    server.resume().await;
    store.append(&[value("a/cpu", 3, 3.0)]).await.unwrap();
    assert_eq!(values(&store, "a/cpu").await, [(1, 1.0), (3, 3.0)]);

    // And when nobody asked while it was away.
    server.kill();
    server.resume().await;
    assert_eq!(values(&store, "a/cpu").await.len(), 2);
}

#[tokio::test]
async fn a_hanging_server_returns_in_time() {
    let server = MariaDb::start().await;
    let settings = server.database("history").await;
    let store = MySqlStore::connect(settings.clone());
    store.migrate().await.unwrap();
    store.append(&[value("a/cpu", 1, 1.0)]).await.unwrap();

    server.hang().await;
    let fresh = MySqlStore::connect(settings);
    let began = Instant::now();
    let batch = [value("a/cpu", 2, 2.0)];
    let (append, read, connect, migrate) =
        tokio::join!(store.append(&batch), store.current(), fresh.current(), fresh.migrate());
    let took = began.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    for error in
        [append.unwrap_err(), read.unwrap_err(), connect.unwrap_err(), migrate.unwrap_err()]
    {
        assert!(chain(&error).contains("no answer within"), "{error}");
    }

    server.go_on();
    eventually("the store to work again", Duration::from_secs(20), async || {
        store.append(&batch).await.ok()
    })
    .await;
    assert_eq!(values(&store, "a/cpu").await, [(1, 1.0), (2, 2.0)]);
}

/// A feeder between a journal on disk and a store, and a sender of numbered values.
struct Feed {
    feeder: Feeder,
    journal: Arc<SqliteJournal>,
    next: i64,
    _folder: tempfile::TempDir,
}

impl Feed {
    async fn start(store: Arc<dyn Store>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = SqliteJournal::open(folder.path().join("journal.db")).await.unwrap();
        let journal = Arc::new(journal);
        let feeder = Feeder::start(store, journal.clone(), FeederSettings::default());
        Self { feeder, journal, next: 0, _folder: folder }
    }

    fn push(&mut self, count: i64) {
        let handle = self.feeder.handle();
        let began = Instant::now();
        for n in self.next..self.next + count {
            handle.push(value("a/cpu", n, n as f64));
        }
        self.next += count;
        let took = began.elapsed();
        assert!(took < Duration::from_millis(500), "a sender waited {took:?}");
    }

    async fn until(&self, what: &str, test: impl FnMut(&FeedStatus) -> bool) -> FeedStatus {
        let mut status = self.feeder.status();
        match tokio::time::timeout(Duration::from_secs(40), status.wait_for(test)).await {
            Ok(found) => found.unwrap().clone(),
            Err(_) => panic!("waited for {what}: {:?}", self.feeder.status().borrow()),
        }
    }

    async fn all_arrive(&self, store: &dyn Store) {
        eventually("every value to arrive", Duration::from_secs(60), async || {
            let read = store.values(&check("a/cpu"), EVER.0, EVER.1, usize::MAX).await.ok()?;
            (read.len() == usize::try_from(self.next).unwrap()).then_some(())
        })
        .await;
        self.until("an empty spool", |status| status.spooled == 0 && status.queued == 0).await;
        assert_eq!(self.feeder.status().borrow().lost, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_value_is_lost_while_the_server_is_down_killed_or_hanging() {
    let server = MariaDb::start().await;
    let settings = server.database("history").await;
    server.kill();
    let store: Arc<dyn Store> = Arc::new(MySqlStore::connect(settings));

    let mut feed = Feed::start(Arc::clone(&store)).await;
    feed.push(3000);
    let status = feed.until("down at start", |status| status.spooled == 3000).await;
    assert_eq!(status.up, Some(false));
    assert!(status.error.unwrap().contains("cannot connect"));
    server.resume().await;
    feed.push(500);
    feed.all_arrive(&*store).await;

    for _ in 0..3 {
        feed.push(2000);
        server.kill();
        feed.push(1500);
        server.resume().await;
        feed.push(100);
    }
    feed.all_arrive(&*store).await;

    server.hang().await;
    feed.push(2000);
    let status = feed.until("hanging", |status| status.spooled >= 2000).await;
    assert!(status.error.unwrap().contains("no answer within"));
    server.go_on();
    feed.all_arrive(&*store).await;
}

#[tokio::test]
async fn closing_with_a_hanging_server_keeps_all_in_time() {
    let server = MariaDb::start().await;
    let store = Arc::new(MySqlStore::connect(server.database("history").await));
    let mut feed = Feed::start(store.clone()).await;
    feed.push(100);
    feed.all_arrive(&*store).await;
    server.hang().await;
    feed.push(5000);
    let began = Instant::now();
    let Feed { feeder, journal, .. } = feed;
    assert_eq!(feeder.close(Duration::from_secs(4)).await, 0);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    // What arrived may not have been known to have arrived.
    let kept = journal.spool_len().await.unwrap();
    assert!((5000..=5100).contains(&kept), "{kept}");
}

/// A key and a certificate that vouches for itself, for `localhost`.
fn certificate(folder: &std::path::Path) -> Vec<String> {
    let [key, cert] = ["key.pem", "cert.pem"].map(|name| folder.join(name));
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    vec![
        format!("--ssl-key={}", key.display()),
        format!("--ssl-cert={}", cert.display()),
        "--require-secure-transport=ON".into(),
    ]
}

#[tokio::test]
async fn tls_is_verified_by_root_and_by_name() {
    let server = MariaDb::start_with(certificate).await;
    let mut settings = server.database("history").await;
    settings.tls = MySqlTls::Roots(server.file("cert.pem"));
    settings.host = "localhost".into();
    MySqlStore::connect(settings.clone()).migrate().await.unwrap();

    // The right root, but another name than the certificate's.
    settings.host = "127.0.0.1".into();
    let line = chain(&MySqlStore::connect(settings.clone()).migrate().await.unwrap_err());
    assert!(line.contains("no verified TLS"), "{line}");

    // On loopback whatever TLS there is will do; none was forbidden by the server here.
    settings.tls = MySqlTls::VerifiedUnlessLoopback;
    MySqlStore::connect(settings.clone()).migrate().await.unwrap();
    settings.tls = MySqlTls::Off;
    MySqlStore::connect(settings).migrate().await.unwrap_err();
}
