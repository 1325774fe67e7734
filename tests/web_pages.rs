//! The dashboard in a real browser.

use std::{sync::Arc, time::Duration};

use litemon_core::{
    clock::{Clock, SystemClock},
    model::{CheckKind, Language, Zone},
    monitor::Snapshot,
    testing::{
        paper::{Stage, paper},
        snapshot::{CheckBuilder, SnapshotBuilder},
    },
};
use litemon_web::Limits;

use crate::support::{
    chromium::{Browser, Options},
    eventually,
    web::Site,
};

/// One server with one service.
fn small(on: bool) -> Snapshot {
    let now = SystemClock.now();
    let stage = Stage(now);
    let checks = vec![stage.ssh("web-1").unwrap(), stage.service("web-1/nginx", on).unwrap()];
    SnapshotBuilder::new(now).server("web-1", "10.0.0.1", checks).unwrap().build()
}

async fn says(browser: &Browser, what: &str, limit: Duration) {
    eventually(what, limit, async || {
        let text = browser.eval("return document.body.innerText").await.ok()?;
        text.as_str().filter(|text| text.contains(what)).map(|_| ())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_follows_the_monitor_without_being_loaded_again() {
    let mut site = Site::start(small(true), Limits::default()).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    browser.open(&site.url("/")).await.unwrap();
    says(&browser, "The server runs", Duration::from_secs(5)).await;
    browser.eval("window.mine = true").await.unwrap();
    // The stream is open once its first event came.
    eventually("the stream", Duration::from_secs(5), async || {
        let open = "return performance.getEntriesByType('resource').length > 2";
        browser.eval(open).await.ok()?.as_bool().filter(|open| *open)
    })
    .await;

    site.snapshot.send_replace(Arc::new(small(false)));
    says(&browser, "web-1 nginx is Off", Duration::from_secs(1)).await;
    assert_eq!(browser.title().await.unwrap(), "1 problem · litemon");
    let icon = "return document.getElementById('icon').getAttribute('href')";
    assert!(browser.eval(icon).await.unwrap().as_str().unwrap().contains("/bad-"));
    let red = "return getComputedStyle(document.querySelector('.mark.bad')).backgroundColor";
    assert_eq!(browser.eval(red).await.unwrap(), "rgb(194, 47, 47)");
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());

    site.kill().await;
    says(&browser, "The connection to the monitor is lost", Duration::from_secs(5)).await;
    site.snapshot.send_replace(Arc::new(small(true)));
    site.revive().await;
    says(&browser, "The server runs", Duration::from_secs(10)).await;
    let notice = "return document.getElementById('notice').hidden";
    assert_eq!(browser.eval(notice).await.unwrap(), true);
    assert_eq!(browser.eval("return window.mine").await.unwrap(), true, "it was loaded again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_that_stop_become_a_notice() {
    let site = Site::start(small(true), Limits::default()).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    let old = SystemClock.now().minus(Duration::from_secs(33));
    let stage = Stage(old);
    let checks = vec![stage.ssh("web-1").unwrap()];
    let old = SnapshotBuilder::new(old).server("web-1", "10.0.0.1", checks).unwrap().build();
    site.snapshot.send_replace(Arc::new(old));
    browser.open(&site.url("/")).await.unwrap();
    says(&browser, "No results arrive", Duration::from_secs(8)).await;
    says(&browser, "The monitor has stopped", Duration::from_secs(8)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_works_with_scripts_off() {
    let site = Site::start(small(true), Limits::default()).await;
    let browser = Browser::start(Options { scripts: false, ..Options::default() }).await.unwrap();
    browser.open(&site.url("/")).await.unwrap();
    says(&browser, "The server runs", Duration::from_secs(2)).await;
    says(&browser, "This page loads itself again", Duration::from_secs(2)).await;
    site.snapshot.send_replace(Arc::new(small(false)));
    says(&browser, "web-1 nginx is Off", Duration::from_secs(15)).await;
}

/// Takes pictures of what a browser shows, into `$LITEMON_PICTURES` if that is set, and sees that
/// nothing is wider than the window.
async fn pictures(browser: &Browser, name: &str) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("LITEMON_PICTURES")
        .map_or_else(|| temporary.path().to_owned(), std::path::PathBuf::from);
    for (width, dark) in [(1280, false), (1280, true), (390, false), (320, true)] {
        let scheme = if dark { "-dark" } else { "" };
        let file = folder.join(format!("{name}-{width}{scheme}.png"));
        browser.screenshot(&file, width, 800, dark).await.unwrap();
        assert_eq!(std::fs::read(&file).unwrap()[..4], *b"\x89PNG");
        let wide = "return document.documentElement.scrollWidth";
        assert_eq!(browser.eval(wide).await.unwrap(), width, "{name} overflows");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_overflows_on_a_phone() {
    let site = Site::paper().await;
    let browser = Browser::start(Options::default()).await.unwrap();
    for (path, name) in [
        ("/", "overview"),
        ("/servers/server3", "server"),
        ("/servers/server4", "unreachable"),
        ("/incidents", "incidents"),
        ("/incidents/17", "incident"),
        ("/incidents/16", "incident-over"),
        ("/incidents/99", "incident-unknown"),
        ("/nothing", "not-found"),
    ] {
        browser.open(&site.url(path)).await.unwrap();
        pictures(&browser, name).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_state_of_the_overview_is_drawn() {
    let now = SystemClock.now();
    let old = now.minus(Duration::from_secs(600));
    let waiting = CheckBuilder::new("web-1/ssh", CheckKind::Ssh).unwrap().build();
    let waiting = SnapshotBuilder::new(now).server("web-1", "10.0.0.1", vec![waiting]).unwrap();
    let site = Site::with(small(true), Limits::default(), |settings| {
        settings.language = Language::Indonesian;
        settings.zone = Zone::named("Asia/Jakarta").unwrap();
    })
    .await;
    let browser = Browser::start(Options::default()).await.unwrap();
    for (name, heading, snapshot) in [
        ("fine", "Server berjalan", small(true)),
        ("indonesian", "3 gangguan", paper(now).unwrap().build()),
        ("empty", "Belum ada yang dipantau", SnapshotBuilder::new(now).build()),
        ("waiting", "Menunggu hasil pertama", waiting.build()),
        ("stale", "Monitor berhenti", paper(old).unwrap().build()),
        ("own", "4 gangguan", paper(now).unwrap().own_fault("store: no answer").build()),
    ] {
        site.snapshot.send_replace(Arc::new(snapshot));
        browser.open(&site.url("/")).await.unwrap();
        says(&browser, heading, Duration::from_secs(5)).await;
        pictures(&browser, name).await;
    }
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
}
