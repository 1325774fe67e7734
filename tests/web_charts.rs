//! Charts and the pages that have them, in a real browser over a year of history.

use std::{sync::Arc, time::Duration};

use litemon_core::{
    clock::{Clock, SystemClock},
    model::{
        CheckId, CheckKind, CloseReason, Failure, FailureKind, HistoryRecord, Incident, Language,
        Number, Observation, Status, StatusChange, Timestamp, ValueRecord, Zone,
    },
    monitor::Snapshot,
    store::{MemoryStore, Store},
    testing::{
        paper::{Stage, paper},
        snapshot::CheckBuilder,
    },
};
use litemon_web::Limits;

use crate::support::{
    chromium::{Browser, Options},
    eventually,
    web::Site,
};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Writes a past for the paper's scene.
struct Past {
    now: Timestamp,
    records: Vec<HistoryRecord>,
}

impl Past {
    fn at(&self, seconds_ago: u64) -> Timestamp {
        self.now.minus(Duration::from_secs(seconds_ago))
    }

    fn value(&mut self, check: &str, seconds_ago: u64, value: f64) {
        let (check, at) = (CheckId::parse(check).unwrap(), self.at(seconds_ago));
        self.records.push(HistoryRecord::Value(ValueRecord { check, at, value }));
    }

    /// A day that goes up and down around a mean, every minute and at last every ten seconds; before
    /// it a year, every half hour.
    /// Nothing was measured from 9 to 7 hours ago.
    fn wave(&mut self, check: &str, mean: f64, height: f64) {
        let minutes = (0..DAY / 60).map(|count| count * 60 + 2);
        let halves = (48..365 * 48).map(|count| count * 1800);
        let seconds = (0..360).map(|count| count * 10 + 2);
        for ago in
            seconds.chain(minutes).chain(halves).filter(|ago| !(7 * HOUR..9 * HOUR).contains(ago))
        {
            let hours = f64::from(u32::try_from(ago).unwrap()) / 3600.0;
            let jitter = f64::from(u32::try_from(ago * 2_654_435_761 % 1000).unwrap()) / 1000.0;
            let wave = (hours / 24.0 * std::f64::consts::TAU).cos() * 0.5 + jitter - 0.5;
            let value = (mean + height * wave).max(mean / 20.0);
            self.value(check, ago, value);
        }
    }

    fn change(&mut self, check: &str, seconds_ago: u64, status: Status) {
        let (check, at) = (CheckId::parse(check).unwrap(), self.at(seconds_ago));
        let detail = String::new();
        self.records.push(HistoryRecord::Change(StatusChange { check, at, status, detail }));
    }

    /// A time that was not OK, with its incident.
    fn trouble(&mut self, number: i64, check: &str, kind: CheckKind, times: [u64; 2]) {
        let [from, to] = times;
        self.change(check, from, Status::Critical);
        let closed = (to > 0).then(|| (self.at(to), CloseReason::Recovered));
        if to > 0 {
            self.change(check, to, Status::Ok);
        }
        let seen = match kind {
            CheckKind::Resource => Ok(Observation::percent(93.0, None)),
            _ => Ok(Observation::Switch { on: false, detail: Some("exit 3: inactive".into()) }),
        };
        self.records.push(HistoryRecord::Incident(Incident {
            number,
            check: CheckId::parse(check).unwrap(),
            kind,
            since: self.at(from),
            raised: self.at(from),
            status: if to > 0 { Status::Ok } else { Status::Critical },
            worst: Status::Critical,
            last: seen,
            limit: None,
            closed,
        }));
    }

    async fn store(now: Timestamp) -> Arc<MemoryStore> {
        let mut past = Self { now, records: Vec::new() };
        for check in ["server5/cpu", "server5/mem", "server5/hdd", "messaging/msg1"] {
            past.change(check, 300 * DAY, Status::Ok);
        }
        for check in ["server3/chat", "server3/push", "server3/ssh", "server5/ssh"] {
            past.change(check, 40 * DAY, Status::Ok);
        }
        past.wave("server5/cpu", 30.0, 40.0);
        past.wave("server5/mem", 38.0, 3.0);
        past.wave("server5/hdd", 8.0, 0.2);
        past.wave("messaging/msg1", 0.012, 0.008);
        past.trouble(12, "server5/cpu", CheckKind::Resource, [15 * HOUR, 14 * HOUR]);
        past.trouble(9, "server5/cpu", CheckKind::Resource, [6 * DAY, 6 * DAY - 5 * HOUR]);
        past.trouble(19, "server5/cpu", CheckKind::Resource, [74, 0]);
        past.trouble(11, "server3/chat", CheckKind::Service, [20 * HOUR, 18 * HOUR]);
        past.change("server3/chat", 9 * HOUR, Status::Unknown);
        past.change("server3/chat", 7 * HOUR, Status::Ok);
        past.trouble(17, "server3/chat", CheckKind::Service, [240, 0]);
        let store = Arc::new(MemoryStore::new());
        store.append(&past.records).await.unwrap();
        store
    }
}

