//! Pages with a past.

use std::sync::Arc;

use litemon_core::{
    model::{
        CheckKind, CloseReason, Failure, FailureKind, Incident, Language, Number, Observation,
        Sample, StatusChange, Uptime,
    },
    testing::snapshot::CheckBuilder,
};
use proptest::prelude::*;

use super::{jobs::Work, tests::page, *};
use crate::{
    archive::{Course, Kept, Record, ServerPast},
    chart::{Window, spans::Changes},
    scene::tests::{AT, before, paper, scene},
    shelf::{Seen, Trouble},
    words::Words,
};

fn seen<V>(value: V) -> Seen<V> {
    Seen { value: Some(Arc::new(value)), trouble: None }
}

fn id(text: &str) -> CheckId {
    CheckId::parse(text).unwrap()
}

fn sample(seconds_ago: u64, [min, avg, max]: [f64; 3]) -> Sample {
    Sample { at: before(seconds_ago), min, avg, max, count: 30 }
}

fn incident(number: i64, check: &str, text: &str, times: [u64; 2]) -> Incident {
    let [from, to] = times;
    Incident {
        number,
        check: id(check),
        kind: CheckKind::Service,
        since: before(from),
        raised: before(from),
        status: Status::Ok,
        worst: Status::Critical,
        last: Err(Failure::new(FailureKind::Exit, text)),
        limit: None,
        closed: (to > 0).then(|| (before(to), CloseReason::Recovered)),
    }
}

fn window(range: Range) -> Window {
    Window { from: AT.minus(range.span()), to: AT }
}

fn past(check: &str, range: Range, samples: Vec<Sample>, text: &str) -> Kept {
    let change = |seconds_ago, status| StatusChange {
        check: id(check),
        at: before(seconds_ago),
        status,
        detail: text.to_owned(),
    };
    let changes = vec![change(7_200, Status::Critical), change(3_600, Status::Ok)];
    let incidents =
        vec![incident(12, check, text, [7_200, 3_600]), incident(17, check, text, [240, 0])];
    let hours = |up, down, unknown| {
        let hours = |count: u64| Duration::from_secs(count * 3600);
        Uptime { up: hours(up), down: hours(down), unknown: hours(unknown) }
    };
    let uptimes = [hours(23, 1, 0), hours(167, 1, 0), hours(300, 0, 420), Uptime::default()];
    let newest_first: Vec<_> = incidents.iter().rev().cloned().collect();
    let trends = vec![(id(check), samples.clone())];
    Kept {
        server: seen(ServerPast {
            at: AT,
            window: window(Range::Day),
            trends,
            uptimes: Some(uptimes),
            incidents: newest_first.clone(),
        }),
        record: seen(Record { at: AT, uptimes, incidents: newest_first }),
        course: seen(Course {
            window: window(range),
            width: range.point(),
            samples,
            changes: Changes { before: Some(Status::Ok), changes, cut: false },
            incidents,
        }),
    }
}

/// A past in which every text is this one.
pub(super) fn hostile(words: &str) -> Kept {
    let mut past = past("a/hdd", Range::Day, vec![sample(60, [1.0, 2.0, 3.0])], words);
    past.course.trouble = Some(Trouble::Failed(words.into()));
    past.server.trouble = Some(Trouble::Failed(words.into()));
    past
}

fn some() -> Vec<Sample> {
    vec![
        sample(9_000, [10.0, 20.5, 30.0]),
        sample(8_700, [12.0, 48.0, 61.0]),
        sample(8_400, [12.0, 12.0, 12.0]),
        sample(600, [60.0, 63.0, 64.0]),
    ]
}

#[test]
fn a_checks_page() {
    let mut scene = scene(paper().build());
    scene.kept = past("server5/cpu", Range::Day, some(), "");
    insta::assert_snapshot!(page(&scene, &Page::Check(id("server5/cpu"), Range::Day)));
}

