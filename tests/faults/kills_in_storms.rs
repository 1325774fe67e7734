//! kill -9 at random moments of storms: all services fail at once and come back at once, what follows
//! the first message is gathered, and nothing is lost of what waited.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use litemon_core::model::{EventKind, OutboxEntry, OutboxState, Reason};
use rand::RngExt;

use super::{
    kills::image,
    switches::{Switches, kannel_notifier},
};
use crate::{
    storm::numbers,
    support::{eventually, kannel::Kannel, monitor_process::MonitorProcess, phones::Phones, scale},
};

const SERVICES: usize = 12;
/// Kills included, each of which costs a start.
const TOLD_WITHIN: Duration = Duration::from_secs(120);

/// To which notifier, whether of a problem, of which incident.
type Key = (&'static str, bool, i64);

/// How often each was told.
fn told(kannel: &Kannel, phones: &Phones) -> BTreeMap<Key, usize> {
    let mut told = BTreeMap::new();
    for (notifier, texts) in [("oncall", kannel.texts()), ("backup", phones.accepted())] {
        for text in texts {
            for number in numbers(&text) {
                *told.entry((notifier, text.starts_with("PROBLEM "), number)).or_default() += 1;
            }
        }
    }
    told
}

fn keys(entry: &OutboxEntry) -> Vec<Key> {
    let notifier = if entry.notifier.as_str() == "oncall" { "oncall" } else { "backup" };
    let reason = entry.notice.reason;
    // The end of what could not be told before: a problem of its class, but no such message.
    let problem = reason.event() == EventKind::Problem && reason != Reason::RaisedAndRecovered;
    let gathered =
        entry.notice.digest.iter().flat_map(|digest| numbers(&format!("#{}", digest.numbers)));
    gathered.chain(entry.notice.incident).map(|number| (notifier, problem, number)).collect()
}

/// What the journal says is still to be sent, and how many wait to be gathered.
async fn outbox(journal: &Path) -> (Vec<Key>, usize) {
    let image = image(journal).await;
    let pending = image.outbox.values().filter(|entry| entry.state == OutboxState::Pending);
    let held = image.outbox.values().filter(|entry| entry.state.as_str() == "held").count();
    (pending.flat_map(keys).collect(), held)
}

/// All services off and on again, each time once both phones were told of all, until it is over.
/// Gives how often.
async fn storms(switches: &Switches, kannel: &Kannel, phones: &Phones, over: &AtomicBool) -> usize {
    let mut rounds = 0;
    while !over.load(Ordering::Relaxed) {
        rounds += 1;
        for on in [false, true] {
            (0..SERVICES).for_each(|service| switches.set(service, on));
            let what = format!("all to be told, on: {on}, time {rounds}");
            eventually(&what, TOLD_WITHIN, async || {
                let told = told(kannel, phones);
                let of =
                    |notifier| told.keys().filter(|key| (key.0, key.1) == (notifier, !on)).count();
                ["oncall", "backup"].map(of).iter().all(|n| *n >= rounds * SERVICES).then_some(())
            })
            .await;
        }
    }
    rounds
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_lose_nothing_of_what_is_gathered() {
    let kannel = Kannel::start().await;
    let phones = Phones::start().await;
    let switches = Switches::new(SERVICES);
    let config = switches.config("[\"oncall\", \"backup\"]")
        + &kannel_notifier(&kannel, "oncall")
        + &phones.notifier("backup");
    let config = config
        .replace(
            "gather = false\nbudget = false",
            "gather = \"2s\"\nbudget = { messages = 40, per = \"5s\", per_day = 10000 }",
        )
        // An answer that a busy machine delays is no reason to send again: kills alone are.
        .replace("timeout = \"3s\"", "timeout = \"30s\"")
        .replace("timeout = \"5s\"\nrecipients", "timeout = \"30s\"\nrecipients")
        .replace("[defaults]\n", "[defaults]\ntime_to_notify = \"1m\"\n");
    let mut monitor = MonitorProcess::start_with(&config).await;
    monitor.until_service("here", "s0", "On").await;

    let over = AtomicBool::new(false);
    let kills = scale(20, 200);
    let killing = async {
        let (mut in_flight, mut held_at_kills) = (BTreeMap::<Key, usize>::new(), 0);
        for _ in 0..kills {
            let pause = rand::rng().random_range(100..2500);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            monitor.kill();
            let (pending, held) = outbox(&monitor.journal()).await;
            held_at_kills += held;
            for key in pending {
                *in_flight.entry(key).or_default() += 1;
            }
            monitor.start().await;
        }
        over.store(true, Ordering::Relaxed);
        (in_flight, held_at_kills)
    };
    let (rounds, (in_flight, held)) =
        tokio::join!(storms(&switches, &kannel, &phones, &over), killing);

    let told = told(&kannel, &phones);
    let messages = kannel.texts().len() + phones.accepted().len();
    let doubled: usize = told.values().map(|count| count - 1).sum();
    println!(
        "{kills} kills, {rounds} storms of {SERVICES}, {messages} messages, 0 lost, {doubled} told twice; \
         {held} notices were waiting at a kill"
    );
    for (key, count) in &told {
        let may = 1 + in_flight.get(key).copied().unwrap_or(0);
        assert!(*count <= may, "{key:?} was told {count} times, at most {may} may be");
    }
    let incidents: BTreeSet<i64> = told.keys().map(|key| key.2).collect();
    assert_eq!(incidents.len(), rounds * SERVICES, "each failure is one incident");
    assert_eq!(told.len(), 4 * incidents.len(), "a problem and its end, to two");
    assert!(messages < told.len(), "some were gathered");
}
