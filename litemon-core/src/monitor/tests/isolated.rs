//! The monitor's own network goes away and comes back.

use std::collections::BTreeSet;

use super::*;
use crate::{canary::Canary, model::Route, policy::Silence};

#[derive(Debug)]
struct Named(&'static str);

#[async_trait]
impl Canary for Named {
    fn name(&self) -> String {
        self.0.to_owned()
    }
    async fn answers(&self, _: Instant) -> bool {
        unreachable!("the core asks none itself")
    }
}

/// Two servers over the network, a script on this machine, and calls; two canaries.
fn site() -> Setup {
    let mut setup = setup();
    setup.servers.push(Server::new(name("web-2"), "192.0.2.2"));
    setup.checks.push(check("web-2/ssh", CheckKind::Ssh));
    for check in &mut setup.checks {
        check.route = Route::Network;
    }
    let here = check("here/disk", CheckKind::Service).over(Route::Local);
    let plugin = check("checks/plugin", CheckKind::Other).over(Route::Unclear);
    setup.checks.extend([here, plugin].map(|check| Check { server: None, ..check }));
    setup.canaries = vec![Arc::new(Named("gateway")), Arc::new(Named("resolver"))];
    setup
}

const REMOTE: [&str; 4] = ["web-1/ssh", "web-1/cpu", "web-1/nginx", "web-2/ssh"];

impl Story {
    /// All is well, and so are the canaries.
    fn of_site() -> Self {
        let mut story = Self::open(site(), Image::default());
        story.all_well(0);
        story.canaries(1, [true, true]);
        story
    }

    fn all_well(&mut self, second: i64) {
        for check in REMOTE.into_iter().chain(["here/disk", "checks/plugin"]) {
            self.switch(second, check, true);
        }
    }

    fn canaries(&mut self, second: i64, answers: [bool; 2]) {
        let mut effects = Effects::default();
        self.asks_canaries = false;
        self.core.canaries_asked();
        for (which, answered) in answers.into_iter().enumerate() {
            self.core.canary_answered(which, answered, at(second), &mut effects);
        }
        self.core.canaries_heard(at(second), &mut effects);
        self.take(effects);
    }

    /// Both attempts of a login fail; the second one is doubted.
    fn unreachable(&mut self, second: i64, server: &str) {
        for second in [second, second + 4] {
            self.fails(second, &format!("{server}/ssh"), FailureKind::Silent);
        }
    }

    /// The link is cut, and that is sure.
    fn cut(&mut self, second: i64) {
        self.unreachable(second, "web-1");
        for wait in 5..9 {
            self.canaries(second + wait, [false, false]);
        }
    }

    fn silence_of(&mut self, number: i64) -> Option<Silence> {
        let snapshot = self.core.snapshot(at(1_000_000));
        snapshot.incidents.iter().find(|open| open.number == number).unwrap().silence.clone()
    }
}

fn network(reason: Reason) -> (Reason, String, Status) {
    let status = if reason == Reason::Recovered { Status::Ok } else { Status::Critical };
    (reason, "litemon:network".to_owned(), status)
}

fn raised(check: &str) -> (Reason, String, Status) {
    (Reason::Raised, check.to_owned(), Status::Critical)
}

#[test]
fn a_server_is_told_as_soon_as_a_canary_answers_after_its_failure() {
    let mut story = Story::of_site();
    story.unreachable(10, "web-1");
    assert!(story.asks_canaries && story.tellings().is_empty());
    story.canaries(15, [false, true]);
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
    assert_eq!(story.core.snapshot(at(20)).isolated, None);
}

#[test]
fn it_is_told_as_soon_as_something_else_is_seen_over_the_network() {
    let mut story = Story::of_site();
    story.unreachable(10, "web-1");
    story.switch(14, "web-2/ssh", true);
    assert_eq!(story.tellings(), [], "that run began before the failure was there");
    story.switch(15, "here/disk", true);
    assert_eq!(story.tellings(), [], "that is no network");
    story.switch(15, "web-2/ssh", true);
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
}

#[test]
fn without_a_canary_that_counts_nothing_is_doubted() {
    let mut story = Story::open(site(), Image::default());
    story.all_well(0);
    story.canaries(1, [false, false]);
    story.unreachable(10, "web-1");
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
    let mut none = site();
    none.canaries.clear();
    let mut story = Story::open(none, Image::default());
    story.unreachable(10, "web-1");
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
}

#[test]
fn isolated_no_server_is_down_and_one_notice_says_why() {
    let mut story = Story::of_site();
    story.unreachable(10, "web-1");
    story.canaries(15, [false, false]);
    assert_eq!(story.tellings(), [], "what passes within seconds is no matter");
    for second in [17, 19, 21, 23] {
        story.canaries(second, [false, false]);
    }
    assert_eq!(story.tellings(), [network(Reason::Raised)]);
    for check in REMOTE {
        assert_eq!(story.shown(check), Status::Unknown, "{check}");
        for second in [20, 24, 30] {
            story.fails(second, check, FailureKind::NoRoute);
        }
    }
    assert_eq!(story.shown("here/disk"), Status::Ok);
    let snapshot = story.core.snapshot(at(25));
    assert_eq!(snapshot.isolated, Some(at(15)));
    let line = "litemon cannot reach its own network (no answer from gateway, resolver): what is \
                beyond it is unknown";
    assert_eq!(snapshot.own_faults, [line]);
    assert_eq!(snapshot.server("web-1").unwrap().status(), Status::Unknown);
    assert_eq!(story.tellings(), []);

    story.run_soon.clear();
    story.canaries(60, [true, false]);
    assert_eq!(story.tellings(), [network(Reason::Recovered)]);
    assert_eq!(story.run_soon, REMOTE);
    story.all_well(61);
    assert_eq!(story.tellings(), []);
    assert!(story.core.snapshot(at(62)).own_faults.is_empty());
    assert_eq!(story.shown("web-1/ssh"), Status::Ok);
}

#[test]
fn a_moment_without_network_is_told_to_nobody() {
    let mut story = Story::of_site();
    story.unreachable(10, "web-1");
    story.canaries(15, [false, false]);
    story.canaries(17, [true, true]);
    story.all_well(18);
    assert_eq!(story.tellings(), []);
}

#[test]
fn what_is_wrong_after_it_is_told_with_its_full_attempts() {
    let mut story = Story::of_site();
    story.cut(10);
    story.canaries(60, [true, true]);
    story.tellings();
    // This run began while there was no network.
    story.result(59, "web-2/ssh", Err(Failure::new(FailureKind::Silent, "")));
    story.fails(61, "web-1/ssh", FailureKind::Silent);
    assert_eq!(story.tellings(), []);
    story.fails(65, "web-1/ssh", FailureKind::Silent);
    story.canaries(66, [true, true]);
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
}

#[test]
fn a_run_that_met_the_time_without_network_counts_for_nothing() {
    let mut config = site();
    for check in &mut config.checks {
        check.schedule.attempts = 1;
    }
    let mut story = Story::open(config, Image::default());
    story.all_well(0);
    story.canaries(1, [true, true]);
    story.cut(10);
    story.canaries(60, [true, true]);
    story.tellings();
    let mut effects = Effects::default();
    let result = Err(Failure::new(FailureKind::Timeout, "10 s"));
    let outcome = Outcome { at: at(55), took: Duration::from_secs(10), result };
    story.core.finished(&id("web-2/ssh"), outcome, &mut effects);
    story.take(effects);
    story.canaries(66, [true, true]);
    assert_eq!(story.tellings(), []);
    story.fails(70, "web-2/ssh", FailureKind::Timeout);
    story.canaries(71, [true, true]);
    assert_eq!(story.tellings(), [raised("web-2/ssh")]);
}

#[test]
fn what_can_only_be_told_apart_by_the_network_is_doubted_too() {
    let mut story = Story::of_site();
    let bad = || Ok(Observation::judged(Status::Critical, [], "no answer"));
    for second in [10, 14] {
        story.result(second, "checks/plugin", bad());
        story.switch(second, "here/disk", false);
    }
    assert_eq!(story.tellings(), [raised("here/disk")], "this machine is never doubted");
    story.canaries(15, [false, false]);
    assert_eq!(story.shown("checks/plugin"), Status::Unknown);
    story.result(20, "checks/plugin", bad());
    assert_eq!(story.tellings(), []);
    story.switch(22, "checks/plugin", true);
    assert!(story.core.seeks_network(), "it may have asked nobody");
    story.canaries(24, [true, true]);
    for second in [25, 29] {
        story.result(second, "checks/plugin", bad());
    }
    story.canaries(30, [true, true]);
    assert_eq!(story.tellings(), [raised("checks/plugin")]);
}

#[test]
fn a_check_that_waits_for_its_server_waits_for_the_network_too() {
    let mut story = Story::of_site();
    story.fails(10, "web-1/ssh", FailureKind::Silent);
    story.fails(14, "web-1/ssh", FailureKind::Silent);
    story.run_now.clear();
    story.fails(14, "web-1/nginx", FailureKind::Silent);
    // Asked once, as the login of last time was well; not again while that waits.
    assert_eq!(story.run_now, [""; 0]);
    story.canaries(15, [true, true]);
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
    assert_eq!(story.shown("web-1/nginx"), Status::Unknown);
}

#[test]
fn open_incidents_stay_open_and_people_are_not_reminded_of_them() {
    let mut config = site();
    config.checks[2].reminding = crate::policy::Reminding::new(vec![Duration::from_secs(60)]);
    let mut story = Story::open(config, Image::default());
    story.all_well(0);
    story.canaries(1, [true, true]);
    for second in [2, 6] {
        story.switch(second, "web-1/nginx", false);
    }
    assert_eq!(story.tellings().len(), 1);
    story.cut(10);
    story.tellings();
    let mut effects = Effects::default();
    story.core.lapse(at(90), &mut effects);
    story.take(effects);
    assert_eq!(story.tellings(), []);
    story.canaries(120, [true, true]);
    story.tellings();
    story.switch(121, "web-1/nginx", true);
    assert_eq!(story.tellings(), [(Reason::Recovered, "web-1/nginx".to_owned(), Status::Ok)]);
}

#[test]
fn what_a_window_held_back_is_not_told_before_somebody_looked_again() {
    let mut story = Story::of_site();
    let mut effects = Effects::default();
    let lasts = Duration::from_secs(30);
    let new = crate::policy::NewWindow::new(
        crate::policy::WindowKind::Mute,
        vec!["web-1".parse().unwrap()],
        lasts,
        "ann",
    );
    story.core.add_window(new, at(2), &mut effects);
    story.take(effects);
    for second in [3, 7] {
        story.switch(second, "web-1/nginx", false);
    }
    story.unreachable(10, "web-2");
    for second in 15..20 {
        story.canaries(second, [false, false]);
    }
    story.tellings();
    let mut effects = Effects::default();
    story.core.lapse(at(40), &mut effects);
    story.take(effects);
    assert_eq!((story.tellings(), story.silence_of(1)), (vec![], Some(Silence::Isolated)));
    story.canaries(60, [true, true]);
    assert_eq!(story.tellings(), [network(Reason::Recovered)]);
    story.switch(61, "web-1/nginx", false);
    assert_eq!(story.tellings(), [raised("web-1/nginx")]);
}

#[test]
fn canaries_that_die_while_servers_answer_do_not_hold_back_a_failure() {
    let mut story = Story::of_site();
    story.canaries(10, [false, false]);
    story.switch(11, "web-2/ssh", true);
    story.unreachable(20, "web-1");
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
}

#[test]
fn isolation_lasts_over_a_restart() {
    let mut story = Story::of_site();
    story.cut(10);
    story.tellings();
    let mut story = Story::open_at(site(), story.image(), 30);
    for server in ["web-1", "web-2"] {
        story.unreachable(31, server);
    }
    story.canaries(36, [false, false]);
    assert_eq!(story.tellings(), []);
    assert_eq!(story.core.snapshot(at(36)).isolated, Some(at(15)));
    story.canaries(60, [false, true]);
    assert_eq!(story.tellings(), [network(Reason::Recovered)]);
    story.unreachable(70, "web-1");
    story.canaries(75, [false, true]);
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
}

#[test]
fn without_canaries_after_a_reload_or_restart_nothing_is_isolated() {
    let mut none = site();
    none.canaries.clear();
    let mut story = Story::of_site();
    story.cut(10);
    story.tellings();
    let restarted = Story::open(none.clone(), story.image()).tellings();
    assert_eq!(restarted, [network(Reason::Recovered)]);
    let mut effects = Effects::default();
    story.core.reload(none, at(30), &mut effects);
    story.take(effects);
    assert_eq!(story.tellings(), [network(Reason::Recovered)]);
    assert_eq!(story.core.snapshot(at(31)).isolated, None);
}

#[test]
fn a_failure_that_waits_while_canaries_are_taken_away_is_told() {
    let mut story = Story::of_site();
    story.unreachable(10, "web-1");
    let mut none = site();
    none.canaries.clear();
    let mut effects = Effects::default();
    story.core.reload(none, at(15), &mut effects);
    story.take(effects);
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
}

#[test]
fn a_restart_with_many_problems_tells_nothing_again_and_a_fresh_one_in_time() {
    let mut many = Setup { checks: Vec::new(), servers: Vec::new(), ..site() };
    for n in 0..50 {
        many.servers.push(Server::new(name(&format!("web-{n}")), "192.0.2.1"));
        let login = check(&format!("web-{n}/ssh"), CheckKind::Ssh).over(Route::Network);
        many.checks.push(login);
    }
    many.servers.push(Server::new(name("fresh"), "192.0.2.9"));
    many.checks.push(check("fresh/ssh", CheckKind::Ssh).over(Route::Network));
    let mut story = Story::open(many.clone(), Image::default());
    story.canaries(1, [true, true]);
    story.switch(1, "fresh/ssh", true);
    for n in 0..50 {
        story.unreachable(10, &format!("web-{n}"));
    }
    story.canaries(15, [true, true]);
    assert_eq!(story.tellings().len(), 50);

    let mut story = Story::open_at(many, story.image(), 30);
    for n in 0..50 {
        story.unreachable(31, &format!("web-{n}"));
    }
    story.unreachable(31, "fresh");
    // No canary was heard yet.
    assert_eq!(story.tellings(), [raised("fresh/ssh")]);
    for n in 0..50 {
        story.switch(40, &format!("web-{n}/ssh"), true);
    }
    assert!(story.tellings().iter().all(|(reason, ..)| *reason == Reason::Recovered));
}

#[test]
fn time_without_network_is_unknown_in_the_history() {
    let mut story = Story::of_site();
    told_history(&mut story, "web-2/ssh");
    story.cut(10);
    story.canaries(60, [true, true]);
    story.switch(61, "web-2/ssh", true);
    let told = told_history(&mut story, "web-2/ssh");
    assert_eq!(told, [(18, Status::Unknown), (61, Status::Ok)]);
}

#[derive(Clone, Debug)]
enum Move {
    Result(usize, Step),
    Canaries([bool; 2]),
    Restart,
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        10 => (0_usize..4, any_step()).prop_map(|(which, (_, step))| Move::Result(which, step)),
        5 => any::<[bool; 2]>().prop_map(Move::Canaries),
        5 => Just(Move::Canaries([false, false])),
        1 => Just(Move::Restart),
    ]
}