/// The paper's scene with a check of every kind.
fn scene(now: Timestamp) -> Snapshot {
    let stage = Stage(now);
    let delay = Ok(Observation::Value { value: 0.012, unit: "s".into(), detail: None });
    let messaging = CheckBuilder::new("messaging/msg1", CheckKind::Messaging).unwrap();
    let number = |name: &str, value, failure| Number {
        name: name.into(),
        value: Some(value),
        at: Some(stage.before(if failure { 7_300 } else { 4 })),
        failure: failure.then(|| Failure::new(FailureKind::Timeout, "no answer within 5 s")),
    };
    let numbers = vec![
        number("today", 12.0, false),
        number("yesterday", 71.0, false),
        number("this_week", 402.0, false),
        number("this_month", 2_083.0, false),
        number("total", 48_310.0, true),
    ];
    let seen = Ok(Observation::Numbers { numbers, detail: None });
    let users = CheckBuilder::new("stats/new-users", CheckKind::Statistic).unwrap();
    let users = users.seen(Status::Ok, stage.before(90_000), stage.before(4), seen);
    paper(now)
        .unwrap()
        .other(messaging.seen(Status::Ok, stage.before(90_000), stage.before(1), delay).build())
        .other(users.every(Duration::from_secs(60), Duration::from_secs(10)).build())
        .build()
}

async fn site(set: impl FnOnce(&mut litemon_web::Settings)) -> Site {
    let now = SystemClock.now();
    Site::over(scene(now), Past::store(now).await, Limits::default(), set).await
}

async fn is(browser: &Browser, what: &str, script: &str) {
    eventually(what, Duration::from_secs(10), async || {
        browser.eval(script).await.ok()?.as_bool().filter(|is| *is)
    })
    .await;
}

async fn count(browser: &Browser, selector: &str) -> u64 {
    let script = format!("return document.querySelectorAll('{selector}').length");
    browser.eval(&script).await.unwrap().as_u64().unwrap()
}

