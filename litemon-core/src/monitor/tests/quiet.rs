//! Hours in which somebody is not told of what is only a warning.

use super::*;
use crate::{
    model::{OutboxEntry, Zone},
    policy::{FlowRules, Hours, Quiet, Reminding},
};

const HOUR: i64 = 3600;
const EVENING: i64 = 23 * HOUR;
const MORNING: i64 = 31 * HOUR;

/// `oncall` is not woken by warnings, `mail` hears of all. Above 20 is a warning, above 50 critical.
fn site(flow: FlowRules) -> Setup {
    let mut site = setup();
    let night = Hours::new("22:00", "07:00", []).unwrap();
    let oncall = NotifierSetup::new(name("oncall"), Arc::new(Nothing))
        .flow(flow)
        .quiet(Quiet::new(night, Zone::utc()).unwrap());
    site.notifiers = vec![oncall, NotifierSetup::new(name("mail"), Arc::new(Nothing))];
    let limits = Threshold { critical: Some(50.0), warn: Some(20.0), ..Threshold::default() };
    for check in &mut site.checks {
        check.notify = vec![name("oncall"), name("mail")];
        check.reminding = Reminding::new(vec![Duration::from_secs(3600)]);
        if check.kind == CheckKind::Resource {
            check.criteria = Criteria::Threshold(limits.clone());
        }
    }
    site
}

/// With the defaults of a notifier, and with those of one that gathers.
fn stories() -> [Story; 2] {
    [FlowRules::default(), FlowRules::people()]
        .map(|flow| Story::open(site(flow), Image::default()))
}

impl Story {
    fn cpu(&mut self, seconds: i64, percent: f64) {
        for after in [0, 4] {
            let seen = Observation::percent(percent, None);
            self.result(seconds + after, "web-1/cpu", Ok(seen));
        }
    }

    fn passing(&mut self, seconds: i64) {
        while let Some(next) = self.core.next_lapse().filter(|next| *next <= at(seconds)) {
            self.lapse((next.as_millis() + 999) / 1000);
            self.arrive((next.as_millis() + 999) / 1000);
        }
    }

    /// Gateways take what there is to be sent.
    fn arrive(&mut self, seconds: i64) {
        let pending = |entry: &&OutboxEntry| entry.state == OutboxState::Pending;
        let all: Vec<OutboxEntry> = self.all.outbox.values().filter(pending).cloned().collect();
        for entry in all {
            let entry = OutboxEntry { state: OutboxState::Accepted, ..entry };
            let mut effects = Effects::default();
            let update = DeliveryUpdate { entry, attempt: None };
            self.core.delivered(update, at(seconds), &mut effects);
            self.take(effects);
        }
    }

    /// What one recipient of a notifier was sent, with its status.
    fn sent(&self, notifier: &str) -> Vec<(Reason, Status)> {
        let sent = self.all.outbox.values().filter(|entry| {
            entry.notifier == name(notifier)
                && entry.recipient == "+1"
                && matches!(entry.state, OutboxState::Accepted | OutboxState::Pending)
        });
        sent.map(|entry| (entry.notice.reason, entry.notice.status)).collect()
    }
}

#[test]
fn a_warning_waits_for_the_morning_if_it_still_holds() {
    for mut story in stories() {
        story.cpu(EVENING, 30.0);
        story.arrive(EVENING + 5);
        assert_eq!(story.sent("oncall"), []);
        assert_eq!(story.sent("mail"), [(Reason::Raised, Status::Warning)], "is told at once");
        story.passing(MORNING - 1);
        assert_eq!(story.sent("oncall"), [], "nor is he reminded");
        assert!(story.sent("mail").len() > 5);
        story.passing(MORNING + 1);
        assert_eq!(story.sent("oncall"), [(Reason::Raised, Status::Warning)]);
        story.cpu(MORNING + 60, 10.0);
        story.passing(MORNING + 120);
        let told = [(Reason::Raised, Status::Warning), (Reason::Recovered, Status::Ok)];
        assert_eq!(story.sent("oncall"), told);
    }
}

#[test]
fn what_ends_meanwhile_is_not_told_at_all() {
    for mut story in stories() {
        story.cpu(EVENING, 30.0);
        story.arrive(EVENING + 5);
        story.passing(EVENING + HOUR);
        story.cpu(EVENING + HOUR + 60, 10.0);
        story.passing(MORNING + HOUR);
        assert_eq!(story.sent("oncall"), []);
    }
}

#[test]
fn what_becomes_critical_is_told_at_once() {
    for mut story in stories() {
        story.cpu(EVENING, 30.0);
        story.arrive(EVENING + 5);
        story.cpu(EVENING + 600, 90.0);
        story.passing(EVENING + 620);
        assert_eq!(story.sent("oncall"), [(Reason::Raised, Status::Critical)]);
        story.arrive(EVENING + 625);
        story.cpu(EVENING + 700, 10.0);
        story.passing(EVENING + 760);
        let told = [(Reason::Raised, Status::Critical), (Reason::Recovered, Status::Ok)];
        assert_eq!(
            story.sent("oncall"),
            told,
            "the end of what was told is told in the night, too"
        );
    }
}

#[test]
fn what_waits_goes_on_waiting_after_a_restart() {
    for flow in [FlowRules::default(), FlowRules::people()] {
        let mut story = Story::open(site(flow), Image::default());
        story.cpu(EVENING, 30.0);
        story.arrive(EVENING + 5);
        let mut story = story.resumed_with(site(flow), EVENING + HOUR);
        story.passing(MORNING - 1);
        assert_eq!(story.sent("oncall"), []);
        story.passing(MORNING + 1);
        assert_eq!(story.sent("oncall"), [(Reason::Raised, Status::Warning)]);
    }
}
