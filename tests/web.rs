//! The dashboard over real sockets: what it answers, and what it does not let itself be made to do.

use std::time::Duration;

use litemon_core::{
    clock::{Clock, SystemClock},
    testing::paper::paper,
};
use litemon_web::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::support::{chromium::client, web::Site};

async fn quick(header: u64, connections: usize) -> Site {
    let mut limits = Limits::default();
    limits.header = Duration::from_millis(header);
    limits.connections = connections;
    limits.drain = Duration::from_secs(2);
    Site::start(paper(SystemClock.now()).unwrap().build(), limits).await
}

/// Sends bytes and reads until the other side closes.
async fn raw(site: &Site, request: &str) -> String {
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the connection is closed in time");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn every_address_answers_as_the_contract_says() {
    let site = Site::paper().await;
    let client = client();
    for (path, status, kind) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/servers/server3", 200, "text/html; charset=utf-8"),
        ("/?q=server3&group=&state=critical", 200, "text/html; charset=utf-8"),
        ("/servers", 200, "text/html; charset=utf-8"),
        ("/servers?q=3&state=problem&sort=cpu&dir=asc", 200, "text/html; charset=utf-8"),
        ("/servers?sort=nonsense", 200, "text/html; charset=utf-8"),
        ("/servers/server9", 404, "text/html; charset=utf-8"),
        ("/incidents", 200, "text/html; charset=utf-8"),
        ("/incidents?server=server3&state=closed&before=17", 200, "text/html; charset=utf-8"),
        ("/incidents?before=x&state=x", 200, "text/html; charset=utf-8"),
        ("/incidents/17", 200, "text/html; charset=utf-8"),
        ("/incidents/16", 200, "text/html; charset=utf-8"),
        ("/incidents/99", 404, "text/html; charset=utf-8"),
        ("/incidents/x", 404, "text/html; charset=utf-8"),
        ("/nothing", 404, "text/html; charset=utf-8"),
        ("/assets/style.css", 404, "text/html; charset=utf-8"),
        ("/healthz", 200, "text/plain; charset=utf-8"),
        ("/dashboard/get/rmon/server1", 200, "application/json"),
        ("/dashboard/get/rmon/server9", 404, "application/json"),
        ("/dashboard/get/svcstats", 200, "application/json"),
        ("/dashboard/get/userstats", 200, "application/json"),
    ] {
        for method in [reqwest::Method::GET, reqwest::Method::HEAD] {
            let head = method == reqwest::Method::HEAD;
            let answer = client.request(method, site.url(path)).send().await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            assert_eq!(answer.headers()["content-type"], kind, "{path}");
            let policy = answer.headers()["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            assert_eq!(answer.text().await.unwrap().is_empty(), head, "{path}");
        }
    }
    let post = client.post(site.url("/")).body("x").send().await.unwrap();
    assert_eq!(post.status(), 405);
    assert_eq!(post.headers()["allow"], "GET, HEAD");
}

