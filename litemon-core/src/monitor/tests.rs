//! The decisions of the core, told as stories: what happened when, and what was told.

mod arrivals;
mod duty;
mod heal;
mod held;
mod isolated;
mod policy;
mod quiet;
mod storm;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use proptest::prelude::*;
use tokio::time::Instant;

use super::{
    core::Core,
    effects::Effects,
    setup::{Check, NotifierSetup, Server, Setup},
};
use crate::{
    clock::{Clock, VirtualClock},
    exec::Local,
    journal::{Batch, Image},
    model::{
        CheckId, CheckKind, Criteria, EventKind, Failure, FailureKind, HistoryRecord, Name, Notice,
        Number, Observation, OutboxState, Outcome, Reason, Schedule, Status, Threshold, Timestamp,
    },
    notify::{Accepted, Notifier, SendError, delivery::DeliveryUpdate},
    probe::{
        Probe, Recipe, Site,
        push::{Call, Inbox, Push, Token},
    },
    state::CheckState,
};

#[derive(Debug)]
struct Nothing;

#[async_trait]
impl Probe for Nothing {
    async fn run(&self, _: Instant) -> Result<Observation, Failure> {
        Err(Failure::new(FailureKind::Internal, "the core runs no probes"))
    }
}

#[async_trait]
impl Notifier for Nothing {
    fn recipients(&self) -> Vec<String> {
        vec!["+1".into(), "+2".into()]
    }
    fn timeout(&self) -> Duration {
        Duration::from_secs(5)
    }
    async fn send(&self, _: &Notice, _: &str, _: Instant) -> Result<Accepted, SendError> {
        Err(SendError::permanent("the core sends nothing"))
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn id(text: &str) -> CheckId {
    CheckId::parse(text).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn check(text: &str, kind: CheckKind) -> Check {
    let id = id(text);
    let server = name(id.owner());
    Check::new(id, kind, Arc::new(Nothing)).on(server).notify(vec![name("oncall"), name("fix")])
}

/// web-1 with ssh, cpu (threshold 50) and nginx; `oncall` tells two people, `fix` is a remedy.
fn setup() -> Setup {
    let limits = Threshold { critical: Some(50.0), ..Threshold::default() };
    let notifier = |text: &str| NotifierSetup::new(name(text), Arc::new(Nothing));
    Setup {
        servers: vec![Server::new(name("web-1"), "192.0.2.1")],
        checks: vec![
            check("web-1/ssh", CheckKind::Ssh),
            check("web-1/cpu", CheckKind::Resource).criteria(Criteria::Threshold(limits)),
            check("web-1/nginx", CheckKind::Service),
        ],
        notifiers: vec![
            notifier("oncall"),
            notifier("fix").events(vec![EventKind::Problem]).remedy(),
        ],
        ..Setup::default()
    }
}

/// A core, and all that it ever asked for.
struct Story {
    core: Core,
    all: Batch,
    told: Vec<Notice>,
    run_now: Vec<String>,
    run_soon: Vec<String>,
    asks_canaries: bool,
    history: Vec<HistoryRecord>,
}

impl Story {
    fn new() -> Self {
        Self::open(setup(), Image::default())
    }

    fn open(setup: Setup, image: Image) -> Self {
        Self::open_at(setup, image, 0)
    }

    fn open_at(setup: Setup, image: Image, seconds: i64) -> Self {
        let mut effects = Effects::default();
        let (core, _) = Core::open(setup, image, at(seconds), &mut effects);
        let mut story = Self {
            core,
            all: Batch::default(),
            told: Vec::new(),
            run_now: Vec::new(),
            run_soon: Vec::new(),
            asks_canaries: false,
            history: Vec::new(),
        };
        story.take(effects);
        story
    }

    fn take(&mut self, effects: Effects) {
        self.all.merge(effects.batch);
        self.told.extend(effects.send.into_iter().map(|entry| entry.notice));
        self.run_now.extend(effects.run_now.iter().map(ToString::to_string));
        self.run_soon.extend(effects.run_soon.iter().map(ToString::to_string));
        self.asks_canaries |= effects.ask_canaries;
        self.history.extend(effects.history);
    }

    fn result(&mut self, seconds: i64, check: &str, result: Result<Observation, Failure>) {
        let mut effects = Effects::default();
        let outcome = Outcome { at: at(seconds), took: Duration::from_millis(100), result };
        self.core.finished(&id(check), outcome, &mut effects);
        self.take(effects);
    }

    fn switch(&mut self, seconds: i64, check: &str, on: bool) {
        self.result(seconds, check, Ok(Observation::Switch { on, detail: None }));
    }

    fn fails(&mut self, seconds: i64, check: &str, kind: FailureKind) {
        self.result(seconds, check, Err(Failure::new(kind, kind.as_str())));
    }

    /// What was told since the last call, without repeating it for each recipient.
    fn tellings(&mut self) -> Vec<(Reason, String, Status)> {
        let mut told: Vec<_> = std::mem::take(&mut self.told)
            .into_iter()
            .map(|notice| (notice.reason, notice.check.to_string(), notice.status))
            .collect();
        told.dedup();
        told
    }

    fn shown(&mut self, check: &str) -> Status {
        self.core.snapshot(at(1_000_000)).check(check).unwrap().status
    }

    /// What a journal would give back.
    fn image(&self) -> Image {
        let mut image = Image::default();
        for (id, state) in &self.all.states {
            image.states.extend(state.clone().map(|state| (id.clone(), state)));
        }
        let open = self.all.incidents.iter().filter(|(_, incident)| incident.closed.is_none());
        image.incidents = open.map(|(number, incident)| (*number, incident.clone())).collect();
        image.outbox = self.all.outbox.clone();
        image.next_incident = self.all.next_incident.unwrap_or(1);
        image.next_notice = self.all.next_notice.unwrap_or(1);
        image.last_result = self.all.last_result;
        let holds = self.all.holds.iter();
        image.holds =
            holds.filter_map(|(name, hold)| Some((name.clone(), hold.clone()?))).collect();
        let tellings = self.all.tellings.iter();
        image.tellings =
            tellings.filter_map(|(number, telling)| Some((*number, telling.clone()?))).collect();
        let windows = self.all.windows.iter();
        image.windows =
            windows.filter_map(|(number, window)| Some((*number, window.clone()?))).collect();
        image.next_window = self.all.next_window.unwrap_or(1);
        image.flows = self.all.flows.clone();
        image
    }
}

#[test]
fn a_service_goes_off_and_comes_back() {
    let mut story = Story::new();
    story.switch(0, "web-1/nginx", true);
    story.switch(10, "web-1/nginx", false);
    assert_eq!(story.tellings(), []);
    story.switch(14, "web-1/nginx", false);
    // Two people and one remedy.
    assert_eq!(story.told.len(), 4);
    assert_eq!(story.told[0].since, at(10));
    let raised = (Reason::Raised, "web-1/nginx".into(), Status::Critical);
    assert_eq!(story.tellings(), [raised]);
    story.switch(24, "web-1/nginx", true);
    // The remedy takes no recoveries.
    assert_eq!(story.told.len(), 2);
    assert_eq!(story.told[0].was, Some(Status::Critical));
    assert_eq!(story.tellings(), [(Reason::Recovered, "web-1/nginx".into(), Status::Ok)]);
    assert!(story.all.incidents[&1].closed.is_some());
}

#[test]
fn a_value_passes_its_threshold() {
    let mut story = Story::new();
    for (second, value) in [(0, 10.0), (10, 93.0), (14, 95.0)] {
        story.result(second, "web-1/cpu", Ok(Observation::percent(value, None)));
    }
    assert_eq!(story.told[0].limit, Some(50.0));
    assert_eq!(story.told[0].seen.as_ref().unwrap().value(), Some(95.0));
    let values = story.history.iter().filter(|r| matches!(r, HistoryRecord::Value(_))).count();
    assert_eq!(values, 3);
}

#[test]
fn a_recovery_names_the_limit_that_was_passed_not_a_newer_one() {
    let mut story = Story::new();
    for second in [0, 4] {
        story.result(second, "web-1/cpu", Ok(Observation::percent(93.0, None)));
    }
    let mut raised = setup();
    let limits = Threshold { critical: Some(99.0), ..Threshold::default() };
    raised.checks[1].criteria = Criteria::Threshold(limits);
    // Over a restart too.
    let mut story = Story::open(raised, story.image());
    story.result(14, "web-1/cpu", Ok(Observation::percent(93.0, None)));
    let limits: Vec<_> = story.told.iter().map(|notice| (notice.reason, notice.limit)).collect();
    assert_eq!(limits, [(Reason::Recovered, Some(50.0)); 2]);
}

#[test]
fn an_unreachable_server_is_one_incident_and_its_checks_are_unknown() {
    let mut story = Story::new();
    for check in ["web-1/ssh", "web-1/nginx"] {
        story.switch(0, check, true);
    }
    story.fails(10, "web-1/nginx", FailureKind::Refused);
    assert_eq!(story.run_now, ["web-1/ssh"]);
    assert_eq!(story.shown("web-1/nginx"), Status::Ok, "not before the server is asked");
    story.fails(11, "web-1/ssh", FailureKind::Refused);
    assert_eq!(story.shown("web-1/nginx"), Status::Unknown);
    story.fails(14, "web-1/nginx", FailureKind::Refused);
    story.fails(15, "web-1/ssh", FailureKind::Refused);
    story.fails(20, "web-1/cpu", FailureKind::Refused);
    let raised = (Reason::Raised, "web-1/ssh".to_owned(), Status::Critical);
    assert_eq!(story.tellings(), [raised]);
    for check in ["web-1/nginx", "web-1/cpu"] {
        assert_eq!(story.shown(check), Status::Unknown);
    }
    story.run_now.clear();
    story.switch(25, "web-1/ssh", true);
    assert_eq!(story.tellings(), [(Reason::Recovered, "web-1/ssh".into(), Status::Ok)]);
    assert_eq!(story.run_now, ["web-1/cpu", "web-1/nginx"], "and they are looked at again");
}

#[test]
fn a_check_that_hangs_on_a_server_that_answers_is_its_own_problem() {
    let mut story = Story::new();
    story.switch(0, "web-1/ssh", true);
    for second in [10, 20] {
        story.fails(second, "web-1/cpu", FailureKind::Timeout);
        story.switch(second + 5, "web-1/ssh", true);
    }
    let raised = (Reason::Raised, "web-1/cpu".to_owned(), Status::Unknown);
    assert_eq!(story.tellings(), [raised]);
    assert_eq!(story.run_now, ["web-1/ssh", "web-1/ssh"]);
}

#[test]
fn a_verdict_that_began_before_the_failure_does_not_count() {
    let mut story = Story::new();
    story.switch(0, "web-1/ssh", true);
    story.fails(10, "web-1/cpu", FailureKind::Dropped);
    story.run_now.clear();
    story.switch(9, "web-1/ssh", true);
    assert_eq!(story.run_now, ["web-1/ssh"]);
    story.fails(11, "web-1/ssh", FailureKind::Silent);
    assert_eq!(story.shown("web-1/cpu"), Status::Unknown);
    assert_eq!(story.tellings(), []);
}

#[test]
fn a_bad_verdict_is_not_hurried_to_its_next_attempt_by_a_later_failure() {
    let mut story = Story::new();
    story.switch(0, "web-1/ssh", true);
    story.fails(11, "web-1/nginx", FailureKind::Dropped);
    story.run_now.clear();
    story.fails(10, "web-1/ssh", FailureKind::Refused);
    assert_eq!(story.run_now, [""; 0]);
    assert_eq!(story.shown("web-1/nginx"), Status::Unknown);
}

#[test]
fn a_newer_result_takes_the_place_of_one_that_waits() {
    let mut config = setup();
    config.checks[2].schedule.attempts = 1;
    let mut story = Story::open(config, Image::default());
    story.switch(0, "web-1/ssh", true);
    story.fails(10, "web-1/nginx", FailureKind::Timeout);
    story.switch(11, "web-1/nginx", true);
    story.switch(12, "web-1/ssh", true);
    assert_eq!(story.tellings(), [], "it was seen On since");
    assert_eq!(story.shown("web-1/nginx"), Status::Ok);
}

#[test]
fn an_open_incident_of_a_check_stays_open_while_its_server_is_away() {
    let mut story = Story::new();
    story.switch(0, "web-1/ssh", true);
    story.switch(10, "web-1/nginx", false);
    story.switch(14, "web-1/nginx", false);
    story.fails(20, "web-1/ssh", FailureKind::NoRoute);
    story.fails(24, "web-1/ssh", FailureKind::NoRoute);
    story.tellings();
    story.fails(24, "web-1/nginx", FailureKind::NoRoute);
    story.switch(40, "web-1/ssh", true);
    story.tellings();
    story.switch(41, "web-1/nginx", false);
    assert_eq!(story.tellings(), [], "it was told before");
    story.switch(51, "web-1/nginx", true);
    assert_eq!(story.tellings(), [(Reason::Recovered, "web-1/nginx".into(), Status::Ok)]);
}

#[test]
fn faults_of_the_monitor_are_no_faults_of_servers() {
    let mut story = Story::new();
    for second in 0..5 {
        for check in ["web-1/ssh", "web-1/nginx", "web-1/cpu"] {
            story.fails(second * 10, check, FailureKind::Internal);
        }
    }
    assert_eq!(story.tellings(), []);
    assert_eq!(story.shown("web-1/ssh"), Status::Unknown);
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let mut story = Story::new();
    story.switch(10, "web-1/nginx", false);
    story.switch(14, "web-1/nginx", false);
    let mut story = Story::open(setup(), story.image());
    story.switch(20, "web-1/nginx", false);
    assert_eq!(story.tellings(), []);
    assert_eq!(story.shown("web-1/nginx"), Status::Critical);
    story.switch(30, "web-1/nginx", true);
    assert_eq!(story.told[0].incident, Some(1));
    assert_eq!(story.tellings(), [(Reason::Recovered, "web-1/nginx".into(), Status::Ok)]);
    story.switch(40, "web-1/nginx", false);
    story.switch(44, "web-1/nginx", false);
    assert_eq!(story.told[0].incident, Some(2));
}

/// A statistic, and a check that has to be called every 30 seconds.
fn remembering(clock: &Arc<VirtualClock>) -> (Setup, Arc<Inbox>) {
    let mut pushed = check("checks/backup", CheckKind::Other);
    let token = Token::parse("an-invented-token-of-22-letters").unwrap().hash();
    let site = Site::new(Arc::new(Local::default()), clock.clone());
    pushed.probe = Push::new(token, Duration::from_secs(30)).build(&site);
    let inbox = Arc::clone(pushed.probe.inbox().unwrap());
    let counted = check("stats/new-users", CheckKind::Statistic);
    let checks = [counted, pushed].map(|check| Check { server: None, ..check }).into();
    (Setup { checks, ..setup() }, inbox)
}

#[tokio::test(start_paused = true)]
async fn last_numbers_and_the_last_call_survive_a_restart() {
    let clock = Arc::new(VirtualClock::new(at(0)));
    let total =
        Number { name: "total".to_owned(), value: Some(2083.0), at: Some(at(10)), failure: None };
    let (setup, inbox) = remembering(&clock);
    let mut story = Story::open(setup, Image::default());
    let numbers = Observation::Numbers { numbers: vec![total.clone()], detail: None };
    story.result(10, "stats/new-users", Ok(numbers));
    let call = Call { status: Status::Warning, message: "slow".to_owned(), value: None };
    inbox.put(call.clone(), clock.instant(), at(10)).unwrap();
    story.result(10, "checks/backup", Ok(Observation::judged(Status::Warning, [], "slow")));
    story.result(21, "stats/new-users", Err(Failure::new(FailureKind::Silent, "no answer")));

    // An hour without a monitor, as long as the journal's text goes.
    let mut image = story.image();
    let text = serde_json::to_string(&image.states).unwrap();
    image.states = serde_json::from_str(&text).unwrap();
    let (setup, inbox) = remembering(&clock);
    let mut story = Story::open_at(setup, image, 3600);
    let view = story.core.snapshot(at(3600));
    assert_eq!(view.check("stats/new-users").unwrap().last_numbers, [total]);
    let told = inbox.last().unwrap();
    assert_eq!((&told.call, told.at), (&call, at(10)));
    let age = told.age(clock.instant()).as_secs();
    assert!((10..=12).contains(&age), "{age} s, of which the hour is none");
}

#[test]
fn a_state_of_an_earlier_version_can_be_read() {
    let mut state = serde_json::to_value(CheckState::new(at(0))).unwrap();
    let fields = state.as_object_mut().unwrap();
    for new in ["memory", "numbers", "called"] {
        fields.remove(new);
    }
    assert_eq!(serde_json::from_value::<CheckState>(state).unwrap(), CheckState::new(at(0)));
}

#[test]
fn a_reload_keeps_what_stays_and_withdraws_what_goes() {
    let mut story = Story::new();
    for check in ["web-1/nginx", "web-1/ssh"] {
        story.switch(10, check, false);
        story.switch(14, check, false);
    }
    story.tellings();
    let mut without = setup();
    without.checks.retain(|check| check.id.as_str() != "web-1/nginx");
    let mut effects = Effects::default();
    story.core.reload(without, at(20), &mut effects);
    story.take(effects);
    assert_eq!(story.tellings(), []);
    assert!(story.all.incidents[&1].closed.is_some());
    assert_eq!(story.all.states[&id("web-1/nginx")], None);
    assert!(story.all.incidents[&2].closed.is_none());
    story.switch(30, "web-1/ssh", true);
    assert_eq!(story.tellings(), [(Reason::Recovered, "web-1/ssh".into(), Status::Ok)]);
}

#[test]
fn a_withdrawn_check_is_withdrawn_on_a_restart_too() {
    let mut story = Story::new();
    story.switch(10, "web-1/nginx", false);
    story.switch(14, "web-1/nginx", false);
    let mut without = setup();
    without.checks.retain(|check| check.id.as_str() != "web-1/nginx");
    let story = Story::open(without, story.image());
    assert!(story.all.incidents[&1].closed.is_some());
}

#[test]
fn what_one_notifier_gave_up_is_told_by_the_others() {
    let mut config = setup();
    let backup = NotifierSetup::new(name("backup"), Arc::new(Nothing));
    config.notifiers.push(backup);
    config.checks[2].notify.push(name("backup"));
    let mut story = Story::open(config, Image::default());
    story.switch(10, "web-1/nginx", false);
    story.switch(14, "web-1/nginx", false);
    story.tellings();
    let mut entry = story.all.outbox[&1].clone();
    assert_eq!(entry.notifier, name("oncall"));
    entry.state = OutboxState::Dead("403".into());
    let mut effects = Effects::default();
    story.core.delivered(DeliveryUpdate { entry, attempt: None }, at(20), &mut effects);
    let to: Vec<_> = effects.send.iter().map(|entry| entry.notifier.to_string()).collect();
    assert_eq!(to, ["backup", "backup"]);
    story.take(effects);
    assert_eq!(story.tellings()[0].0, Reason::Undelivered);
    // The recipient who was never told of the problem is not told that it is over.
    story.switch(30, "web-1/nginx", true);
    assert_eq!(story.told.len(), 3);
}

#[test]
fn a_fault_of_the_journal_is_an_incident_of_its_own() {
    let mut story = Story::new();
    let mut effects = Effects::default();
    story.core.own_fault("journal", Some("disk full".into()), true, at(1), &mut effects);
    story.core.own_fault("journal", Some("disk full".into()), true, at(2), &mut effects);
    story.take(effects);
    assert_eq!(story.told.len(), 2, "people, not remedies");
    let mut effects = Effects::default();
    story.core.own_fault("journal", None, true, at(3), &mut effects);
    story.take(effects);
    let words: Vec<_> = story.tellings().into_iter().map(|(reason, ..)| reason).collect();
    assert_eq!(words, [Reason::Raised, Reason::Recovered]);
}

#[test]
fn a_fault_of_the_journal_ends_with_a_restart_that_can_read_it() {
    let mut story = Story::new();
    let mut effects = Effects::default();
    story.core.own_fault("journal", Some("disk full".into()), true, at(1), &mut effects);
    story.take(effects);
    story.tellings();
    let mut story = Story::open(setup(), story.image());
    let over = (Reason::Recovered, "litemon:journal".to_owned(), Status::Ok);
    assert_eq!(story.tellings(), [over]);
}

#[derive(Clone, Debug)]
enum Step {
    On,
    Off,
    Fail(FailureKind),
}

fn any_step() -> impl Strategy<Value = (usize, Step)> {
    use FailureKind::{Busy, Exit, Internal, Refused, Timeout};
    let failure = prop::sample::select(vec![Busy, Exit, Internal, Refused, Timeout]);
    (0_usize..3, prop_oneof![Just(Step::On), Just(Step::Off), failure.prop_map(Step::Fail)])
}

#[test]
fn a_server_is_drawn_again_only_when_something_of_it_changed() {
    let mut setup = setup();
    setup.servers.push(Server::new(name("web-2"), "192.0.2.2"));
    setup.checks.push(check("web-2/nginx", CheckKind::Service));
    let mut story = Story::open(setup, Image::default());
    let before = story.core.snapshot(at(1));
    story.switch(2, "web-1/nginx", true);
    let after = story.core.snapshot(at(3));
    let same: Vec<_> = std::iter::zip(&before.servers, &after.servers)
        .map(|(before, after)| Arc::ptr_eq(before, after))
        .collect();
    assert_eq!(same, [false, true]);
    assert_eq!(after.check("web-1/nginx").unwrap().status, Status::Ok);
}

proptest! {
    /// Whatever is seen in whatever order, with restarts in between: no recovery without a problem
    /// told, no second problem of a check before its recovery, and the journal's image always leads
    /// to the same state as the memory that wrote it.
    #[test]
    fn tellings_are_sane(steps in prop::collection::vec((any_step(), prop::bool::weighted(0.05)), 0..120)) {
        const CHECKS: [&str; 3] = ["web-1/ssh", "web-1/cpu", "web-1/nginx"];
        let mut story = Story::new();
        let mut open = std::collections::HashSet::new();
        for (n, ((which, step), restart)) in steps.into_iter().enumerate() {
            let check = CHECKS[which];
            let second = i64::try_from(n).unwrap() * 5;
            match step {
                Step::On => story.switch(second, check, true),
                Step::Off => story.switch(second, check, false),
                Step::Fail(kind) => story.fails(second, check, kind),
            }
            for (reason, check, _) in story.tellings() {
                match reason {
                    Reason::Raised => prop_assert!(open.insert(check)),
                    Reason::Escalated => prop_assert!(open.contains(&check)),
                    Reason::Recovered => prop_assert!(open.remove(&check)),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            if restart {
                let all = story.all.clone();
                story = Story::open(setup(), story.image());
                story.all = all;
            }
            let incidents = story.core.snapshot(at(second)).incidents.len();
            prop_assert_eq!(incidents, open.len());
        }
    }
}

#[test]
fn the_default_schedule_is_that_of_the_documentation() {
    let schedule = Schedule::default();
    assert_eq!((schedule.attempts, schedule.interval.as_secs()), (2, 10));
}

/// The status changes of a check that history was told, with their seconds.
fn told_history(story: &mut Story, check: &str) -> Vec<(i64, Status)> {
    let changes =
        std::mem::take(&mut story.history).into_iter().filter_map(|record| match record {
            HistoryRecord::Change(change) if change.check == id(check) => Some(change),
            _ => None,
        });
    changes.map(|change| (change.at.since(at(0)).as_secs().cast_signed(), change.status)).collect()
}

#[test]
fn history_knows_when_the_monitor_did_not_run() {
    let mut story = Story::new();
    for second in [0, 10, 20] {
        story.switch(second, "web-1/nginx", true);
    }
    assert_eq!(told_history(&mut story, "web-1/nginx"), [(0, Status::Ok)]);
    let image = story.image();
    // A restart within three intervals and the timeout is none.
    let mut story = Story::open_at(setup(), image.clone(), 50);
    story.switch(52, "web-1/nginx", true);
    assert_eq!(told_history(&mut story, "web-1/nginx"), []);

    let mut story = Story::open_at(setup(), image, 500);
    assert_eq!(told_history(&mut story, "web-1/nginx"), [(20, Status::Unknown)]);
    for second in [505, 515] {
        story.switch(second, "web-1/nginx", true);
    }
    assert_eq!(told_history(&mut story, "web-1/nginx"), [(505, Status::Ok)]);
    assert_eq!(told_history(&mut story, "web-1/cpu"), [], "it was never known");
    assert_eq!(story.tellings(), []);
}

#[test]
fn history_knows_when_the_machine_slept() {
    let mut story = Story::new();
    for second in [0, 10, 45, 55, 500, 510] {
        story.switch(second, "web-1/nginx", true);
    }
    let told = [(0, Status::Ok), (55, Status::Unknown), (500, Status::Ok)];
    assert_eq!(told_history(&mut story, "web-1/nginx"), told);
}