proptest! {
    /// Whatever comes in whatever order: while the monitor is isolated nothing new is told of what is
    /// beyond its network, and after that people know what is true.
    #[test]
    fn what_people_know_is_reconciled(moves in prop::collection::vec(any_move(), 0..150)) {
        let mut story = Story::of_site();
        let mut open = BTreeSet::new();
        let mut second = 10;
        for step in moves {
            second += 5;
            let was_isolated = story.core.seeks_network();
            match step {
                Move::Result(which, Step::On) => story.switch(second, REMOTE[which], true),
                Move::Result(which, Step::Off) => story.switch(second, REMOTE[which], false),
                Move::Result(which, Step::Fail(kind)) => story.fails(second, REMOTE[which], kind),
                Move::Canaries(answers) => story.canaries(second, answers),
                Move::Restart => {
                    let all = story.all.clone();
                    story = Story::open_at(site(), story.image(), second);
                    story.all = all;
                }
            }
            let stays_isolated = was_isolated && story.core.seeks_network();
            for (reason, check, _) in story.tellings() {
                let beyond = check != "litemon:network";
                match reason {
                    Reason::Raised => {
                        prop_assert!(!(stays_isolated && beyond), "{check} is told");
                        prop_assert!(open.insert(check));
                    }
                    Reason::Escalated => prop_assert!(!stays_isolated && open.contains(&check)),
                    Reason::Recovered => prop_assert!(open.remove(&check)),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
        }
        // The network is there, and all is well.
        story.canaries(second + 5, [true, true]);
        for wait in [10, 20] {
            story.all_well(second + wait);
        }
        for (reason, check, _) in story.tellings() {
            match reason {
                Reason::Raised => prop_assert!(open.insert(check)),
                Reason::Recovered => prop_assert!(open.remove(&check)),
                other => prop_assert!(false, "{other:?}"),
            }
        }
        prop_assert!(open.is_empty() && story.core.snapshot(at(second)).incidents.is_empty());
    }

    /// While the network works, what fails is told as it is without canaries.
    #[test]
    fn with_a_network_that_works_nothing_is_held_back(
        moves in prop::collection::vec((0_usize..4, any_step()), 0..80),
    ) {
        let mut plain = site();
        plain.canaries.clear();
        let (mut with, mut without) = (Story::of_site(), Story::open(plain, Image::default()));
        without.all_well(0);
        for (n, (which, (_, step))) in (2..).zip(moves) {
            for story in [&mut with, &mut without] {
                match step.clone() {
                    Step::On => story.switch(n * 5, REMOTE[which], true),
                    Step::Off => story.switch(n * 5, REMOTE[which], false),
                    Step::Fail(kind) => story.fails(n * 5, REMOTE[which], kind),
                }
            }
            if with.asks_canaries {
                with.canaries(n * 5 + 1, [true, false]);
            }
            prop_assert_eq!(with.tellings(), without.tellings());
        }
    }
}
