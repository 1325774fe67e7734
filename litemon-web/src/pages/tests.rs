//! Pages as text, to be read when they change.

use std::sync::Arc;

use futures_util::FutureExt as _;
use litemon_core::{
    model::{
        CheckId, CheckKind, Failure, FailureKind, Language, Name, NoticeState, Observation, Status,
        ToldIn, Zone,
    },
    policy::Rota,
    store::{MemoryStore, Store as _},
    testing::{
        paper::with_numbers,
        paper_past,
        snapshot::{CheckBuilder, SnapshotBuilder},
    },
};

use super::*;
use crate::{
    Settings,
    gate::{Came, Visitor},
    past::{Listing, Past, Story},
    scene::tests::{AT, before, paper, scene, service, ssh, told},
    words::Words,
};

/// A reader whom nobody knows.
pub(super) fn nobody() -> Visitor {
    Visitor::nobody(Came::default(), &Settings::new("127.0.0.1:8080".parse().unwrap()))
}

/// A page with a tag on each line, so that a change can be read, and without hashes of assets.
pub(super) fn page(scene: &Scene, page: &Page) -> String {
    let drawing = page.draw(scene).unwrap();
    let html = shell(scene, page, &drawing, &nobody(), "0.0.0").into_string();
    let mut text = html.replace("><", ">\n<");
    for asset in ["style", "live", "chart", "work", "ok", "warn", "unknown", "bad"] {
        let start = format!("/assets/{asset}-");
        let mut from = 0;
        while let Some(at) = text[from..].find(&start).map(|at| from + at + start.len()) {
            text.replace_range(at..at + 16, "HASH");
            from = at;
        }
    }
    text.replace(crate::assets::build(), "BUILD")
}

fn overview() -> Page {
    Page::Overview(Filter::default())
}

#[test]
fn the_papers_scene() {
    insta::assert_snapshot!(page(&scene(paper().build()), &overview()));
}

#[test]
fn the_papers_scene_in_public_and_in_indonesian() {
    let mut scene = scene(paper().build());
    scene.detail = false;
    scene.words = Words::of(Language::Indonesian);
    let text = page(&scene, &overview());
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

/// A scene with what the history knows of one incident, or of all that are over.
fn remembering(number: Option<i64>) -> Scene {
    let mut scene = scene(paper().build());
    let store = MemoryStore::new();
    let read = async {
        store.append(&paper_past(AT).unwrap()).await.unwrap();
        let Some(number) = number else {
            let incidents = store.incidents(Some(17), 50).await.unwrap();
            return Past {
                listing: Some(Arc::new(Listing { incidents, older: Some(14) })),
                ..Past::default()
            };
        };
        let history = store.incident(number).await.unwrap().unwrap();
        let (check, since) = (history.incident.check.clone(), history.incident.since);
        let changes = store.changes(&check, since, AT, 100).await.unwrap();
        Past { story: Some(Arc::new(Story { history, changes })), ..Past::default() }
    };
    scene.past = Arc::new(read.now_or_never().unwrap());
    scene
}

const SECRETS: [&str; 9] =
    ["refused", "ditolak", "+628", "oncall", "10.0.0.", "inactive", "202", "Accepted", "away!"];

#[test]
fn incidents_open_ones_first() {
    insta::assert_snapshot!(page(&remembering(None), &Page::Incidents(Search::default())));
}

#[test]
fn an_open_incident() {
    insta::assert_snapshot!(page(&remembering(Some(17)), &Page::Incident(17)));
}

#[test]
fn an_incident_that_is_over_in_public_and_in_indonesian() {
    let mut scene = remembering(Some(15));
    scene.detail = false;
    scene.words = Words::of(Language::Indonesian);
    insta::assert_snapshot!(page(&scene, &Page::Incident(15)));
}

#[test]
fn an_incident_that_is_over_names_the_message_in_which_it_was_told() {
    let mut scene = remembering(Some(15));
    let mut story = Story::clone(scene.past.story.as_ref().unwrap());
    let notice = &mut story.history.notices[0].0;
    notice.state = NoticeState::Gathered;
    notice.told_in = Some(ToldIn::new(9, 4, [13, 14, 15, 18].into_iter().collect()));
    scene.past = Arc::new(Past { story: Some(Arc::new(story)), ..Past::default() });
    let text = page(&scene, &Page::Incident(15));
    assert!(text.contains("one message with 4 notices #13-15,18"), "{text}");
}

#[test]
fn in_public_pages_about_incidents_tell_no_secret() {
    for number in [None, Some(15), Some(16), Some(17), Some(18)] {
        let mut scene = remembering(number);
        scene.detail = false;
        Arc::make_mut(&mut scene.past).away = Some("away!".into());
        let page = number.map_or(Page::Incidents(Search::default()), Page::Incident);
        let text = self::page(&scene, &page);
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} is shown in public on {page:?}");
        }
    }
}

