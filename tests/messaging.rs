//! Round trips through real brokers: RabbitMQ and ActiveMQ.

use std::{path::PathBuf, sync::Arc, time::Duration};

use litemon_core::{
    clock::SystemClock,
    exec::{self, Address, SshSettings},
    model::{Failure, FailureKind, Observation},
    probe::{
        Probe, Recipe, Site,
        stomp::{StompRoundTrip, StompSettings, StompTls},
    },
    secret::Secret,
};
use regex::Regex;
use tokio::time::Instant;

use crate::support::{
    activemq::ActiveMq, courier::Courier, eventually, kannel::Kannel, litemon::Litemon,
    rabbitmq::RabbitMq,
};

const PHONE: &str = "+628123456789";
const SOON: Duration = Duration::from_secs(40);

fn settings(port: u16, user: &str, password: &str) -> StompSettings {
    let mut settings = StompSettings::new("127.0.0.1", port, "/queue/litemon.probe");
    settings.login = Some(user.to_owned());
    settings.passcode = Some(Secret::new(password.to_owned()));
    settings.expired = SOON;
    settings.timeout = SOON;
    settings
}

fn rabbit_settings(port: u16) -> StompSettings {
    settings(port, RabbitMq::USER, RabbitMq::PASSWORD)
}

fn probe(settings: StompSettings) -> Arc<dyn Probe> {
    let local = exec::connect(&Address::Local, &SshSettings::new(""));
    StompRoundTrip::new(settings).build(&Site::new(local, Arc::new(SystemClock)))
}

async fn look(probe: &Arc<dyn Probe>, limit: Duration) -> Result<Observation, Failure> {
    probe.run(Instant::now() + limit).await
}

async fn failure(settings: StompSettings) -> (FailureKind, String) {
    let failure = look(&probe(settings), SOON).await.unwrap_err();
    (failure.kind, failure.message)
}

