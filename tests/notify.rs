//! Notices through the delivery and a real gateway to the phones.

use std::{sync::Arc, time::Duration};

use litemon_core::{
    clock::{Clock, SystemClock},
    exec::{Command, Exec, Output},
    model::{
        CheckId, CheckKind, Failure, FailureKind, Gathering, Language, Name, Notice, Observation,
        OutboxEntry, OutboxState, Reason, Status, Zone,
    },
    notify::{
        NotifierRecipe, NotifierSite,
        delivery::{Delivery, DeliveryUpdate, Limits},
        sms::{SmsRecipe, SmsSettings, TemplateText},
    },
    secret::Secret,
};
use tokio::{sync::mpsc, time::Instant};

use crate::support::kannel::Kannel;

const SOON: Duration = Duration::from_secs(20);
const FIRST: &str = "+628123456789";
const SECOND: &str = "+628123456780";

/// No command is run here.
#[derive(Debug)]
struct Nowhere;

#[async_trait::async_trait]
impl Exec for Nowhere {
    async fn run(&self, _: &Command, _: Instant) -> Result<Output, Failure> {
        Err(Failure::new(FailureKind::Internal, "nowhere"))
    }

    async fn reach(&self, _: Instant) -> Result<(), Failure> {
        Err(Failure::new(FailureKind::Internal, "nowhere"))
    }
}

fn settings(kannel: &Kannel, password: &str) -> SmsSettings {
    let template = |text: &str| TemplateText::Template(text.to_owned());
    let mut settings = SmsSettings::new(Secret::new(kannel.url()));
    settings.gateway.query = vec![
        ("username".into(), template(Kannel::USER)),
        ("password".into(), TemplateText::Secret(Secret::new(password.to_owned()))),
        ("to".into(), template("{{ to }}")),
        ("text".into(), template("{{ text }}")),
    ];
    settings.gateway.success = Some("^0: ".into());
    settings.gateway.queued = Some("^3: ".into());
    settings.recipients = vec![FIRST.into(), SECOND.into()];
    settings.timeout = Duration::from_secs(3);
    settings
}

fn deliver(settings: SmsSettings) -> (Delivery, mpsc::Receiver<DeliveryUpdate>) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let local: Arc<dyn Exec> = Arc::new(Nowhere);
    let site =
        NotifierSite::new(local, Arc::default(), Zone::utc(), Language::English, clock.clone());
    let notifier = SmsRecipe::new(settings).unwrap().build(&site);
    let notifiers = [(Name::new("oncall").unwrap(), notifier)].into();
    Delivery::start(notifiers, clock, Limits::default(), Vec::new())
}

fn entry(id: i64, to: &str) -> OutboxEntry {
    let now = SystemClock.now();
    let notice = Notice {
        reason: Reason::Raised,
        incident: Some(17),
        check: CheckId::parse("web-1/cpu").unwrap(),
        kind: CheckKind::Resource,
        server: Name::new("web-1").ok(),
        status: Status::Critical,
        was: None,
        seen: Ok(Observation::percent(93.0, Some("[é €]".into()))),
        limit: Some(50.0),
        since: now,
        at: now,
        unjournaled: false,
        by: None,
        job: None,
        digest: None,
        remedy: None,
    };
    OutboxEntry {
        id,
        notifier: Name::new("oncall").unwrap(),
        recipient: to.to_owned(),
        notice,
        state: OutboxState::Pending,
        attempts: 0,
        next_at: now,
        gathering: Gathering::default(),
        first: false,
        way: 0,
        report_by: None,
    }
}

fn over(id: i64, problem: &OutboxEntry) -> OutboxEntry {
    let mut entry = OutboxEntry { id, ..problem.clone() };
    entry.notice.reason = Reason::Recovered;
    entry.notice.status = Status::Ok;
    entry.notice.was = Some(Status::Critical);
    entry
}

/// The next update that settles an entry.
async fn settled(updates: &mut mpsc::Receiver<DeliveryUpdate>) -> OutboxEntry {
    let wait = async {
        loop {
            let update = updates.recv().await.expect("the delivery runs");
            if update.entry.state != OutboxState::Pending {
                return update.entry;
            }
        }
    };
    tokio::time::timeout(SOON + SOON, wait).await.expect("a settled entry")
}

