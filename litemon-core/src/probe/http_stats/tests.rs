//! Against a server on a real socket, under a clock that is moved.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::*;
use crate::{
    clock::VirtualClock,
    exec::Local,
    http::far_side::{FarSide, Reply},
    model::Timestamp,
    secret::Secret,
};

/// Longer than any of these takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn at(utc: &str) -> Timestamp {
    Timestamp::from_millis(utc.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

struct Scene {
    server: FarSide,
    clock: Arc<VirtualClock>,
    probe: Arc<dyn Probe>,
}

impl Scene {
    /// In Jakarta (UTC+7), from noon of Thursday, 2016-04-14.
    async fn start(
        judge: impl Fn(&str) -> Reply + Send + Sync + 'static,
        change: impl FnOnce(&mut HttpStatsSettings),
    ) -> Self {
        let server = FarSide::start(judge).await;
        let clock = Arc::new(VirtualClock::new(at("2016-04-14T05:00:00Z")));
        let probe = probe(&server.url("/users?key=k3y"), &clock, change);
        Self { server, clock, probe }
    }

    async fn run(&self) -> Result<Observation, Failure> {
        self.run_within(PATIENCE).await
    }

    async fn run_within(&self, limit: Duration) -> Result<Observation, Failure> {
        let run = self.probe.run(Instant::now() + limit);
        tokio::time::timeout(limit + PATIENCE, run).await.expect("it keeps to its deadline")
    }

    /// Sets the clock to a moment.
    fn go(&self, utc: &str) {
        self.clock.set_by(at(utc).as_millis() - self.clock.now().as_millis());
    }

    /// `FIRST..LAST` of each question since the last time.
    fn days(&self) -> Vec<String> {
        let mut days: Vec<String> = self.server.asked().iter().map(|head| days_of(head)).collect();
        days.sort();
        days
    }
}

fn probe(
    url: &str,
    clock: &Arc<VirtualClock>,
    change: impl FnOnce(&mut HttpStatsSettings),
) -> Arc<dyn Probe> {
    let mut settings = HttpStatsSettings::new(Secret::new(url.to_owned()), "2015-01-01");
    change(&mut settings);
    let recipe = HttpStats::new(settings).unwrap();
    let zone = Zone::named("Asia/Jakarta").unwrap();
    recipe.build(&Site::new(Arc::new(Local::default()), clock.clone()).in_zone(zone))
}

fn parameters(head: &str) -> BTreeMap<String, String> {
    let target = head.split(' ').nth(1).unwrap();
    let url = url::Url::parse("http://x").unwrap().join(target).unwrap();
    url.query_pairs().into_owned().collect()
}

fn days_of(head: &str) -> String {
    let parameters = parameters(head);
    format!("{}..{}", parameters["date1"], parameters["date2"])
}

fn count(n: &str) -> Reply {
    Reply::http("200 OK", &format!("{{\"count\": \"{n}\", \"more\": []}}"))
}

/// `12 11 40 300 2083`, old ones with a `*`, unknown ones as `-`.
fn shown(seen: &Observation) -> String {
    let Observation::Numbers { numbers, .. } = seen else { panic!("{seen:?}") };
    let words: Vec<&str> = numbers.iter().map(|number| number.name.as_str()).collect();
    assert_eq!(words, ["today", "yesterday", "this_week", "this_month", "total"]);
    let shown = numbers.iter().map(|number| {
        let old = if number.failure.is_some() { "*" } else { "" };
        number.value.map_or_else(|| format!("-{old}"), |value| format!("{value}{old}"))
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn five_ranges_are_asked_for_by_the_days_of_the_zone() {
    let scene = Scene::start(|_| count("7"), |_| ()).await;
    assert_eq!(shown(&scene.run().await.unwrap()), "7 7 7 7 7");
    let heads = scene.server.asked();
    let today = "GET /users?key=k3y&date1=2016-04-14&date2=2016-04-14 ";
    assert!(heads.iter().any(|head| head.starts_with(today)), "{heads:?}");

    // A Thursday of the zone ends; a year begins on a Sunday, and its first week on the day after.
    for (now, days) in [
        ("2016-04-14T16:59:59Z", &["2015-01-01..14", "04-01..14", "04-11..14", "04-14..14"][..]),
        (
            "2016-04-14T17:00:00Z",
            &["2015-01-01..15", "04-01..15", "04-11..15", "04-14..14", "04-15..15"],
        ),
        (
            "2016-12-31T17:00:00Z",
            &["2015-01-01..01", "12-26..01", "12-31..31", "01-01..01", "01-01..01"],
        ),
        (
            "2017-01-01T17:00:00Z",
            &["2015-01-01..02", "01-01..01", "01-01..02", "01-02..02", "01-02..02"],
        ),
    ] {
        scene.go(now);
        scene.run().await.unwrap();
        let asked = scene.days();
        let short = |days: &String| {
            let (first, last) = days.split_once("..").unwrap();
            let first = if first.starts_with("2015") { first } else { &first[5..] };
            format!("{first}..{}", &last[8..])
        };
        assert_eq!(asked.iter().map(short).collect::<Vec<_>>(), days, "{now}");
    }
}

#[tokio::test]
async fn yesterday_is_asked_for_once_a_day_and_midnight_is_that_of_the_zone() {
    let scene = Scene::start(|_| count("7"), |_| ()).await;
    scene.run().await.unwrap();
    scene.server.asked();
    let open = [
        "2015-01-01..2016-04-14",
        "2016-04-01..2016-04-14",
        "2016-04-11..2016-04-14",
        "2016-04-14..2016-04-14",
    ];
    for now in ["2016-04-14T05:01:00Z", "2016-04-14T16:59:59Z"] {
        scene.go(now);
        assert_eq!(shown(&scene.run().await.unwrap()), "7 7 7 7 7");
        assert_eq!(scene.days(), open);
    }
    scene.go("2016-04-14T17:00:00Z");
    scene.run().await.unwrap();
    let asked = scene.days();
    assert_eq!(asked.len(), 5);
    assert!(asked.contains(&"2016-04-14..2016-04-14".to_owned()), "{asked:?}");
    assert!(asked.contains(&"2016-04-15..2016-04-15".to_owned()), "{asked:?}");
}

/// A server that counts 1 by the first day and 2 by the second, of which a test has the total.
async fn failing(total: Reply) -> Scene {
    let judge = move |head: &str| {
        let days = days_of(head);
        match days.starts_with("2015") && !days.ends_with("2016-04-14") {
            true => total.clone(),
            false => count(if days.ends_with("2016-04-15") { "2" } else { "1" }),
        }
    };
    let scene = Scene::start(judge, |_| ()).await;
    assert_eq!(shown(&scene.run().await.unwrap()), "1 1 1 1 1");
    scene.go("2016-04-15T05:00:00Z");
    scene
}

#[tokio::test]
async fn a_range_that_fails_keeps_its_last_number_and_says_why() {
    let deep = format!("HTTP/1.1 200 OK\r\n\r\n{}", "[".repeat(60_000)).into_bytes();
    let huge = format!("{{\"count\":\"1\",\"x\":\"{}\"}}", "x".repeat(70_000));
    let head = b"HTTP/1.1 200 OK\r\n\r\n{\"count\": \"1\", \"x\": \"x".to_vec();
    let away = Reply::with("302 Found", "Location: /users?date1=2015&date2=9\r\n", "");
    for (reply, why) in [
        (Reply::http("500 Oh", "{\"count\":\"9\"}"), "HTTP 500 Internal Server Error"),
        (Reply::http("200 OK", "<html>"), "the answer is not JSON"),
        (Reply::http("200 OK", "{\"count\":[]}"), "the answer has no number at \"/count\""),
        (Reply::http("200 OK", &huge), "the answer is longer than 64 KiB"),
        (Reply::Endless(head), "the answer is longer than 64 KiB"),
        (Reply::Endless(b"HTTP/1.1 200 OK\r\nX: y".to_vec()), "not HTTP"),
        (Reply::Raw(deep), "the answer is not JSON: recursion limit exceeded"),
        (Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), "not HTTP"),
        (Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".to_vec()), "connection lost"),
        (Reply::Raw(Vec::new()), "connection lost"),
        (away, "more than 3 redirects"),
    ] {
        let scene = failing(reply).await;
        let seen = scene.run().await.unwrap();
        let detail = seen.detail().unwrap();
        assert_eq!(shown(&seen), "2 1 2 2 1*", "{detail}");
        assert!(detail.starts_with(&format!("no new total: {why}")), "{detail}");
        let Observation::Numbers { numbers, .. } = seen else { unreachable!() };
        assert!(numbers[4].at.unwrap() < at("2016-04-14T06:00:00Z"), "{numbers:?}");
        assert!(numbers[0].at.unwrap() >= at("2016-04-15T05:00:00Z"), "{numbers:?}");
    }
}

#[tokio::test]
async fn what_is_slow_ends_with_the_run_and_keeps_nobody_else() {
    let text = "HTTP/1.1 200 OK\r\n\r\n{\"count\": \"9\"}";
    for reply in [Reply::Drip(text.into()), Reply::Mute] {
        let scene = failing(reply).await;
        let seen = scene.run_within(Duration::from_millis(700)).await.unwrap();
        assert_eq!(shown(&seen), "2 1 2 2 1*");
        let detail = seen.detail().unwrap();
        assert!(detail.contains("within 0."), "{detail}");
    }
}

#[tokio::test]
async fn at_most_two_questions_are_asked_at_once() {
    let scene = Scene::start(|_| Reply::Mute, |_| ()).await;
    let failure = scene.run_within(Duration::from_millis(300)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert_eq!(scene.server.asked().len(), 2);
}

#[tokio::test]
async fn a_server_that_is_away_is_a_failure() {
    let scene = Scene::start(|_| count("7"), |_| ()).await;
    let url = format!("http://127.0.0.1:{}/", scene.server.address.port());
    let away = probe(&url, &scene.clock, |_| ());
    scene.server.stop().await;
    let failure = away.run(Instant::now() + PATIENCE).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::Refused, "connection refused")
    );

    // Nobody is asked about a name that cannot be one, so that no slow resolver matters.
    let nobody = probe("http://-nobody.invalid/", &scene.clock, |_| ());
    let failure = nobody.run(Instant::now() + PATIENCE).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::NotResolved, "name not resolved")
    );
}

#[tokio::test]
async fn a_probe_takes_over_what_the_one_before_saw() {
    let scene = failing(Reply::http("404 Gone", "")).await;
    let number = |name: &str, value| Number {
        name: name.to_owned(),
        value: Some(value),
        at: Some(at("2016-04-14T05:00:00Z")),
        failure: None,
    };
    let next = probe(&scene.server.url("/"), &scene.clock, |_| ());
    next.recall(&[number("today", 1.0), number("total", 5.0)]);
    assert_eq!(shown(&next.run(Instant::now() + PATIENCE).await.unwrap()), "2 1 2 2 5*");
}

#[tokio::test]
async fn a_token_goes_where_it_belongs_and_nowhere_else() {
    let elsewhere = Arc::new(FarSide::start(|_| count("9")).await);
    let away = elsewhere.url("/users");
    let judge = move |head: &str| match head.contains(" /moved") {
        true => count("7"),
        false if days_of(head).starts_with("2015") => {
            Reply::with("302 Found", &format!("Location: {away}\r\n"), "")
        }
        false => Reply::with("302 Found", "Location: /moved\r\n", ""),
    };
    let secret = |text: &str| Secret::new(text.to_owned());
    let scene = Scene::start(judge, |settings| {
        settings.token = Some(secret("t0ken"));
        settings.headers = vec![("X-Key".to_owned(), secret("h3ader"))];
        settings.query = vec![("site".to_owned(), secret("s3cret"))];
    })
    .await;
    let seen = scene.run().await.unwrap();
    assert_eq!(shown(&seen), "7 7 7 7 -*");
    let detail = seen.detail().unwrap();
    assert_eq!(detail, "no new total: redirected to another host, where a secret does not go");
    for head in scene.server.asked() {
        assert!(head.contains("authorization: Bearer t0ken\r\n"), "{head}");
        assert!(head.contains("x-key: h3ader\r\n") && !head.contains("referer"), "{head}");
        assert!(head.contains("&site=s3cret") || head.contains(" /moved"), "{head}");
    }
    assert!(elsewhere.asked().is_empty());
    let told = format!("{:?} {seen:?}", scene.probe);
    for secret in ["t0ken", "h3ader", "s3cret", "k3y", "/users"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn what_is_asked_can_be_said_otherwise() {
    let scene = Scene::start(
        |_| Reply::http("200 OK", "{\"data\":[{\"n\":12.5}]}"),
        |settings| {
            settings.parameters = ["from".to_owned(), "to".to_owned()];
            settings.date_format = "%d/%m/%Y".to_owned();
            settings.count = "/data/0/n".to_owned();
            settings.week_starts = "sunday".to_owned();
        },
    )
    .await;
    assert_eq!(shown(&scene.run().await.unwrap()), "12.5 12.5 12.5 12.5 12.5");
    let asked: Vec<_> = scene.server.asked().iter().map(|head| parameters(head)).collect();
    let week = asked.iter().find(|of| of["from"] == "10/04/2016").expect("a week from Sunday");
    assert_eq!((week["to"].as_str(), week["key"].as_str()), ("14/04/2016", "k3y"));
}

#[tokio::test]
async fn a_total_that_is_still_to_begin_is_not_asked_for() {
    let later = |settings: &mut HttpStatsSettings| settings.total_since = "2016-05-01".to_owned();
    let scene = Scene::start(|_| count("7"), later).await;
    let seen = scene.run().await.unwrap();
    assert_eq!(shown(&seen), "7 7 7 7 -*");
    assert_eq!(seen.detail(), Some("no new total: total_since (2016-05-01) is still to come"));
    assert_eq!(scene.server.asked().len(), 4);
}

#[test]
fn every_mistake_is_told_at_once_and_without_secrets() {
    let mut settings = HttpStatsSettings::new(Secret::new("ftp://s3cret".to_owned()), "2015-02-30");
    settings.parameters = ["day".to_owned(), "day".to_owned()];
    settings.count = "count".to_owned();
    settings.week_starts = "Montag".to_owned();
    settings.redirects = 11;
    settings.token = Some(Secret::new("s3cret\n".to_owned()));
    let wrong = HttpStats::new(settings).unwrap_err();
    let keys: Vec<&str> = wrong.iter().map(|(key, _)| key.as_str()).collect();
    let expected =
        ["url", "total_since", "week_starts", "parameters", "count", "redirects", "token"];
    assert_eq!(keys, expected);
    assert!(wrong.iter().all(|(_, text)| !text.contains("s3cret")), "{wrong:?}");
    for format in ["%H:%M", "%Q", "%"] {
        let mut settings = HttpStatsSettings::new(Secret::new("http://a".to_owned()), "2015-01-01");
        settings.date_format = format.to_owned();
        assert_eq!(HttpStats::new(settings).unwrap_err()[0].0, "date_format", "{format}");
    }
}