#[test]
fn a_services_page_in_public_and_in_indonesian() {
    let mut scene = scene(paper().build());
    scene.kept = past("server3/chat", Range::Week, Vec::new(), "exit 3: inactive");
    let service = Page::Check(id("server3/chat"), Range::Week);
    assert!(page(&scene, &service).contains("exit 3: inactive"));
    scene.detail = false;
    scene.words = Words::of(Language::Indonesian);
    let text = page(&scene, &service);
    assert!(!text.contains("inactive"));
    insta::assert_snapshot!(text);
}

#[test]
fn a_servers_page_with_a_past() {
    let mut scene = scene(paper().build());
    scene.kept = past("server5/cpu", Range::Day, some(), "exit 3: inactive");
    let drawing = Page::Server(Name::new("server5").unwrap()).draw(&scene).unwrap();
    let parts = drawing.fixed.into_iter().filter(|part| ["trends", "record"].contains(&&*part.id));
    let html: Vec<_> = parts.map(|part| part.html.into_string()).collect();
    insta::assert_snapshot!(html.join("\n").replace("><", ">\n<"));
}

fn drawn(scene: &Scene, check: &str, part: &str) -> String {
    let drawing = Page::Check(id(check), Range::Day).draw(scene).unwrap();
    let found = drawing.fixed.into_iter().find(|one| one.id == part).unwrap();
    found.html.into_string()
}

#[test]
fn several_numbers_are_shown_with_the_age_of_what_is_old() {
    let number = |name: &str, value, failure| Number {
        name: name.into(),
        value,
        at: value.map(|_| before(7_300)),
        failure,
    };
    let failure = Failure::new(FailureKind::Timeout, "no answer within 5 s");
    let numbers = vec![
        number("today", Some(12.0), None),
        number("total", Some(48_310.0), Some(failure.clone())),
        number("odd <b>", None, Some(failure)),
    ];
    let seen = Ok(Observation::Numbers { numbers, detail: None });
    let check = CheckBuilder::new("stats/new-users", CheckKind::Statistic).unwrap();
    let check = check.seen(Status::Ok, before(90_000), before(4), seen).build();
    let mut scene = scene(paper().other(check).build());
    let text = drawn(&scene, "stats/new-users", "sight");
    for part in ["Today", ">12<", "48,310", "2\u{a0}h ago", "odd &lt;b&gt;", "no answer within"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(text.matches(" ago").count(), 1);
    scene.detail = false;
    assert!(!drawn(&scene, "stats/new-users", "sight").contains("no answer"));
}

#[test]
fn what_is_known_of_a_reading_is_said() {
    let mut scene = scene(paper().build());
    let course = |scene: &Scene| drawn(scene, "server1/cpu", "course");
    assert!(course(&scene).contains("The history is being read"));
    scene.kept.course.trouble = Some(Trouble::Slow);
    assert!(course(&scene).contains("does not answer in time"));
    scene.kept = past("server1/cpu", Range::Day, some(), "");
    scene.kept.course.trouble = Some(Trouble::Failed("sqlite x.db: disk full".into()));
    let text = course(&scene);
    assert!(text.contains("This is as of 05:33:14.") && text.contains("disk full"));
    assert!(text.contains("<path class=\"line\""));
    scene.detail = false;
    assert!(!course(&scene).contains("disk full"));
    scene.kept = past("server1/cpu", Range::Day, Vec::new(), "");
    assert!(course(&scene).contains("Nothing was measured"));
}

#[test]
fn who_is_told_is_said_to_those_who_may_know() {
    let check = |names: &[&str]| {
        let check = CheckBuilder::new("checks/x", CheckKind::Other).unwrap();
        check.told_by(names).unwrap().build()
    };
    let told = |names: &[&str], detail| {
        let mut scene = scene(paper().other(check(names)).build());
        scene.detail = detail;
        drawn(&scene, "checks/x", "facts")
    };
    assert!(told(&["oncall", "backup"], true).contains("oncall, backup"));
    assert!(told(&["oncall"], false).contains("somebody is told"));
    assert!(!told(&["oncall"], false).contains("oncall"));
    assert!(told(&[], true).contains("nobody is told"));
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -1e4..1e4_f64, Just(0.0)]
}

