//! Pages as text, to be read when they change.

use litemon_core::{
    model::{CheckKind, Failure, FailureKind, Name, NoticeState, Observation, Status},
    testing::snapshot::{CheckBuilder, SnapshotBuilder},
};

use super::*;
use crate::{
    scene::tests::{AT, paper, scene, service, ssh, told},
    words::INDONESIAN,
};

/// A page with a tag on each line, so that a change can be read, and without hashes of assets.
fn page(scene: &Scene, page: &Page) -> String {
    let drawing = page.draw(scene).unwrap();
    let html = shell(scene, page, &drawing, "0.0.0").into_string();
    let mut text = html.replace("><", ">\n<");
    for asset in ["style", "live", "ok", "warn", "unknown", "bad"] {
        let start = format!("/assets/{asset}-");
        let mut from = 0;
        while let Some(at) = text[from..].find(&start).map(|at| from + at + start.len()) {
            text.replace_range(at..at + 16, "HASH");
            from = at;
        }
    }
    text.replace(crate::assets::build(), "BUILD")
}

#[test]
fn the_papers_scene() {
    insta::assert_snapshot!(page(&scene(paper().build()), &Page::Overview));
}

#[test]
fn the_papers_scene_in_public_and_in_indonesian() {
    let mut scene = scene(paper().build());
    scene.detail = false;
    scene.words = &INDONESIAN;
    let text = page(&scene, &Page::Overview);
    insta::assert_snapshot!(text);
    for secret in ["refused", "ditolak", "+628", "oncall", "10.0.0.1", "inactive"] {
        assert!(!text.contains(secret), "{secret} is shown in public");
    }
}

#[test]
fn a_servers_page() {
    let server = Page::Server(Name::new("server3").unwrap());
    insta::assert_snapshot!(page(&scene(paper().build()), &server));
}

#[test]
fn a_server_that_is_gone_has_no_page() {
    let server = Page::Server(Name::new("server9").unwrap());
    assert!(server.draw(&scene(paper().build())).is_none());
}

fn heading(builder: SnapshotBuilder, later: u64) -> String {
    let mut scene = scene(builder.build());
    scene.now = AT.plus(std::time::Duration::from_secs(later));
    Page::Overview.draw(&scene).unwrap().title
}

#[test]
fn the_heading_is_the_verdict() {
    let fine = || {
        let checks = vec![ssh("a"), service("a/nginx", true)];
        SnapshotBuilder::new(AT).server("a", "10.0.0.1", checks).unwrap()
    };
    let waiting = CheckBuilder::new("b/ssh", CheckKind::Ssh).unwrap().build();
    assert_eq!(heading(SnapshotBuilder::new(AT), 0), "Nothing is monitored yet");
    assert_eq!(heading(fine(), 0), "The server runs");
    assert_eq!(heading(fine().server("b", "b", vec![ssh("b")]).unwrap(), 0), "All 2 servers run");
    assert_eq!(heading(fine(), 40), "The monitor has stopped");
    assert_eq!(heading(fine().own_fault("store: away"), 0), "1 problem");
    assert_eq!(heading(paper(), 0), "3 problems");
    let first = SnapshotBuilder::new(AT).server("b", "b", vec![waiting]).unwrap();
    assert_eq!(heading(first, 0), "Waiting for the first result");
}

#[test]
fn what_was_told_is_said() {
    let with = |state| {
        let builder = SnapshotBuilder::new(AT)
            .server("a", "a", vec![ssh("a"), service("a/nginx", false)])
            .unwrap()
            .incident(1, "a/nginx", told(state, 60));
        let scene = scene(builder.build());
        problems::problems(&scene).html.into_string()
    };
    assert!(with(NoticeState::Accepted).contains("oncall told <time"));
    assert!(with(NoticeState::Pending).contains("oncall being told"));
    assert!(with(NoticeState::Dead).contains("oncall <b>not reached</b>"));
    assert!(with(NoticeState::Queued).contains("oncall queued at the gateway"));
    assert!(!with(NoticeState::Dead).contains("+628"));
}

#[test]
fn a_problem_has_one_beginning_wherever_it_is_told() {
    let mut snapshot = paper().build();
    for incident in &mut snapshot.incidents {
        let incident = std::sync::Arc::make_mut(incident);
        incident.since = incident.since.minus(std::time::Duration::from_secs(3600));
    }
    let scene = scene(snapshot);
    let [overview, server4] = [Page::Overview, Page::Server(Name::new("server4").unwrap())]
        .map(|page| self::page(&scene, &page));
    let count = |text: &str, what: &str| text.matches(what).count();
    // In the list of problems, on the tile; on the server's page in the table too.
    assert_eq!(count(&overview, "T21:31:21Z"), 2);
    assert_eq!(count(&server4, "T21:31:21Z"), 2);
    assert_eq!(count(&overview, "Off 4 min"), 0);
}

#[test]
fn the_strip_says_in_words_what_it_shows() {
    let mut scene = scene(paper().build());
    let mut cells = [Some(Status::Ok); crate::history::CELLS];
    cells[3] = Some(Status::Critical);
    cells[9] = None;
    std::sync::Arc::get_mut(&mut scene.strips).unwrap().put(Name::new("server1").unwrap(), cells);
    let strip = strip::strip(&scene, &Name::new("server1").unwrap()).into_string();
    assert!(strip.contains("aria-label=\"Last 24 hours: problems in 1 of 48 half hours\""));
    assert_eq!(strip.matches("<rect").count(), 48);
}

/// Everything that a server, a gateway or a file can put its words into.
fn hostile(words: &str) -> Scene {
    let failed = |kind| Err(Failure::new(kind, words));
    let exit = CheckBuilder::new("a/x", CheckKind::Service).unwrap();
    let full = CheckBuilder::new("a/hdd", CheckKind::Resource).unwrap();
    let seen = Ok(Observation::percent(97.0, Some(words.to_owned())));
    let checks = vec![
        ssh("a"),
        exit.seen(Status::Unknown, AT, AT, failed(FailureKind::Exit)).build(),
        full.limits(Some(90.0), None).seen(Status::Critical, AT, AT, seen).build(),
    ];
    let mut told = told(NoticeState::Accepted, 1);
    told[0].notifier = words.to_owned();
    let builder = SnapshotBuilder::new(AT).server("a", words, checks).unwrap();
    scene(builder.incident(1, "a/x", told).own_fault(words).build())
}

/// The tags of a page, without what stands between them.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).map(|part| part.split('>').next().unwrap_or_default()).collect()
}

fn drawn(scene: &Scene) -> Vec<String> {
    let server = Page::Server(Name::new("a").unwrap());
    let draw = |page: &Page| shell(scene, page, &page.draw(scene).unwrap(), "0.0.0").into_string();
    vec![draw(&Page::Overview), draw(&server)]
}

proptest::proptest! {
    #[test]
    fn no_words_break_out_of_the_page(
        words in "([a-z<>\"'&/=;-]|\\PC|[\u{0}-\u{1f}]|[\u{202a}-\u{202e}]){1,40}",
    ) {
        let words = format!("x{words}x");
        for (given, plain) in drawn(&hostile(&words)).iter().zip(drawn(&hostile("xx"))) {
            proptest::prop_assert_eq!(tags(given), tags(&plain));
            let hidden = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
            proptest::prop_assert!(!given.contains(hidden));
        }
    }
}
