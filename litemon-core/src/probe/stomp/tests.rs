//! Conversations with a broker that says what a test wants. The real ones are in the acceptance tests.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::oneshot,
    time::{Instant, advance, timeout},
};

use super::{StompSettings, session::Session, trips::Trips};
use crate::{
    model::{Failure, FailureKind},
    secret::Secret,
};

const CONNECTED: &str = "CONNECTED\nversion:1.2\n\n\0";

fn settings() -> StompSettings {
    let mut settings = StompSettings::new("broker", 61613, "/queue/a:b");
    settings.login = Some("litemon".into());
    settings.passcode = Some(Secret::new("s3cret".into()));
    settings
}

/// The broker's end: what was written to it up to the next NUL.
async fn heard(broker: &mut DuplexStream) -> String {
    let mut text = Vec::new();
    loop {
        match broker.read_u8().await.unwrap() {
            0 => return String::from_utf8(text).unwrap(),
            byte => text.push(byte),
        }
    }
}

async fn login(answer: &str) -> (Result<Session<DuplexStream>, Failure>, String) {
    let (client, mut broker) = duplex(4096);
    broker.write_all(answer.as_bytes()).await.unwrap();
    let session = Session::login(client, &settings()).await;
    let said = heard(&mut broker).await;
    (session, said)
}

async fn refused(answer: &str) -> Failure {
    login(answer).await.0.map(|_| ()).unwrap_err()
}

#[tokio::test]
async fn the_login_says_who_and_where_and_asks_for_no_beats() {
    let (session, said) = login(CONNECTED).await;
    session.map(|_| ()).unwrap();
    let mut lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.remove(0), "CONNECT");
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "",
            "accept-version:1.0,1.1,1.2",
            "heart-beat:0,0",
            "host:/",
            "login:litemon",
            "passcode:s3cret"
        ]
    );
}

#[tokio::test]
async fn what_a_broker_says_is_wrong_is_told_without_the_password() {
    let failure = refused(
        "ERROR\nmessage:Bad CONNECT\ncontent-length:34\n\nAccess refused for user 'litemon'\n\0",
    )
    .await;
    assert_eq!(failure.kind, FailureKind::Auth);
    assert_eq!(failure.message, "ERROR Bad CONNECT: Access refused for user 'litemon'");
    let told = [
        (
            "message:User [x] is invalid.\n\nUser [x] is invalid.\n at A\n",
            "ERROR User [x] is invalid.",
        ),
        ("message:no\n\n", "ERROR no"),
        ("\nonly this\n", "ERROR only this"),
        ("\n", "ERROR"),
        ("message:s3cret\n\nnot s3cret, litemon", "ERROR not ***, litemon"),
    ];
    for (said, line) in told {
        assert_eq!(refused(&format!("ERROR\n{said}\0")).await.message, line);
    }
}

#[tokio::test]
async fn whoever_is_no_broker_is_told_apart() {
    for answer in ["SSH-2.0-OpenSSH_9.2\n\n", "MESSAGE\n\n\0", "HTTP/1.1 400 Bad Request\r\n\r\n"] {
        assert_eq!(refused(answer).await.kind, FailureKind::Protocol, "{answer:?}");
    }
    let (client, broker) = duplex(4096);
    drop(broker);
    let failure = Session::login(client, &settings()).await.map(|_| ()).unwrap_err();
    assert_eq!((failure.kind, &*failure.message), (FailureKind::Dropped, "connection lost"));
}

#[tokio::test]
async fn old_messages_may_come_before_the_subscription_is_confirmed() {
    let (client, mut broker) = duplex(4096);
    broker.write_all(CONNECTED.as_bytes()).await.unwrap();
    let settings = settings();
    let mut session = Session::login(client, &settings).await.unwrap();
    heard(&mut broker).await;
    let trips = Trips::default();
    let (back, mut came) = oneshot::channel();
    let token = trips.token();
    trips.sent(token.clone(), back, Instant::now(), Duration::from_secs(1));
    let message = format!("MESSAGE\nmessage-id:1\n\n{token}\0\nRECEIPT\nreceipt-id:other\n\n\0");
    broker.write_all(message.as_bytes()).await.unwrap();
    broker.write_all(b"RECEIPT\nreceipt-id:subscribed\n\n\0").await.unwrap();
    session.subscribe(&settings, &trips).await.unwrap();
    assert!(came.try_recv().is_ok());
    let said = heard(&mut broker).await;
    assert!(said.contains("destination:/queue/a\\cb\n") && said.contains("ack:auto\n"), "{said}");
    session.send(&settings.destination, &token.to_string()).await.unwrap();
    let said = heard(&mut broker).await;
    assert!(said.starts_with("SEND\n") && !said.contains("receipt"), "{said}");
    assert!(said.ends_with(&format!("\n\n{token}")), "{said}");
}