#[tokio::test]
async fn the_originals_json_is_as_it_was() {
    let site = Site::paper().await;
    let get = async |path: &str| client().get(site.url(path)).send().await.unwrap().text().await;
    let text = get("/dashboard/get/rmon/server5").await.unwrap();
    assert_eq!(text, r#"{"cpu":"63.20","mem":"39.00","hdd":"8.00"}"#);
    let text = get("/dashboard/get/rmon/server4").await.unwrap();
    assert_eq!(text, r#"{"cpu":null,"mem":null,"hdd":null}"#);
    let text = get("/dashboard/get/svcstats").await.unwrap();
    assert!(text.contains(r#""chat":{"status":"Off","updatetime":"2"#), "{text}");
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_the_address_that_the_page_names() {
    let site = Site::paper().await;
    let page = client().get(site.url("/")).send().await.unwrap().text().await.unwrap();
    let assets: Vec<_> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(assets.len() >= 3, "{assets:?}");
    for asset in assets {
        let answer = client().get(site.url(asset)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{asset}");
        assert!(answer.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    }
}

#[tokio::test]
async fn a_reader_chooses_the_language_with_a_link() {
    let site = Site::paper().await;
    let get = async |path: &str, cookie: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        );
        raw(&site, &request).await
    };
    let english = get("/servers/server3", "other=1").await;
    assert!(english.contains("<html lang=\"en\">"));
    assert!(english.contains("/language?to=id&amp;back=%2Fservers%2Fserver3"));
    let chosen = get("/language?to=id&back=%2Fservers%2Fserver3", "").await;
    assert!(chosen.starts_with("HTTP/1.1 303"), "{chosen}");
    assert!(chosen.contains("location: /servers/server3\r\n"), "{chosen}");
    assert!(chosen.contains("set-cookie: lang=id; Path=/;"), "{chosen}");
    for (path, says) in
        [("/", "3 gangguan"), ("/servers/server3", "Pemeriksaan"), ("/nothing", "tidak ada")]
    {
        let page = get(path, "lang=id").await;
        assert!(page.contains("<html lang=\"id\">") && page.contains(says), "{path}");
    }
    let elsewhere = get("/language?to=en&back=%2F%2Fevil.example", "").await;
    assert!(elsewhere.contains("location: /\r\n"), "{elsewhere}");
    assert!(get("/language?to=xx", "").await.starts_with("HTTP/1.1 404"));
    assert!(get("/language", "").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn an_incident_is_told_while_its_history_is_away() {
    let site = Site::paper().await;
    let get = async |path: &str| {
        let answer = client().get(site.url(path)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (_, known) = get("/incidents/17").await;
    for what in ["server3 chat is Off", "+628123456789", "202: 0: Accepted for delivery"] {
        assert!(known.contains(what), "{what}");
    }
    let (status, none) = get("/incidents/99").await;
    assert!(status == 404 && none.contains("There is no incident of this number"), "{none}");
    assert!(none.contains("href=\"/incidents\""));
    site.store.set_failing(true);
    let (status, open) = get("/incidents/18").await;
    assert!(status == 200 && open.contains("The history cannot be read now"), "{open}");
    assert!(open.contains("server4 is unreachable") && open.contains("oncall told"), "{open}");
    let (status, list) = get("/incidents?state=").await;
    assert!(status == 200 && list.contains("server4 is unreachable"), "{list}");
    let (status, away) = get("/incidents/15").await;
    assert!(status == 503 && away.contains("http-equiv=\"refresh\""), "{away}");
}

#[tokio::test]
async fn pages_are_compressed_for_those_who_take_it_and_streams_never() {
    let site = Site::paper().await;
    let get = async |path: &str, encoding: &str| {
        let request = client().get(site.url(path)).header("accept-encoding", encoding);
        request.send().await.unwrap()
    };
    let plain = get("/", "identity").await;
    assert!(!plain.headers().contains_key("content-encoding"));
    let plain = plain.bytes().await.unwrap();
    let small = get("/", "gzip, deflate, br").await;
    assert_eq!(small.headers()["content-encoding"], "gzip");
    assert_eq!(small.headers()["vary"], "accept-encoding");
    assert_eq!(small.headers()["x-content-type-options"], "nosniff");
    let small = small.bytes().await.unwrap();
    assert!(small.starts_with(&[0x1f, 0x8b]) && small.len() * 4 < plain.len());
    let stream = get("/events", "gzip").await;
    assert!(!stream.headers().contains_key("content-encoding"));
}

#[tokio::test]
async fn a_wrong_host_is_refused() {
    let site = Site::paper().await;
    for (host, status) in [
        ("Host: evil.example\r\n", "421"),
        ("Host: localhost\r\n", "200"),
        ("", "400"),
        ("Host: localhost\r\nHost: evil.example\r\n", "400"),
    ] {
        let answer =
            raw(&site, &format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer:.40}");
    }
}

#[tokio::test]
async fn who_sends_his_head_slowly_or_never_is_cut_off() {
    let site = quick(300, 8).await;
    let start = Instant::now();
    assert_eq!(raw(&site, "").await, "");
    let half = raw(&site, "GET / HTTP/1.1\r\nHost: localhost\r\nX-").await;
    assert!(!half.contains("200 OK"), "{half}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn three_hundred_that_say_nothing_do_not_lock_others_out() {
    let site = quick(500, 64).await;
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(TcpStream::connect(site.address).await.unwrap());
    }
    let answer = timeout(Duration::from_secs(20), client().get(site.url("/healthz")).send()).await;
    assert_eq!(answer.unwrap().unwrap().text().await.unwrap(), "ok");
}

#[tokio::test]
async fn a_big_body_is_refused_unread() {
    let site = Site::paper().await;
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 314572800\r\n\r\n";
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = vec![b'x'; 1 << 16];
    let send = async {
        let mut sent = 0_usize;
        while sent < 300 << 20 && stream.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
        }
        sent
    };
    let sent = timeout(Duration::from_secs(20), send).await.expect("it is cut off in time");
    assert!(sent < 32 << 20, "{sent} bytes were taken");
    let answer =
        raw(&site, "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n");
    assert!(answer.await.starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn a_shutdown_ends_open_streams_in_time() {
    let mut site = quick(5_000, 8).await;
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut start = [0; 512];
    let read = stream.read(&mut start).await.unwrap();
    assert!(String::from_utf8_lossy(&start[..read]).contains("text/event-stream"));
    site.shutdown.cancel();
    timeout(Duration::from_secs(20), &mut site.task).await.expect("serve returns").unwrap();
    let mut rest = Vec::new();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_taken_port_is_told_in_words() {
    let site = Site::paper().await;
    let error = litemon_web::bind(site.address).await.unwrap_err().to_string();
    assert!(error.contains("another program listens there"), "{error}");
}

/// Opens a live stream and reads its answer's head.
async fn open_stream(site: &Site) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut head = vec![0; 1024];
    let read = stream.read(&mut head).await.unwrap();
    let head = String::from_utf8_lossy(&head[..read]).into_owned();
    (stream, head)
}

#[tokio::test]
async fn a_stream_keeps_its_pace_whatever_the_monitor_does() {
    let site = Site::paper().await;
    let (mut stream, mut text) = open_stream(&site).await;
    let end = Instant::now() + Duration::from_secs(2);
    let mut buffer = vec![0; 1 << 16];
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    while Instant::now() < end {
        tokio::select! {
            _ = tick.tick() => {
                site.snapshot.send_replace(paper(SystemClock.now()).unwrap().build().into());
            }
            read = stream.read(&mut buffer) => {
                text.push_str(&String::from_utf8_lossy(&buffer[..read.unwrap()]));
            }
        }
    }
    let events = text.matches("event:patch").count();
    assert!((3..=10).contains(&events), "{events} events in two seconds");
}

#[tokio::test]
async fn a_stream_too_many_is_told_to_come_back() {
    let snapshot = paper(SystemClock.now()).unwrap().build();
    let site = Site::with(snapshot, Limits::default(), |settings| settings.streams = 2).await;
    let one = open_stream(&site).await;
    let _two = open_stream(&site).await;
    let (_, third) = open_stream(&site).await;
    assert!(third.starts_with("HTTP/1.1 503") && third.contains("retry-after: 10"), "{third}");
    drop(one);
    crate::support::eventually("a free place", Duration::from_secs(15), async || {
        open_stream(&site).await.1.starts_with("HTTP/1.1 200").then_some(())
    })
    .await;
}

#[tokio::test]
async fn in_public_neither_errors_nor_addresses_nor_receivers_are_shown() {
    let snapshot = paper(SystemClock.now()).unwrap().own_fault("store: db.internal").build();
    let site = Site::with(snapshot, Limits::default(), |settings| settings.public = true).await;
    for path in [
        "/",
        "/servers/server3",
        "/servers/server4",
        "/incidents",
        "/incidents/18",
        "/incidents/15",
        "/dashboard/get/svcstats",
    ] {
        let text = client().get(site.url(path)).send().await.unwrap().text().await.unwrap();
        for secret in ["refused", "inactive", "10.0.0.", "+628", "oncall", "db.internal"] {
            assert!(!text.contains(secret), "{path} shows {secret}");
        }
        assert!(text.contains("server3") || text.contains("server4"), "{path}");
    }
}
