use std::sync::atomic::Ordering;

use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::{
    model::{Failure, FailureKind},
    notify::{
        Retry, fixtures,
        fixtures_gateway::Gateway,
        fixtures_site::{ScriptedExec, site},
    },
};

fn settings(gateway: &Gateway) -> SmsSettings {
    let url = format!("http://user:hunter22@127.0.0.1:{}/send?key=verysecretkey", gateway.port);
    let mut settings = SmsSettings::new(Secret::new(url));
    settings.gateway.query = vec![
        ("password".into(), TemplateText::Secret(Secret::new("p&ss {{ to }}".into()))),
        ("to".into(), template("{{ to }}")),
        ("text".into(), template("{{ text }}")),
    ];
    settings.recipients = vec!["+628123456789".into()];
    settings.gateway.success = Some("^0: ".into());
    settings.gateway.queued = Some("^3: ".into());
    settings.timeout = Duration::from_secs(5);
    settings
}

fn template(text: &str) -> TemplateText {
    TemplateText::Template(text.to_owned())
}

fn notifier(settings: SmsSettings) -> Arc<dyn Notifier> {
    let nowhere = ScriptedExec::new(Err(Failure::new(FailureKind::Internal, "no")));
    SmsRecipe::new(settings).unwrap().build(&site(&nowhere, &nowhere))
}

async fn send(settings: SmsSettings) -> Result<Accepted, SendError> {
    let notifier = notifier(settings);
    let by = Instant::now() + notifier.timeout();
    let to = notifier.recipients().remove(0);
    notifier.send(&fixtures::off(), &to, by).await
}

async fn answered(answer: &'static str) -> Result<Accepted, SendError> {
    let gateway = Gateway::start(answer, false).await;
    send(settings(&gateway)).await
}

fn no_secret(text: &str) {
    for secret in ["hunter22", "verysecretkey", "p&ss", "p%26ss"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn the_request_and_its_acceptance() {
    let gateway = Gateway::start(
        "HTTP/1.1 202 Ok\r\nContent-Length: 26\r\n\r\n0: Accepted for delivery\r\n",
        false,
    )
    .await;
    let notifier = notifier(settings(&gateway));
    for _ in 0..3 {
        let by = Instant::now() + notifier.timeout();
        let sent = notifier.send(&fixtures::off(), "+628123456789", by).await;
        assert_eq!(sent, Ok(Accepted::now("0: Accepted for delivery")));
    }
    assert_eq!(gateway.connections.load(Ordering::Relaxed), 1, "one pooled connection");
    let line = gateway.asked();
    let line = line.lines().next().unwrap();
    assert_eq!(
        line,
        "GET /send?key=verysecretkey&password=p%26ss+%7B%7B+to+%7D%7D&to=%2B628123456789&text=PROBLEM+web-1+nginx+Off+since+05%3A33+%2317 HTTP/1.1"
    );
}

#[tokio::test]
async fn what_each_answer_means() {
    let queued =
        answered("HTTP/1.1 202 Ok\r\nContent-Length: 20\r\n\r\n3: Queued for later ").await;
    assert_eq!(queued, Ok(Accepted::queued("3: Queued for later")));
    for (answer, retry, message) in [
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 20\r\n\r\nAuthorization failed",
            Retry::Never,
            "HTTP 403 Forbidden: Authorization failed",
        ),
        (
            "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
            Retry::Later,
            "HTTP 500 Internal Server Error",
        ),
        (
            "HTTP/1.1 408 Slow\r\nContent-Length: 0\r\n\r\n",
            Retry::Later,
            "HTTP 408 Request Timeout",
        ),
        (
            "HTTP/1.1 429 Many\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n",
            Retry::After(Duration::from_secs(17)),
            "HTTP 429 Too Many Requests",
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            Retry::Never,
            "HTTP 302 Found",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nmodem failed",
            Retry::Later,
            "HTTP 200 OK, but the answer does not match `success`: modem failed",
        ),
        (
            "HTTP/1.1 400 Bad\r\nContent-Length: 43\r\n\r\nwrong: user:hunter22 verysecretkey p%26ss  ",
            Retry::Never,
            "HTTP 400 Bad Request: wrong: ***:*** *** p%26ss",
        ),
    ] {
        let error = answered(answer).await.unwrap_err();
        assert_eq!((error.retry, error.message.as_str()), (retry, message));
    }
}

#[tokio::test]
async fn a_key_in_the_path_is_not_quoted() {
    let answer = "HTTP/1.1 404 Gone\r\nContent-Length: 31\r\n\r\nno key k3yk3yk3 in /k3yk3yk3/sm";
    let gateway = Gateway::start(answer, false).await;
    let mut settings = settings(&gateway);
    let url = format!("http://127.0.0.1:{}/k3yk3yk3/sms", gateway.port);
    settings.gateway.url = Secret::new(url);
    let error = send(settings).await.unwrap_err();
    assert_eq!(error.message, "HTTP 404 Not Found: no key *** in /***/sm");
}

#[tokio::test]
async fn an_endless_body_ends() {
    let gateway = Gateway::start("HTTP/1.1 200 OK\r\n\r\n0: ", true).await;
    let sent = send(settings(&gateway)).await.unwrap();
    assert!(sent.answer.starts_with("0: xxx") && sent.answer.len() <= 200, "{sent:?}");
}

#[tokio::test]
async fn nobody_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = |port| Secret::new(format!("http://user:hunter22@127.0.0.1:{port}/?verysecretkey=1"));
    let mut settings = SmsSettings::new(url(port));
    settings.recipients = vec!["+628123456789".into()];
    settings.timeout = Duration::from_millis(100);
    let error = send(settings.clone()).await.unwrap_err();
    assert_eq!(error, SendError::temporary("the gateway gave no answer within 100ms"));

    drop(silent);
    settings.gateway.url = url(port);
    settings.timeout = Duration::from_secs(5);
    let error = send(settings).await.unwrap_err();
    assert_eq!(error.retry, Retry::Later);
    assert!(error.message.contains("onnection refused"), "{error}");
    no_secret(&error.message);
}