/// The next failed attempt that is to be repeated.
async fn failed_attempt(updates: &mut mpsc::Receiver<DeliveryUpdate>) -> String {
    let update = tokio::time::timeout(SOON, updates.recv()).await.expect("an attempt").unwrap();
    assert_eq!(update.entry.state, OutboxState::Pending);
    update.attempt.expect("an attempt").detail
}

#[tokio::test]
async fn each_recipient_gets_it_once_word_for_word() {
    let kannel = Kannel::start().await;
    let (delivery, mut updates) = deliver(settings(&kannel, Kannel::PASSWORD));
    let (first, second) = (entry(1, FIRST), entry(2, SECOND));
    let since = Zone::utc().hour_minute(first.notice.since);
    delivery.push(vec![first, second]);
    for _ in 0..2 {
        assert_eq!(settled(&mut updates).await.state, OutboxState::Accepted);
    }
    delivery.push(vec![over(3, &entry(1, FIRST))]);
    assert_eq!(settled(&mut updates).await.state, OutboxState::Accepted);
    let mut got = kannel.wait_for(3, SOON).await;
    assert_eq!(got[2].text, "OK web-1 cpu normal, was 93% > 50% 0s #17");
    assert_eq!(got[2].to, FIRST);
    got.truncate(2);
    got.sort_by(|a, b| b.to.cmp(&a.to));
    assert_eq!([got[0].to.as_str(), got[1].to.as_str()], [FIRST, SECOND]);
    for sms in got {
        assert_eq!(sms.text, format!("PROBLEM web-1 cpu 93% > 50% since {since} ([é €]) #17"));
    }
}

#[tokio::test]
async fn queued_without_a_phone_network_is_not_sent_again() {
    let mut kannel = Kannel::start_without_phones().await;
    let (delivery, mut updates) = deliver(settings(&kannel, Kannel::PASSWORD));
    let second = entry(2, SECOND);
    delivery.push(vec![entry(1, FIRST)]);
    let entry = settled(&mut updates).await;
    assert_eq!((entry.state, entry.attempts), (OutboxState::Queued, 1));
    kannel.start_phones().await;
    kannel.wait_for(1, SOON).await;
    // Whatever comes next comes after a doubled one would have.
    delivery.push(vec![second]);
    settled(&mut updates).await;
    let got = kannel.wait_for(2, SOON).await;
    assert_eq!([got[0].to.as_str(), got[1].to.as_str()], [FIRST, SECOND]);
}

#[tokio::test]
async fn a_wrong_password_is_a_dead_letter_without_it() {
    let kannel = Kannel::start().await;
    let (delivery, mut updates) = deliver(settings(&kannel, "wr0ng-p4ss"));
    delivery.push(vec![entry(1, FIRST)]);
    let entry = settled(&mut updates).await;
    let OutboxState::Dead(why) = entry.state else { panic!("{entry:?}") };
    assert_eq!(why, "HTTP 403 Forbidden: Authorization failed for sendsms");
    assert_eq!(entry.attempts, 1);
    delivery.status().wait_for(|status| status.dead_total == 1).await.unwrap();
    assert_eq!(kannel.texts(), Vec::<String>::new());
}

