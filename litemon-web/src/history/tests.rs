use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use litemon_core::{
    clock::VirtualClock,
    model::{CheckId, CurrentStatus, HistoryRecord, Incident, IncidentNumber, ValueRecord},
    store::IncidentHistory,
};

use super::*;
use crate::scene::tests::{AT, before, paper, service};

fn change(seconds_ago: u64, status: Status) -> StatusChange {
    StatusChange {
        check: service("server3/chat", true).id,
        at: before(seconds_ago),
        status,
        detail: String::new(),
    }
}

#[test]
fn a_cell_shows_the_worst_of_its_half_hour() {
    let check = service("server3/chat", true);
    let changes = [
        change(86_400 * 2, Status::Ok),
        change(7_000, Status::Critical),
        change(6_900, Status::Ok),
    ];
    let cells = cells(&check, &changes, AT);
    assert_eq!(cells[0], Some(Status::Ok));
    assert_eq!(cells[44], Some(Status::Critical));
    assert_eq!(cells[45], Some(Status::Ok));
    assert_eq!(cells[47], Some(Status::Ok));
}

#[test]
fn what_nothing_says_is_left_empty() {
    let check = service("server3/chat", false);
    let cells = cells(&check, &[], AT);
    assert_eq!(cells[46], None);
    assert_eq!(cells[47], Some(Status::Critical));
}

/// A store that answers, or that hangs.
#[derive(Debug, Default)]
struct Counting {
    asked: AtomicUsize,
    hangs: bool,
}

#[async_trait]
impl Store for Counting {
    async fn migrate(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn append(&self, _: &[HistoryRecord]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn current(&self) -> Result<Vec<CurrentStatus>, StoreError> {
        Ok(Vec::new())
    }

    async fn values(
        &self,
        _: &CheckId,
        _: Timestamp,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<ValueRecord>, StoreError> {
        Ok(Vec::new())
    }

    async fn changes(
        &self,
        _: &CheckId,
        _: Timestamp,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<StatusChange>, StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.hangs {
            std::future::pending::<()>().await;
        }
        Ok(Vec::new())
    }

    async fn incidents(
        &self,
        _: Option<IncidentNumber>,
        _: usize,
    ) -> Result<Vec<Incident>, StoreError> {
        Ok(Vec::new())
    }

    async fn incident(&self, _: IncidentNumber) -> Result<Option<IncidentHistory>, StoreError> {
        Ok(None)
    }
}

fn history(store: &Arc<Counting>) -> (History, Arc<Snapshot>) {
    let clock = Arc::new(VirtualClock::new(AT));
    (History::new(store.clone(), clock), Arc::new(paper().build()))
}

#[tokio::test(start_paused = true)]
async fn strips_come_later_and_are_read_once_a_minute() {
    let store = Arc::new(Counting::default());
    let (history, snapshot) = history(&store);
    let server = &snapshot.servers[0].name;
    assert!(history.strips(&snapshot).get(server).is_none());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let once = store.asked.load(Ordering::Relaxed);
    assert_eq!(once, snapshot.checks().count());
    for _ in 0..50 {
        assert!(history.strips(&snapshot).get(server).is_some());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(store.asked.load(Ordering::Relaxed), once);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let _ = history.strips(&snapshot);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(store.asked.load(Ordering::Relaxed), 2 * once);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_asked_by_one_at_a_time() {
    let store = Arc::new(Counting { hangs: true, ..Counting::default() });
    let (history, snapshot) = history(&store);
    for _ in 0..600 {
        let _ = history.strips(&snapshot);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!((9..=11).contains(&store.asked.load(Ordering::Relaxed)));
}
