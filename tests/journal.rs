//! What every journal promises, held against both, and what only a disk can show.

use std::{
    any::Any, os::unix::fs::PermissionsExt, path::Path, process::Stdio, sync::Arc, time::Duration,
};

use litemon_core::{
    hold::Hold,
    journal::{Batch, Image, Journal, MemoryJournal, SpoolBound, SqliteJournal},
    model::{
        CheckId, CheckKind, CloseReason, Failure, FailureKind, Gathering, HistoryRecord, Incident,
        Name, Notice, OutboxEntry, OutboxState, Reason, Status, Timestamp, ValueRecord,
    },
    policy::{Channel, Flow},
    state::CheckState,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{ChildStdout, Command},
    time::Instant,
};

struct Fixture {
    journal: Arc<dyn Journal>,
    _keep: Box<dyn Any + Send>,
}

const BOUND: SpoolBound = SpoolBound { records: 50, bytes: 1 << 20 };

async fn memory() -> Fixture {
    Fixture { journal: Arc::new(MemoryJournal::bounded(BOUND.records)), _keep: Box::new(()) }
}

async fn sqlite() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open_bounded(folder.path().join("journal.db"), BOUND).await;
    Fixture { journal: Arc::new(journal.unwrap()), _keep: Box::new(folder) }
}

macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        contract!(memory: $($test),+);
        contract!(sqlite: $($test),+);
    };
    ($backend:ident: $($test:ident),+) => {
        mod $backend {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::$backend().await).await;
            })+
        }
    };
}

contract![
    a_new_one_is_empty_and_counts_from_one,
    what_was_committed_is_loaded,
    committing_twice_is_as_once,
    a_forgotten_check_is_gone,
    what_is_over_is_kept_for_a_day,
    the_spool_keeps_its_order,
    the_spool_has_a_bound,
    marks_outlive_an_empty_spool,
];

fn check(name: &str) -> CheckId {
    CheckId::parse(name).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_460_600_000_000 + millis)
}

fn state(status: &str, incident: Option<i64>) -> CheckState {
    let incident = incident
        .map(|number| serde_json::json!({ "number": number, "since": 3, "told": "critical" }));
    serde_json::from_value(serde_json::json!({
        "status": status, "since": 5, "incident": incident, "blocked": 11,
        "soft": { "status": "critical", "attempt": 1, "since": 7 },
        "memory": { "warn": { "since": 9, "held": true } },
    }))
    .unwrap()
}

fn incident(number: i64, closed: bool) -> Incident {
    Incident {
        number,
        check: check("web-1/nginx"),
        kind: CheckKind::Service,
        since: at(0),
        raised: at(4000),
        status: Status::Critical,
        worst: Status::Critical,
        last: Err(Failure::new(FailureKind::Refused, "connection refused — 日本語 🚒")),
        limit: None,
        closed: closed.then(|| (at(9000), CloseReason::Recovered)),
    }
}

fn entry(id: i64, state: OutboxState) -> OutboxEntry {
    OutboxEntry {
        id,
        notifier: Name::new("oncall").unwrap(),
        recipient: "+628123456789".into(),
        notice: Notice {
            reason: Reason::Raised,
            incident: Some(1),
            check: check("web-1/nginx"),
            kind: CheckKind::Service,
            server: Some(Name::new("web-1").unwrap()),
            status: Status::Critical,
            was: None,
            seen: Err(Failure::new(FailureKind::Refused, "connection refused")),
            limit: Some(0.1 + 0.2),
            since: at(0),
            at: at(id),
            unjournaled: false,
            by: None,
            job: None,
            digest: None,
            remedy: None,
        },
        state,
        attempts: 3,
        next_at: at(id + 1000),
        gathering: Gathering::default(),
        first: false,
        way: 0,
        report_by: None,
    }
}

fn batch() -> Batch {
    let mut batch = Batch::default();
    batch.states.insert(check("web-1/nginx"), Some(state("critical", Some(1))));
    batch.states.insert(check("litemon:store"), Some(state("ok", None)));
    batch.incidents.insert(1, incident(1, false));
    batch.outbox.insert(1, entry(1, OutboxState::Pending));
    batch.holds.insert(Name::new("web-1").unwrap(), Some(hold()));
    batch.flows.insert(channel(), flow(&[5]));
    batch.next_incident = Some(2);
    batch.next_notice = Some(2);
    batch
}

fn channel() -> Channel {
    Channel::new(Name::new("oncall").unwrap(), "+628123456789 — 日本語".to_owned())
}

fn flow(sent: &[i64]) -> Flow {
    let sent: Vec<Timestamp> = sent.iter().copied().map(at).collect();
    serde_json::from_value(serde_json::json!({ "sent": sent, "groups": { "": 5, "web": 7 } }))
        .unwrap()
}

