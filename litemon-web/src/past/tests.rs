use litemon_core::{
    clock::VirtualClock,
    model::{CheckId, CheckKind, CloseReason, HistoryRecord, Observation, Status, Timestamp},
    store::MemoryStore,
    testing::paper_past,
};

use super::*;
use crate::scene::tests::{AT, paper};

fn ended(number: IncidentNumber, check: &str) -> HistoryRecord {
    let since = Timestamp::from_millis(number * 1000);
    HistoryRecord::Incident(Incident {
        number,
        check: CheckId::parse(check).unwrap(),
        kind: CheckKind::Service,
        since,
        raised: since,
        status: Status::Ok,
        worst: Status::Critical,
        last: Ok(Observation::Switch { on: false, detail: None }),
        limit: None,
        closed: Some((since.plus(Duration::from_secs(60)), CloseReason::Recovered)),
    })
}

async fn reading(records: &[HistoryRecord]) -> (Arc<MemoryStore>, Reading, Arc<Snapshot>) {
    let store = Arc::new(MemoryStore::new());
    store.append(records).await.unwrap();
    let reading = Reading::new(store.clone(), Arc::new(VirtualClock::new(AT)));
    (store, reading, Arc::new(paper().build()))
}

#[tokio::test(start_paused = true)]
async fn the_list_goes_on_from_page_to_page_and_leaves_open_ones_out() {
    let records: Vec<_> = (1..=1030)
        .map(|number| ended(number, if number % 100 == 0 { "a/rare" } else { "b/common" }))
        .collect();
    let (_, reading, snapshot) = reading(&records).await;
    let page = async |search: &Search| {
        let past = reading.of(&Page::Incidents(search.clone()), &snapshot).await;
        let listing = past.listing.clone().unwrap();
        let numbers: Vec<_> = listing.incidents.iter().map(|one| one.number).collect();
        (numbers, listing.older)
    };
    let (first, older) = page(&Search::default()).await;
    assert_eq!((first.len(), first[0], older), (50, 1030, Some(981)));
    let (second, _) = page(&Search::default().below(981)).await;
    assert_eq!(second[0], 980);
    let rare = Search { server: Some("a".into()), ..Search::default() };
    let (found, older) = page(&rare).await;
    assert_eq!((found, older), ((1..=10).rev().map(|n| n * 100).collect(), None));
    // 17 to 19 are open in the snapshot.
    let (last, older) = page(&Search::default().below(21)).await;
    assert_eq!((last[0], last[1], last.len(), older), (20, 16, 17, None));
    let (none, _) = page(&Search { open: Some(true), ..Search::default() }).await;
    assert!(none.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_read_stands_in_for_a_history_that_is_away() {
    let (store, reading, snapshot) = reading(&paper_past(AT).unwrap()).await;
    let page = Page::Incident(16);
    let first = reading.of(&page, &snapshot).await;
    assert!(first.away.is_none());
    assert_eq!(first.story.as_ref().unwrap().changes.len(), 2);
    store.set_failing(true);
    assert!(reading.of(&page, &snapshot).await.away.is_none(), "it is read too often");
    tokio::time::sleep(FRESH + Duration::from_secs(1)).await;
    let away = reading.of(&page, &snapshot).await;
    assert!(away.away.is_some() && away.story.is_some());
    assert!(reading.of(&Page::Incident(15), &snapshot).await.story.is_none());
    store.set_failing(false);
    tokio::time::sleep(FRESH + Duration::from_secs(1)).await;
    assert!(reading.of(&page, &snapshot).await.away.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_change_of_an_open_incident_is_read_at_once() {
    let (store, reading, snapshot) = reading(&[]).await;
    let page = Page::Incidents(Search::default());
    let listed = |past: &Past| past.listing.as_ref().unwrap().incidents.len();
    assert_eq!(listed(&*reading.of(&page, &snapshot).await), 0);
    store.append(&[ended(17, "server3/chat")]).await.unwrap();
    let mut fewer = Snapshot::clone(&snapshot);
    fewer.incidents.remove(0);
    assert_eq!(listed(&*reading.of(&page, &Arc::new(fewer)).await), 1);
}
