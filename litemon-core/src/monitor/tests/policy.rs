//! Who is told, reminded, and not told: acknowledgements, windows, dependencies.

use super::*;
use crate::policy::{
    Acknowledged, Escalation, NewWindow, Recurring, Reminding, Scope, Silence, WindowKind,
};

const HOUR: Duration = Duration::from_secs(3600);

/// The router before web-1, and a boss who is told of what nobody takes.
fn site() -> Setup {
    let mut site = setup();
    site.servers.push(Server::new(name("router"), "192.0.2.254"));
    site.checks.push(check("router/ssh", CheckKind::Ssh));
    site.notifiers.push(NotifierSetup::new(name("boss"), Arc::new(Nothing)));
    for check in &mut site.checks {
        if check.server == Some(name("web-1")) {
            check.depends_on = vec![id("router/ssh")];
        }
        let boss = vec![Escalation::new(HOUR / 4, vec![name("boss")])];
        check.reminding = Reminding::new(vec![HOUR, 4 * HOUR]).escalate(boss);
    }
    site
}

impl Story {
    fn acknowledge(&mut self, seconds: i64, acknowledged: Option<Acknowledged>) -> bool {
        let mut effects = Effects::default();
        let known = self.core.acknowledge(1, acknowledged, at(seconds), &mut effects);
        self.take(effects);
        known
    }

    pub(super) fn window(&mut self, seconds: i64, scope: &str, lasts: Duration) -> i64 {
        let mut effects = Effects::default();
        let scopes = vec![scope.parse().unwrap()];
        let new = NewWindow::new(WindowKind::Mute, scopes, lasts, "ann");
        let window = self.core.add_window(new, at(seconds), &mut effects).unwrap();
        self.take(effects);
        window.id
    }

    pub(super) fn end_window(&mut self, seconds: i64, number: i64) -> bool {
        let mut effects = Effects::default();
        let known = self.core.end_window(number, at(seconds), &mut effects).is_some();
        self.take(effects);
        known
    }

    fn goes_off(&mut self, seconds: i64, check: &str) {
        for after in [0, 4] {
            self.switch(seconds + after, check, false);
        }
    }

    fn refuses(&mut self, seconds: i64, check: &str) {
        for after in [0, 4] {
            self.fails(seconds + after, check, FailureKind::Refused);
        }
    }

    /// Lets time pass up to then, as a running monitor does.
    pub(super) fn wait_until(&mut self, seconds: i64) {
        while let Some(next) = self.core.next_lapse().filter(|next| *next <= at(seconds)) {
            self.lapse((next.as_millis() + 999) / 1000);
        }
    }

    fn reasons(&mut self) -> Vec<Reason> {
        self.tellings().into_iter().map(|(reason, _, _)| reason).collect()
    }

    fn silence(&mut self) -> Option<Silence> {
        self.core.snapshot(at(1_000_000)).incidents.first()?.silence.clone()
    }
}

/// Nobody depends on anything here.
fn alone() -> Story {
    let mut site = site();
    for check in &mut site.checks {
        check.depends_on.clear();
    }
    Story::open(site, Image::default())
}

#[test]
fn people_are_reminded_and_others_told_until_somebody_takes_it() {
    let mut story = alone();
    story.goes_off(0, "web-1/nginx");
    assert_eq!(story.reasons(), [Reason::Raised]);
    story.wait_until(899);
    assert_eq!(story.reasons(), []);
    story.wait_until(3603);
    let boss: Vec<_> = story.all.outbox.values().filter(|e| e.notifier == name("boss")).collect();
    assert_eq!(boss.len(), 2, "two recipients");
    assert!(boss.iter().all(|entry| entry.first));
    assert_eq!(story.reasons(), [Reason::Unacknowledged]);
    story.wait_until(3605);
    // Two people, and the boss with two phones, but not the remedy.
    assert_eq!(story.told.len(), 4);
    assert_eq!(story.reasons(), [Reason::Reminder]);
    assert!(story.acknowledge(3700, Some(Acknowledged::by("ann", at(3700)))));
    assert_eq!(story.told.len(), 4);
    assert_eq!(story.told[0].by.as_deref(), Some("ann"));
    assert_eq!(story.reasons(), [Reason::Acknowledged]);
    story.wait_until(900_000);
    assert_eq!(story.reasons(), []);
    story.switch(900_000, "web-1/nginx", true);
    assert_eq!(story.told.len(), 4, "the boss too");
    assert_eq!(story.reasons(), [Reason::Recovered]);
    assert_eq!(story.core.next_lapse(), None);
    assert!(!story.acknowledge(900_001, None), "it is over");
}

