//! Whether messages arrived, and what is done when they did not.

use super::*;
use crate::{
    model::{NoticeId, NoticeState, OutboxEntry},
    notify::report::Report,
};

/// One recipient, to whom two gateways lead.
#[derive(Debug)]
struct TwoWays;

#[async_trait]
impl Notifier for TwoWays {
    fn recipients(&self) -> Vec<String> {
        vec!["+1".into()]
    }
    fn timeout(&self) -> Duration {
        Duration::from_secs(5)
    }
    fn ways(&self) -> u32 {
        2
    }
    async fn send(&self, _: &Notice, _: &str, _: Instant) -> Result<Accepted, SendError> {
        Err(SendError::permanent("the core sends nothing"))
    }
}

fn site() -> Setup {
    let mut site = setup();
    site.notifiers[0].notifier = Arc::new(TwoWays);
    site.notifiers.push(NotifierSetup::new(name("backup"), Arc::new(Nothing)));
    for check in &mut site.checks {
        check.notify.push(name("backup"));
    }
    site
}

impl Story {
    /// nginx goes off: the number of the notice to `oncall`, which its first gateway took at 20 s and
    /// is to report about by 30 s.
    fn taken() -> (Self, NoticeId) {
        let mut story = Self::open(site(), Image::default());
        story.switch(10, "web-1/nginx", false);
        story.switch(14, "web-1/nginx", false);
        let id = *story.to_oncall().first().unwrap();
        story.accepted(id, 20);
        story.told.clear();
        (story, id)
    }

    fn to_oncall(&self) -> Vec<NoticeId> {
        let all = self.all.outbox.values().filter(|entry| entry.notifier == name("oncall"));
        all.map(|entry| entry.id).collect()
    }

    fn accepted(&mut self, id: NoticeId, seconds: i64) {
        let entry = OutboxEntry {
            state: OutboxState::Accepted,
            next_at: at(seconds),
            report_by: Some(at(seconds + 10)),
            ..self.all.outbox[&id].clone()
        };
        let mut effects = Effects::default();
        let update = DeliveryUpdate { entry, attempt: None };
        self.core.delivered(update, at(seconds), &mut effects);
        self.take(effects);
    }

    fn reports(&mut self, id: NoticeId, report: Report, seconds: i64) -> Option<Duration> {
        let mut effects = Effects::default();
        self.core.reported(id, report, at(seconds), &mut effects);
        let took = effects.arrived.first().copied();
        self.take(effects);
        took
    }

    /// Lets the time come that the core waits for, if it is by then.
    fn passes(&mut self, seconds: i64) {
        let mut effects = Effects::default();
        if self.core.next_lapse().is_some_and(|due| due <= at(seconds)) {
            self.core.lapse(at(seconds), &mut effects);
        }
        self.take(effects);
    }

    fn state(&self, id: NoticeId) -> &'static str {
        self.all.outbox[&id].state.as_str()
    }
}

#[test]
fn what_arrived_is_known_and_nothing_more_is_done() {
    let (mut story, id) = Story::taken();
    assert_eq!(story.reports(id, Report::Underway, 21), None);
    assert_eq!(story.reports(id, Report::Delivered, 23), Some(Duration::from_secs(3)));
    assert_eq!(story.reports(id, Report::Delivered, 24), None, "it is known");
    assert_eq!(story.reports(id + 1000, Report::Failed, 24), None, "nobody knows of that");
    story.passes(60);
    assert_eq!((story.state(id), story.told.len()), ("delivered", 0));
    let view = story.core.snapshot(at(60)).incidents[0].clone();
    let told = view.told.iter().find(|told| told.notifier == "oncall").unwrap();
    assert_eq!((told.state, told.at), (NoticeState::Delivered, at(23)));
}

#[test]
fn a_report_may_be_quicker_than_the_answer() {
    for (report, state) in [(Report::Delivered, "delivered"), (Report::Failed, "undelivered")] {
        let mut story = Story::open(site(), Image::default());
        story.switch(10, "web-1/nginx", false);
        story.switch(14, "web-1/nginx", false);
        let id = *story.to_oncall().first().unwrap();
        story.reports(id, Report::Underway, 19);
        story.reports(id, report, 19);
        assert_eq!(story.state(id), "pending");
        story.accepted(id, 20);
        assert_eq!(story.state(id), state);
    }
}

#[test]
fn without_a_report_the_next_gateway_is_taken_and_then_the_others_are_told_once() {
    let (story, id) = Story::taken();
    // A restart of litemon forgets nothing of it.
    let mut story = {
        let mut next = Story::open_at(site(), story.image(), 25);
        next.all.merge(story.all);
        next
    };
    story.passes(29);
    assert_eq!((story.state(id), story.told.len()), ("accepted", 0));
    story.passes(30);
    assert_eq!((story.state(id), story.told.len()), ("undelivered", 1));
    let again = story.all.outbox[story.to_oncall().last().unwrap()].clone();
    assert_eq!((again.way, again.state, again.report_by), (1, OutboxState::Pending, None));
    assert_eq!(again.notice, story.all.outbox[&id].notice);
    story.told.clear();

    story.accepted(again.id, 40);
    story.passes(60);
    assert_eq!(story.state(again.id), "undelivered");
    // Two people by `backup`; the remedy is left alone.
    let told: Vec<Reason> = story.told.iter().map(|notice| notice.reason).collect();
    assert_eq!(told, [Reason::Undelivered; 2]);
    story.told.clear();
    story.reports(id, Report::Failed, 61);
    story.reports(again.id, Report::Failed, 61);
    story.passes(600);
    assert_eq!(story.told.len(), 0, "once is enough");
    assert_eq!(story.reports(again.id, Report::Delivered, 700), None, "but it counts");
    assert_eq!(story.state(again.id), "delivered");
}

#[test]
fn a_gateway_that_says_that_it_failed_is_believed_at_once() {
    let (mut story, id) = Story::taken();
    story.reports(id, Report::Failed, 21);
    assert_eq!((story.state(id), story.told.len()), ("undelivered", 1));
}

#[test]
fn a_problem_that_is_over_is_not_sent_once_more() {
    let (mut story, id) = Story::taken();
    story.switch(24, "web-1/nginx", true);
    story.told.clear();
    story.passes(30);
    assert_eq!((story.state(id), story.told.len()), ("undelivered", 0));
    // Its end is, which nobody would know of else.
    let over = *story.to_oncall().last().unwrap();
    story.accepted(over, 31);
    story.passes(41);
    assert_eq!(story.tellings(), [(Reason::Recovered, "web-1/nginx".into(), Status::Ok)]);
}
