//! What it costs to keep what a fleet gives.

use std::time::Duration;

use litemon_core::{
    model::{
        CheckId, CheckKind, CurrentStatus, HistoryRecord, Observation, Status, Timestamp,
        ValueRecord,
    },
    store::Store,
};
use tokio::time::Instant;

use crate::database::Database;

/// Of feeding.
#[derive(Debug)]
pub struct Cost {
    /// CPU time of this process, that of making up the records taken off.
    pub cpu: Duration,
    /// What it handed to the system to write, in bytes.
    pub written: u64,
    /// The longest batch.
    pub longest: Duration,
}

/// Keeps it, and says what that cost.
pub async fn report(database: &Database, checks: usize, seconds: i64) {
    let cost = feed(&*database.store, checks, seconds, BATCH).await;
    let second = |number: f64| number / seconds as f64;
    println!(
        "{}: {checks} results a second take {:.1} % of a core and {:.1} MB written; the longest batch of \
         {BATCH} took {:?}",
        database.name,
        100.0 * second(cost.cpu.as_secs_f64()),
        second(cost.written as f64 / 1e6),
        cost.longest,
    );
}

/// As many records as the monitor hands over at once.
const BATCH: usize = 1000;

/// Hands over what `checks` checks give that run every second, `seconds` of it, as fast as it goes.
pub async fn feed(store: &dyn Store, checks: usize, seconds: i64, batch: usize) -> Cost {
    let names: Vec<_> = (0..checks)
        .map(|n| CheckId::parse(&format!("server-{}/check-{}", n / 10, n % 10)).unwrap())
        .collect();
    let began = cpu();
    for second in 0..seconds {
        std::hint::black_box(records(&names, second));
    }
    let making = cpu() - began;
    let (began, before) = (cpu(), written());
    let mut longest = Duration::ZERO;
    for second in 0..seconds {
        for records in records(&names, second).chunks(batch) {
            let began = Instant::now();
            store.append(records).await.unwrap();
            longest = longest.max(began.elapsed());
        }
    }
    let cpu = (cpu() - began).saturating_sub(making);
    Cost { cpu, written: written() - before, longest }
}

/// One second of results, in an order in which checks that are spread over it end.
fn records(names: &[CheckId], second: i64) -> Vec<HistoryRecord> {
    let start = 1_700_000_000_000 + second * 1000;
    let step = 7919;
    let mut records = Vec::with_capacity(names.len() * 2);
    for n in 0..names.len() {
        let name = &names[n * step % names.len()];
        let at = Timestamp::from_millis(start + i64::try_from(n * 1000 / names.len()).unwrap());
        let value = ((n * 31 + usize::try_from(second).unwrap() * 17) % 10_000) as f64 / 100.0;
        let record = ValueRecord { check: name.clone(), at, value };
        records.push(HistoryRecord::Value(record));
        records.push(HistoryRecord::Current(CurrentStatus {
            check: name.clone(),
            kind: CheckKind::Resource,
            status: Status::Ok,
            since: Timestamp::from_millis(1_700_000_000_000),
            at,
            last: Ok(Observation::percent(value, None)),
        }));
    }
    records
}

/// The CPU time of this process, with all its threads.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, rest) = stat.rsplit_once(')').unwrap();
    let words: Vec<_> = rest.split_whitespace().collect();
    let ticks: u64 = [11, 12].map(|n| words[n].parse::<u64>().unwrap()).iter().sum();
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

fn written() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap();
    let line = io.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap();
    line.trim().parse().unwrap()
}