prop_compose! {
    fn any_sample()(ago in 0_u64..90_000, values in [any_value(), any_value(), any_value()]) -> Sample {
        sample(ago, values)
    }
}

proptest! {
    #[test]
    fn no_value_leaves_the_box(
        mut samples in prop::collection::vec(any_sample(), 0..40),
        limits in prop::option::of((any_value(), any_value())),
    ) {
        samples.sort_by_key(|sample| sample.at);
        let mut scene = scene(paper().build());
        let server = Arc::make_mut(&mut Arc::get_mut(&mut scene.snapshot).unwrap().servers[4]);
        let check = Arc::make_mut(&mut server.checks[1]);
        (check.threshold, check.warn) = limits.unzip();
        let rows = crate::chart::rows::fold(&samples, window(Range::Day), Range::Day.point(), 0);
        scene.kept = past("server5/cpu", Range::Day, rows, "");
        let html = drawn(&scene, "server5/cpu", "course");
        let (_, svg) = html.split_once("<svg class=\"plot").unwrap();
        let (svg, _) = svg.rsplit_once("</svg>").unwrap();
        for wrong in ["\"NaN", "NaN ", "\"inf", "\"-inf"] {
            prop_assert!(!svg.contains(wrong), "{} in {}", wrong, svg);
        }
        for path in svg.split(" d=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            for place in path.split(['M', 'L', 'Z']).filter(|place| !place.is_empty()) {
                let (x, y) = place.split_once(' ').unwrap();
                prop_assert!((0.0..=1000.0).contains(&x.parse::<f64>().unwrap()), "{}", path);
                prop_assert!((0.0..=200.0).contains(&y.parse::<f64>().unwrap()), "{}", path);
            }
        }
    }
}

/// What ran on a server is marked in its charts, and listed below them; what it told of itself stands
/// on its own page. Nothing of that is believed to be harmless.
#[test]
fn jobs_are_marked_and_a_server_tells_of_itself() {
    let began = AT.as_millis() - 3_600_000;
    let ran = serde_json::json!([{
        "job": 17, "what": { "command": "echo <i>x</i>" }, "changes": false, "by": "ann<b>",
        "result": { "server": "server5", "stage": { "done": { "failed": 3 } }, "started": began,
            "ended": began + 90_000, "bytes": 0, "truncated": false },
    }]);
    let facts = serde_json::json!({
        "os": "Debian <b>12</b>", "kernel": "Linux 6.1", "machine": "x86_64", "uptime": 864_000,
        "addresses": ["10.0.0.5/24", "fd00::5/64"], "pending": { "all": 12, "security": 3 },
        "reboot_required": true,
    });
    let mut scene = scene(paper().build());
    scene.kept = past("server5/cpu", Range::Day, some(), "");
    scene.work = Arc::new(Work {
        ran: serde_json::from_value(ran).unwrap(),
        told: Some((AT, serde_json::from_value(facts).unwrap())),
        ..Work::default()
    });
    let check = page(&scene, &Page::Check(id("server5/cpu"), Range::Day));
    for part in ["class=\"job\" data-job=\"17\"", "key job", "What ran here"] {
        assert!(check.contains(part), "{part}: {check}");
    }
    let server = page(&scene, &Page::Server(Name::new("server5").unwrap()));
    for part in ["Up for", "12, 3 of them for security", "fd00::5/64", "Linux 6.1, x86_64", "yes"] {
        assert!(server.contains(part), "{part}: {server}");
    }
    for text in [check, server] {
        assert!(
            !text.contains("<i>x") && !text.contains("ann<b>") && !text.contains("<b>12"),
            "{text}"
        );
    }
}
