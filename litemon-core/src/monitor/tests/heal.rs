//! Remedies that are limited and verified.

use super::*;
use crate::{
    model::{Language, OutboxEntry, RemedyOutcome, Zone},
    notify::text,
    policy::{Acknowledged, NewWindow, Remedy, WindowKind},
};

const CHECK: &str = "web-1/nginx";

/// As ever, but `fix` is run twice an hour at most, and verified for 30 s.
fn site() -> Setup {
    let mut site = setup();
    let remedy = Remedy {
        tries: 2,
        says: Some("restarted nginx".into()),
        on_server: true,
        ..Remedy::default()
    };
    let fix = NotifierSetup::new(name("fix"), Arc::new(Nothing)).heals(remedy);
    site.notifiers.retain(|setup| setup.name != name("fix"));
    site.notifiers.push(fix);
    site
}

fn opened() -> Story {
    Story::open(site(), Image::default())
}

impl Story {
    fn off(&mut self, seconds: i64) {
        for after in [0, 4] {
            self.switch(seconds + after, CHECK, false);
        }
    }

    /// Runs of the remedy that were asked for, of which nothing is known yet.
    fn asked(&self) -> Vec<OutboxEntry> {
        let waits = |entry: &&OutboxEntry| {
            entry.notifier == name("fix") && entry.state == OutboxState::Pending
        };
        self.all.outbox.values().filter(waits).cloned().collect()
    }

    /// The delivery did, or failed to do, what it was asked for: how often. The remedy has two
    /// places here, of which one is enough.
    fn delivers(&mut self, seconds: i64, state: &OutboxState) -> usize {
        let asked = self.asked();
        for entry in &asked {
            let entry = OutboxEntry { state: state.clone(), ..entry.clone() };
            let mut effects = Effects::default();
            let update = DeliveryUpdate { entry, attempt: None };
            self.core.delivered(update, at(seconds), &mut effects);
            self.take(effects);
        }
        asked.len() / 2
    }

    /// Lets time pass from then until then. What was due before comes late, as in a monitor that was
    /// busy, and never in the past.
    fn catches_up(&mut self, from: i64, until: i64) {
        while let Some(next) = self.core.next_lapse().filter(|next| *next <= at(until)) {
            self.lapse(((next.as_millis() + 999) / 1000).max(from));
        }
    }

    /// What people were told since the last call, as they read it.
    fn lines(&mut self) -> Vec<String> {
        let mut lines: Vec<String> = std::mem::take(&mut self.told)
            .into_iter()
            .filter(|notice| notice.reason != Reason::Remedy)
            .map(|notice| text::line(&notice, Language::English, &Zone::utc(), notice.at))
            .collect();
        lines.dedup();
        lines
    }
}

#[test]
fn a_remedy_that_helps_is_named_when_it_is_over() {
    let mut story = opened();
    story.off(0);
    assert_eq!(story.lines(), ["PROBLEM web-1 nginx Off since 00:00 #1"]);
    assert_eq!(story.delivers(5, &OutboxState::Accepted), 1);
    assert!(story.run_now.contains(&CHECK.to_owned()), "it is looked at at once");
    story.switch(6, CHECK, false);
    story.switch(9, CHECK, true);
    let over = "OK web-1 nginx On, was Off 9s (restarted nginx, On again after 4s) #1";
    assert_eq!(story.lines(), [over]);
}

#[test]
fn one_that_does_not_help_is_told_once_run_again_and_given_up() {
    let mut story = opened();
    story.off(0);
    story.lines();
    story.delivers(5, &OutboxState::Accepted);
    story.switch(20, CHECK, false);
    story.wait_until(34);
    assert_eq!(story.lines(), [""; 0]);
    story.wait_until(35);
    let failed = "PROBLEM web-1 nginx still Off since 00:00 (restarted nginx, did not help) #1";
    assert_eq!(story.lines(), [failed]);
    assert_eq!(story.delivers(36, &OutboxState::Accepted), 1);
    story.switch(50, CHECK, false);
    story.wait_until(3000);
    assert_eq!(story.lines(), [""; 0]);
    assert_eq!(story.delivers(3000, &OutboxState::Accepted), 0, "given up");
    story.switch(3001, CHECK, true);
    assert_eq!(story.lines(), ["OK web-1 nginx On, was Off 50m #1"], "it was not the remedy");
}

