//! What answers read like.

use std::{fmt::Write as _, sync::Arc};

use proptest::prelude::*;

use super::*;
use crate::{
    model::{Language, Status, Timestamp, Zone},
    monitor::Snapshot,
    notify::text::{SMS_SEPTETS, septets},
    policy::Acknowledged,
    testing::{
        paper::{AT, Stage, paper, with_numbers},
        snapshot::SnapshotBuilder,
    },
};

fn replies(language: Language) -> Replies {
    Replies::new(language, Zone::named("Asia/Jakarta").unwrap())
}

/// One SMS, whatever stands in it.
fn fits(text: &str) -> bool {
    septets(text).is_some_and(|wide| (1..=SMS_SEPTETS).contains(&wide))
}

fn taken(mut snapshot: Snapshot) -> Snapshot {
    if let Some(incident) = snapshot.incidents.first_mut() {
        Arc::make_mut(incident).acknowledged = Some(Acknowledged::by("ann", AT));
    }
    snapshot
}

fn scene() -> Snapshot {
    with_numbers(paper(AT).unwrap(), AT).unwrap().build()
}

fn well() -> Snapshot {
    let stage = Stage(AT);
    let checks =
        vec![stage.ssh("web-1").unwrap(), stage.resource("web-1/cpu", 12.0, 50.0).unwrap()];
    SnapshotBuilder::new(AT).server("web-1", "10.0.0.1", checks).unwrap().build()
}

/// Every answer there is, about the paper's scene and one in which all is well.
fn all(language: Language) -> Vec<String> {
    let (replies, bad, good) = (replies(language), taken(scene()), well());
    let until = AT.plus(LONGEST_MUTE);
    let mut all = Vec::new();
    for (incident, until) in bad.incidents.iter().zip([Some(until), None, None]) {
        all.push(replies.acknowledged(incident, until));
    }
    all.extend([replies.status(&bad), replies.which(&bad)]);
    all.extend([replies.status(&good), replies.which(&good), replies.status(&Snapshot::default())]);
    for (name, snapshot) in [
        ("SERVER3", &bad),
        ("server4", &bad),
        ("server1", &bad),
        ("server3 chat", &bad),
        ("msg1", &bad),
        ("web-1", &good),
        ("Web-1/CPU", &good),
        ("all", &bad),
    ] {
        let target = find(name, snapshot).unwrap_or_else(|| panic!("{name}"));
        all.push(replies.status_of(&target, snapshot));
    }
    let scope = find("server3/chat", &bad).unwrap().scope();
    all.extend([
        replies.muted(&scope, until, LONGEST_MUTE),
        replies.not_open(99),
        replies.how_to_mute(),
        replies.how_long(),
        replies.not_all(),
        replies.nothing_called("wbe-1 \u{202e}`x`"),
        replies.help(),
        replies.unclear(),
        replies.failed(),
        replies.late(LONGEST_ACK),
    ]);
    all
}

#[test]
fn answers_in_english_and_indonesian() {
    let mut text = String::new();
    for language in [Language::English, Language::Indonesian] {
        for answer in all(language) {
            assert!(fits(&answer), "{answer}");
            writeln!(text, "{answer}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn names_are_found_as_people_type_them() {
    let snapshot = scene();
    let scope = |name: &str| find(name, &snapshot).map(|target| target.scope().to_string());
    for (name, expected) in [
        ("server3", Some("server3")),
        ("Server3", Some("server3")),
        ("server3 chat", Some("server3/chat")),
        ("SERVER3/Chat", Some("server3/chat")),
        ("msg1", Some("messaging/msg1")),
        ("messaging/msg1", Some("messaging/msg1")),
        ("Semua", Some("all")),
        ("server", None),
        ("server3 chat now", None),
        ("", None),
        ("@nobody", None),
    ] {
        assert_eq!(scope(name).as_deref(), expected, "{name}");
    }
    let stage = Stage(AT);
    let of = |name: &str| vec![stage.ssh(name).unwrap()];
    let twins = SnapshotBuilder::new(AT).server("web", "a", of("web")).unwrap();
    let twins = twins.groups(&["Front"]).unwrap().server("Web", "b", of("Web")).unwrap().build();
    let scope = |name: &str| find(name, &twins).map(|target| target.scope().to_string());
    assert_eq!(scope("Web").as_deref(), Some("Web"));
    assert_eq!(scope("WEB"), None, "it could be either");
    assert_eq!(scope("@front").as_deref(), Some("@Front"));
}

/// A snapshot of many servers whose names are long, all of them failing.
fn storm(names: &[String]) -> Snapshot {
    let stage = Stage(AT);
    let mut snapshot = SnapshotBuilder::new(AT);
    for (place, name) in names.iter().enumerate() {
        let name = format!("{name}{place}");
        let service = stage.service(&format!("{name}/nginx"), false).unwrap();
        let checks = vec![stage.ssh(&name).unwrap(), service];
        snapshot = snapshot.server(&name, "h", checks).unwrap();
        snapshot = snapshot.incident(place as i64 + 1, &format!("{name}/nginx"), Vec::new());
    }
    snapshot.build()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_answer_is_one_sms_and_counts_what_it_leaves_out(
        names in proptest::collection::vec("[a-z]{1,59}", 1..40),
        asked in any::<String>(),
    ) {
        let snapshot = storm(&names);
        let all = replies(Language::English);
        let status = all.status(&snapshot);
        prop_assert!(fits(&status), "{}", status);
        let shown = status.matches(" #").count();
        let left = status.rsplit_once('+').map_or(0, |(_, n)| n.parse::<usize>().unwrap());
        prop_assert_eq!(shown + left, names.len(), "{}", status);
        let count = format!("{} problem", names.len());
        prop_assert!(status.starts_with(&count), "{}", status);
        for text in [all.which(&snapshot), all.nothing_called(&asked)] {
            prop_assert!(fits(&text), "{}", text);
        }
        for server in &snapshot.servers {
            let of_server = all.status_of(&Target::Server(Arc::clone(server)), &snapshot);
            prop_assert!(fits(&of_server) && of_server.contains("Off #"), "{}", of_server);
        }
        if let Some(target) = find(&asked, &snapshot) {
            prop_assert!(fits(&all.muted(&target.scope(), Timestamp::default(), LONGEST_MUTE)));
        }
        prop_assert!(snapshot.checks().any(|check| check.status != Status::Ok));
    }
}