#[test]
fn an_acknowledgement_ends_at_its_time_and_over_a_restart() {
    let mut story = alone();
    story.goes_off(0, "web-1/nginx");
    let taken = Acknowledged::by("ann", at(60)).lasting(Some(2 * HOUR));
    story.acknowledge(60, Some(taken.clone()));
    story.reasons();
    let mut without = site();
    without.checks.iter_mut().for_each(|check| check.depends_on.clear());
    let mut story = story.resumed_with(without, 1000);
    let known = story.core.snapshot(at(1000)).incidents[0].acknowledged.clone();
    assert_eq!(known, Some(taken));
    story.wait_until(7259);
    assert_eq!(story.reasons(), []);
    story.wait_until(7260);
    assert_eq!(story.reasons(), [Reason::Unacknowledged, Reason::Reminder]);
}

#[test]
fn what_becomes_worse_is_told_though_it_is_taken() {
    let mut site = site();
    let limits = Threshold { critical: Some(50.0), warn: Some(20.0), ..Threshold::default() };
    site.checks[1].criteria = Criteria::Threshold(limits);
    site.checks[1].depends_on.clear();
    let mut story = Story::open(site, Image::default());
    for second in [0, 4] {
        story.result(second, "web-1/cpu", Ok(Observation::percent(30.0, None)));
    }
    story.acknowledge(10, Some(Acknowledged::by("ann", at(10))));
    story.result(20, "web-1/cpu", Ok(Observation::percent(93.0, None)));
    assert_eq!(story.reasons(), [Reason::Raised, Reason::Acknowledged, Reason::Escalated]);
}

#[test]
fn what_is_muted_is_told_when_that_ends_if_it_still_holds() {
    for (scope, ends) in [("web-1", false), ("web-1/nginx", true), ("all", false)] {
        let mut story = alone();
        let number = story.window(0, scope, HOUR);
        story.goes_off(10, "web-1/nginx");
        if !ends {
            story.goes_off(20, "web-1/cpu");
            story.switch(30, "web-1/cpu", true);
        }
        assert_eq!(story.reasons(), [], "{scope}");
        assert!(matches!(story.silence(), Some(Silence::Window { .. })));
        if ends {
            assert!(story.end_window(100, number));
        } else {
            story.wait_until(3599);
            assert_eq!(story.reasons(), []);
            story.wait_until(3600);
        }
        assert_eq!(story.told[0].since, at(10));
        assert_eq!(story.reasons(), [Reason::Raised]);
        assert_eq!(story.silence(), None);
        assert!(!story.end_window(3601, number));
    }
}

#[test]
fn a_window_about_others_silences_nothing_and_recoveries_are_never_silenced() {
    let mut story = alone();
    story.window(0, "router", HOUR);
    story.window(0, "@db", HOUR);
    story.goes_off(10, "web-1/nginx");
    assert_eq!(story.reasons(), [Reason::Raised]);
    story.window(20, "web-1", HOUR);
    story.switch(30, "web-1/nginx", true);
    assert_eq!(story.reasons(), [Reason::Recovered]);
    assert_eq!(story.core.snapshot(at(40)).windows.len(), 3);
}

