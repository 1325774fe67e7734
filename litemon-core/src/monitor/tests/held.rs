//! Alerts that are held while a server is restarted or off.

use super::*;
use crate::hold::{Phase, Planned};

const WITHIN: Duration = Duration::from_secs(600);
const CHECKS: [&str; 3] = ["web-1/ssh", "web-1/cpu", "web-1/nginx"];

impl Story {
    fn plan(&mut self, seconds: i64, planned: Planned) {
        let mut effects = Effects::default();
        assert!(self.core.hold(&name("web-1"), planned, at(seconds), &mut effects));
        self.take(effects);
    }

    fn restart(&mut self, seconds: i64) {
        self.plan(seconds, Planned::restart("ann", WITHIN).job(7));
    }

    fn came_back(&mut self, seconds: i64) -> bool {
        let mut effects = Effects::default();
        let known = self.core.came_back(&name("web-1"), at(seconds), &mut effects);
        self.take(effects);
        known
    }

    fn release(&mut self, seconds: i64) {
        let mut effects = Effects::default();
        self.core.release(&name("web-1"), at(seconds), &mut effects);
        self.take(effects);
    }

    pub(super) fn lapse(&mut self, seconds: i64) {
        let mut effects = Effects::default();
        self.core.lapse(at(seconds), &mut effects);
        self.take(effects);
    }

    fn phase(&mut self) -> Option<Phase> {
        let snapshot = self.core.snapshot(at(1_000_000));
        snapshot.server("web-1").unwrap().planned.as_ref().map(|planned| planned.phase)
    }

    fn goes_away(&mut self, seconds: i64) {
        for after in [0, 4] {
            self.fails(seconds + after, "web-1/ssh", FailureKind::Refused);
        }
    }

    fn all_ok(&mut self, seconds: i64) {
        self.switch(seconds, "web-1/ssh", true);
        self.result(seconds, "web-1/cpu", Ok(Observation::percent(5.0, None)));
        self.switch(seconds, "web-1/nginx", true);
    }

    /// Another monitor takes over from the journal.
    fn resumed(self, seconds: i64) -> Self {
        self.resumed_with(setup(), seconds)
    }

    pub(super) fn resumed_with(self, setup: Setup, seconds: i64) -> Self {
        let (image, all) = (self.image(), self.all);
        let mut story = Self::open_at(setup, image, seconds);
        let since = std::mem::replace(&mut story.all, all);
        story.all.merge(since);
        story
    }
}

fn raised(check: &str) -> (Reason, String, Status) {
    (Reason::Raised, check.to_owned(), Status::Critical)
}

fn recovered(check: &str) -> (Reason, String, Status) {
    (Reason::Recovered, check.to_owned(), Status::Ok)
}

#[test]
fn a_restart_that_works_is_told_to_nobody() {
    let mut story = Story::new();
    story.all_ok(0);
    story.restart(10);
    story.goes_away(20);
    assert_eq!(story.phase(), Some(Phase::Leaving));
    assert_eq!(story.shown("web-1/nginx"), Status::Unknown, "checks go on");
    story.all_ok(50);
    assert_eq!(story.phase(), Some(Phase::Leaving), "an answer alone proves no restart");
    story.run_now.clear();
    assert!(story.came_back(60));
    assert_eq!(story.run_now, CHECKS);
    story.switch(61, "web-1/ssh", true);
    story.switch(61, "web-1/nginx", false);
    assert_eq!(story.phase(), Some(Phase::Back(at(60))), "nginx is not up yet");
    story.all_ok(70);
    assert_eq!(story.phase(), None);
    assert_eq!(story.tellings(), []);
    assert_eq!(story.core.next_lapse(), None);
    // From now on everything is told again.
    story.goes_away(100);
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
}

#[test]
fn a_server_that_does_not_come_back_is_told_of_at_once_when_its_time_is_over() {
    let mut story = Story::new();
    story.all_ok(0);
    story.restart(10);
    story.goes_away(20);
    assert_eq!(story.core.next_lapse(), Some(at(610)));
    story.lapse(609);
    assert_eq!(story.tellings(), []);
    story.lapse(610);
    assert_eq!(story.told[0].since, at(20));
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
    story.lapse(611);
    story.fails(620, "web-1/ssh", FailureKind::Refused);
    assert_eq!(story.tellings(), [], "once");
    story.switch(700, "web-1/ssh", true);
    assert_eq!(story.tellings(), [recovered("web-1/ssh")]);
}

#[test]
fn a_service_that_stays_off_after_a_restart_is_told() {
    let mut story = Story::new();
    story.all_ok(0);
    story.restart(10);
    story.came_back(30);
    story.switch(31, "web-1/ssh", true);
    for second in [31, 35] {
        story.switch(second, "web-1/nginx", false);
    }
    assert_eq!(story.tellings(), []);
    story.lapse(610);
    assert_eq!(story.tellings(), [raised("web-1/nginx")]);
}