#[tokio::test]
async fn form_json_and_headers() {
    let gateway = Gateway::start("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n0: k", false).await;
    let mut settings = settings(&gateway);
    settings.gateway.method = Method::Post;
    settings.gateway.query.clear();
    settings.gateway.headers = vec![
        ("x-token".into(), TemplateText::Secret(Secret::new("t0k3n".into()))),
        ("x-incident".into(), template("{{ incident }}")),
    ];
    settings.gateway.json = Some(json!({
        "to": ["{{ to }}"], "text": "{{ text }} \"{{ server }}\"", "flash": false, "n": 1
    }));
    send(settings.clone()).await.unwrap();
    let asked = gateway.asked();
    assert!(
        asked.contains("x-token: t0k3n\r\n") && asked.contains("x-incident: 17\r\n"),
        "{asked}"
    );
    let body: serde_json::Value =
        serde_json::from_str(asked.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let text = "PROBLEM web-1 nginx Off since 05:33 #17 \"web-1\"";
    assert_eq!(body, json!({"to": ["+628123456789"], "text": text, "flash": false, "n": 1}));

    settings.gateway.json = None;
    settings.gateway.form = vec![("a".into(), template("{{ status }}&{{ reason | upper }}"))];
    send(settings).await.unwrap();
    assert!(gateway.asked().ends_with("\r\n\r\na=critical%26RAISED"));
}

#[tokio::test]
async fn a_template_that_never_ends_is_a_mistake() {
    let gateway = Gateway::start("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n0: k", false).await;
    let mut settings = settings(&gateway);
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    settings.gateway.query.push(("x".into(), template(endless)));
    let wrong = SmsRecipe::new(settings).unwrap_err();
    assert_eq!(wrong[0].0, "query.x", "{wrong:?}");
}

/// One gateway behind the other; what each says, what comes of it, and how often each was asked.
#[tokio::test]
async fn gateways_in_a_row() {
    const GOOD: &str = "HTTP/1.1 202 Ok\r\nContent-Length: 5\r\n\r\n0: ok";
    const KEPT: &str = "HTTP/1.1 202 Ok\r\nContent-Length: 5\r\n\r\n3: Qd";
    const BUSY: &str = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n";
    const AWAY: &str = "HTTP/1.1 429 No\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n";
    const WRONG: &str = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n";
    let error = |retry, text: &str| Err(SendError::new(retry, text));
    let nine = Duration::from_secs(9);
    for (first, second, expected, asked) in [
        (GOOD, GOOD, Ok(Accepted::now("gateway 1: 0: ok")), [1, 0]),
        (WRONG, GOOD, Ok(Accepted::now("gateway 2: 0: ok").by_way(1)), [1, 1]),
        (KEPT, GOOD, Ok(Accepted::now("gateway 2: 0: ok").by_way(1)), [1, 1]),
        (KEPT, BUSY, Ok(Accepted::queued("gateway 1: 3: Qd")), [1, 1]),
        (BUSY, KEPT, Ok(Accepted::queued("gateway 2: 3: Qd").by_way(1)), [1, 1]),
        (
            AWAY,
            WRONG,
            error(
                Retry::After(nine),
                "gateway 1: HTTP 429 Too Many Requests; gateway 2: HTTP 403 Forbidden",
            ),
            [1, 1],
        ),
        (
            WRONG,
            WRONG,
            error(Retry::Never, "gateway 1: HTTP 403 Forbidden; gateway 2: HTTP 403 Forbidden"),
            [1, 1],
        ),
    ] {
        let gateways = [Gateway::start(first, false).await, Gateway::start(second, false).await];
        let mut sms = settings(&gateways[0]);
        sms.others = vec![settings(&gateways[1]).gateway];
        assert_eq!(send(sms).await, expected);
        assert_eq!(gateways.map(|gateway| gateway.asked.lock().unwrap().len()), asked);
    }
}

#[tokio::test]
async fn the_next_gateway_is_asked_beside_one_that_hangs() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let good = "HTTP/1.1 202 Ok\r\nContent-Length: 5\r\n\r\n0: ok";
    let gateway = Gateway::start(good, false).await;
    let mut sms = settings(&gateway);
    sms.others = vec![sms.gateway.clone()];
    let url = format!("http://{}/", silent.local_addr().unwrap());
    sms.gateway = RequestSettings::new(Secret::new(url));
    sms.hedge = Some(Duration::from_millis(50));
    sms.timeout = Duration::from_secs(60);
    let recipe = SmsRecipe::new(sms.clone()).unwrap();
    assert_eq!(recipe.timeout(), Duration::from_millis(60_050));
    assert_eq!(send(sms).await, Ok(Accepted::now("gateway 2: 0: ok").by_way(1)));
}

