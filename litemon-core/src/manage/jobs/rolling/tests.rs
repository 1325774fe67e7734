use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use proptest::prelude::*;

use super::{
    gate::{Gate, watched},
    health,
    judge::{Board, Next, PAUSED, Spot},
    order::{Rolling, Share},
    told::{Halt, PausedBy, Pausing, Short},
};
use crate::{
    config::ServerPlan,
    exec::{Address, SshSettings},
    manage::jobs::Fleet,
    model::{CheckId, CheckKind, Name, Observation, Status, Timestamp},
    monitor::{CheckView, LastResult, ServerView},
};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn names(count: usize) -> Vec<Name> {
    (1..=count).map(|number| name(&format!("web-{number}"))).collect()
}

fn pausing(paused: bool, seconds: i64) -> Pausing {
    Pausing { paused, by: Some("ann".to_owned()), at: at(seconds) }
}

fn next(
    rolling: &Rolling,
    spots: &[Spot],
    pausing: Option<&Pausing>,
    waited: Duration,
    short: impl Fn(usize) -> Option<Short>,
) -> Next {
    let batches = rolling.batches(&[(0..spots.len()).collect()]);
    let servers = names(spots.len());
    let board = Board { rolling, batches: &batches, spots, servers: &servers, pausing, waited };
    board.next(short)
}

#[test]
fn a_share_is_a_number_or_a_percentage() {
    for (text, taken, kept) in [("3", 3, 3), ("25%", 2, 3), ("1%", 1, 1), ("100%", 10, 9)] {
        let share: Share = text.parse().unwrap();
        assert_eq!((share.taken_of(10), share.kept_of(10)), (taken, kept), "{text}");
        assert_eq!(share.to_string(), text);
        let json = serde_json::to_string(&share).unwrap();
        assert_eq!(serde_json::from_str::<Share>(&json).unwrap(), share);
    }
    assert_eq!(serde_json::from_str::<Share>("3").unwrap(), Share::Count(3));
    assert_eq!(Share::Percent(80).kept_of(1), 0, "a group of one may be away");
    for wrong in ["0", "0%", "101%", "-1", "x", "", "%", "1.5"] {
        assert!(wrong.parse::<Share>().is_err(), "{wrong}");
    }
}