/// Takes pictures as those of `web_pages`.
async fn pictures(browser: &Browser, name: &str) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("LITEMON_PICTURES")
        .map_or_else(|| temporary.path().to_owned(), std::path::PathBuf::from);
    for (width, dark) in [(1280, false), (1280, true), (390, false), (320, true)] {
        let scheme = if dark { "-dark" } else { "" };
        let file = folder.join(format!("{name}-{width}{scheme}.png"));
        browser.screenshot(&file, width, 800, dark).await.unwrap();
        let wide = "return document.documentElement.scrollWidth";
        assert_eq!(browser.eval(wide).await.unwrap(), width, "{name} overflows");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checks_chart_can_be_read_by_pointer_keyboard_and_table() {
    let site = site(|_| {}).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    browser.open(&site.url("/checks/server5/cpu")).await.unwrap();
    is(&browser, "the chart", "return !!document.querySelector('svg.plot path.line')").await;
    // Nothing was measured for two hours: the line has two parts.
    assert_eq!(count(&browser, "svg.plot path.line").await, 2);
    assert_eq!(count(&browser, "a.incident[href=\"/incidents/12\"]").await, 1);
    assert_eq!(count(&browser, "svg.plot .limit").await, 1);
    assert!((40..=50).contains(&count(&browser, "table.data tbody tr").await));

    let read = "return document.querySelector('.readout').textContent";
    let sum = browser.eval(read).await.unwrap();
    assert!(sum.as_str().unwrap().starts_with("lowest"), "{sum}");
    browser.eval("document.querySelector('svg.plot').focus()").await.unwrap();
    let newest = browser.eval(read).await.unwrap();
    let key = |key: &str| {
        format!(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', \
             bubbles: true, cancelable: true }})); return document.querySelector('.readout').textContent"
        )
    };
    let before = browser.eval(&key("ArrowLeft")).await.unwrap();
    let first = browser.eval(&key("Home")).await.unwrap();
    for text in [&newest, &before, &first] {
        assert!(text.as_str().unwrap().contains("%") && *text != sum, "{text}");
    }
    assert!(newest != before && before != first);
    assert_eq!(browser.eval(&key("Escape")).await.unwrap(), sum);
    let hover = "const plot = document.querySelector('svg.plot'), box = plot.getBoundingClientRect();\
                 plot.dispatchEvent(new PointerEvent('pointermove', { bubbles: true,\
                 clientX: box.left + box.width / 4, clientY: box.top + 20 }));\
                 return document.querySelector('.readout').textContent";
    assert!(browser.eval(hover).await.unwrap() != sum);
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_are_links_and_every_page_fits_a_phone() {
    let site = site(|_| {}).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    browser.open(&site.url("/checks/server5/cpu?range=1h")).await.unwrap();
    for range in ["24h", "7d", "30d", "1y", "1h"] {
        let script =
            format!("document.querySelector('.ranges a[href$=\"range={range}\"]').click()");
        browser.eval(&script).await.unwrap();
        let here = format!(
            "return location.search === '?range={range}' && !!document.querySelector('path.line') \
             && document.querySelector('.ranges [aria-current]').href === location.href"
        );
        is(&browser, range, &here).await;
        pictures(&browser, &format!("check-{range}")).await;
    }
    for (path, name) in [
        ("/checks/server3/chat", "check-service"),
        ("/checks/server3/chat?range=30d", "check-service-30d"),
        ("/checks/server4/ssh", "check-ssh"),
        ("/checks/server4/cpu", "check-blocked"),
        ("/checks/messaging/msg1", "check-messaging"),
        ("/checks/stats/new-users", "check-numbers"),
        ("/servers/server5", "server-trends"),
        ("/servers/server3", "server-off"),
    ] {
        browser.open(&site.url(path)).await.unwrap();
        pictures(&browser, name).await;
    }
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checks_page_follows_the_monitor_and_keeps_its_reader() {
    let site = site(|_| {}).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    browser.open(&site.url("/checks/server3/chat")).await.unwrap();
    is(&browser, "Off", "return document.querySelector('h1 .badge').textContent.includes('Off')")
        .await;
    browser.eval("document.querySelector('details').open = true").await.unwrap();
    browser.eval("document.querySelector('svg.plot').focus()").await.unwrap();
    let mut snapshot = scene(SystemClock.now());
    let server = Arc::make_mut(&mut snapshot.servers[2]);
    let mut on = Stage(SystemClock.now()).service("server3/chat", true).unwrap();
    on.since = Some(SystemClock.now());
    server.checks[4] = Arc::new(on);
    site.snapshot.send_replace(Arc::new(snapshot));
    is(&browser, "On", "return document.querySelector('h1 .badge').textContent.includes('On')")
        .await;
    let drawn =
        "return /On/.test(document.querySelector('table.data tbody td:nth-child(3)').textContent)";
    is(&browser, "the chart's newest state", drawn).await;
    let kept = "return document.querySelector('details').open \
                && document.activeElement === document.querySelector('svg.plot')";
    is(&browser, "the open table and the focus", kept).await;
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_away_is_said_and_nobody_waits_for_it() {
    let now = SystemClock.now();
    let store = Past::store(now).await;
    store.set_failing(true);
    let site = Site::over(scene(now), store.clone(), Limits::default(), |settings| {
        settings.language = Language::Indonesian;
        settings.zone = Zone::named("Asia/Jakarta").unwrap();
    })
    .await;
    let browser = Browser::start(Options::default()).await.unwrap();
    browser.open(&site.url("/checks/server5/cpu")).await.unwrap();
    let said = "return document.body.innerText.includes('Riwayat tidak dapat dibaca')";
    is(&browser, "the notice", said).await;
    pictures(&browser, "check-away").await;
    store.set_failing(false);
    eventually("the chart", Duration::from_secs(25), async || {
        let drawn = "return !!document.querySelector('svg.plot path.line')";
        browser.eval(drawn).await.ok()?.as_bool().filter(|is| *is)
    })
    .await;
    pictures(&browser, "check-indonesian").await;
    browser.open(&site.url("/servers/server5")).await.unwrap();
    pictures(&browser, "server-indonesian").await;
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_page_tells_no_errors() {
    let site = site(|settings| settings.public = true).await;
    let browser = Browser::start(Options { scripts: false, ..Options::default() }).await.unwrap();
    for path in ["/checks/server3/chat", "/servers/server3", "/checks/server4/ssh"] {
        browser.open(&site.url(path)).await.unwrap();
        let text = browser.eval("return document.documentElement.outerHTML").await.unwrap();
        let text = text.as_str().unwrap();
        assert!(text.contains("#11") || text.contains("server4"), "{path}");
        for secret in ["inactive", "refused", "oncall", "10.0.0"] {
            assert!(!text.contains(secret), "{path} says {secret}");
        }
    }
}