#[test]
fn mistakes_of_further_gateways_have_their_place() {
    let mut sms = SmsSettings::new(Secret::new("http://h/".into()));
    sms.recipients = vec!["+628123456789".into()];
    let mut other = RequestSettings::new(Secret::new("http://h/".into()));
    other.query = vec![("text".into(), template("{{ txt }}"))];
    sms.others = vec![other];
    sms.hedge = Some(Duration::from_secs(6));
    let wrong = SmsRecipe::new(sms.clone()).unwrap_err();
    let keys: Vec<_> = wrong.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["gateways.0.query.text", "hedge"]);
    sms.others.clear();
    assert_eq!(SmsRecipe::new(sms).unwrap_err()[0].0, "hedge");
}

#[test]
fn mistakes_are_all_told_and_hold_no_secret() {
    let mut settings = SmsSettings::new(Secret::new("ftp://hunter22@x/verysecretkey".into()));
    settings.gateway.query =
        vec![("text".into(), template("{{ txt }}")), ("to".into(), template("{{ to "))];
    settings.gateway.json = Some(json!({"a": [{"b": "{{ nope }}"}]}));
    settings.gateway.headers = vec![("bad name".into(), template("x"))];
    settings.gateway.success = Some("(".into());
    settings.timeout = Duration::ZERO;
    settings.recipients =
        vec!["0812345678".into(), "+628123456789".into(), "+62 8123456789".into()];
    let wrong = SmsRecipe::new(settings).unwrap_err();
    let keys: Vec<_> = wrong.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "recipients.0",
            "recipients.2",
            "success",
            "json",
            "url",
            "query.text",
            "query.to",
            "headers.bad name",
            "json.a[0].b",
            "timeout"
        ]
    );
    let text = wrong.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    assert!(text.contains("there is no variable txt; there are at, check, "), "{text}");
    no_secret(&text);
}

#[test]
fn nothing_shows_the_url() {
    let mut settings = SmsSettings::new(Secret::new("https://u:hunter22@x/verysecretkey".into()));
    settings.recipients = vec!["+628123456789".into()];
    let shown = format!("{settings:?} {:?}", SmsRecipe::new(settings.clone()).unwrap());
    no_secret(&shown);
    assert!(shown.ends_with("SMS by https://x"), "{shown}");
}