#[test]
fn without_its_history_an_open_incident_is_told_from_what_the_monitor_knows() {
    let mut scene = scene(paper().build());
    scene.past = Arc::new(Past { away: Some("no answer".into()), ..Past::default() });
    let text = page(&scene, &Page::Incident(18));
    for what in
        ["server4 is unreachable", "The history cannot be read now", "oncall told", "First bad"]
    {
        assert!(text.contains(what), "{what}");
    }
    assert!(Page::Incident(9).draw(&scene).is_none());
    assert_eq!(Page::Incident(9).trouble(&scene), Trouble::HistoryAway);
    assert_eq!(Page::Incident(9).trouble(&remembering(None)), Trouble::NoIncident);
}

#[test]
fn messaging_and_statistics() {
    let mut scene = scene(with_numbers(paper(), AT).unwrap().build());
    let line =
        |id: &str| (CheckId::parse(id).unwrap(), vec![(0.0, 0.01), (0.02, 0.03), (0.9, 0.02)]);
    for (id, points) in ["messaging/msg1", "stats/new-users"].map(line) {
        Arc::get_mut(&mut scene.strips).unwrap().put_line(id, points);
    }
    insta::assert_snapshot!(part(&scene, "messaging") + &part(&scene, "statistics"));
    scene.words = Words::of(Language::Indonesian);
    scene.detail = false;
    let text = part(&scene, "messaging") + &part(&scene, "statistics");
    assert!(
        text.contains("48.310") && text.contains("0,012") && !text.contains("not back"),
        "{text}"
    );
}

/// The people of a rota, week by week; with one, nobody else comes.
fn rota(called: &str, turns: &[&str]) -> Rota {
    let name = |text: &str| Name::new(text).unwrap();
    let (called, people) = (name(called), turns.iter().copied().map(name).collect());
    let zone = Zone::named("Asia/Jakarta").unwrap();
    Rota::new(called, people, "2016-04-11T09:00", 7, zone).unwrap()
}

#[test]
fn who_is_on_call_stands_at_the_foot_for_those_who_may_know() {
    let mut scene =
        scene(paper().rota(rota("ops", &["ann", "budi"])).rota(rota("db", &["cici"])).build());
    insta::assert_snapshot!(part(&scene, "duty"));
    assert!(page(&scene, &Page::Incidents(Search::default())).contains("<b>ann</b> until"));
    scene.words = Words::of(Language::Indonesian);
    assert!(part(&scene, "duty").contains("sampai <span class=\"nowrap\">Sen <time"));
    // Then it is his turn, and hers comes on another day than any of this week.
    scene.now = AT.plus(Duration::from_secs(4 * 86_400 + 4 * 3600));
    let text = part(&scene, "duty");
    assert!(text.contains("<b>budi</b>") && text.contains(">2016-04-25 09:00<"), "{text}");
    scene.detail = false;
    assert_eq!(part(&scene, "duty"), "<section id=\"duty\">\n</section>\n");
    assert!(!page(&scene, &Page::Incidents(Search::default())).contains("budi"));
}

/// A server here, which is well, and one beyond the network, of which nothing is known.
fn isolated() -> SnapshotBuilder {
    let unseen = || {
        let silent = Err(Failure::new(FailureKind::Timeout, "no answer"));
        let check = CheckBuilder::new("web/ssh", CheckKind::Ssh).unwrap();
        check.seen(Status::Unknown, before(40), before(2), silent).blocked().build()
    };
    SnapshotBuilder::new(AT)
        .server("here", "local", vec![service("here/disk", true)])
        .unwrap()
        .server("web", "10.0.0.1", vec![unseen()])
        .unwrap()
}

#[test]
fn a_monitor_that_is_cut_off_says_so_and_nothing_else_first() {
    let line = "litemon cannot reach its own network (no answer from gateway, resolver): \
                what is beyond it is unknown";
    let mut scene = scene(isolated().isolated(before(38), line).build());
    let text = page(&scene, &overview());
    insta::assert_snapshot!(text.split("<main").nth(1).unwrap());
    scene.words = Words::of(Language::Indonesian);
    scene.detail = false;
    let text = page(&scene, &overview());
    assert!(!text.contains("resolver"), "{text}");
}

/// Six servers in two groups and in none; the first group has a problem.
fn grouped() -> Scene {
    let mut builder = SnapshotBuilder::new(AT);
    for (name, groups) in
        [("a", &["web"][..]), ("b", &["db", "web"]), ("c", &["web"]), ("d", &[]), ("e", &["db"])]
    {
        let checks = vec![ssh(name), service(&format!("{name}/nginx"), name != "c")];
        builder = builder.server(name, "10.0.0.1", checks).unwrap().groups(groups).unwrap();
    }
    scene(builder.build())
}