fn hold() -> Hold {
    let view = serde_json::json!({
        "kind": "shutdown", "phase": "off", "by": "ann", "job": 7, "since": 5, "until": null
    });
    let within = serde_json::json!({ "secs": 600, "nanos": 0 });
    let hold = serde_json::json!({ "view": view, "within": within, "held": {}, "broken": [] });
    serde_json::from_value(hold).unwrap()
}

fn value(n: i64) -> HistoryRecord {
    HistoryRecord::Value(ValueRecord { check: check("a/cpu"), at: at(n), value: 0.1 * n as f64 })
}

fn assert_holds(image: &Image, batch: &Batch) {
    for (check, state) in &batch.states {
        assert_eq!(image.states.get(check), state.as_ref(), "{check}");
    }
    assert_eq!((&image.incidents, &image.outbox), (&batch.incidents, &batch.outbox));
    for (server, hold) in &batch.holds {
        assert_eq!(image.holds.get(server), hold.as_ref(), "{server}");
    }
    assert_eq!(Some(image.next_incident), batch.next_incident);
    assert_eq!(Some(image.next_notice), batch.next_notice);
}

async fn a_new_one_is_empty_and_counts_from_one(Fixture { journal, .. }: Fixture) {
    let image = journal.load().await.unwrap();
    assert!(image.states.is_empty() && image.incidents.is_empty() && image.outbox.is_empty());
    assert_eq!((image.next_incident, image.next_notice), (1, 1));
    assert!(journal.spooled(9).await.unwrap().0.is_empty());
    assert_eq!(journal.spool_len().await.unwrap(), 0);
    journal.commit(&Batch::default()).await.unwrap();
}

async fn what_was_committed_is_loaded(Fixture { journal, .. }: Fixture) {
    journal.commit(&batch()).await.unwrap();
    assert_holds(&journal.load().await.unwrap(), &batch());

    let mut later = Batch::default();
    later.states.insert(check("a/cpu"), Some(state("ok", None)));
    later.flows.insert(channel(), flow(&[5, 9]));
    journal.commit(&later).await.unwrap();
    let image = journal.load().await.unwrap();
    assert_eq!(image.states.len(), 3);
    assert_eq!(image.next_incident, 2, "numbers that did not move stay");
    assert_eq!(image.flows.into_iter().collect::<Vec<_>>(), [(channel(), flow(&[5, 9]))]);
}

async fn committing_twice_is_as_once(Fixture { journal, .. }: Fixture) {
    for _ in 0..3 {
        journal.commit(&batch()).await.unwrap();
    }
    assert_holds(&journal.load().await.unwrap(), &batch());
}

async fn a_forgotten_check_is_gone(Fixture { journal, .. }: Fixture) {
    journal.commit(&batch()).await.unwrap();
    let mut forget = Batch::default();
    forget.states.insert(check("web-1/nginx"), None);
    forget.states.insert(check("never/seen"), None);
    forget.holds.insert(Name::new("web-1").unwrap(), None);
    journal.commit(&forget).await.unwrap();
    assert!(journal.load().await.unwrap().holds.is_empty());
    let left: Vec<_> = journal.load().await.unwrap().states.into_keys().collect();
    assert_eq!(left, [check("litemon:store")]);
}

async fn what_is_over_is_kept_for_a_day(Fixture { journal, .. }: Fixture) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    journal.commit(&batch()).await.unwrap();
    let mut over = Batch::default();
    over.incidents.insert(1, incident(1, true));
    over.incidents.insert(2, incident(2, false));
    let dead = OutboxState::Dead("404 Not Found".into());
    for (id, state) in (1..).zip([OutboxState::Accepted, dead, OutboxState::Pending]) {
        over.outbox.insert(id, entry(id, state));
    }
    // What was sent about an incident that is open is known as long as it is.
    let mut of_open = entry(4, OutboxState::Accepted);
    of_open.notice.incident = Some(2);
    over.outbox.insert(4, of_open);
    // What waits for others, or for the digest that tells it, is still to be told.
    over.outbox.insert(5, entry(5, OutboxState::Held));
    over.outbox.insert(6, entry(6, OutboxState::Gathered));
    journal.commit(&over).await.unwrap();
    let image = journal.load().await.unwrap();
    assert_eq!(image.incidents.into_keys().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(image.outbox.into_keys().collect::<Vec<_>>(), [3, 4, 5, 6]);

    let mut next_day = Batch::default();
    let mut late = incident(5, true);
    late.closed = Some((at(9000 + DAY + 1), CloseReason::Recovered));
    next_day.incidents.insert(5, late);
    journal.commit(&next_day).await.unwrap();
    let image = journal.load().await.unwrap();
    assert_eq!(image.incidents.into_keys().collect::<Vec<_>>(), [2, 5]);
    assert_eq!(image.outbox.into_keys().collect::<Vec<_>>(), [3, 4, 5, 6]);
}