#[test]
fn nobody_is_reminded_within_a_window_but_after_it() {
    let mut story = alone();
    story.goes_off(0, "web-1/nginx");
    story.window(3000, "web-1", HOUR);
    story.wait_until(6599);
    assert_eq!(story.reasons(), [Reason::Raised, Reason::Unacknowledged]);
    story.wait_until(6700);
    assert_eq!(story.reasons(), [Reason::Reminder]);
}

#[test]
fn maintenance_of_the_configuration_comes_and_goes() {
    let mut site = site();
    let lasts = Duration::from_secs(600);
    let zone = crate::model::Zone::utc();
    let hourly = Recurring::new(name("hourly"), "0 * * * *", zone, lasts, vec![Scope::All]);
    site.maintenance.push(hourly.unwrap());
    let mut story = Story::open(site, Image::default());
    story.switch(0, "router/ssh", true);
    story.wait_until(3605);
    story.goes_off(3610, "web-1/nginx");
    assert_eq!(story.reasons(), []);
    story.switch(3620, "router/ssh", true);
    story.wait_until(4200);
    assert_eq!(story.reasons(), [Reason::Raised]);
    assert_eq!(story.core.next_lapse(), Some(at(4200 + 900)), "the boss, before the next one");
}

#[test]
fn what_follows_from_a_problem_is_not_told() {
    let mut story = Story::open(site(), Image::default());
    story.switch(0, "router/ssh", true);
    story.switch(0, "web-1/ssh", true);
    // Who comes first waits for the verdict.
    story.refuses(10, "web-1/ssh");
    assert_eq!(story.run_now, ["router/ssh"]);
    assert_eq!(story.silence(), Some(Silence::Awaiting(id("router/ssh"))));
    story.refuses(15, "router/ssh");
    let raised = (Reason::Raised, "router/ssh".to_owned(), Status::Critical);
    assert_eq!(story.tellings(), [raised]);
    assert_eq!(story.silence(), Some(Silence::Dependency(id("router/ssh"))));
    // The router is back; web-1 has to fail again to be told.
    story.run_now.clear();
    story.switch(100, "router/ssh", true);
    assert_eq!(story.reasons(), [Reason::Recovered]);
    assert!(story.run_now.contains(&"web-1/ssh".to_owned()));
    story.fails(101, "web-1/ssh", FailureKind::Refused);
    assert_eq!(story.tellings(), [(Reason::Raised, "web-1/ssh".into(), Status::Critical)]);
    story.switch(110, "web-1/ssh", true);
    assert_eq!(story.reasons(), [Reason::Recovered]);
}

#[test]
fn what_was_only_cut_off_is_never_told() {
    let mut story = Story::open(site(), Image::default());
    story.refuses(0, "router/ssh");
    story.refuses(10, "web-1/ssh");
    story.switch(100, "router/ssh", true);
    story.switch(101, "web-1/ssh", true);
    let told: Vec<String> = story.tellings().into_iter().map(|(_, check, _)| check).collect();
    assert_eq!(told, ["router/ssh", "router/ssh"]);
}

#[test]
fn a_verdict_is_waited_for_in_time_only() {
    let mut story = Story::open(site(), Image::default());
    story.switch(0, "router/ssh", true);
    story.refuses(10, "web-1/ssh");
    // 5 s, and once more after 4 s.
    assert_eq!(story.core.next_lapse().map(|at| at.as_millis()), Some(14_100 + 14_000));
    story.lapse(29);
    assert_eq!(story.reasons(), [Reason::Raised], "the router says nothing");

    let mut story = Story::open(site(), Image::default());
    story.switch(0, "router/ssh", true);
    story.refuses(10, "web-1/ssh");
    story.switch(15, "router/ssh", true);
    assert_eq!(story.reasons(), [Reason::Raised], "it is not the router");
}

