//! The running monitor on the paused clock: what is told when, whatever the journal does.

mod clock;
mod network;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Check, Monitor, MonitorBuilder, NotifierSetup, Server, Setup};
use crate::{
    clock::{Clock, VirtualClock},
    journal::{Batch, Image, Journal, JournalError, MemoryJournal, SpoolMark},
    model::{
        CheckId, CheckKind, Failure, FailureKind, HistoryRecord, Name, Notice, Observation, Reason,
        Schedule, Status, Timestamp, Zone,
    },
    notify::{Accepted, Notifier, SendError},
    policy::{Recurring, Scope},
    probe::Probe,
    store::MemoryStore,
};

/// A switch that can be thrown, can hang and can panic; it counts how often it was looked at.
#[derive(Debug, Default)]
struct Lamp {
    off: AtomicBool,
    hangs: AtomicBool,
    panics: AtomicBool,
    fails: Mutex<Option<FailureKind>>,
    looks: AtomicU32,
}

#[async_trait]
impl Probe for Lamp {
    async fn run(&self, _: Instant) -> Result<Observation, Failure> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        assert!(!self.panics.load(Ordering::Relaxed), "as asked");
        if let Some(kind) = *self.fails.lock().unwrap() {
            return Err(Failure::new(kind, kind.as_str()));
        }
        Ok(Observation::Switch { on: !self.off.load(Ordering::Relaxed), detail: None })
    }
}

/// Remembers what came and when.
#[derive(Debug, Default)]
struct Phone(Mutex<Vec<(Instant, Notice)>>);

impl Phone {
    fn got(&self) -> Vec<(Instant, Notice)> {
        self.0.lock().unwrap().clone()
    }

    fn reasons(&self) -> Vec<Reason> {
        self.got().into_iter().map(|(_, notice)| notice.reason).collect()
    }
}

#[async_trait]
impl Notifier for Phone {
    fn recipients(&self) -> Vec<String> {
        vec!["+1".into()]
    }
    fn timeout(&self) -> Duration {
        Duration::from_secs(5)
    }
    async fn send(&self, notice: &Notice, _: &str, _: Instant) -> Result<Accepted, SendError> {
        self.0.lock().unwrap().push((Instant::now(), notice.clone()));
        Ok(Accepted::now("ok"))
    }
}

#[derive(Debug, Default)]
struct World {
    lamp: Arc<Lamp>,
    phone: Arc<Phone>,
    journal: Arc<MemoryJournal>,
}

impl World {
    fn setup(&self) -> Setup {
        let (server, oncall) = (Name::new("web-1").unwrap(), Name::new("oncall").unwrap());
        let lamp = Check::new(
            CheckId::parse("web-1/nginx").unwrap(),
            CheckKind::Service,
            Arc::clone(&self.lamp) as Arc<dyn Probe>,
        );
        let mut setup = Setup::default();
        setup.servers.push(Server::new(server.clone(), "192.0.2.1"));
        setup.checks.push(lamp.on(server).notify(vec![oncall.clone()]));
        setup.notifiers.push(NotifierSetup::new(oncall, Arc::clone(&self.phone) as _));
        setup
    }