#[test]
fn a_command_that_failed_is_told_with_why() {
    let mut story = opened();
    story.off(0);
    story.lines();
    let dead = OutboxState::Dead("the command failed: exit 3: no such unit".into());
    assert_eq!(story.delivers(5, &dead), 1);
    let failed = "PROBLEM web-1 nginx still Off since 00:00 (fix failed: exit 3: no such unit) #1";
    assert_eq!(story.lines(), [failed], "and not as something that could not be delivered");
}

#[test]
fn each_new_incident_counts_until_it_is_not_tried_any_more() {
    let mut story = opened();
    for round in 0..2 {
        story.off(100 * round);
        assert_eq!(story.delivers(100 * round + 5, &OutboxState::Accepted), 1);
        story.switch(100 * round + 10, CHECK, true);
    }
    story.lines();
    // Over a restart too.
    let mut story = story.resumed_with(site(), 299);
    story.off(300);
    let told = "PROBLEM web-1 nginx Off since 00:05 (restarted nginx 2x, not tried any more) #3";
    assert_eq!(story.lines(), [told]);
    assert_eq!(story.asked().len(), 0);
    story.switch(310, CHECK, true);
    assert_eq!(story.lines(), ["OK web-1 nginx On, was Off 10s #3"]);
    story.off(4000);
    assert_eq!(story.delivers(4005, &OutboxState::Accepted), 1, "an hour later");
}

#[test]
fn nothing_is_run_on_what_cannot_be_reached_nor_while_nobody_is_told() {
    let mut story = opened();
    for second in [0, 4] {
        story.fails(second, "web-1/ssh", FailureKind::Refused);
    }
    assert_eq!(story.asked().len(), 0, "web-1 cannot be reached");

    let mut story = opened();
    let mut effects = Effects::default();
    let scopes = vec!["web-1".parse().unwrap()];
    let new = NewWindow::new(WindowKind::Mute, scopes, Duration::from_secs(600), "ann");
    story.core.add_window(new, at(0), &mut effects);
    story.take(effects);
    story.off(10);
    assert_eq!(story.asked().len(), 0, "muted");
    story.wait_until(600);
    assert_eq!(story.asked().len(), 2, "what still holds is told and put right");
}

#[test]
fn nobody_meddles_with_what_somebody_looks_after() {
    let mut story = opened();
    story.off(0);
    story.delivers(5, &OutboxState::Accepted);
    let mut effects = Effects::default();
    story.core.acknowledge(1, Some(Acknowledged::by("ann", at(10))), at(10), &mut effects);
    story.take(effects);
    story.lines();
    story.switch(20, CHECK, false);
    story.wait_until(5000);
    assert_eq!((story.lines(), story.asked().len()), (Vec::new(), 0));
}

#[test]
fn what_was_being_verified_goes_on_after_a_restart() {
    let mut story = opened();
    story.off(0);
    story.delivers(5, &OutboxState::Accepted);
    let mut story = story.resumed_with(site(), 10);
    story.switch(11, CHECK, false);
    story.lines();
    story.wait_until(35);
    assert_eq!(story.told[0].reason, Reason::RemedyFailed);
    assert_eq!(story.told[0].remedy.as_ref().unwrap().outcome, RemedyOutcome::DidNotHelp);
}

#[derive(Clone, Debug)]
enum Act {
    See(bool),
    Reach(bool),
    Deliver(bool),
    Mute(u32),
    Acknowledge(bool),
    Wait(u32),
    Resume,
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => any::<bool>().prop_map(Act::See),
        3 => any::<bool>().prop_map(Act::Reach),
        4 => any::<bool>().prop_map(Act::Deliver),
        1 => (1_u32..300).prop_map(Act::Mute),
        1 => any::<bool>().prop_map(Act::Acknowledge),
        4 => (0_u32..1000).prop_map(Act::Wait),
        1 => Just(Act::Resume),
    ]
}

