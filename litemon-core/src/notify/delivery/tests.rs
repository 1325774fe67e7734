use std::{collections::BTreeSet, sync::atomic::AtomicUsize, sync::atomic::Ordering};

use async_trait::async_trait;
use proptest::prelude::*;
use tokio::time::Instant;

use super::*;
use crate::{
    clock::VirtualClock,
    model::{AttemptResult, Notice, OutboxState, Reason},
    notify::{Accepted, Retry, SendError, fixtures},
};

/// What a scripted notifier does with an attempt.
#[derive(Clone, Debug)]
enum Act {
    Take,
    Queue,
    Fail(SendError),
    Hang,
    Panic,
    TakeAfter(Duration),
}

#[derive(Debug, PartialEq)]
struct Sent {
    at: Duration,
    recipient: String,
    reason: Reason,
    incident: Option<i64>,
}

/// Answers each recipient from its list, then takes everything.
#[derive(Debug)]
struct Script {
    acts: Mutex<BTreeMap<String, Vec<Act>>>,
    sent: Mutex<Vec<Sent>>,
    flying: AtomicUsize,
    most: AtomicUsize,
    began: Instant,
}

impl Script {
    fn new<const N: usize>(acts: [(&str, Vec<Act>); N]) -> Arc<Self> {
        let acts = acts
            .into_iter()
            .map(|(to, acts)| (to.to_owned(), acts.into_iter().rev().collect()))
            .collect();
        Arc::new(Self {
            acts: Mutex::new(acts),
            sent: Mutex::default(),
            flying: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            began: Instant::now(),
        })
    }

    fn reasons(&self) -> Vec<Reason> {
        self.sent.lock().unwrap().iter().map(|sent| sent.reason).collect()
    }

    fn seconds(&self) -> Vec<u64> {
        self.sent.lock().unwrap().iter().map(|sent| sent.at.as_secs()).collect()
    }
}

