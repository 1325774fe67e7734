//! Somebody sets the clock, or clocks change.

use super::*;
use crate::{
    model::Zone,
    policy::{Escalation, Recurring, Reminding, Scope},
};

const HOUR: i64 = 3_600_000;
const MINUTE: Duration = Duration::from_secs(60);

fn time(text: &str) -> Timestamp {
    Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

async fn started(
    world: &World,
    start: &str,
    change: impl FnOnce(&mut Setup),
) -> (Monitor, Arc<VirtualClock>) {
    let clock = Arc::new(VirtualClock::new(time(start)));
    let mut setup = world.setup();
    change(&mut setup);
    let builder = Monitor::builder().clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let monitor = builder.journal(Arc::clone(&world.journal) as _).setup(setup).start().await;
    (monitor.unwrap(), clock)
}

/// In Berlin, at half past two, for two hours.
fn nightly() -> Recurring {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let name = Name::new("patch-day").unwrap();
    Recurring::new(name, "30 2 * * *", zone, 120 * MINUTE, vec![Scope::All]).unwrap()
}

#[tokio::test(start_paused = true)]
async fn no_check_stops_or_bunches_when_the_clock_is_set() {
    let world = World::default();
    let (_monitor, clock) = started(&world, "2026-10-25T00:00:00Z", |_| {}).await;
    tokio::time::sleep(20 * SECOND).await;
    for hours in [-2, 4, -2, 0] {
        clock.set_by(hours * HOUR);
        let mut before = world.lamp.looks.load(Ordering::Relaxed);
        for _ in 0..12 {
            tokio::time::sleep(10 * SECOND).await;
            let looks = world.lamp.looks.load(Ordering::Relaxed);
            assert_eq!(looks - before, 1, "one run in each interval");
            before = looks;
        }
    }
    assert_eq!(world.phone.reasons(), []);
}

#[tokio::test(start_paused = true)]
async fn reminders_and_steps_come_when_they_would_have() {
    for hours in [-2, 2] {
        let world = World::default();
        let boss = Name::new("boss").unwrap();
        let phone_of_boss = Arc::new(Phone::default());
        let (_monitor, clock) = started(&world, "2026-11-21T12:00:00Z", |setup| {
            let boss_told = vec![Escalation::new(60 * MINUTE, vec![boss.clone()])];
            setup.checks[0].reminding = Reminding::new(vec![30 * MINUTE]).escalate(boss_told);
            setup.notifiers.push(NotifierSetup::new(boss, Arc::clone(&phone_of_boss) as _));
        })
        .await;
        world.lamp.off.store(true, Ordering::Relaxed);
        tokio::time::sleep(10 * MINUTE).await;
        let raised = world.phone.got()[0].0;
        clock.set_by(hours * HOUR);
        tokio::time::sleep(175 * MINUTE).await;
        let reminders: Vec<u64> = world
            .phone
            .got()
            .iter()
            .filter(|(_, notice)| notice.reason == Reason::Reminder)
            .map(|(at, _)| (*at - raised).as_secs() / 60)
            .collect();
        assert_eq!(reminders, [30, 60, 90, 120, 150, 180], "{hours} hours");
        let boss_told = phone_of_boss.got();
        assert_eq!(boss_told[0].1.reason, Reason::Unacknowledged);
        assert_eq!((boss_told[0].0 - raised).as_secs() / 60, 60, "{hours} hours");
        // What is told is told with the time that people see on their clocks.
        let (at, last) = world.phone.got().pop().unwrap();
        let expected = clock.now().minus(Instant::now() - at);
        assert!(expected.since(last.at) < SECOND && last.at.since(expected) < SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn windows_open_and_close_at_their_times_when_clocks_change() {
    for (start, opens, closes) in [
        // Summer; at 03:00 it becomes 02:00; at 02:00 it becomes 03:00.
        ("2026-07-05T00:00:00Z", "2026-07-05T00:30:00Z", "2026-07-05T02:30:00Z"),
        ("2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"),
        ("2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"),
    ] {
        let world = World::default();
        let setup = |setup: &mut Setup| setup.maintenance.push(nightly());
        let (monitor, clock) = started(&world, start, setup).await;
        let open = || {
            let now = clock.now();
            monitor.handle().snapshot().windows.iter().any(|window| window.is_open(now))
        };
        while clock.now() < time(opens) {
            assert!(!open(), "{}", clock.now());
            tokio::time::sleep(10 * SECOND).await;
        }
        tokio::time::sleep(SECOND).await;
        assert!(open());
        world.lamp.off.store(true, Ordering::Relaxed);
        tokio::time::sleep(180 * MINUTE).await;
        let told = world.phone.got();
        assert_eq!(told.len(), 1);
        assert!(told[0].1.at.since(time(closes)) <= SECOND, "{} {}", told[0].1.at, closes);
        assert!(told[0].1.at >= time(closes));
    }
}

#[tokio::test(start_paused = true)]
async fn windows_follow_a_clock_that_is_set() {
    let world = World::default();
    let setup = |setup: &mut Setup| setup.maintenance.push(nightly());
    let (_monitor, clock) = started(&world, "2026-07-05T02:40:00Z", setup).await;
    // It was over ten minutes ago; two hours earlier it is open again.
    clock.set_by(-2 * HOUR);
    tokio::time::sleep(5 * SECOND).await;
    world.lamp.off.store(true, Ordering::Relaxed);
    tokio::time::sleep(30 * SECOND).await;
    assert_eq!(world.phone.reasons(), []);
    // And forward: it is over at once.
    clock.set_by(2 * HOUR);
    tokio::time::sleep(3 * SECOND).await;
    assert_eq!(world.phone.reasons(), [Reason::Raised]);
    // Into one that comes: what is new is held back until it ends.
    clock.set_by(22 * HOUR);
    tokio::time::sleep(5 * SECOND).await;
    world.lamp.off.store(false, Ordering::Relaxed);
    tokio::time::sleep(30 * SECOND).await;
    world.lamp.off.store(true, Ordering::Relaxed);
    tokio::time::sleep(30 * SECOND).await;
    assert_eq!(world.phone.reasons(), [Reason::Raised, Reason::Recovered]);
}