proptest! {
    /// Whatever happens: never more runs than allowed, never one for what is over, cannot be
    /// reached, is muted or taken by somebody, and at most one notice of an incident that it did
    /// not help.
    #[test]
    fn a_remedy_keeps_its_limits(acts in prop::collection::vec(any_act(), 0..120)) {
        let mut story = opened();
        let (mut second, mut reached, mut muted, mut taken) = (0, true, 0, false);
        let mut runs: Vec<i64> = Vec::new();
        let mut failed = std::collections::HashSet::new();
        let mut known = 0;
        for act in acts {
            second += 5;
            match act {
                Act::See(on) => story.switch(second, CHECK, on),
                Act::Reach(true) => {
                    story.switch(second, "web-1/ssh", true);
                    reached = true;
                }
                Act::Reach(false) => {
                    for check in ["web-1/ssh", "web-1/ssh", CHECK] {
                        story.fails(second, check, FailureKind::Refused);
                    }
                    reached = false;
                }
                Act::Deliver(true) => {
                    story.delivers(second, &OutboxState::Accepted);
                }
                Act::Deliver(false) => {
                    story.delivers(second, &OutboxState::Dead("exit 1".into()));
                }
                Act::Mute(seconds) => {
                    let mut effects = Effects::default();
                    let lasts = Duration::from_secs(seconds.into());
                    let scopes = vec!["all".parse().unwrap()];
                    let new = NewWindow::new(WindowKind::Mute, scopes, lasts, "ann");
                    story.core.add_window(new, at(second), &mut effects);
                    story.take(effects);
                    muted = muted.max(second + i64::from(seconds));
                }
                Act::Acknowledge(on) => {
                    let number = story.core.snapshot(at(second)).incidents.iter()
                        .find(|open| open.check == id(CHECK)).map(|open| open.number);
                    if let Some(number) = number {
                        let by = on.then(|| Acknowledged::by("ann", at(second)));
                        let mut effects = Effects::default();
                        story.core.acknowledge(number, by, at(second), &mut effects);
                        story.take(effects);
                    }
                }
                Act::Wait(seconds) => {
                    let from = second;
                    second += i64::from(seconds);
                    story.catches_up(from, second);
                }
                Act::Resume => story = story.resumed_with(site(), second),
            }
            story.catches_up(second, second);
            let open = story.core.snapshot(at(second)).incidents.iter()
                .find(|open| open.check == id(CHECK)).cloned();
            taken = open.as_ref().is_some_and(|open| open.acknowledged.is_some());
            let asked: Vec<OutboxEntry> = story.all.outbox.values()
                .filter(|entry| entry.notifier == name("fix") && entry.id > known)
                .cloned().collect();
            known = story.all.outbox.keys().next_back().copied().unwrap_or(known);
            for run in asked.iter().step_by(2) {
                let now = run.notice.at.as_millis() / 1000;
                prop_assert_eq!(run.notice.reason, Reason::Remedy);
                prop_assert!(reached && run.notice.status != Status::Ok);
                prop_assert!(now >= muted, "{} is within the mute until {}, at {}", now, muted, second);
                prop_assert!(open.as_ref().is_some_and(|open| Some(open.number) == run.notice.incident));
                prop_assert!(!taken);
                runs.push(now);
                prop_assert!(runs.iter().filter(|at| now - **at < 3600).count() <= 2);
            }
            let told: Vec<Notice> = std::mem::take(&mut story.told);
            for pair in told.chunk_by(|one, other| one == other) {
                let notice = &pair[0];
                if notice.reason == Reason::RemedyFailed {
                    prop_assert!(failed.insert(notice.incident), "told twice");
                    prop_assert!(!taken);
                }
            }
        }
        let _ = taken;
    }
}
