use litemon_core::{
    clock::VirtualClock,
    model::{HistoryRecord, Status, StatusChange, ValueRecord},
    store::MemoryStore,
};

use super::*;
use crate::{
    scene::tests::{AT, before, paper},
    shelf::Trouble,
};

fn cpu() -> CheckId {
    CheckId::parse("server5/cpu").unwrap()
}

async fn filled() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    let value = |seconds, value| {
        HistoryRecord::Value(ValueRecord { check: cpu(), at: before(seconds), value })
    };
    let change = |seconds, status| {
        let detail = String::new();
        HistoryRecord::Change(StatusChange { check: cpu(), at: before(seconds), status, detail })
    };
    let records = [
        change(200_000, Status::Ok),
        change(7_200, Status::Critical),
        change(3_600, Status::Ok),
        value(7_000, 80.0),
        value(6_990, 60.0),
        value(10, 12.0),
    ];
    store.append(&records).await.unwrap();
    store
}

fn archive(store: &Arc<MemoryStore>) -> Archive {
    Archive::new(store.clone(), Arc::new(VirtualClock::new(AT)))
}

#[tokio::test(start_paused = true)]
async fn a_page_waits_for_its_history() {
    let archive = archive(&filled().await);
    let (page, snapshot) = (Page::Check(cpu(), Range::Day), paper().build());
    assert!(archive.kept(&page, &snapshot).is_reading(&page));
    archive.settle(&page, &snapshot).await;
    let past = archive.kept(&page, &snapshot);
    let course = past.course.value.unwrap();
    assert_eq!(course.samples.len(), 2);
    assert_eq!((course.samples[0].min, course.samples[0].avg), (60.0, 70.0));
    assert_eq!(course.changes.before, Some(Status::Ok));
    assert_eq!(course.changes.changes.len(), 2);
    let day = past.record.value.unwrap().uptimes[0];
    assert_eq!((day.up.as_secs(), day.down.as_secs()), (82_800, 3_600));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_told_and_asked_again() {
    let store = filled().await;
    store.set_failing(true);
    let archive = archive(&store);
    let (page, snapshot) =
        (Page::Server("server5".to_owned().try_into().unwrap()), paper().build());
    archive.settle(&page, &snapshot).await;
    let past = archive.kept(&page, &snapshot);
    assert!(past.server.value.is_none());
    assert!(matches!(past.server.trouble, Some(Trouble::Failed(_))));
    store.set_failing(false);
    let mut told = archive.told();
    tokio::time::advance(Duration::from_secs(10)).await;
    archive.kept(&page, &snapshot);
    told.changed().await.unwrap();
    let server = archive.kept(&page, &snapshot).server.value.unwrap();
    assert_eq!(server.trends.len(), 3);
    assert_eq!(server.trends[0].1.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_changed_since_is_read_again_soon() {
    let archive = archive(&filled().await);
    let page = Page::Check(cpu(), Range::Year);
    let mut snapshot = paper().build();
    archive.settle(&page, &snapshot).await;
    let server = Arc::make_mut(&mut snapshot.servers[4]);
    Arc::make_mut(&mut server.checks[1]).since = Some(AT.plus(Duration::from_secs(1)));
    let mut told = archive.told();
    for (seconds, again) in [(4, false), (1, true)] {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        archive.kept(&page, &snapshot);
        let heard = tokio::time::timeout(Duration::from_millis(1), told.changed()).await;
        assert_eq!(heard.is_ok(), again);
    }
}