#[tokio::test]
async fn stomp_1_0_knows_no_escapes() {
    let (client, mut broker) = duplex(4096);
    broker.write_all(b"CONNECTED\n\n\0").await.unwrap();
    let settings = settings();
    let mut session = Session::login(client, &settings).await.unwrap();
    heard(&mut broker).await;
    session.send("/queue/a:b", &Trips::default().token().to_string()).await.unwrap();
    assert!(heard(&mut broker).await.contains("destination:/queue/a:b\n"));
}

#[tokio::test]
async fn leaving_waits_for_the_broker_to_let_go() {
    let (client, mut broker) = duplex(4096);
    broker.write_all(CONNECTED.as_bytes()).await.unwrap();
    let session = Session::login(client, &settings()).await.unwrap();
    heard(&mut broker).await;
    let leaving = tokio::spawn(session.leave());
    assert!(heard(&mut broker).await.starts_with("DISCONNECT\n"));
    broker.write_all(b"MESSAGE\n\nx\0RECEIPT\nreceipt-id:left\n\n\0").await.unwrap();
    timeout(Duration::from_secs(5), leaving).await.unwrap().unwrap();
    assert_eq!(broker.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn each_message_is_known_by_its_own_token() {
    let second = Duration::from_secs(1);
    let trips = Arc::new(Trips::default());
    let send = |listen| {
        let (back, came) = oneshot::channel();
        let token = trips.token();
        trips.sent(token.clone(), back, Instant::now(), listen);
        (token, came)
    };
    let (first, came_first) = send(20 * second);
    advance(second).await;
    let (other, mut came_other) = send(20 * second);
    assert_ne!(first, other);
    advance(second).await;
    // Out of order, a second copy, and what is nobody's.
    trips.came(&other.to_string(), Instant::now());
    trips.came(&other.to_string(), Instant::now());
    trips.came("hello", Instant::now());
    assert_eq!(came_other.try_recv().unwrap(), second);
    assert!(!trips.take_strangers());
    // Somebody gave up waiting: it is late, and told once.
    drop(came_first);
    advance(12 * second).await;
    trips.came(&first.to_string(), Instant::now());
    assert_eq!(trips.take_late(), Some(14 * second));
    assert_eq!(trips.take_late(), None);
    // Longer than that nobody listens.
    let (third, came) = send(second);
    drop(came);
    advance(2 * second).await;
    trips.came(&third.to_string(), Instant::now());
    assert_eq!(trips.take_late(), None);
}

#[tokio::test(start_paused = true)]
async fn another_litemons_message_is_put_back_a_few_times() {
    let (trips, others) = (Trips::default(), Trips::default());
    let (back, mut came) = oneshot::channel();
    let token = others.token();
    others.sent(token.clone(), back, Instant::now(), Duration::from_secs(60));
    let mut message = token.to_string();
    let mut times = 0;
    while let Some(again) = trips.came(&message, Instant::now()) {
        message = again;
        times += 1;
    }
    assert_eq!(times, 8);
    assert!(trips.take_strangers() && !trips.take_strangers());
    // Its sender knows it again, and nothing else is put back.
    assert_eq!(others.came(&message, Instant::now()), None);
    assert_eq!(came.try_recv(), Ok(Duration::ZERO));
    for body in ["hello", &others.token().to_string()] {
        assert_eq!(others.came(body, Instant::now()), None, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_a_few_are_remembered() {
    let trips = Trips::default();
    let mut waiting = Vec::new();
    for _ in 0..100 {
        let (back, came) = oneshot::channel();
        let token = trips.token();
        trips.sent(token.clone(), back, Instant::now(), Duration::from_secs(60));
        waiting.push((token, came));
    }
    let given_up = Err(oneshot::error::TryRecvError::Closed);
    let alive = waiting.iter_mut().map(|(_, came)| came.try_recv()).filter(|got| *got != given_up);
    assert_eq!(alive.count(), 8);
}