#[test]
fn what_comes_and_goes_is_said_once_and_then_how_it_settled() {
    for (well, last) in [(true, Reason::Recovered), (false, Reason::Reminder)] {
        let mut site = site();
        for check in &mut site.checks {
            (check.schedule.attempts, check.flapping) = (1, Some(Default::default()));
            check.depends_on.clear();
            check.reminding = Reminding::default();
        }
        let mut story = Story::open(site, Image::default());
        for second in 0..40 {
            story.switch(second, "web-1/nginx", second % 2 == 1);
        }
        let (raised, over) = (Reason::Raised, Reason::Recovered);
        let begins = [raised, over, raised, over, raised, Reason::Flapping];
        assert_eq!(story.reasons(), begins);
        for second in 40..80 {
            story.switch(second, "web-1/nginx", well);
        }
        assert_eq!(story.reasons(), [last]);
        story.switch(90, "web-1/nginx", true);
        assert_eq!(story.reasons().len(), usize::from(!well));
    }
}

#[derive(Clone, Debug)]
enum Act {
    See(usize, Step),
    Mute(&'static str, u32),
    EndWindows,
    Acknowledge(bool),
    Wait(u32),
    Resume,
}

const CHECKS: [&str; 4] = ["web-1/ssh", "web-1/cpu", "web-1/nginx", "router/ssh"];

fn any_act() -> impl Strategy<Value = Act> {
    let scope = prop_oneof![Just("web-1"), Just("web-1/nginx"), Just("all"), Just("router")];
    prop_oneof![
        12 => (0..4_usize, any_step()).prop_map(|(which, (_, step))| Act::See(which, step)),
        2 => (scope, 1_u32..20).prop_map(|(scope, minutes)| Act::Mute(scope, minutes)),
        1 => Just(Act::EndWindows),
        1 => any::<bool>().prop_map(Act::Acknowledge),
        2 => (0_u32..200).prop_map(Act::Wait),
        1 => Just(Act::Resume),
    ]
}

proptest! {
    /// Whatever happens in whatever order: no recovery without a problem told, no second problem
    /// without a change, no reminder of what was not told; and when nothing speaks for silence any
    /// more, exactly what is open was told.
    #[test]
    fn what_was_told_is_reconciled_with_what_is_true(acts in prop::collection::vec(any_act(), 0..80)) {
        let mut story = Story::open(site(), Image::default());
        let mut told = std::collections::HashSet::new();
        let mut second = 0;
        for act in acts {
            second += 60;
            match act {
                Act::See(which, Step::On) => story.switch(second, CHECKS[which], true),
                Act::See(which, Step::Off) => story.switch(second, CHECKS[which], false),
                Act::See(which, Step::Fail(kind)) => story.fails(second, CHECKS[which], kind),
                Act::Mute(scope, minutes) => {
                    story.window(second, scope, Duration::from_secs(60) * minutes);
                }
                Act::EndWindows => {
                    for number in 1..100 {
                        story.end_window(second, number);
                    }
                }
                Act::Acknowledge(on) => {
                    let taken = Acknowledged::by("ann", at(second)).lasting(Some(HOUR));
                    story.acknowledge(second, on.then_some(taken));
                }
                Act::Wait(minutes) => {
                    second += i64::from(minutes) * 60;
                    story.wait_until(second);
                }
                Act::Resume => story = story.resumed_with(site(), second),
            }
            story.wait_until(second);
            let snapshot = story.core.snapshot(at(second));
            for (reason, check, _) in story.tellings() {
                match reason {
                    Reason::Raised => prop_assert!(told.insert(check)),
                    Reason::Recovered => prop_assert!(told.remove(&check)),
                    Reason::Escalated | Reason::Reminder | Reason::Unacknowledged
                    | Reason::Acknowledged => prop_assert!(told.contains(&check)),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            for incident in &snapshot.incidents {
                let known = told.contains(incident.check.as_str());
                prop_assert!(known || incident.silence.is_some(), "{} was never told", incident.check);
            }
            let open: std::collections::HashSet<String> =
                snapshot.incidents.iter().map(|incident| incident.check.to_string()).collect();
            prop_assert!(told.is_subset(&open));
        }
    }
}
