//! kill -9 at random moments while services flip: nothing that failed goes untold, and at most what
//! was being sent at a kill is told twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use litemon_core::{
    journal::{Image, Journal, SqliteJournal},
    model::{EventKind, OutboxState, Reason},
};
use rand::RngExt;
use tokio::sync::watch;

use super::switches::{Switches, kannel_notifier};
use crate::support::{kannel::Kannel, monitor_process::MonitorProcess, phones::Phones, scale};

const SERVICES: usize = 12;
/// Kills included, each of which costs a start.
const TOLD_WITHIN: Duration = Duration::from_secs(90);

/// A message: to which notifier, whether it is a problem, of which incident.
type Key = (&'static str, bool, i64);

/// `PROBLEM here s7 Off since 05:33 #17`
fn key(notifier: &'static str, text: &str) -> Key {
    let number = text.rsplit_once('#').unwrap().1.parse().unwrap();
    (notifier, text.starts_with("PROBLEM "), number)
}

/// What was told under a key, but for what says itself that it may be told again, as the journal was
/// too slow for it.
fn certain(all: &[(&'static str, Vec<String>); 2], wanted: Key) -> Vec<String> {
    let of = |(notifier, texts): &(&'static str, Vec<String>)| {
        let told = texts.iter().filter(|text| key(notifier, text) == wanted);
        told.filter(|text| !text.contains("unsaved, may repeat")).cloned().collect::<Vec<_>>()
    };
    all.iter().flat_map(of).collect()
}

/// What the phones got of a service.
fn of_service(texts: &[String], problem: bool, service: usize) -> Vec<i64> {
    let start = format!("{} here s{service} ", if problem { "PROBLEM" } else { "OK" });
    let of_it = texts.iter().filter(|text| text.starts_with(&start));
    let mut numbers: Vec<i64> = of_it.map(|text| key("", text).2).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// What a journal knows after a kill, read from a copy.
pub(super) async fn image(journal: &Path) -> Image {
    let copy = tempfile::tempdir().unwrap();
    for end in ["", "-wal"] {
        let name = format!("journal.db{end}");
        let _ = fs::copy(journal.with_file_name(&name), copy.path().join(&name));
    }
    let journal = SqliteJournal::open(copy.path().join("journal.db")).await.unwrap();
    journal.load().await.unwrap()
}

/// What the journal says is still to be sent.
async fn pending(journal: &Path) -> Vec<Key> {
    let image = image(journal).await;
    let pending = image.outbox.values().filter(|entry| entry.state == OutboxState::Pending);
    let keys = pending.map(|entry| {
        let notifier = if entry.notifier.as_str() == "oncall" { "oncall" } else { "backup" };
        let reason = entry.notice.reason;
        // The end of what could not be told before: a problem of its class, but no such message.
        let problem = reason.event() == EventKind::Problem && reason != Reason::RaisedAndRecovered;
        (notifier, problem, entry.notice.incident.unwrap())
    });
    keys.collect()
}

/// Of which incidents both gateways got the problem (or the end) of a service.
type Told = BTreeMap<(bool, usize), [BTreeSet<i64>; 2]>;

/// Keeps the board of what was told up to date; each text is read once.
async fn watch_phones(kannel: &Kannel, phones: &Phones, board: &watch::Sender<Told>) {
    let mut read = [0, 0];
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    loop {
        tick.tick().await;
        for (gateway, texts) in [kannel.texts(), phones.accepted()].into_iter().enumerate() {
            for text in texts.iter().skip(read[gateway]) {
                let (_, problem, number) = key("", text);
                let service = text.split_whitespace().nth(2).unwrap();
                let place = (problem, service.trim_start_matches('s').parse().unwrap());
                board.send_modify(|told| {
                    told.entry(place).or_default()[gateway].insert(number);
                });
            }
            read[gateway] = texts.len();
        }
    }
}

/// Switches a service off and on, each once everybody was told of the last, until the storm ends.
/// Gives how often it failed.
async fn flip(
    service: usize,
    switches: &Switches,
    board: &watch::Sender<Told>,
    over: &AtomicBool,
) -> usize {
    let mut failures = 0;
    let mut board = board.subscribe();
    while !over.load(Ordering::Relaxed) {
        failures += 1;
        for on in [false, true] {
            let pause = rand::rng().random_range(0..1500);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            switches.set(service, on);
            let everybody = board.wait_for(|told| {
                let of_it = told.get(&(!on, service));
                of_it.is_some_and(|gateways| gateways.iter().all(|got| got.len() >= failures))
            });
            let told = tokio::time::timeout(TOLD_WITHIN, everybody).await;
            assert!(told.is_ok(), "s{service} was not told: on {on}, time {failures}");
        }
    }
    failures
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_in_a_storm_lose_nothing() {
    let kannel = Kannel::start().await;
    let phones = Phones::start().await;
    // So that something is always on its way.
    phones.set(crate::support::phones::Manner::Accept(Duration::from_millis(300)));
    let switches = Switches::new(SERVICES);
    let config = switches.config("[\"oncall\", \"backup\"]")
        + &kannel_notifier(&kannel, "oncall")
        + &phones.notifier("backup");
    // An answer that a busy machine delays is no reason to send again: kills alone are.
    let config = config
        .replace("timeout = \"3s\"", "timeout = \"30s\"")
        .replace("timeout = \"5s\"\nrecipients", "timeout = \"30s\"\nrecipients")
        .replace("[defaults]\n", "[defaults]\ntime_to_notify = \"1m\"\n");
    let mut monitor = MonitorProcess::start_with(&config).await;
    monitor.until_service("here", "s0", "On").await;

    let over = AtomicBool::new(false);
    let board = watch::Sender::new(Told::new());
    let storm = futures_util::future::join_all(
        (0..SERVICES).map(|service| flip(service, &switches, &board, &over)),
    );
    let kills = scale(20, 200);
    let killing = async {
        let mut in_flight: BTreeMap<Key, usize> = BTreeMap::new();
        for _ in 0..kills {
            let pause = rand::rng().random_range(100..2500);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            monitor.kill();
            for key in pending(&monitor.journal()).await {
                *in_flight.entry(key).or_default() += 1;
            }
            monitor.start().await;
        }
        over.store(true, Ordering::Relaxed);
        in_flight
    };
    let (failures, in_flight) = tokio::select! {
        ended = async { tokio::join!(storm, killing) } => ended,
        () = watch_phones(&kannel, &phones, &board) => unreachable!("it watches for ever"),
    };

    let all = [("oncall", kannel.texts()), ("backup", phones.accepted())];
    let mut got: BTreeMap<Key, usize> = BTreeMap::new();
    for (notifier, texts) in &all {
        for text in texts {
            *got.entry(key(notifier, text)).or_default() += 1;
        }
        for (service, failures) in failures.iter().enumerate() {
            for problem in [true, false] {
                let told = of_service(texts, problem, service).len();
                assert_eq!(told, *failures, "{notifier}: s{service}, problem {problem}");
            }
        }
    }
    let doubled: usize = got.values().map(|count| count - 1).sum();
    let possible: usize = in_flight.values().sum();
    let failures: usize = failures.iter().sum();
    println!(
        "{kills} kills, {failures} failures, {} messages, 0 lost, {doubled} doubled of {possible} \
         on their way at a kill",
        got.len()
    );
    for (key, count) in &got {
        let may = in_flight.get(key).copied().unwrap_or(0);
        let texts = certain(&all, *key);
        let doubled = texts.len().saturating_sub(1);
        assert!(doubled <= may, "{key:?} came {count} times; {may} times on its way: {texts:?}");
    }
    assert_eq!(got.len(), 4 * failures, "a problem and its end, to two");
}