#[async_trait]
impl Notifier for Script {
    fn recipients(&self) -> Vec<String> {
        self.acts.lock().unwrap().keys().cloned().collect()
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn send(&self, notice: &Notice, to: &str, _: Instant) -> Result<Accepted, SendError> {
        self.sent.lock().unwrap().push(Sent {
            at: self.began.elapsed(),
            recipient: to.to_owned(),
            reason: notice.reason,
            incident: notice.incident,
        });
        let act = self.acts.lock().unwrap().get_mut(to).and_then(Vec::pop).unwrap_or(Act::Take);
        let flying = self.flying.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(flying, Ordering::Relaxed);
        let result = match act {
            Act::Take => Ok(Accepted::now("0: ok")),
            Act::Queue => Ok(Accepted::queued("3: queued")),
            Act::Fail(error) => Err(error),
            Act::Hang => std::future::pending().await,
            Act::Panic => panic!("scripted"),
            Act::TakeAfter(wait) => {
                tokio::time::sleep(wait).await;
                Ok(Accepted::now("late"))
            }
        };
        self.flying.fetch_sub(1, Ordering::Relaxed);
        result
    }
}

fn notifiers(all: &[(&str, &Arc<Script>)]) -> Notifiers {
    all.iter()
        .map(|(name, script)| (fixtures::name(name), Arc::clone(script) as Arc<dyn Notifier>))
        .collect()
}

fn start(
    all: &[(&str, &Arc<Script>)],
    initial: Vec<OutboxEntry>,
) -> (Delivery, mpsc::Receiver<DeliveryUpdate>) {
    let clock = Arc::new(VirtualClock::new(fixtures::off().at));
    Delivery::start(notifiers(all), clock, Limits::default(), initial)
}

fn of_incident(incident: i64, notice: Notice) -> Notice {
    Notice { incident: Some(incident), ..notice }
}

/// Reads updates until nothing is pending.
async fn drain(
    delivery: &Delivery,
    updates: &mut mpsc::Receiver<DeliveryUpdate>,
) -> Vec<DeliveryUpdate> {
    let mut all = Vec::new();
    let mut status = delivery.status();
    while delivery.shared.queue().pending() > 0 {
        tokio::select! {
            Some(update) = updates.recv() => all.push(update),
            _ = status.changed() => {}
        }
    }
    while let Ok(update) = updates.try_recv() {
        all.push(update);
    }
    all
}

fn states(updates: &[DeliveryUpdate]) -> Vec<(i64, &'static str)> {
    updates.iter().map(|update| (update.entry.id, update.entry.state.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn taken_at_once_and_reported() {
    let script = Script::new([]);
    let (delivery, mut updates) = start(&[("oncall", &script)], Vec::new());
    assert_eq!(delivery.push(vec![fixtures::entry(7, "oncall", "+1", fixtures::off())]), 0);
    let update = updates.recv().await.unwrap();
    assert_eq!(update.entry.state, OutboxState::Accepted);
    let attempt = update.attempt.unwrap();
    assert_eq!((attempt.notice, attempt.attempt), (7, 1));
    assert_eq!(attempt.result, AttemptResult::Accepted);
    assert_eq!(attempt.detail, "0: ok");
}

#[tokio::test(start_paused = true)]
async fn failures_are_repeated_with_growing_waits() {
    let bad = || Act::Fail(SendError::temporary("500"));
    let script = Script::new([("+1", vec![bad(), bad(), bad(), Act::Panic, Act::Hang])]);
    let entry = fixtures::entry(1, "oncall", "+1", fixtures::off());
    let (delivery, mut updates) = start(&[("oncall", &script)], vec![entry]);
    let all = drain(&delivery, &mut updates).await;
    assert_eq!(all.last().unwrap().entry.attempts, 6);
    assert_eq!(all.last().unwrap().entry.state, OutboxState::Accepted);
    assert!(all[0].entry.next_at > fixtures::off().at);
    // 1, 2, 4, 8, and 5 hanging + 16, each wait a fifth more or less.
    let seconds = script.seconds();
    assert_eq!(seconds[0], 0);
    assert!((26..=43).contains(&seconds[5]), "{seconds:?}");
    assert_eq!(delivery.status().borrow().notifiers[&fixtures::name("oncall")].retries, 5);
}

#[tokio::test(start_paused = true)]
async fn retry_after_and_permanent_errors() {
    let later = Act::Fail(SendError::new(Retry::After(Duration::from_secs(90)), "429"));
    let never = Act::Fail(SendError::permanent("403 forbidden"));
    let script = Script::new([("+1", vec![later]), ("+2", vec![never]), ("+3", vec![Act::Queue])]);
    let entries = (1..=3)
        .map(|id| fixtures::entry(id, "oncall", &format!("+{id}"), fixtures::off()))
        .chain([fixtures::entry(4, "gone", "+4", fixtures::off())])
        .collect();
    let (delivery, mut updates) = start(&[("oncall", &script)], entries);
    let all = drain(&delivery, &mut updates).await;
    let last: BTreeMap<_, _> = states(&all).into_iter().collect();
    assert_eq!(last, [(1, "accepted"), (2, "dead"), (3, "queued"), (4, "dead")].into());
    assert_eq!(script.sent.lock().unwrap().len(), 4);
    assert_eq!(script.seconds().last(), Some(&90));
    let status = delivery.status().borrow().clone();
    assert_eq!(status.dead_total, 2);
    let why: BTreeSet<_> = status.dead.iter().map(|dead| dead.why.as_str()).collect();
    assert_eq!(why, ["403 forbidden", "there is no notifier gone"].into());
}

#[tokio::test(start_paused = true)]
async fn given_up_after_a_day() {
    let bad = || Act::Fail(SendError::temporary("down"));
    let script = Script::new([("+1", (0..5000).map(|_| bad()).collect())]);
    let entry = fixtures::entry(1, "oncall", "+1", fixtures::off());
    let (delivery, mut updates) = start(&[("oncall", &script)], vec![entry]);
    let all = drain(&delivery, &mut updates).await;
    let last = &all.last().unwrap().entry;
    assert!(matches!(&last.state, OutboxState::Dead(why) if why.ends_with("down")), "{last:?}");
    let day = GIVE_UP_AFTER.as_secs();
    assert!((day..day + 80).contains(script.seconds().last().unwrap()));
    assert!(last.attempts > 1300, "{}", last.attempts);
}

#[tokio::test(start_paused = true)]
async fn one_incident_in_order_others_side_by_side() {
    let slow = Act::TakeAfter(Duration::from_secs(3));
    let script = Script::new([("+1", vec![slow])]);
    let escalated = Notice { reason: Reason::Escalated, ..fixtures::off() };
    let entries = vec![
        fixtures::entry(2, "oncall", "+1", escalated),
        fixtures::entry(3, "oncall", "+1", of_incident(18, fixtures::off())),
        fixtures::entry(1, "oncall", "+1", fixtures::off()),
    ];
    let (delivery, mut updates) = start(&[("oncall", &script)], entries);
    let all = drain(&delivery, &mut updates).await;
    assert_eq!(states(&all), [(3, "accepted"), (1, "accepted"), (2, "accepted")]);
    assert_eq!(script.seconds(), [0, 0, 3]);
}

#[tokio::test(start_paused = true)]
async fn what_hangs_keeps_nobody_waiting() {
    let hangs = (0..500).map(|_| Act::Hang).collect();
    let hanging = Script::new([("+1", hangs)]);
    let healthy = Script::new([]);
    let mut entries: Vec<_> = (1..=200)
        .map(|id| fixtures::entry(id, "hanging", "+1", of_incident(id, fixtures::off())))
        .collect();
    entries.push(fixtures::entry(201, "hanging", "+2", fixtures::off()));
    entries.push(fixtures::entry(202, "healthy", "+1", fixtures::off()));
    let (delivery, mut updates) = start(&[("hanging", &hanging), ("healthy", &healthy)], entries);
    let first = updates.recv().await.unwrap();
    let second = updates.recv().await.unwrap();
    let ids: BTreeSet<_> = [first.entry.id, second.entry.id].into();
    assert_eq!(ids, [201, 202].into());
    assert!(hanging.began.elapsed() < Duration::from_secs(1));
    assert!(hanging.most.load(Ordering::Relaxed) <= Limits::default().per_recipient + 1);
    drop(delivery);
}

#[tokio::test(start_paused = true)]
async fn a_problem_over_before_it_was_sent_is_one_message() {
    let bad = Act::Fail(SendError::temporary("down"));
    let script = Script::new([("+1", vec![bad])]);
    let problem = fixtures::entry(1, "oncall", "+1", fixtures::off());
    let (delivery, mut updates) = start(&[("oncall", &script)], vec![problem]);
    assert_eq!(updates.recv().await.unwrap().entry.state, OutboxState::Pending);
    delivery.push(vec![fixtures::entry(2, "oncall", "+1", fixtures::on_again())]);
    let all = drain(&delivery, &mut updates).await;
    assert_eq!(states(&all), [(1, "superseded"), (2, "pending"), (2, "accepted")]);
    assert_eq!(script.reasons(), [Reason::Raised, Reason::RaisedAndRecovered]);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_in_flight_is_left_alone() {
    let script = Script::new([("+1", vec![Act::TakeAfter(Duration::from_secs(2))])]);
    let problem = fixtures::entry(1, "oncall", "+1", fixtures::off());
    let (delivery, mut updates) = start(&[("oncall", &script)], vec![problem]);
    delivery.status().wait_for(|status| status.in_flight == 1).await.unwrap();
    delivery.push(vec![fixtures::entry(2, "oncall", "+1", fixtures::on_again())]);
    assert_eq!(delivery.withdraw(&[1]), []);
    let all = drain(&delivery, &mut updates).await;
    assert_eq!(states(&all), [(1, "accepted"), (2, "accepted")]);
    assert_eq!(script.reasons(), [Reason::Raised, Reason::Recovered]);
}

#[tokio::test(start_paused = true)]
async fn a_remedy_that_waits_can_be_withdrawn() {
    let bad = Act::Fail(SendError::temporary("not connected"));
    let script = Script::new([("web-1", vec![bad])]);
    let problem = fixtures::entry(1, "restart", "web-1", fixtures::off());
    let (delivery, mut updates) = start(&[("restart", &script)], vec![problem]);
    updates.recv().await.unwrap();
    delivery.status().wait_for(|status| status.in_flight == 0).await.unwrap();
    // The worker frees the lane right after its report was read.
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    let gone = delivery.withdraw(&[1]);
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].state, OutboxState::Superseded);
    assert_eq!(drain(&delivery, &mut updates).await, []);
    assert_eq!(script.reasons(), [Reason::Raised]);
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_for_what_is_in_flight_and_leaves_the_rest() {
    let slow = Act::TakeAfter(Duration::from_secs(2));
    let script = Script::new([("+1", vec![slow]), ("+2", vec![Act::Hang])]);
    let escalated = Notice { reason: Reason::Escalated, ..fixtures::off() };
    let entries = vec![
        fixtures::entry(1, "oncall", "+1", fixtures::off()),
        fixtures::entry(2, "oncall", "+1", escalated),
        fixtures::entry(3, "oncall", "+2", fixtures::off()),
    ];
    let (delivery, mut updates) = start(&[("oncall", &script)], entries);
    delivery.status().wait_for(|status| status.in_flight == 2).await.unwrap();
    delivery.shutdown(Duration::from_secs(3)).await;
    let mut all = Vec::new();
    while let Some(update) = updates.recv().await {
        all.push(update);
    }
    assert_eq!(states(&all), [(1, "accepted")]);
    assert_eq!(script.reasons().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_unread_report_holds_its_lane_only() {
    let script = Script::new([]);
    let clock = Arc::new(VirtualClock::new(fixtures::off().at));
    let limits = Limits { updates: 1, ..Limits::default() };
    let entries = (1..=50)
        .map(|id| fixtures::entry(id, "oncall", "+1", of_incident(id, fixtures::off())))
        .collect();
    let (delivery, mut updates) =
        Delivery::start(notifiers(&[("oncall", &script)]), clock, limits, entries);
    let oncall = fixtures::name("oncall");
    delivery
        .status()
        .wait_for(|status| status.notifiers.get(&oncall).is_some_and(|one| one.accepted == 50))
        .await
        .unwrap();
    assert_eq!(drain(&delivery, &mut updates).await.len(), 50);
}

#[tokio::test(start_paused = true)]
async fn pushing_twice_and_pushing_too_much() {
    let script = Script::new([("+1", vec![Act::Hang])]);
    let clock = Arc::new(VirtualClock::new(fixtures::off().at));
    let limits = Limits { pending: 2, ..Limits::default() };
    let (delivery, _updates) =
        Delivery::start(notifiers(&[("oncall", &script)]), clock, limits, Vec::new());
    let entry = |id| fixtures::entry(id, "oncall", "+1", fixtures::off());
    assert_eq!(delivery.push(vec![entry(1), entry(1), entry(2)]), 0);
    assert_eq!(delivery.push(vec![entry(1), entry(3)]), 1);
    let settled = OutboxEntry { state: OutboxState::Accepted, ..entry(4) };
    assert_eq!(delivery.push(vec![settled]), 0);
}

prop_compose! {
    fn storm()(plan in proptest::collection::vec((0..3usize, 0..3i64, 0..4usize), 1..40)) -> Vec<(String, i64, Act)> {
        plan.into_iter().map(|(to, incident, act)| {
            let act = match act {
                0 => Act::Take,
                1 => Act::Fail(SendError::temporary("500")),
                2 => Act::Hang,
                _ => Act::Fail(SendError::permanent("403")),
            };
            (format!("+{to}"), incident, act)
        }).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever gateways do: every entry is settled, once, and each lane in order.
    #[test]
    fn everything_is_settled_in_order(storm in storm()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let all = runtime.block_on(async {
            let script = Script::new([]);
            let mut acts: BTreeMap<String, Vec<Act>> = BTreeMap::new();
            let mut entries = Vec::new();
            for (id, (to, incident, act)) in (1..).zip(storm) {
                acts.entry(to.clone()).or_default().push(act);
                entries.push(fixtures::entry(id, "oncall", &to, of_incident(incident, fixtures::off())));
            }
            *script.acts.lock().unwrap() = acts;
            let (delivery, mut updates) = start(&[("oncall", &script)], entries);
            drain(&delivery, &mut updates).await
        });
        let settled: Vec<_> = all.iter().filter(|update| update.entry.state != OutboxState::Pending).collect();
        let mut last: BTreeMap<(String, Option<i64>), i64> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for update in settled {
            let entry = &update.entry;
            prop_assert!(seen.insert(entry.id), "settled twice");
            let before = last.insert((entry.recipient.clone(), entry.notice.incident), entry.id);
            prop_assert!(before.is_none_or(|before| before < entry.id), "out of order");
        }
        let ids: BTreeSet<_> = all.iter().map(|update| update.entry.id).collect();
        prop_assert_eq!(seen, ids);
    }
}
