//! The dashboard in a real browser.

use std::{sync::Arc, time::Duration};

use litemon_core::{
    clock::{Clock, SystemClock},
    model::{CheckKind, Language, Zone},
    monitor::Snapshot,
    testing::{
        paper::{Stage, paper, with_numbers},
        snapshot::{CheckBuilder, SnapshotBuilder},
    },
};
use litemon_web::Limits;

use crate::support::{
    axe::violations,
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
    says(&browser, "The server runs", Duration::from_secs(20)).await;
    browser.eval("window.mine = true").await.unwrap();
    // The stream is open once its first event came.
    eventually("the stream", Duration::from_secs(20), async || {
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
    says(&browser, "The connection to the monitor is lost", Duration::from_secs(20)).await;
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
    says(&browser, "No results arrive", Duration::from_secs(20)).await;
    says(&browser, "The monitor has stopped", Duration::from_secs(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_works_with_scripts_off() {
    let site = Site::start(small(true), Limits::default()).await;
    let browser = Browser::start(Options { scripts: false, ..Options::default() }).await.unwrap();
    browser.open(&site.url("/")).await.unwrap();
    says(&browser, "The server runs", Duration::from_secs(20)).await;
    says(&browser, "This page loads itself again", Duration::from_secs(20)).await;
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
    let now = SystemClock.now();
    let everything = with_numbers(paper(now).unwrap(), now).unwrap().build();
    let site = Site::start(everything, Limits::default()).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    for (path, name) in [
        ("/", "overview"),
        ("/servers/server3", "server"),
        ("/servers/server4", "unreachable"),
        ("/servers", "servers"),
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
    let waiting = |now| {
        let ssh = CheckBuilder::new("web-1/ssh", CheckKind::Ssh).unwrap().build();
        SnapshotBuilder::new(now).server("web-1", "10.0.0.1", vec![ssh]).unwrap().build()
    };
    // Each is made when it is shown: after half a minute it would be a stale one.
    let make = |name: &str| {
        let now = SystemClock.now();
        match name {
            "fine" => small(true),
            "empty" => SnapshotBuilder::new(now).build(),
            "waiting" => waiting(now),
            "stale" => paper(now.minus(Duration::from_secs(600))).unwrap().build(),
            "own" => paper(now).unwrap().own_fault("store: no answer").build(),
            _ => paper(now).unwrap().build(),
        }
    };
    let site = Site::with(small(true), Limits::default(), |settings| {
        settings.language = Language::Indonesian;
        settings.zone = Zone::named("Asia/Jakarta").unwrap();
    })
    .await;
    let browser = Browser::start(Options::default()).await.unwrap();
    for (name, heading) in [
        ("fine", "Server berjalan"),
        ("indonesian", "3 gangguan"),
        ("empty", "Belum ada yang dipantau"),
        ("waiting", "Menunggu hasil pertama"),
        ("stale", "Monitor berhenti"),
        ("own", "4 gangguan"),
    ] {
        site.snapshot.send_replace(Arc::new(make(name)));
        browser.open(&site.url("/")).await.unwrap();
        says(&browser, heading, Duration::from_secs(20)).await;
        pictures(&browser, name).await;
    }
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
}

/// Looks at a page in light and dark, and as a phone shows it.
async fn no_barrier(browser: &Browser, name: &str) {
    for (width, dark) in [(1280, false), (1280, true), (390, false)] {
        browser.resize(width, 900, dark).await.unwrap();
        let found = violations(browser).await.unwrap();
        assert_eq!(found, Vec::<String>::new(), "{name}, {width} px, dark: {dark}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_keeps_anybody_from_using_it() {
    let everything = || {
        let now = SystemClock.now();
        with_numbers(paper(now).unwrap(), now).unwrap().build()
    };
    let site = Site::start(everything(), Limits::default()).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    for path in [
        "/",
        "/?q=nothing",
        "/servers",
        "/servers?q=server&sort=cpu",
        "/servers/server3",
        "/incidents",
        "/incidents?server=server3",
        "/incidents/17",
        "/incidents/16",
    ] {
        site.snapshot.send_replace(Arc::new(everything()));
        browser.open(&site.url(path)).await.unwrap();
        no_barrier(&browser, path).await;
    }
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    for path in ["/incidents/99", "/nothing"] {
        browser.open(&site.url(path)).await.unwrap();
        no_barrier(&browser, path).await;
    }
    let now = SystemClock.now();
    let old = now.minus(Duration::from_secs(600));
    for (name, snapshot) in [
        ("groups", grouped()),
        ("empty", SnapshotBuilder::new(now).build()),
        ("stale", with_numbers(paper(old).unwrap(), old).unwrap().build()),
    ] {
        site.snapshot.send_replace(Arc::new(snapshot));
        browser.open(&site.url("/")).await.unwrap();
        no_barrier(&browser, name).await;
    }
    site.store.set_failing(true);
    browser.open(&site.url("/incidents?state=closed")).await.unwrap();
    no_barrier(&browser, "away").await;
    // It does look: a picture without words is found.
    let picture = "document.querySelector('main').append(document.createElement('img'))";
    browser.eval(picture).await.unwrap();
    let found = violations(&browser).await.unwrap();
    assert!(found.iter().any(|one| one.starts_with("image-alt")), "{found:?}");
}

/// Servers in two groups, one of them with a problem.
fn grouped() -> Snapshot {
    let now = SystemClock.now();
    let stage = Stage(now);
    let mut builder = SnapshotBuilder::new(now);
    for (name, group) in [("web-1", "web"), ("web-2", "web"), ("db-1", "db")] {
        let nginx = stage.service(&format!("{name}/nginx"), name != "web-2").unwrap();
        let checks = vec![stage.ssh(name).unwrap(), nginx];
        builder = builder.server(name, "10.0.0.1", checks).unwrap().groups(&[group]).unwrap();
    }
    builder.build()
}

/// The names of the servers that a page shows, in their order.
async fn shown(browser: &Browser, names: &str, wanted: &str) {
    let script = format!(
        "return [...document.querySelectorAll('{names}')].filter(e => e.checkVisibility())\
         .map(e => e.textContent).join(' ')"
    );
    eventually(wanted, Duration::from_secs(20), async || {
        browser.eval(&script).await.ok()?.as_str().filter(|text| *text == wanted).map(|_| ())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_counts_as_it_is_typed_and_stays() {
    let site = Site::start(grouped(), Limits::default()).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    let type_in = "const q = document.querySelector('[name=q]'); q.focus(); q.value = 'web';\
                   q.dispatchEvent(new Event('input', { bubbles: true }))";
    for (path, names) in [("/", ".tile h3"), ("/servers", "tbody th")] {
        browser.open(&site.url(path)).await.unwrap();
        shown(&browser, names, "web-2 web-1 db-1").await;
        browser.eval(type_in).await.unwrap();
        shown(&browser, names, "web-2 web-1").await;
        assert_eq!(browser.eval("return location.search").await.unwrap(), "?q=web");
        assert_eq!(browser.eval("return document.activeElement.name").await.unwrap(), "q");
        // The stream goes on with what is wanted.
        site.snapshot.send_replace(Arc::new(small(true)));
        shown(&browser, names, "web-1").await;
        site.snapshot.send_replace(Arc::new(grouped()));
        shown(&browser, names, "web-2 web-1").await;
        let link = "return document.querySelector('#languages a').href.includes('q%3Dweb')";
        assert_eq!(browser.eval(link).await.unwrap(), true);
        browser.open(&site.url(&format!("{path}?q=web"))).await.unwrap();
        shown(&browser, names, "web-2 web-1").await;
    }
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folded_group_stays_folded_and_says_how_it_is() {
    let site = Site::start(grouped(), Limits::default()).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    browser.open(&site.url("/")).await.unwrap();
    shown(&browser, ".group:not([hidden]) > summary b", "web db").await;
    browser.eval("document.querySelector('#g-web > summary').click()").await.unwrap();
    shown(&browser, ".tile h3", "db-1").await;
    browser.open(&site.url("/")).await.unwrap();
    shown(&browser, ".tile h3", "db-1").await;
    shown(&browser, ".group > summary .badge", "1 problem OK").await;
    pictures(&browser, "groups").await;
}
