use super::*;
use crate::{
    journal::MemoryJournal,
    model::{CheckId, Timestamp, ValueRecord},
    store::MemoryStore,
};

struct Scene {
    store: Arc<MemoryStore>,
    journal: Arc<MemoryJournal>,
    feeder: Feeder,
}

fn scene(change: impl FnOnce(&MemoryStore, &MemoryJournal, &mut FeederSettings)) -> Scene {
    let store = Arc::new(MemoryStore::new());
    let journal = Arc::new(MemoryJournal::new());
    let mut settings = FeederSettings::default();
    change(&store, &journal, &mut settings);
    let feeder = Feeder::start(store.clone(), journal.clone(), settings);
    Scene { store, journal, feeder }
}

impl Scene {
    fn push(&self, numbers: impl IntoIterator<Item = i64>) {
        numbers.into_iter().for_each(|n| self.feeder.handle().push(value(n)));
    }

    async fn until(&self, what: impl FnMut(&FeedStatus) -> bool) -> FeedStatus {
        let mut status = self.feeder.status();
        let wait = tokio::time::timeout(Duration::from_secs(120), status.wait_for(what));
        wait.await.unwrap().unwrap().clone()
    }

    async fn stored(&self) -> Vec<i64> {
        let ever = Timestamp::from_millis(i64::MAX);
        let values = self.store.values(&cpu(), Timestamp::default(), ever, usize::MAX).await;
        values.unwrap().iter().map(|one| one.at.as_millis()).collect()
    }
}

fn cpu() -> CheckId {
    CheckId::parse("a/cpu").unwrap()
}

fn value(n: i64) -> HistoryRecord {
    let value = ValueRecord { check: cpu(), at: Timestamp::from_millis(n), value: 1.0 };
    HistoryRecord::Value(value)
}

#[tokio::test(start_paused = true)]
async fn records_arrive_within_the_linger() {
    let scene = scene(|_, _, _| {});
    scene.push(0..10);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(scene.stored().await, Vec::from_iter(0..10));
    let status = scene.feeder.status().borrow().clone();
    assert_eq!(status, FeedStatus { up: Some(true), ..FeedStatus::default() });
}

#[tokio::test(start_paused = true)]
async fn a_burst_does_not_wait_for_the_linger() {
    let scene = scene(|_, _, settings| settings.linger = Duration::from_secs(3600));
    scene.push(0..10_000);
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(scene.stored().await.len(), 10_000);
}

#[tokio::test(start_paused = true)]
async fn what_a_store_did_not_take_is_there_when_it_is_back() {
    let scene = scene(|store, _, _| store.set_failing(true));
    scene.push(0..2500);
    let status = scene.until(|status| status.spooled == 2500).await;
    assert_eq!(status.up, Some(false));
    assert!(status.error.unwrap().contains("migrating failed: it was told to fail"));
    scene.store.set_failing(false);
    scene.push(2500..2600);
    scene.until(|status| status.up == Some(true) && status.spooled == 0).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(scene.stored().await, Vec::from_iter(0..2600));
    assert_eq!(scene.feeder.status().borrow().lost, 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_journal_it_waits_in_memory_within_its_bound() {
    let scene = scene(|store, journal, settings| {
        store.set_failing(true);
        journal.set_failing(true);
        settings.queue = 3000;
    });
    scene.push(0..4000);
    let status = scene.until(|status| status.spool_error.is_some() && status.lost > 0).await;
    assert_eq!((status.queued, status.lost), (3000, 1000));
    scene.store.set_failing(false);
    scene.until(|status| status.queued == 0).await;
    assert_eq!(scene.stored().await, Vec::from_iter(1000..4000));
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_read_does_not_keep_the_store_waiting() {
    let scene = scene(|_, journal, _| journal.set_failing(true));
    scene.push(0..5);
    scene.until(|status| status.up == Some(true)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(scene.stored().await.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn closing_hands_over_what_is_in_memory() {
    let scene = scene(|_, _, settings| settings.linger = Duration::from_secs(60));
    tokio::time::sleep(Duration::from_secs(1)).await;
    scene.push(0..1500);
    let Scene { feeder, store, journal, .. } = scene;
    assert_eq!(feeder.close(Duration::from_secs(5)).await, 0);
    let ever = Timestamp::from_millis(i64::MAX);
    let stored = store.values(&cpu(), Timestamp::default(), ever, usize::MAX).await.unwrap();
    assert_eq!(stored.len() as u64 + journal.spool_len().await.unwrap(), 1500);
}

#[tokio::test(start_paused = true)]
async fn closing_keeps_what_the_store_does_not_take() {
    let scene = scene(|store, _, _| store.set_failing(true));
    scene.push(0..1500);
    let Scene { feeder, journal, .. } = scene;
    assert_eq!(feeder.close(Duration::from_secs(5)).await, 0);
    assert_eq!(journal.spool_len().await.unwrap(), 1500);
}

#[tokio::test(start_paused = true)]
async fn closing_ends_in_time_and_says_what_is_lost() {
    let scene = scene(|store, journal, _| {
        store.set_failing(true);
        journal.set_failing(true);
    });
    scene.push(0..7);
    let began = Instant::now();
    assert_eq!(scene.feeder.close(Duration::from_secs(5)).await, 7);
    assert!(began.elapsed() < Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn history_of_an_earlier_run_goes_first() {
    let scene = scene(|_, _, _| {});
    scene.journal.spool(&[value(1), value(2)]).await.unwrap();
    let Scene { feeder, store, journal } = scene;
    drop(feeder);
    let settings = FeederSettings::default();
    let feeder = Feeder::start(store.clone(), journal.clone(), settings);
    let scene = Scene { feeder, store, journal };
    scene.until(|status| status.up == Some(true)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(scene.stored().await, [1, 2]);
    assert_eq!(scene.journal.spool_len().await.unwrap(), 0);
}