#[test]
fn a_restart_that_fails_is_not_waited_for() {
    let mut story = Story::new();
    story.all_ok(0);
    story.restart(10);
    story.goes_away(20);
    story.release(30);
    assert_eq!(story.tellings(), [raised("web-1/ssh")]);
    assert!(!story.came_back(40));
}

#[test]
fn a_server_that_was_shut_down_is_off_until_it_is_seen_again() {
    let mut story = Story::new();
    story.all_ok(0);
    let delay = Duration::from_secs(60);
    story.plan(10, Planned::shutdown("ann", WITHIN).delayed(delay));
    assert_eq!(story.core.next_lapse(), Some(at(670)), "then it did not happen");
    story.all_ok(40);
    assert_eq!(story.phase(), Some(Phase::Leaving));
    story.goes_away(80);
    assert_eq!((story.phase(), story.core.next_lapse()), (Some(Phase::Off), None));
    story.lapse(900_000);
    let mut story = story.resumed(900_001);
    assert_eq!(story.phase(), Some(Phase::Off));
    assert_eq!(story.tellings(), []);
    story.switch(900_100, "web-1/ssh", true);
    assert_eq!(story.core.next_lapse(), Some(at(900_700)));
    story.all_ok(900_110);
    assert_eq!(story.phase(), None);
    assert_eq!(story.tellings(), []);
}

#[test]
fn what_was_told_before_is_told_to_be_over_and_is_not_waited_for() {
    let mut story = Story::new();
    story.all_ok(0);
    for second in [10, 14] {
        story.switch(second, "web-1/nginx", false);
    }
    assert_eq!(story.tellings(), [raised("web-1/nginx")]);
    story.restart(20);
    story.came_back(40);
    story.switch(41, "web-1/ssh", true);
    story.result(41, "web-1/cpu", Ok(Observation::percent(5.0, None)));
    assert_eq!(story.phase(), None, "nginx was off before");
    story.restart(50);
    story.switch(60, "web-1/nginx", true);
    assert_eq!(story.tellings(), [recovered("web-1/nginx")]);
}

#[test]
fn a_server_that_leaves_the_configuration_is_waited_for_no_longer() {
    let mut story = Story::new();
    story.restart(10);
    let mut effects = Effects::default();
    story.core.reload(Setup::default(), at(20), &mut effects);
    story.take(effects);
    assert_eq!(story.core.next_lapse(), None);
    assert_eq!(story.all.holds.get(&name("web-1")), Some(&None));
}

#[derive(Clone, Debug)]
enum Act {
    See(usize, Step),
    Restart,
    Shutdown,
    Back,
    Release,
    Lapse,
    Resume,
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => any_step().prop_map(|(which, step)| Act::See(which, step)),
        1 => Just(Act::Restart),
        1 => Just(Act::Shutdown),
        1 => Just(Act::Back),
        1 => Just(Act::Release),
        2 => Just(Act::Lapse),
        1 => Just(Act::Resume),
    ]
}

proptest! {
    /// Whatever happens in whatever order: while alerts are held no problem is told; no recovery
    /// without a problem told, no problem twice; and as soon as nothing is held, exactly what is
    /// open was told.
    #[test]
    fn nothing_is_told_too_early_twice_or_never(acts in prop::collection::vec(any_act(), 0..100)) {
        let mut story = Story::new();
        let mut told = std::collections::HashSet::new();
        for (n, act) in acts.into_iter().enumerate() {
            let second = i64::try_from(n).unwrap() * 60;
            let held = story.phase().is_some();
            match act {
                Act::See(which, Step::On) => story.switch(second, CHECKS[which], true),
                Act::See(which, Step::Off) => story.switch(second, CHECKS[which], false),
                Act::See(which, Step::Fail(kind)) => story.fails(second, CHECKS[which], kind),
                Act::Restart => story.restart(second),
                Act::Shutdown => story.plan(second, Planned::shutdown("ann", WITHIN)),
                Act::Back => drop(story.came_back(second)),
                Act::Release => story.release(second),
                Act::Lapse => story.lapse(second),
                Act::Resume => story = story.resumed(second),
            }
            let holds = story.phase().is_some();
            for (reason, check, _) in story.tellings() {
                match reason {
                    Reason::Raised => {
                        prop_assert!(!(held && holds), "{check} told while held");
                        prop_assert!(told.insert(check));
                    }
                    Reason::Escalated => prop_assert!(!(held && holds) && told.contains(&check)),
                    Reason::Recovered => prop_assert!(told.remove(&check)),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            let open: std::collections::HashSet<String> = story.core.snapshot(at(second)).incidents
                .iter().map(|incident| incident.check.to_string()).collect();
            prop_assert!(told.is_subset(&open));
            if !holds {
                prop_assert_eq!(&told, &open);
            }
        }
    }
}