async fn the_spool_keeps_its_order(Fixture { journal, .. }: Fixture) {
    let records: Vec<_> = (0..10).map(value).collect();
    assert_eq!(journal.spool(&records[..4]).await.unwrap(), 0);
    assert_eq!(journal.spool(&records[4..]).await.unwrap(), 0);
    assert_eq!(journal.spool_len().await.unwrap(), 10);
    let (first, mark) = journal.spooled(3).await.unwrap();
    assert_eq!(first, records[..3]);
    assert_eq!(journal.spooled(3).await.unwrap().0, first, "reading takes nothing away");
    for _ in 0..2 {
        journal.unspool(mark).await.unwrap();
        assert_eq!(journal.spooled(99).await.unwrap().0, records[3..]);
    }
}

async fn the_spool_has_a_bound(Fixture { journal, .. }: Fixture) {
    assert_eq!(journal.spool(&(0..45).map(value).collect::<Vec<_>>()).await.unwrap(), 0);
    assert_eq!(journal.spool(&(45..60).map(value).collect::<Vec<_>>()).await.unwrap(), 10);
    let (kept, _) = journal.spooled(99).await.unwrap();
    assert_eq!(kept, (10..60).map(value).collect::<Vec<_>>());
    assert_eq!(journal.spool(&(100..200).map(value).collect::<Vec<_>>()).await.unwrap(), 100);
    let (kept, _) = journal.spooled(99).await.unwrap();
    assert_eq!(kept, (150..200).map(value).collect::<Vec<_>>());
}

async fn marks_outlive_an_empty_spool(Fixture { journal, .. }: Fixture) {
    journal.spool(&[value(1), value(2)]).await.unwrap();
    let (_, mark) = journal.spooled(9).await.unwrap();
    journal.unspool(mark).await.unwrap();
    journal.spool(&[value(3)]).await.unwrap();
    journal.unspool(mark).await.unwrap();
    assert_eq!(journal.spooled(9).await.unwrap().0, [value(3)]);
}

#[tokio::test]
async fn a_memory_journal_fails_when_told_to() {
    let journal = MemoryJournal::new();
    journal.set_failing(true);
    journal.commit(&batch()).await.unwrap_err();
    journal.set_failing(false);
    assert!(journal.load().await.unwrap().states.is_empty());
    journal.commit(&batch()).await.unwrap();
}

#[tokio::test]
async fn the_spool_is_bounded_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let bound = SpoolBound { records: 1_000_000, bytes: 1000 };
    let journal = SqliteJournal::open_bounded(folder.path().join("j.db"), bound).await.unwrap();
    let records: Vec<_> = (1..=100).map(value).collect();
    let mut lost = 0;
    for part in records.chunks(7) {
        lost += journal.spool(part).await.unwrap();
    }
    let (kept, _) = journal.spooled(999).await.unwrap();
    let size = |records: &[HistoryRecord]| -> usize {
        records.iter().map(|one| serde_json::to_string(one).unwrap().len()).sum()
    };
    assert_eq!(kept, records[usize::try_from(lost).unwrap()..]);
    assert!(size(&kept) <= 1000 && size(&kept) > 800, "{}", size(&kept));
}

#[tokio::test]
async fn it_is_there_after_a_restart_and_the_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("litemon-data/journal.db");
    {
        let journal = SqliteJournal::open(&path).await.unwrap();
        journal.commit(&batch()).await.unwrap();
        journal.spool(&[value(1)]).await.unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        for end in ["", "-wal", "-shm"] {
            assert_eq!(mode(Path::new(&format!("{}{end}", path.display()))), 0o600, "{end}");
        }
    }
    let journal = SqliteJournal::open(&path).await.unwrap();
    assert_holds(&journal.load().await.unwrap(), &batch());
    assert_eq!(journal.spooled(9).await.unwrap().0, [value(1)]);
}

/// An error with its causes, as a user reads it.
fn chain(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", chain(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}

#[tokio::test]
async fn a_file_that_is_none_of_ours_is_refused_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    std::fs::write(&path, "not a database, not at all, ".repeat(1000)).unwrap();
    let line = chain(&SqliteJournal::open(&path).await.unwrap_err());
    assert!(line.contains("the file is damaged: move it"), "{line}");

    let path = folder.path().join("newer.db");
    drop(SqliteJournal::open(&path).await.unwrap());
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut sql = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 99").execute(&mut sql).await.unwrap();
    let line = chain(&SqliteJournal::open(&path).await.unwrap_err());
    assert!(line.contains("version 99") && line.contains("use a newer litemon"), "{line}");
}