#[tokio::test]
async fn a_gateway_that_was_down_gets_it_once_it_is_up() {
    let mut kannel = Kannel::start().await;
    kannel.stop();
    let (delivery, mut updates) = deliver(settings(&kannel, Kannel::PASSWORD));
    let (told, merged) = (entry(1, FIRST), entry(2, SECOND));
    delivery.push(vec![told, merged.clone()]);
    for _ in 0..2 {
        let why = failed_attempt(&mut updates).await;
        assert!(why.contains("onnection refused"), "{why}");
        assert!(!why.contains(Kannel::PASSWORD), "{why}");
    }
    // One problem ends before anybody could be told.
    delivery.push(vec![over(3, &merged)]);
    kannel.restart().await;
    let mut states = Vec::new();
    for _ in 0..3 {
        let entry = settled(&mut updates).await;
        states.push((entry.id, entry.state));
    }
    states.sort_by_key(|(id, _)| *id);
    let expected = [OutboxState::Accepted, OutboxState::Superseded, OutboxState::Accepted];
    assert_eq!(states, [1, 2, 3].into_iter().zip(expected).collect::<Vec<_>>());
    let mut texts: Vec<_> =
        kannel.wait_for(2, SOON).await.into_iter().map(|sms| sms.text).collect();
    texts.sort();
    assert_eq!(texts.len(), 2);
    assert!(texts[0].starts_with("OK web-1 cpu normal, was 93% > 50% 0s since "), "{texts:?}");
    assert!(texts[1].starts_with("PROBLEM web-1 cpu 93% > 50% since "), "{texts:?}");
}

#[tokio::test]
async fn a_gateway_that_never_answers_is_asked_again() {
    let mut kannel = Kannel::start().await;
    kannel.hold(true);
    let mut settings = settings(&kannel, Kannel::PASSWORD);
    settings.timeout = Duration::from_secs(1);
    let (delivery, mut updates) = deliver(settings);
    delivery.push(vec![entry(1, FIRST)]);
    let why = failed_attempt(&mut updates).await;
    assert_eq!(why, "the gateway gave no answer within 1s");
    // Killed before it went on, so what it had taken in silence is lost with it. Had it gone on
    // instead, the message would come twice: it cannot be known.
    kannel.restart().await;
    assert_eq!(settled(&mut updates).await.state, OutboxState::Accepted);
    assert_eq!(kannel.wait_for(1, SOON).await.len(), 1);
}

#[tokio::test]
async fn a_slow_gateway_is_waited_for() {
    let kannel = Kannel::start().await;
    let mut settings = settings(&kannel, Kannel::PASSWORD);
    settings.timeout = SOON;
    let (delivery, mut updates) = deliver(settings);
    kannel.hold(true);
    delivery.push(vec![entry(1, FIRST)]);
    let held = tokio::time::timeout(Duration::from_secs(1), updates.recv()).await;
    assert!(held.is_err(), "it answered while it was held: {held:?}");
    kannel.hold(false);
    let entry = settled(&mut updates).await;
    assert_eq!((entry.state, entry.attempts), (OutboxState::Accepted, 1));
    assert_eq!(kannel.wait_for(1, SOON).await.len(), 1);
}

#[tokio::test]
async fn the_second_gateway_is_asked_beside_one_that_hangs() {
    let (first, second) = (Kannel::start().await, Kannel::start().await);
    first.hold(true);
    let mut settings = settings(&first, Kannel::PASSWORD);
    settings.others = vec![self::settings(&second, Kannel::PASSWORD).gateway];
    settings.hedge = Some(Duration::from_secs(1));
    settings.timeout = Duration::from_secs(3);
    let (delivery, mut updates) = deliver(settings);
    let began = Instant::now();
    delivery.push(vec![entry(1, FIRST)]);
    let entry = settled(&mut updates).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!((entry.state, entry.attempts), (OutboxState::Accepted, 1));
    assert_eq!(second.wait_for(1, SOON).await[0].to, FIRST);
    assert_eq!(first.texts(), Vec::<String>::new());
}

#[tokio::test]
async fn a_gateway_that_only_keeps_it_is_followed_by_the_next() {
    let (first, second) = (Kannel::start_without_phones().await, Kannel::start().await);
    let mut settings = settings(&first, Kannel::PASSWORD);
    settings.others = vec![self::settings(&second, Kannel::PASSWORD).gateway];
    let (delivery, mut updates) = deliver(settings);
    delivery.push(vec![entry(1, FIRST)]);
    let update = tokio::time::timeout(SOON, updates.recv()).await.expect("an update").unwrap();
    assert_eq!(update.entry.state, OutboxState::Accepted);
    assert_eq!(update.attempt.unwrap().detail, "gateway 2: 0: Accepted for delivery");
    assert_eq!(second.wait_for(1, SOON).await.len(), 1);
}