#[test]
fn orders_of_jobs_without_it_are_read_and_what_is_left_out_is_as_usual() {
    let rolling: Rolling = serde_json::from_str(r#"{ "batch": "50%" }"#).unwrap();
    assert_eq!(rolling, Rolling { batch: Share::Percent(50), ..Rolling::default() });
    for (wrong, why) in [
        (Rolling { healthy_rounds: 101, ..Rolling::default() }, "healthy_rounds"),
        (Rolling { settle_within: Duration::ZERO, ..Rolling::default() }, "settle_within"),
        (Rolling { canary: 0, pause_after_canary: true, ..Rolling::default() }, "no canary"),
    ] {
        assert!(wrong.check().unwrap_err().to_string().contains(why));
    }
    assert!(Rolling::default().check().is_ok());
}

#[test]
fn batches_begin_with_the_canary_and_keep_turns_apart() {
    let rolling = Rolling { batch: Share::Count(2), ..Rolling::default() };
    let turns = [vec![0, 2, 3, 4], vec![1]];
    assert_eq!(rolling.batches(&turns), [vec![0], vec![2, 3], vec![4], vec![1]]);
    let rolling = Rolling { canary: 0, batch: Share::Percent(60), ..rolling };
    assert_eq!(rolling.batches(&turns), [vec![0, 2, 3], vec![4], vec![1]]);
    let rolling = Rolling { canary: 9, ..rolling };
    assert_eq!(rolling.batches(&turns), [vec![0, 2, 3, 4], vec![1]]);
}

#[test]
fn one_after_the_other_and_no_further_than_a_failure() {
    use Spot::{Busy, Done, Failed, Waiting};
    let rolling = Rolling::default();
    let two = Rolling { batch: Share::Count(2), max_failures: 1, ..Rolling::default() };
    let halt = |server: &str, failed, allowed| {
        Next::Stop(Halt::Failures { server: name(server), failed, allowed })
    };
    let (ok, bad) = (Done(at(1)), Failed(at(2)));
    for (order, spots, expected) in [
        (&rolling, vec![Waiting, Waiting], Next::Begin(0)),
        (&rolling, vec![Busy, Waiting], Next::Busy),
        (&rolling, vec![ok, Waiting, Waiting], Next::Begin(1)),
        (&rolling, vec![ok, ok, bad, Waiting], halt("web-3", 1, 0)),
        (&rolling, vec![ok, ok, bad], Next::Over),
        (&rolling, vec![ok, ok], Next::Over),
        (&two, vec![ok, Busy, Waiting, Waiting], Next::Begin(2)),
        (&two, vec![ok, Busy, Busy, Waiting], Next::Busy),
        (&two, vec![ok, bad, ok, Waiting], Next::Begin(3)),
        (&two, vec![bad, Failed(at(9)), Busy, Waiting], Next::Busy),
        (&two, vec![bad, Failed(at(9)), ok, Waiting], halt("web-2", 2, 1)),
    ] {
        assert_eq!(next(order, &spots, None, Duration::ZERO, |_| None), expected, "{spots:?}");
    }
}

#[test]
fn it_pauses_when_asked_and_after_the_canary() {
    use Spot::{Busy, Done, Waiting};
    let rolling = Rolling { pause_after_canary: true, ..Rolling::default() };
    let ann = || Next::Pause(PausedBy::Person("ann".to_owned()));
    let done = Done(at(10));
    for (spots, pausing, waited, expected) in [
        (vec![Waiting, Waiting], None, Duration::ZERO, Next::Begin(0)),
        (vec![done, Waiting], None, Duration::ZERO, Next::Pause(PausedBy::Canary)),
        (
            vec![done, Waiting],
            Some(pausing(false, 5)),
            Duration::ZERO,
            Next::Pause(PausedBy::Canary),
        ),
        (vec![done, Waiting], Some(pausing(false, 11)), Duration::ZERO, Next::Begin(1)),
        (vec![done, Waiting], Some(pausing(true, 11)), Duration::ZERO, ann()),
        (vec![done, Waiting], Some(pausing(true, 11)), PAUSED, Next::Stop(Halt::Paused)),
        (vec![done, Busy, Waiting], Some(pausing(true, 11)), PAUSED, Next::Busy),
        (vec![done, done, Waiting], None, Duration::ZERO, Next::Begin(2)),
        (vec![done, done], Some(pausing(true, 11)), Duration::ZERO, Next::Over),
    ] {
        let found = next(&rolling, &spots, pausing.as_ref(), waited, |_| None);
        assert_eq!(found, expected, "{spots:?} {pausing:?}");
    }
}

#[test]
fn it_waits_for_a_group_only_so_long_and_takes_who_may_be_away_first() {
    use Spot::Waiting;
    let rolling = Rolling { canary: 0, batch: Share::Count(2), ..Rolling::default() };
    let lacking = Short { group: name("web"), well: 1, needed: 2 };
    let short = |place| (place == 0).then(|| lacking.clone());
    let none = |_| Some(lacking.clone());
    let spots = [Waiting, Waiting];
    assert_eq!(next(&rolling, &spots, None, Duration::ZERO, short), Next::Begin(1));
    assert_eq!(next(&rolling, &spots, None, Duration::ZERO, none), Next::Short(lacking.clone()));
    let late = next(&rolling, &spots, None, rolling.settle_within, none);
    assert_eq!(late, Next::Stop(Halt::Short(lacking.clone())));
    assert_eq!(
        next(&rolling, &[Spot::Busy, Waiting], None, rolling.settle_within, none),
        Next::Busy
    );
}

fn server(number: usize, groups: &[&str]) -> ServerPlan {
    let address = Address::Host { host: "192.0.2.1".to_owned(), port: 22 };
    let groups = groups.iter().map(|group| name(group)).collect();
    ServerPlan {
        name: name(&format!("web-{number}")),
        address,
        groups,
        labels: BTreeMap::new(),
        device: crate::model::Device::default(),
        managed: false,
        ssh: SshSettings::new(""),
    }
}

#[test]
fn of_each_group_enough_stay() {
    let fleet = Fleet::new((1..=5).map(|number| match number {
        5 => server(number, &["db"]),
        _ => server(number, &["web"]),
    }));
    let (first, fifth) = (&fleet.servers()[0], &fleet.servers()[4]);
    let sick = name("web-2");
    let well = |server: &Name| *server != sick;
    let short = |server: &ServerPlan, keep, busy: &BTreeSet<&Name>| {
        health::short(server, keep, &fleet, busy, well).map(|short| (short.well, short.needed))
    };
    let third = name("web-3");
    let busy = BTreeSet::from([&third]);
    assert_eq!(short(first, Share::Count(2), &BTreeSet::new()), None);
    assert_eq!(short(first, Share::Count(2), &busy), Some((1, 2)));
    assert_eq!(short(first, Share::Count(3), &BTreeSet::new()), Some((2, 3)));
    assert_eq!(short(first, Share::Percent(80), &BTreeSet::new()), Some((2, 3)));
    assert_eq!(short(fifth, Share::Percent(80), &busy), None);
}

fn id(check: &str) -> CheckId {
    CheckId::new(&name("web-3"), &name(check))
}

fn check(id: &str, status: Status, seconds: i64) -> CheckView {
    let mut view: CheckView = serde_json::from_value(serde_json::json!({
        "id": id, "kind": CheckKind::Service, "status": status, "since": null, "soft": null,
        "blocked": false, "last": null, "last_value": null, "last_numbers": [],
        "interval": Duration::from_secs(10), "timeout": Duration::from_secs(5),
        "threshold": null, "warn": null, "incident": null, "attempts": 1, "notifies": true,
        "notify": [], "overruns": 0,
    }))
    .unwrap();
    let on = status == Status::Ok;
    view.last = Some(LastResult {
        at: at(seconds),
        took: Duration::from_secs(1),
        status,
        result: Ok(Observation::Switch { on, detail: None }),
    });
    view
}

fn view(checks: Vec<CheckView>) -> ServerView {
    ServerView {
        name: name("web-3"),
        address: String::new(),
        groups: Vec::new(),
        labels: BTreeMap::new(),
        checks: checks.into_iter().map(Into::into).collect(),
        planned: None,
    }
}

#[test]
fn checks_that_were_ok_have_to_be_ok_again_so_often() {
    let (door, cpu) = ("web-3/door", "web-3/cpu");
    let mut slow = check("web-3/slow", Status::Ok, 0);
    slow.interval = Duration::from_secs(3600);
    let before = view(vec![check(door, Status::Ok, 0), check(cpu, Status::Critical, 0), slow]);
    let rolling = Rolling::default();
    let checks = watched(&before, &rolling);
    assert_eq!(checks, [id("door")], "the seldom one would not tell in time");
    let mut gate = Gate::new(2, at(100), checks);
    let sees = |gate: &mut Gate, status, seconds| {
        gate.see(&view(vec![check(door, status, seconds)]));
        gate.is_open()
    };
    assert!(!sees(&mut gate, Status::Ok, 100), "it began before the end");
    assert!(gate.verdict(Duration::from_secs(60)).contains("was not checked within 60 s"));
    assert!(!sees(&mut gate, Status::Ok, 101));
    assert!(!sees(&mut gate, Status::Ok, 101), "the same result counts once");
    assert!(!sees(&mut gate, Status::Critical, 102));
    assert_eq!(gate.verdict(Duration::from_secs(60)), "web-3/door is Off");
    assert!(!sees(&mut gate, Status::Ok, 103), "in a row");
    assert_eq!(gate.pending(), door);
    assert!(sees(&mut gate, Status::Ok, 104));
    let mut gate = Gate::new(2, at(100), [id("gone")]);
    assert!(sees(&mut gate, Status::Critical, 101), "what is not configured is not waited for");
}

/// Plays a whole job with servers that end as they are told to, and looks at what holds all along.
fn play(rolling: &Rolling, ends: &[bool], groups: &[usize], order: &[usize]) -> Vec<Spot> {
    let count = ends.len();
    let mut spots = vec![Spot::Waiting; count];
    let fleet = Fleet::new((0..count).map(|place| server(place + 1, &[["a", "b"][groups[place]]])));
    let batches = rolling.batches(&[(0..count).collect()]);
    let (names, mut pick) = (names(count), order.iter().cycle());
    for second in 0.. {
        let busy: Vec<usize> = (0..count).filter(|at| spots[*at] == Spot::Busy).collect();
        let failed = spots.iter().filter(|spot| matches!(spot, Spot::Failed(_))).count();
        let sick = |name: &Name| {
            let place = names.iter().position(|one| one == name).unwrap();
            matches!(spots[place], Spot::Failed(_))
        };
        let short = |place: usize| {
            let busy = busy.iter().map(|place| &names[*place]).collect();
            let keep = rolling.keep_healthy?;
            health::short(&fleet.servers()[place], keep, &fleet, &busy, |name| !sick(name))
        };
        let board = Board {
            rolling,
            batches: &batches,
            spots: &spots,
            servers: &names,
            pausing: None,
            waited: Duration::ZERO,
        };
        match board.next(short) {
            Next::Begin(place) => {
                assert_eq!(spots[place], Spot::Waiting);
                assert!(failed <= rolling.max_failures, "begun after too many failures");
                let most = rolling.batch.taken_of(count).max(rolling.canary);
                assert!(busy.len() < most, "more than a batch");
                if place >= rolling.canary {
                    assert!(busy.iter().all(|one| *one >= rolling.canary), "the canary is alone");
                }
                if let Some(keep) = rolling.keep_healthy {
                    let of_group = (0..count).filter(|one| groups[*one] == groups[place]);
                    let well = of_group
                        .clone()
                        .filter(|one| *one != place && !busy.contains(one) && !sick(&names[*one]));
                    assert!(well.count() >= keep.kept_of(of_group.count()), "too few are left");
                }
                spots[place] = Spot::Busy;
            }
            Next::Busy => {
                let place = busy[pick.next().unwrap() % busy.len()];
                let end = at(second);
                spots[place] = if ends[place] { Spot::Done(end) } else { Spot::Failed(end) };
            }
            Next::Short(_) | Next::Stop(_) | Next::Over => return spots,
            Next::Pause(_) => unreachable!("nobody asked"),
        }
    }
    spots
}

proptest! {
    #[test]
    fn never_more_than_a_batch_nor_too_few_left_nor_on_after_failures(
        servers in prop::collection::vec((any::<bool>(), 0..2_usize), 1..20),
        canary in 0..4_usize,
        batch in prop_oneof![(1..8_usize).prop_map(Share::Count), (1..=100_u8).prop_map(Share::Percent)],
        max_failures in 0..4_usize,
        keep in prop::option::of(prop_oneof![(1..5_usize).prop_map(Share::Count), (1..=100_u8).prop_map(Share::Percent)]),
        order in prop::collection::vec(0..100_usize, 1..30),
    ) {
        let rolling = Rolling { canary, batch, max_failures, keep_healthy: keep, ..Rolling::default() };
        let (ends, groups): (Vec<_>, Vec<_>) = servers.into_iter().unzip();
        let spots = play(&rolling, &ends, &groups, &order);
        prop_assert!(!spots.contains(&Spot::Busy));
        let failed = spots.iter().filter(|spot| matches!(spot, Spot::Failed(_))).count();
        if failed <= max_failures && keep.is_none() {
            prop_assert!(!spots.contains(&Spot::Waiting), "it goes to the end");
        }
    }
}