/// What it measures is what the courier measured: within 2 ms, unless somebody else had the
/// processor meanwhile.
async fn is_accurate(broker: u16, settings: impl FnOnce(u16) -> StompSettings) {
    let courier = Courier::start(broker).await;
    let probe = probe(settings(courier.port()));
    let mut apart = Vec::new();
    for hold in [0, 20, 50, 120, 250, 80, 10] {
        courier.hold(Duration::from_millis(hold));
        let seen = look(&probe, SOON).await.unwrap();
        assert_eq!(seen.unit(), "s");
        let measured = courier.delays().last().copied().unwrap().as_secs_f64();
        let value = seen.value().unwrap();
        assert!(value >= f64::from(u32::try_from(hold).unwrap()) / 1000.0, "{value} {hold}");
        apart.push((value - measured).abs());
    }
    assert_eq!(courier.delays().len(), apart.len(), "one message a trip");
    apart.sort_by(f64::total_cmp);
    println!("apart from the courier's clock, in s: {apart:?}");
    assert!(apart[apart.len() / 2] <= 0.002, "{apart:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_activemq() {
    let broker = ActiveMq::start().await;
    let good = |port| settings(port, ActiveMq::USER, ActiveMq::PASSWORD);
    is_accurate(broker.port, good).await;
    let (kind, line) = failure(settings(broker.port, ActiveMq::USER, "wr0ng-canary")).await;
    assert_eq!(kind, FailureKind::Auth);
    assert_eq!(line, "login: ERROR User name [litemon] or password is invalid.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_rabbitmq() {
    let mut rabbit = RabbitMq::start().await;
    is_accurate(rabbit.port, rabbit_settings).await;
    errors_in_their_own_words(&rabbit).await;
    over_tls(&rabbit).await;
    two_share_a_queue(&rabbit).await;
    what_is_late_is_told_with_the_next_result(&rabbit).await;
    a_restart_needs_no_second_attempt(&mut rabbit).await;
}

async fn errors_in_their_own_words(rabbit: &RabbitMq) {
    let (kind, line) = failure(settings(rabbit.port, RabbitMq::USER, "wr0ng-canary")).await;
    assert_eq!(kind, FailureKind::Auth);
    assert_eq!(line, "login: ERROR Bad CONNECT: Access refused for user 'litemon'");

    let mut forbidden = rabbit_settings(rabbit.port);
    forbidden.destination = "/queue/payroll".to_owned();
    let (kind, line) = failure(forbidden).await;
    assert_eq!(kind, FailureKind::Protocol);
    assert!(line.starts_with("subscribe: ERROR access_refused: "), "{line}");
    assert!(line.contains("payroll"), "{line}");

    let mut elsewhere = rabbit_settings(rabbit.port);
    elsewhere.vhost = "/nowhere".to_owned();
    let (_, line) = failure(elsewhere).await;
    assert!(line.starts_with("login: ERROR Bad CONNECT: "), "{line}");

    // Somebody who speaks TLS there, and somebody who does not speak at all.
    let mut plain = rabbit_settings(rabbit.tls_port);
    plain.timeout = Duration::from_secs(2);
    let (_, line) = failure(plain).await;
    assert!(line.starts_with("login: "), "{line}");
}

async fn over_tls(rabbit: &RabbitMq) {
    let with = |tls| {
        let mut settings = rabbit_settings(rabbit.tls_port);
        settings.tls = tls;
        settings
    };
    let seen = look(&probe(with(StompTls::Roots(rabbit.authority()))), SOON).await.unwrap();
    assert!(seen.value().unwrap() < SOON.as_secs_f64());
    let (kind, line) = failure(with(StompTls::System)).await;
    assert_eq!(kind, FailureKind::Protocol);
    assert!(line.starts_with("connect: TLS: invalid peer certificate: "), "{line}");
    let (kind, line) = failure(with(StompTls::Roots(PathBuf::from("/nowhere.pem")))).await;
    assert_eq!(kind, FailureKind::Internal);
    assert!(line.starts_with("connect: tls_roots /nowhere.pem: "), "{line}");
}

/// As `litemon probe` beside a running litemon does: what one gets of the other, it puts back.
async fn two_share_a_queue(rabbit: &RabbitMq) {
    let both = [probe(rabbit_settings(rabbit.port)), probe(rabbit_settings(rabbit.port))];
    for _ in 0..10 {
        let (one, other) = tokio::join!(look(&both[0], SOON), look(&both[1], SOON));
        one.unwrap();
        other.unwrap();
    }
}

async fn what_is_late_is_told_with_the_next_result(rabbit: &RabbitMq) {
    let courier = Courier::start(rabbit.port).await;
    let mut late = rabbit_settings(courier.port());
    late.expired = Duration::from_millis(1500);
    let expired = late.expired;
    let probe = probe(late);
    // Past a first login on a slow day, which is no part of this.
    look(&probe, SOON).await.unwrap();
    courier.hold(Duration::from_millis(2200));
    let failure = look(&probe, expired).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert_eq!(failure.message, "receive: no message back in 1.5 s");
    eventually("the late message", SOON, async || (courier.delays().len() == 2).then_some(()))
        .await;
    courier.hold(Duration::ZERO);
    let seen = look(&probe, SOON).await.unwrap();
    assert_eq!(seen.detail(), Some("the one before came after 2.2 s"));
    assert_eq!(look(&probe, SOON).await.unwrap().detail(), None);
}

async fn a_restart_needs_no_second_attempt(rabbit: &mut RabbitMq) {
    let probe = probe(rabbit_settings(rabbit.port));
    look(&probe, SOON).await.unwrap();
    rabbit.stop().await;
    let failure = look(&probe, SOON).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(failure.message, "connect: connection refused");
    rabbit.resume().await;
    look(&probe, SOON).await.unwrap();
}

/// What `/dashboard/get/messaging` says of a check.
async fn says(litemon: &Litemon, name: &str, status: &str, limit: Duration) -> Duration {
    let begun = Instant::now();
    eventually(&format!("{name} to be {status}"), limit, async || {
        let all = litemon.get_json("/dashboard/get/messaging").await;
        (all[name]["status"] == status).then_some(())
    })
    .await;
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_stops_comes_back_and_is_slow() {
    let (mut rabbit, kannel) = tokio::join!(RabbitMq::start(), Kannel::start());
    let courier = Courier::start(rabbit.port).await;
    let configuration = configuration(&rabbit, &courier) + &kannel.notifier("oncall", PHONE);
    let secrets = [("SMS_KEY", Kannel::PASSWORD), ("RABBIT", RabbitMq::PASSWORD)];
    let mut litemon = Litemon::start(&configuration, &secrets).await;
    says(&litemon, "direct", "OK", SOON).await;
    says(&litemon, "carried", "OK", SOON).await;

    // Interval, expired, and deciding on a machine that is busy with other tests.
    let limit = Duration::from_secs(3 + 3 + 3);
    rabbit.stop().await;
    let took = says(&litemon, "direct", "Failed", limit).await;
    println!("stopped: Failed after {took:?}");
    says(&litemon, "carried", "Failed", limit).await;
    rabbit.resume().await;
    let took = says(&litemon, "direct", "OK", limit).await;
    println!("restarted: OK after {took:?}");
    says(&litemon, "carried", "OK", limit).await;

    courier.hold(Duration::from_millis(4500));
    let took = says(&litemon, "carried", "Failed", limit).await;
    println!("slow: Failed after {took:?}");
    courier.hold(Duration::ZERO);
    let took = says(&litemon, "carried", "OK", limit).await;
    println!("quick again: OK after {took:?}");
    let all = litemon.get_json("/dashboard/get/messaging").await;
    assert_eq!(all["direct"]["expired"], "3", "{all}");
    assert!(all["direct"]["delay"].as_f64().unwrap() < 3.0, "{all}");

    assert!(litemon.stop().await.success(), "{}", litemon.log());
    let probed = litemon.command(&["probe", "messaging/direct"]).output().unwrap();
    let table = String::from_utf8_lossy(&probed.stdout);
    println!("{table}");
    let line = Regex::new(r"(?m)^messaging/direct +OK +\d\.\d{3} s$").unwrap();
    assert!(line.is_match(&table), "{table}");
    kannel.send(PHONE, "the last one").await;
    let texts = eventually("the last SMS", SOON, async || {
        let texts = kannel.texts();
        texts.iter().any(|text| text == "the last one").then_some(texts)
    })
    .await;
    texts.iter().for_each(|text| println!("{text}"));
    for begins in [
        "PROBLEM direct Failed since ",
        "OK direct OK, was Failed ",
        "PROBLEM carried Failed since ",
        "OK carried OK, was Failed ",
        "PROBLEM carried Failed since ",
        "OK carried OK, was Failed ",
    ] {
        assert!(texts.iter().any(|text| text.starts_with(begins)), "{begins}: {texts:?}");
    }
    assert_eq!(texts.len(), 6 + 1, "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("(connection refused) #")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("(no message back in 3 s) #")), "{texts:?}");
}

fn configuration(rabbit: &RabbitMq, courier: &Courier) -> String {
    let check = |name: &str, port: u16| {
        format!(
            "[messaging.{name}]\nurl = \"stomp://127.0.0.1:{port}\"\nlogin = \"{}\"\n\
             passcode = {{ env = \"RABBIT\" }}\ndestination = \"/queue/litemon.{name}\"\nexpired = \"3s\"\n",
            RabbitMq::USER
        )
    };
    format!(
        "[defaults]\nnotify = \"oncall\"\ninterval = \"3s\"\nattempts = 1\nflapping = false\n{}{}",
        check("direct", rabbit.port),
        check("carried", courier.port())
    )
}