    fn builder(&self) -> MonitorBuilder {
        let start = Timestamp::from_millis(1_460_612_000_000);
        Monitor::builder()
            .clock(Arc::new(VirtualClock::new(start)))
            .journal(Arc::clone(&self.journal) as _)
            .setup(self.setup())
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_problem_is_told_within_the_promised_time() {
    for fault_after in (0..10).map(|n| SECOND * 20 + SECOND * n) {
        let world = World::default();
        let monitor = world.builder().start().await.unwrap();
        tokio::time::sleep(fault_after).await;
        world.lamp.off.store(true, Ordering::Relaxed);
        let fault = Instant::now();
        tokio::time::sleep(30 * SECOND).await;
        let got = world.phone.got();
        assert_eq!(got.len(), 1);
        // An interval, and the wait before the second attempt.
        assert!(got[0].0 - fault <= 15 * SECOND, "{:?}", got[0].0 - fault);
        world.lamp.off.store(false, Ordering::Relaxed);
        tokio::time::sleep(12 * SECOND).await;
        assert_eq!(world.phone.reasons(), [Reason::Raised, Reason::Recovered]);
        monitor.shutdown(SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_breaks_its_contract_is_dropped_at_its_deadline() {
    let world = World::default();
    world.lamp.hangs.store(true, Ordering::Relaxed);
    let monitor = world.builder().start().await.unwrap();
    tokio::time::sleep(40 * SECOND).await;
    let snapshot = monitor.handle().snapshot();
    let last = snapshot.check("web-1/nginx").unwrap().last.clone().unwrap();
    assert_eq!(last.result.unwrap_err().kind, FailureKind::Timeout);
    assert_eq!(world.phone.reasons(), [Reason::Raised]);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_panics_is_the_monitors_own_fault() {
    let world = World::default();
    world.lamp.panics.store(true, Ordering::Relaxed);
    let monitor = world.builder().start().await.unwrap();
    tokio::time::sleep(40 * SECOND).await;
    let snapshot = monitor.handle().snapshot();
    assert_eq!(snapshot.check("web-1/nginx").unwrap().status, Status::Unknown);
    assert!(world.lamp.looks.load(Ordering::Relaxed) >= 4, "it goes on");
    assert_eq!(world.phone.reasons(), []);
}

#[tokio::test(start_paused = true)]
async fn with_the_journal_gone_notices_go_out_from_memory_and_the_fault_is_told() {
    let world = World::default();
    let monitor = world.builder().start().await.unwrap();
    tokio::time::sleep(20 * SECOND).await;
    world.journal.set_failing(true);
    world.lamp.off.store(true, Ordering::Relaxed);
    tokio::time::sleep(30 * SECOND).await;
    // The first result that speaks against the state is written already, so the journal's fault
    // comes first.
    let got = world.phone.got();
    let told: Vec<_> = got.iter().map(|(_, n)| (n.check.to_string(), n.unjournaled)).collect();
    assert_eq!(told, [("litemon:journal".into(), true), ("web-1/nginx".to_owned(), true)]);
    assert!(!monitor.handle().snapshot().own_faults.is_empty());

    world.journal.set_failing(false);
    tokio::time::sleep(5 * SECOND).await;
    assert_eq!(world.phone.reasons().last(), Some(&Reason::Recovered));
    assert!(monitor.handle().snapshot().own_faults.is_empty());
    monitor.shutdown(SECOND).await;

    // What was owed was written: the next monitor knows that it was told.
    let monitor = world.builder().start().await.unwrap();
    tokio::time::sleep(30 * SECOND).await;
    assert_eq!(world.phone.reasons().len(), 3);
    assert_eq!(monitor.handle().snapshot().incidents.len(), 1);
}

/// A journal whose commits hang, as many as it was told.
#[derive(Debug, Default)]
struct Hanging {
    inner: MemoryJournal,
    hang: AtomicU32,
}

#[async_trait]
impl Journal for Hanging {
    async fn load(&self) -> Result<Image, JournalError> {
        self.inner.load().await
    }
    async fn commit(&self, batch: &Batch) -> Result<(), JournalError> {
        let left = self.hang.load(Ordering::Relaxed);
        if left > 0 {
            self.hang.store(left - 1, Ordering::Relaxed);
            std::future::pending::<()>().await;
        }
        self.inner.commit(batch).await
    }
    async fn spool(&self, records: &[HistoryRecord]) -> Result<u64, JournalError> {
        self.inner.spool(records).await
    }
    async fn spooled(&self, most: usize) -> Result<(Vec<HistoryRecord>, SpoolMark), JournalError> {
        self.inner.spooled(most).await
    }
    async fn unspool(&self, up_to: SpoolMark) -> Result<(), JournalError> {
        self.inner.unspool(up_to).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_disk_is_no_fault_before_it_is_slow_again_and_again() {
    for (hangs, told) in [(2, 1), (20, 2)] {
        let world = World::default();
        let journal = Arc::new(Hanging::default());
        let monitor = world.builder().journal(Arc::clone(&journal) as _).start().await.unwrap();
        tokio::time::sleep(20 * SECOND).await;
        journal.hang.store(hangs, Ordering::Relaxed);
        world.lamp.off.store(true, Ordering::Relaxed);
        tokio::time::sleep(30 * SECOND).await;
        // The problem itself is told either way, and in time.
        let got = world.phone.got();
        assert_eq!(got.len(), told, "{got:?}");
        assert!(got.iter().any(|(_, notice)| notice.check.name() == "nginx"));
        drop(monitor);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reload_keeps_state_and_timers() {
    let world = World::default();
    let monitor = world.builder().start().await.unwrap();
    world.lamp.off.store(true, Ordering::Relaxed);
    tokio::time::sleep(30 * SECOND).await;
    for _ in 0..10 {
        tokio::time::sleep(SECOND).await;
        monitor.handle().reload(world.setup()).await.unwrap();
    }
    assert_eq!(world.phone.reasons(), [Reason::Raised]);
    // Ten reloads in ten seconds: the interval went on as if there had been none.
    let looks = world.lamp.looks.load(Ordering::Relaxed);
    assert!((4..=6).contains(&looks), "{looks}");
    let mut other = world.setup();
    other.checks.clear();
    monitor.handle().reload(other).await.unwrap();
    tokio::time::sleep(SECOND).await;
    assert!(monitor.handle().snapshot().incidents.is_empty());
    assert_eq!(world.phone.reasons(), [Reason::Raised]);
}

#[tokio::test(start_paused = true)]
async fn maintenance_of_the_configuration_holds_from_the_start() {
    let world = World::default();
    let mut setup = world.setup();
    let (name, hour) = (Name::new("patches").unwrap(), 3600 * SECOND);
    let always =
        Recurring::new(name, "0 * * * *", Zone::utc(), hour, vec![Scope::All]).expect("a pattern");
    setup.maintenance.push(always);
    let start = Timestamp::from_millis(1_460_612_000_000);
    let clock = Arc::new(VirtualClock::new(start));
    let _monitor = Monitor::builder().clock(clock).setup(setup).start().await.unwrap();
    world.lamp.off.store(true, Ordering::Relaxed);
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!(world.phone.reasons(), []);
}

#[tokio::test(start_paused = true)]
async fn a_result_that_waited_for_the_verdict_on_its_server_is_confirmed_as_soon() {
    let world = World::default();
    let server = Name::new("web-1").unwrap();
    let ssh = Check::new(CheckId::ssh(&server), CheckKind::Ssh, Arc::new(Lamp::default()));
    let monitor = world.builder().check(ssh.on(server)).start().await.unwrap();
    tokio::time::sleep(20 * SECOND).await;
    *world.lamp.fails.lock().unwrap() = Some(FailureKind::Timeout);
    let fault = Instant::now();
    tokio::time::sleep(40 * SECOND).await;
    let got = world.phone.got();
    assert_eq!(got.len(), 1);
    assert_eq!((got[0].1.status, got[0].1.check.name()), (Status::Unknown, "nginx"));
    assert!(got[0].0 - fault <= 15 * SECOND, "{:?}", got[0].0 - fault);
    monitor.shutdown(SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn run_now_does_not_wait_for_the_interval() {
    let world = World::default();
    let mut setup = world.setup();
    setup.checks[0].schedule = Schedule { interval: 3600 * SECOND, ..Schedule::default() };
    let monitor = Monitor::builder().setup(setup).start().await.unwrap();
    tokio::time::sleep(11 * SECOND).await;
    let before = world.lamp.looks.load(Ordering::Relaxed);
    let known = monitor.handle().run_now(CheckId::parse("web-1/nginx").unwrap()).await;
    assert_eq!(known, Ok(true));
    let unknown = monitor.handle().run_now(CheckId::parse("web-1/other").unwrap()).await;
    assert_eq!(unknown, Ok(false));
    tokio::time::sleep(SECOND).await;
    assert_eq!(world.lamp.looks.load(Ordering::Relaxed), before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_journal_counts_on_from_what_the_store_holds() {
    let store = Arc::new(MemoryStore::default());
    for number in 1..3 {
        // The second time, the journal is a new one.
        let world = World::default();
        let monitor = world.builder().store(Arc::clone(&store) as _).start().await.unwrap();
        world.lamp.off.store(true, Ordering::Relaxed);
        tokio::time::sleep(30 * SECOND).await;
        assert_eq!(world.phone.got()[0].1.incident, Some(number));
        monitor.shutdown(SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_it_is_known_who_was_told() {
    let world = World::default();
    let monitor = world.builder().start().await.unwrap();
    world.lamp.off.store(true, Ordering::Relaxed);
    tokio::time::sleep(30 * SECOND).await;
    let told = monitor.handle().snapshot().incidents[0].told.clone();
    assert_eq!(told.len(), 1);
    monitor.shutdown(SECOND).await;
    let monitor = world.builder().start().await.unwrap();
    assert_eq!(monitor.handle().snapshot().incidents[0].told, told);
    world.lamp.off.store(false, Ordering::Relaxed);
    tokio::time::sleep(30 * SECOND).await;
    assert_eq!(world.phone.reasons(), [Reason::Raised, Reason::Recovered]);
}

#[tokio::test]
async fn parts_that_do_not_fit_are_refused() {
    let world = World::default();
    let mut setup = world.setup();
    setup.notifiers.clear();
    let refused = Monitor::builder().setup(setup).start().await.unwrap_err();
    assert!(refused.to_string().contains("oncall"), "{refused}");
    let doubled = world.builder().setup(world.setup()).start().await.unwrap_err();
    assert!(doubled.to_string().contains("web-1/nginx"), "{doubled}");
}
