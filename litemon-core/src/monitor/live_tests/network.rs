//! The monitor's own network goes away and comes back, on the paused clock.

use super::*;
use crate::{canary::Canary, model::Route};

#[derive(Debug, Default)]
struct Link {
    cut: AtomicBool,
    asked: AtomicU32,
}

#[async_trait]
impl Canary for Link {
    fn name(&self) -> String {
        "link".to_owned()
    }
    async fn answers(&self, deadline: Instant) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.cut.load(Ordering::Relaxed) {
            tokio::time::sleep_until(deadline).await;
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        true
    }
}

fn beyond(world: &World, link: &Arc<Link>) -> MonitorBuilder {
    let mut setup = world.setup();
    setup.checks[0].route = Route::Network;
    setup.canaries.push(Arc::clone(link) as _);
    let start = Timestamp::from_millis(1_460_612_000_000);
    let clock = Arc::new(VirtualClock::new(start));
    Monitor::builder().clock(clock).journal(Arc::clone(&world.journal) as _).setup(setup)
}

#[tokio::test(start_paused = true)]
async fn doubt_costs_no_more_than_a_moment() {
    let (world, link) = (World::default(), Arc::new(Link::default()));
    let _monitor = beyond(&world, &link).start().await.unwrap();
    tokio::time::sleep(25 * SECOND).await;
    *world.lamp.fails.lock().unwrap() = Some(FailureKind::Silent);
    let fault = Instant::now();
    tokio::time::sleep(40 * SECOND).await;
    let got = world.phone.got();
    assert_eq!(got.len(), 1);
    assert!(got[0].0 - fault <= Duration::from_millis(15_200), "{:?}", got[0].0 - fault);
}

#[tokio::test(start_paused = true)]
async fn the_link_is_cut_and_mended() {
    let (world, link) = (World::default(), Arc::new(Link::default()));
    let monitor = beyond(&world, &link).start().await.unwrap();
    tokio::time::sleep(25 * SECOND).await;
    let asked = link.asked.load(Ordering::Relaxed);
    assert!((3..=4).contains(&asked), "{asked} times in 25 s");
    link.cut.store(true, Ordering::Relaxed);
    *world.lamp.fails.lock().unwrap() = Some(FailureKind::NoRoute);
    tokio::time::sleep(300 * SECOND).await;
    assert_eq!(world.phone.reasons(), [Reason::Raised]);
    assert_eq!(world.phone.got()[0].1.check, CheckId::own("network"));
    let snapshot = monitor.handle().snapshot();
    let nginx = snapshot.check("web-1/nginx").unwrap();
    assert!(snapshot.isolated.is_some() && nginx.blocked && nginx.incident.is_none());
    assert!(snapshot.at.since(nginx.last.as_ref().unwrap().at) <= 11 * SECOND, "it goes on");

    link.cut.store(false, Ordering::Relaxed);
    *world.lamp.fails.lock().unwrap() = None;
    tokio::time::sleep(7 * SECOND).await;
    assert_eq!(world.phone.reasons(), [Reason::Raised, Reason::Recovered]);
    let snapshot = monitor.handle().snapshot();
    assert_eq!(snapshot.check("web-1/nginx").unwrap().status, Status::Ok);
    assert_eq!((snapshot.isolated, snapshot.own_faults.len()), (None, 0));
    let asked = link.asked.load(Ordering::Relaxed);
    tokio::time::sleep(100 * SECOND).await;
    assert!(link.asked.load(Ordering::Relaxed) - asked <= 11, "seldom again");
}

#[tokio::test(start_paused = true)]
async fn a_canary_that_hangs_is_dropped_and_a_reload_replaces_it() {
    #[derive(Debug)]
    struct Hangs;
    #[async_trait]
    impl Canary for Hangs {
        fn name(&self) -> String {
            "hangs".to_owned()
        }
        async fn answers(&self, _: Instant) -> bool {
            std::future::pending().await
        }
    }
    let (world, link) = (World::default(), Arc::new(Link::default()));
    let monitor = beyond(&world, &link).canary(Arc::new(Hangs)).start().await.unwrap();
    tokio::time::sleep(25 * SECOND).await;
    *world.lamp.fails.lock().unwrap() = Some(FailureKind::Silent);
    tokio::time::sleep(30 * SECOND).await;
    assert_eq!(world.phone.reasons(), [Reason::Raised]);
    monitor.handle().reload(world.setup()).await.unwrap();
    let asked = link.asked.load(Ordering::Relaxed);
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!(link.asked.load(Ordering::Relaxed), asked);
}