fn wanted(q: &str, group: &str, state: &str) -> Filter {
    let json = serde_json::json!({ "q": q, "group": group, "state": state });
    serde_json::from_value::<Wanted>(json).unwrap().into()
}

#[test]
fn groups_stand_in_the_order_of_the_configuration() {
    insta::assert_snapshot!(page(&grouped(), &overview()));
}

#[test]
fn all_servers_a_line_each() {
    let filter = wanted("", "", "problem");
    insta::assert_snapshot!(page(
        &scene(paper().build()),
        &Page::Servers(filter, Sort::default(), false)
    ));
}

#[test]
fn a_filter_shows_what_is_wanted_and_keeps_all_groups() {
    let scene = grouped();
    for (filter, names) in [
        (wanted("", "", ""), vec!["c", "a", "b", "d", "e"]),
        (wanted("", "web", ""), vec!["c", "a", "b"]),
        (wanted(" DB ", "", ""), vec!["b", "e"]),
        (wanted("nginx", "", "critical"), vec!["c"]),
        (wanted("", "", "problem"), vec!["c"]),
        (wanted("", "db", "ok"), vec!["b", "e"]),
        (wanted("zzz", "", ""), vec![]),
    ] {
        let found: Vec<_> = filter.of(&scene).iter().map(|s| s.name.as_str()).collect();
        assert_eq!(found, names, "{filter:?}");
        let text = page(&scene, &Page::Overview(filter));
        assert_eq!(text.matches("<details").count(), 3);
        assert_eq!(text.matches("<article").count(), names.len());
        assert_eq!(text.contains("No server is as you asked"), names.is_empty());
    }
    assert_eq!(wanted("a b", "web", "ok").query(), "q=a%20b&group=web&state=ok");
}

#[test]
fn labels_are_chosen_from_by_those_who_may_see_them() {
    let mut builder = SnapshotBuilder::new(AT);
    for (name, city) in [("a", "Bogor"), ("b", "Depok")] {
        builder = builder.server(name, "10.0.0.1", vec![ssh(name)]).unwrap().label("city", city);
    }
    let mut scene = scene(builder.build());
    let json = serde_json::json!({ "label": "city=Depok" });
    let filter = Filter::from(serde_json::from_value::<Wanted>(json).unwrap());
    let found = |scene: &Scene| {
        let names: Vec<_> = filter.of(scene).iter().map(|server| server.name.to_string()).collect();
        let servers = Page::Servers(filter.clone(), Sort::default(), false);
        (names.join(" "), page(scene, &servers).contains("city=Bogor"))
    };
    scene.detail = true;
    assert_eq!(found(&scene), ("b".to_owned(), true));
    assert_eq!(filter.query(), "label=city%3DDepok");
    scene.detail = false;
    assert_eq!(found(&scene), (String::new(), false));
}

