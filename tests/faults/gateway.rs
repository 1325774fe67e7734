//! Gateways that are down, slow or refuse: the SMS comes once when they are back, and the other
//! notifier is not held up.

use std::{collections::BTreeSet, time::Duration};

use super::switches::{Switches, kannel_notifier, starting};
use crate::support::{
    eventually,
    kannel::Kannel,
    monitor_process::MonitorProcess,
    phones::{Manner, Phones},
};

/// For what does not have to wait: a look each second, and one attempt.
const AT_ONCE: Duration = Duration::from_secs(10);
/// For what waits for the next attempt.
const SOON: Duration = Duration::from_secs(40);

async fn at_kannel(kannel: &Kannel, start: &str, limit: Duration) -> Vec<String> {
    eventually(&format!("{start:?} at the phones of Kannel"), limit, async || {
        let found = starting(kannel.texts(), start);
        (!found.is_empty()).then_some(found)
    })
    .await
}

/// Attempts at the gateway in the test that it did not accept.
fn refused(phones: &Phones, start: &str) -> usize {
    let all = phones.receipts();
    all.iter().filter(|one| !one.accepted && one.text.starts_with(start)).count()
}

async fn until_refused(phones: &Phones, start: &str, count: usize) {
    eventually(&format!("attempt {count} of {start:?}"), SOON, async || {
        (refused(phones, start) >= count).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_sms_comes_once_when_its_gateway_is_back() {
    let mut kannel = Kannel::start().await;
    let phones = Phones::start().await;
    let switches = Switches::new(4);
    let config = format!(
        "{}{}{}",
        switches.config("[\"oncall\", \"backup\"]"),
        kannel_notifier(&kannel, "oncall"),
        phones.notifier("backup")
    );
    let monitor = MonitorProcess::start_with(&config).await;
    monitor.until_service("here", "s3", "On").await;

    // Down: nothing listens.
    kannel.stop();
    switches.set(0, false);
    phones.wait_for("PROBLEM here s0 Off since ", AT_ONCE).await;
    kannel.restart().await;
    at_kannel(&kannel, "PROBLEM here s0 Off since ", SOON).await;

    // Slow: it takes the request and answers seconds later.
    kannel.hold(true);
    switches.set(1, false);
    phones.wait_for("PROBLEM here s1 Off since ", AT_ONCE).await;
    kannel.hold(false);
    at_kannel(&kannel, "PROBLEM here s1 Off since ", SOON).await;

    // 500, then 200 with a body that says it failed, then accepting.
    phones.set(Manner::Answer(500, "the modem is on fire"));
    switches.set(2, false);
    at_kannel(&kannel, "PROBLEM here s2 Off since ", AT_ONCE).await;
    until_refused(&phones, "PROBLEM here s2 ", 1).await;
    phones.set(Manner::Answer(200, "ERROR: no modem"));
    let before = refused(&phones, "PROBLEM here s2 ");
    until_refused(&phones, "PROBLEM here s2 ", before + 1).await;
    phones.set(Manner::Accept(Duration::ZERO));
    phones.wait_for("PROBLEM here s2 ", SOON).await;

    // 403: a dead letter at once, and the other notifier says so.
    phones.set(Manner::Answer(403, "who are you?"));
    switches.set(3, false);
    let told = "(backup could not deliver this)";
    eventually("the dead letter to be told", AT_ONCE, async || {
        kannel.texts().iter().any(|text| text.contains(told)).then_some(())
    })
    .await;
    assert_eq!(refused(&phones, "PROBLEM here s3 "), 1, "a dead letter is not tried again");
    phones.set(Manner::Accept(Duration::ZERO));

    // All is over; the last word comes after anything doubled would have.
    (0..4).for_each(|number| switches.set(number, true));
    for number in 0..4 {
        at_kannel(&kannel, &format!("OK here s{number} On"), SOON).await;
    }
    for number in 0..3 {
        phones.wait_for(&format!("OK here s{number} On"), SOON).await;
    }
    let kannel = kannel.texts();
    assert_eq!(kannel.len(), 9, "four problems, their ends, one dead letter: {kannel:#?}");
    assert_eq!(kannel.iter().collect::<BTreeSet<_>>().len(), 9, "none twice: {kannel:#?}");
    // No recovery where the problem was not told.
    let phones = phones.accepted();
    assert_eq!(phones.len(), 6, "{phones:#?}");
    println!("{}\n{}", kannel.join("\n"), phones.join("\n"));
}