#[tokio::test]
async fn a_damaged_page_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    {
        let journal = SqliteJournal::open(&path).await.unwrap();
        let mut large = Batch::default();
        for n in 0..2000 {
            large.states.insert(check(&format!("s{n}/cpu")), Some(state("ok", None)));
        }
        journal.commit(&large).await.unwrap();
    }
    crate::support::eventually("the file to be closed", Duration::from_secs(20), async || {
        (!folder.path().join("journal.db-wal").exists()).then_some(())
    })
    .await;
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = 4096 * 2..bytes.len() - 4096;
    bytes[middle].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let line = chain(&match SqliteJournal::open(&path).await {
        Ok(journal) => journal.load().await.unwrap_err(),
        Err(error) => error,
    });
    assert!(line.contains("the file is damaged: move it"), "{line}");
}

#[tokio::test]
async fn a_batch_of_256_is_quick() {
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(folder.path().join("journal.db")).await.unwrap();
    let mut batch = Batch::default();
    for n in 0..256 {
        batch.states.insert(check(&format!("s{n}/cpu")), Some(state("ok", None)));
        batch.outbox.insert(n, entry(n, OutboxState::Pending));
    }
    journal.commit(&batch).await.unwrap();
    let began = Instant::now();
    for _ in 0..10 {
        journal.commit(&batch).await.unwrap();
    }
    println!("a commit of 256 states and 256 entries: {:?}", began.elapsed() / 10);
    assert!(began.elapsed() < Duration::from_secs(10));
}

/// A small file system of its own, unmounted on drop.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=0700");
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "litemon-test"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(folder)),
            Ok(output) => {
                println!("SKIPPED: no mount: {}", String::from_utf8_lossy(&output.stderr));
                None
            }
            Err(error) => {
                println!("SKIPPED: no mount: {error}");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_fails_and_recovers_by_itself() {
    let Some(disk) = SmallDisk::mount("2m") else { return };
    let path = disk.0.path().join("journal.db");
    let journal = SqliteJournal::open(&path).await.unwrap();
    journal.commit(&batch()).await.unwrap();

    let filler = disk.0.path().join("filler");
    let _ = std::fs::write(&filler, vec![0_u8; 4 << 20]);
    let mut large = Batch::default();
    for n in 0..5000 {
        large.states.insert(check(&format!("s{n}/cpu")), Some(state("ok", None)));
    }
    let line = chain(&journal.commit(&large).await.unwrap_err());
    assert!(line.contains("the disk is full"), "{line}");
    let spool: Vec<_> = (0..20_000).map(value).collect();
    journal.spool(&spool).await.unwrap_err();
    assert_holds(&journal.load().await.unwrap(), &batch());
    assert_eq!(journal.load().await.unwrap().states.len(), 2, "nothing half written");
    assert_eq!(journal.spool_len().await.unwrap(), 0);

    std::fs::remove_file(&filler).unwrap();
    journal.commit(&large).await.unwrap();
    assert_eq!(journal.load().await.unwrap().states.len(), 5002);
    drop(journal);
    let journal = SqliteJournal::open(&path).await.unwrap();
    assert_eq!(journal.load().await.unwrap().states.len(), 5002);
}

const CHILD: &str = "LITEMON_TEST_JOURNAL";

/// Not a test of its own: the process that the next one kills. It commits, and then says so.
#[tokio::test]
async fn commits_until_it_is_killed() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let journal = SqliteJournal::open(path).await.unwrap();
    for number in journal.load().await.unwrap().next_incident.. {
        let mut batch = Batch::default();
        batch.incidents.insert(number, incident(number, false));
        batch.outbox.insert(number, entry(number, OutboxState::Pending));
        batch.next_incident = Some(number + 1);
        batch.next_notice = Some(number + 1);
        journal.commit(&batch).await.unwrap();
        println!("committed {number}");
    }
}

/// The number of a commit that the child said it had made.
async fn said(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<i64> {
    let next = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(number) = line.strip_prefix("committed ") {
                return number.parse().ok();
            }
        }
        None
    };
    tokio::time::timeout(Duration::from_secs(20), next).await.expect("the child says something")
}

#[tokio::test]
async fn what_was_committed_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut last = 0;
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["journal::commits_until_it_is_killed", "--exact", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..23 * round {
            last = said(&mut lines).await.expect("it goes on until it is killed");
        }
        child.kill().await.unwrap();
        // What it said before it was killed and nobody has read yet.
        while let Some(number) = said(&mut lines).await {
            last = number;
        }

        let image = SqliteJournal::open(&path).await.unwrap().load().await.unwrap();
        let there = i64::try_from(image.incidents.len()).unwrap();
        assert!(there >= last && last > 0, "{last} said, {there} there");
        assert!(there <= last + 1, "{last} said, {there} there");
        assert_eq!(image.outbox.len(), image.incidents.len(), "all of a batch or nothing");
        assert_eq!(image.next_incident, there + 1);
    }
    println!("{last} commits, 5 kills");
}