#[test]
fn servers_are_put_in_order_by_any_column_and_what_is_not_known_comes_last() {
    let scene = scene(paper().build());
    let order = |sort: &str, dir: &str| {
        let json = serde_json::json!({ "sort": sort, "dir": dir });
        let sort = serde_json::from_value::<Ordered>(json).unwrap().into();
        let mut servers = Filter::default().of(&scene);
        Sort::order(sort, &scene, &mut servers);
        servers.iter().map(|server| server.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    let worst = "server4 server3 server5 server1 server2 gateway";
    assert_eq!(order("", ""), worst);
    assert_eq!(order("nonsense", "nonsense"), worst);
    assert_eq!(order("name", ""), "gateway server1 server2 server3 server4 server5");
    assert_eq!(order("cpu", ""), "server5 gateway server2 server1 server3 server4");
    assert_eq!(order("cpu", "asc"), "server3 server1 server2 gateway server5 server4");
    assert!(order("since", "").starts_with("server3 server4 server5"));
    assert!(order("off", "").starts_with("server3"));
}

/// So many servers, of which one in ten has a problem.
fn fleet(count: usize) -> Scene {
    let mut builder = SnapshotBuilder::new(AT);
    for index in 0..count {
        let name = format!("web-{index}");
        let checks = vec![ssh(&name), service(&format!("{name}/nginx"), index % 10 != 0)];
        builder = builder.server(&name, "10.0.0.1", checks).unwrap();
    }
    scene(builder.build())
}

#[test]
fn of_many_servers_those_that_are_well_are_names() {
    let text = page(&fleet(1000), &overview());
    assert_eq!(text.matches("<article").count(), 60);
    assert_eq!(text.matches("class=\"small\"").count(), 940);
    assert!(text.contains("and 50 more problems") && text.contains("/servers?state=problem"));
    let few = page(&fleet(1000), &Page::Overview(wanted("web-99", "", "")));
    assert_eq!(few.matches("<article").count(), 11);
    assert!(few.contains("11 of 1,000"));
}

/// A fragment of the overview, a tag on each line.
fn part(scene: &Scene, id: &str) -> String {
    let drawing = overview().draw(scene).unwrap();
    let part = drawing.fixed.into_iter().find(|part| part.id == id).unwrap();
    part.html.into_string().replace("><", ">\n<") + "\n"
}

fn heading(builder: SnapshotBuilder, later: u64) -> String {
    let mut scene = scene(builder.build());
    scene.now = AT.plus(Duration::from_secs(later));
    overview().draw(&scene).unwrap().title
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
        let incident = Arc::make_mut(incident);
        incident.since = incident.since.minus(Duration::from_secs(3600));
    }
    let scene = scene(snapshot);
    let [overview, server4] = [overview(), Page::Server(Name::new("server4").unwrap())]
        .map(|page| self::page(&scene, &page));
    let count = |text: &str, what: &str| text.matches(what).count();
    // In the list of problems, on the tile; on the server's page in the table too.
    assert_eq!(count(&overview, "T21:31:21Z"), 2);
    assert_eq!(count(&server4, "T21:31:21Z"), 2);
    assert_eq!(count(&overview, "Off 4 min"), 0);
}

#[test]
fn a_plugin_and_a_slow_port_say_what_is_wrong() {
    let other = |id| CheckBuilder::new(id, CheckKind::Other).unwrap();
    let disk = Ok(Observation::judged(Status::Critical, [], "DISK CRITICAL - free space: / 3%"));
    let slow = Ok(Observation::Value { value: 2.3456, unit: "s".into(), detail: None });
    let checks = vec![
        ssh("a"),
        other("a/disk").seen(Status::Critical, AT, AT, disk).build(),
        other("a/https").limits(Some(0.5), None).seen(Status::Critical, AT, AT, slow).build(),
    ];
    let mut scene = scene(SnapshotBuilder::new(AT).server("a", "a", checks).unwrap().build());
    let text = page(&scene, &overview()).replace('\u{a0}', " ");
    assert!(text.contains("a/disk is critical</b> — DISK CRITICAL - free space: / 3%"), "{text}");
    assert!(text.contains("a/https 2.346 s</b>, above 0.5 s"), "{text}");
    scene.detail = false;
    let text = page(&scene, &overview());
    assert!(text.contains("a/disk is critical</b>") && !text.contains("free space"), "{text}");
}

#[test]
fn the_strip_says_in_words_what_it_shows() {
    let mut scene = scene(paper().build());
    let mut cells = [Some(Status::Ok); crate::history::CELLS];
    cells[3] = Some(Status::Critical);
    cells[9] = None;
    Arc::get_mut(&mut scene.strips).unwrap().put(Name::new("server1").unwrap(), cells);
    let strip = strip::strip(&scene, &Name::new("server1").unwrap()).into_string();
    assert!(strip.contains("aria-label=\"Last 24 hours: problems in 1 of 48 half hours\""));
    assert_eq!(strip.matches('M').count(), 48);
    assert_eq!(strip.matches("<path").count(), 3);
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
    let mut scene = scene(builder.incident(1, "a/x", told).own_fault(words).build());
    let mut past = Past::clone(&remembering(Some(15)).past);
    let story = Arc::make_mut(past.story.as_mut().unwrap());
    story.changes[0].detail = words.to_owned();
    story.history.incident.last = failed(FailureKind::Exit);
    for (notice, attempts) in &mut story.history.notices {
        (notice.notifier, notice.recipient) = (words.to_owned(), words.to_owned());
        attempts[0].detail = words.to_owned();
    }
    let incidents = vec![story.history.incident.clone()];
    past.listing = Some(Arc::new(Listing { incidents, older: None }));
    past.away = Some(words.to_owned());
    scene.past = Arc::new(past);
    scene.kept = past_tests::hostile(words);
    scene
}

/// The tags of a page, without what stands between them.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).map(|part| part.split('>').next().unwrap_or_default()).collect()
}

fn drawn(scene: &Scene) -> Vec<String> {
    let server = Page::Server(Name::new("a").unwrap());
    let draw = |page: &Page| {
        shell(scene, page, &page.draw(scene).unwrap(), &nobody(), "0.0.0").into_string()
    };
    let check = |id| Page::Check(CheckId::parse(id).unwrap(), Range::Day);
    let pages = [
        overview(),
        Page::Servers(Filter::default(), Sort::default(), false),
        server,
        check("a/x"),
        check("a/hdd"),
        Page::Incidents(Search::default()),
        Page::Incident(1),
    ];
    pages.iter().map(draw).collect()
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
