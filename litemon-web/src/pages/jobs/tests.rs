//! Pages about jobs as text, to be read when they change.

use std::{collections::BTreeMap, sync::Arc};

use litemon_core::{
    manage::{
        actions::{Action, Doubt},
        jobs::{Planned, Skipped},
    },
    model::{Language, Name},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    pages::{
        Asking, AskingPlanned, Chosen, Filter, Page, Sort, ask, ask_planned, doubt, tests::page,
    },
    scene::{
        Scene,
        tests::{AT, before, paper, scene},
    },
    words::Words,
};

/// A job of ann's, some seconds ago.
pub(crate) fn job(what: Value, results: Value, ended: bool) -> Job {
    let servers: Vec<_> =
        results.as_array().unwrap().iter().map(|one| one["server"].clone()).collect();
    let created = AT.as_millis() - 40_000;
    serde_json::from_value(json!({
        "id": 17,
        "order": { "what": what, "servers": servers, "sudo": true, "pty": false, "limit": null,
            "at_once": null, "retry_of": 12 },
        "by": { "name": "ann", "role": "operator", "via": "session", "from": null },
        "changes": true,
        "created": created,
        "ended": ended.then_some(created + 32_000),
        "results": results,
    }))
    .unwrap()
}

fn result(server: &str, stage: Value, bytes: u64) -> Value {
    let done = stage.get("done").is_some();
    json!({
        "server": server,
        "stage": stage,
        "started": (bytes > 0 || done).then_some(AT.as_millis() - 39_000),
        "ended": done.then_some(AT.as_millis() - 12_000),
        "bytes": bytes,
        "truncated": false,
    })
}

fn tail(text: &str) -> Tail {
    let bytes = text.len() as u64;
    Tail { text: text.to_owned(), cut: false, next: bytes, bytes }
}

fn update() -> Value {
    json!({ "action": { "name": "update", "params": { "only-show": "no" } } })
}

/// A scene in which a job is seen.
fn seen(job: Job, tails: Vec<Tail>, groups: Vec<Same>) -> Scene {
    let mut scene = scene(paper().build());
    let sight = Arc::new(Sight { job, tails, groups });
    scene.work = Arc::new(Work { job: Some(sight), ..Work::default() });
    scene.csrf = "TOKEN".to_owned();
    scene.running = Some(1);
    scene
}

#[test]
fn a_job_that_runs() {
    let results = json!([
        result("server1", json!({ "done": "ok" }), 12),
        result("server2", json!("running"), 40),
        result("server3", json!({ "waiting": "job 16 changes it" }), 0),
        result(
            "server4",
            json!({ "done": { "unreachable": "connection refused <b>\u{1b}[31m" } }),
            0
        ),
    ]);
    let running = "Reading package lists...\n<script>alert(1)</script>\n";
    let tails = vec![tail("All new.\n"), tail(running), Tail::default(), Tail::default()];
    let scene = seen(job(update(), results, false), tails, Vec::new());
    let text = page(&scene, &Page::Job(17));
    assert!(!text.contains("<script>alert") && !text.contains('\u{1b}'));
    insta::assert_snapshot!(text);
}

#[test]
fn a_job_that_is_over_in_indonesian() {
    let results = json!([
        result("server1", json!({ "done": "ok" }), 12),
        result("server2", json!({ "done": "ok" }), 12),
        result("server3", json!({ "done": { "failed": 3 } }), 14),
        result("server5", json!({ "done": { "timed_out": { "ended": false } } }), 0),
    ]);
    let tails =
        vec![tail("Linux 6.1\n"), tail("Linux 6.1\n"), tail("Linux 6.2\n"), Tail::default()];
    let name = |text: &str| Name::new(text).unwrap();
    let groups = vec![
        Same {
            servers: vec![name("server1"), name("server2")],
            text: "Linux 6.1\n".into(),
            diff: None,
        },
        Same {
            servers: vec![name("server3")],
            text: "Linux 6.2\n".into(),
            diff: Some("- Linux 6.1\n+ Linux 6.2\n".into()),
        },
    ];
    let mut scene = seen(job(json!({ "command": "uname -sr" }), results, true), tails, groups);
    scene.words = Words::of(Language::Indonesian);
    insta::assert_snapshot!(page(&scene, &Page::Job(17)));
}

#[test]
fn a_rolling_job_says_where_it_is_and_why_it_does_not_go_on() {
    let short = json!({ "group": "web", "well": 1, "needed": 2 });
    let failures = json!({ "server": "server2", "failed": 1, "allowed": 0 });
    let (waits, stops) =
        (json!({ "waiting": short }), json!({ "stopped": { "failures": failures } }));
    let (left, settles) = (json!({ "waiting": null }), json!({ "settling": "server2/chat" }));
    let unwell = json!({ "done": { "unwell": "server2/chat is Off" } });
    let never = json!({ "done": { "not_started": "server2 did not succeed" } });
    let paused = |by: Value| json!({ "paused": by });
    for (state, second, third, expected) in [
        (json!("going"), &settles, &left, ["Batch 2 of 3.", "Waiting for its checks", "/pause\""]),
        (
            waits,
            &unwell,
            &left,
            ["only 1 of web would be well, 2 are to be", "batch 3", "/pause\""],
        ),
        (
            paused(json!("canary")),
            &left,
            &left,
            ["Paused after the canary", "Continue", "/continue\""],
        ),
        (
            paused(json!("restart")),
            &left,
            &left,
            ["litemon was restarted", "Continue", "/continue\""],
        ),
        (
            paused(json!({ "person": "<b>" })),
            &left,
            &left,
            ["Paused by &lt;b&gt;.", "Continue", "/continue\""],
        ),
        (
            stops,
            &unwell,
            &never,
            [
                "Stopped: server2 did not succeed. 1 did not succeed · 1 succeeded · 1 not begun.",
                "1 of 3 servers did not succeed",
                "the 2 that did not succeed",
            ],
        ),
    ] {
        let mut results = json!([
            result("server1", json!({ "done": "ok" }), 0),
            result("server2", second.clone(), 0),
            result("server3", third.clone(), 0),
        ]);
        for (number, result) in (1..).zip(results.as_array_mut().unwrap()) {
            result["batch"] = json!(number);
        }
        let mut job = serde_json::to_value(job(update(), results, *third == never)).unwrap();
        job["order"]["rolling"] = json!({ "keep_healthy": "80%" });
        job["rolled"] = json!({ "state": state, "since": AT.as_millis() });
        let scene = seen(serde_json::from_value(job).unwrap(), Vec::new(), Vec::new());
        let text = page(&scene, &Page::Job(17));
        for words in expected.into_iter().chain(["80% of each group stay well"]) {
            assert!(text.contains(words), "{state}: {words}: {text}");
        }
        let place = |what: &str| text.find(what).unwrap();
        assert!(place("id=\"rolled\"") < place("id=\"controls\""), "before what can be done");
        if state == json!({ "paused": "canary" }) {
            let main = text.split("<main").nth(1).unwrap();
            insta::assert_snapshot!("a_rolling_job_after_its_canary", main);
        }
    }
}

#[test]
fn the_list_of_jobs() {
    let mut scene = scene(paper().build());
    let done = json!([result("server1", json!({ "done": "ok" }), 12)]);
    let failed = json!([
        result("server1", json!({ "done": "ok" }), 12),
        result("server2", json!({ "done": { "signalled": "KILL" } }), 12),
        result("server3", json!({ "done": "cancelled" }), 0),
        result("server5", json!({ "waiting": null }), 0),
    ]);
    let jobs = vec![job(update(), failed, false), job(json!({ "command": "uptime" }), done, true)];
    let listing = Arc::new(Listing { jobs, older: Some(17) });
    scene.work = Arc::new(Work { list: Some(listing), ..Work::default() });
    scene.running = Some(1);
    let search = JobSearch::new("", "server", "");
    insta::assert_snapshot!(page(&scene, &Page::Jobs(search)));
}

fn plan(name: &str, what: Value, servers: &[&str]) -> Planned {
    let order = json!({ "what": what, "servers": servers, "sudo": false, "pty": false,
        "limit": null, "at_once": null, "retry_of": null, "planned": name });
    Planned::new(Name::new(name).unwrap(), serde_json::from_value(order).unwrap())
}

fn ended(number: i64, ok: usize, not_ok: usize) -> litemon_core::model::JobEnd {
    let end = json!({ "number": number, "name": "x", "by": "schedule:x", "ok": ok,
        "not_ok": not_ok, "failed": [] });
    serde_json::from_value(end).unwrap()
}

/// One that is well, one that failed and was left out since, one that runs, one that is off.
fn plans() -> Vec<Planned> {
    let later = |hours: u64| AT.plus(std::time::Duration::from_secs(hours * 3600));
    let cron = |text: &str| Some((text.to_owned(), "Asia/Jakarta".to_owned()));
    let mut nightly = plan("nightly", update(), &["server1", "server2", "server3", "server5"]);
    (nightly.cron, nightly.next) = (cron("0 3 * * SUN"), Some(later(70)));
    nightly.last = Some((before(400_000), ended(16, 4, 0)));
    let mut clean = plan("clean", json!({ "command": "echo <b>" }), &["server1", "server2"]);
    (clean.cron, clean.next) = (cron("30 4 1 * *"), Some(later(400)));
    clean.callable = true;
    clean.last = Some((before(60), ended(15, 1, 1)));
    clean.skipped = Some((before(30), Skipped::Runs(15)));
    let mut deploy = plan("deploy", json!({ "command": "deploy" }), &["server5"]);
    (deploy.callable, deploy.running) = (true, Some(17));
    let mut yearly = plan("yearly", update(), &["server5"]);
    (yearly.cron, yearly.enabled) = (cron("0 0 1 1 *"), false);
    yearly.skipped = Some((before(60), Skipped::Missed));
    vec![nightly, clean, deploy, yearly]
}

#[test]
fn planned_jobs_stand_above_those_that_ran() {
    let mut scene = scene(paper().build());
    let listing = Arc::new(Listing { jobs: Vec::new(), older: None });
    scene.work = Arc::new(Work { list: Some(listing), planned: plans(), ..Work::default() });
    let drawing = Page::Jobs(JobSearch::default()).draw(&scene).unwrap();
    let planned = drawing.fixed.iter().find(|part| part.id == "planned").unwrap();
    insta::assert_snapshot!(planned.html.0.replace("><", ">\n<"));
    let text = page(&scene, &Page::Jobs(JobSearch::default()));
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(place("id=\"planned\"") < place("id=\"lists\""));
    scene.words = Words::of(Language::Indonesian);
    let text = page(&scene, &Page::Jobs(JobSearch::default()));
    for words in ["Tugas terjadwal", "Min <time", "dan saat dipanggil", "dimatikan"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn what_is_asked_before_a_planned_job() {
    let mut scene = scene(paper().build());
    scene.csrf = "TOKEN".to_owned();
    let name = |text: &str| Name::new(text).unwrap();
    let plans = plans();
    // What is true of several is said once.
    let own = |server: &str| (name(server), doubt(scene.words, &Doubt::OwnHost));
    let down = (name("server4"), doubt(scene.words, &Doubt::Down));
    let concerns = vec![own("server1"), down, own("server4")];
    let mut asking = AskingPlanned {
        planned: &plans[1],
        servers: &[name("server1"), name("server4")],
        dangerous: true,
        asks_password: true,
        concerns: &concerns,
        trouble: Some("password: that is not it"),
    };
    let (title, html) = ask_planned(&scene, &asking);
    assert_eq!(title, "Run clean now?");
    insta::assert_snapshot!(html.into_string().replace("><", ">\n<"));
    // An action is told in the reader's language.
    asking.planned = &plans[0];
    for (language, words) in [
        (Language::English, ["<p class=\"summary\">Update</p>", "Update 2 servers"]),
        (Language::Indonesian, ["Jalankan nightly sekarang?", "2 server"]),
    ] {
        scene.words = Words::of(language);
        let (title, html) = ask_planned(&scene, &asking);
        let text = title + &html.into_string();
        assert!(words.iter().all(|words| text.contains(words)), "{text}");
    }
}

#[test]
fn what_is_looked_for_is_found_by_what_who_where_and_how() {
    let results = json!([result("server1", json!({ "done": { "failed": 1 } }), 12)]);
    let job = job(update(), results, true);
    for (text, state, found) in [
        ("", "", true),
        ("upd", "", true),
        ("ANN", "failed", true),
        ("server1", "done", true),
        ("server2", "", false),
        ("", "running", false),
    ] {
        let search = JobSearch::new("0", text, state);
        assert_eq!(search.finds(&job), found, "{text} {state}");
        assert_eq!(search.before, None);
    }
    assert_eq!(JobSearch::new("9", "a b", "failed").path(), "/jobs?q=a%20b&state=failed&before=9");
}

fn action(name: &str, more: Value) -> Action {
    let mut action = json!({
        "name": name, "description": format!("What {name} does"), "built_in": true, "params": [],
        "sudo": true, "changes": true, "dangerous": false, "asks_password": false,
        "one_by_one": false, "limit": { "secs": 100, "nanos": 0 }, "least": "operator", "groups": [],
    });
    for (key, value) in more.as_object().unwrap() {
        action[key] = value.clone();
    }
    serde_json::from_value(action).unwrap()
}

#[test]
fn the_bar_of_actions_below_the_list_of_servers() {
    let mut scene = scene(paper().build());
    let actions = [
        action("restart", json!({ "dangerous": true })),
        action("clear-cache", json!({})),
        action("update", json!({})),
    ];
    scene.work = Arc::new(Work { actions: Some(actions.into()), ..Work::default() });
    scene.csrf = "TOKEN".to_owned();
    let servers = Page::Servers(Filter::default(), Sort::default(), true);
    insta::assert_snapshot!(page(&scene, &servers));
    let incident = page(&scene, &Page::Incident(17));
    assert!(incident.contains("formaction") || incident.contains("value=\"restart\""));
    scene.work = Arc::default();
    for one in [servers, Page::Incident(17), Page::Server(Name::new("server1").unwrap())] {
        let text = page(&scene, &one);
        assert!(!text.contains("/jobs/new") && !text.contains("checkbox"), "{one:?}");
    }
}

#[test]
fn what_is_asked_before_a_dangerous_action() {
    let scene = scene(paper().build());
    let params = json!([
        { "name": "verb", "description": "what is done", "kind": { "choice": ["start", "stop"] }, "default": null },
        { "name": "in", "description": "", "kind": { "number": { "min": 0, "max": 9 } }, "default": "3" },
        { "name": "unit", "description": "a <name>", "kind": { "text": "[a-z]+" }, "default": null },
    ]);
    let more =
        json!({ "dangerous": true, "one_by_one": true, "asks_password": true, "params": params });
    let name = |text: &str| Name::new(text).unwrap();
    let chosen = Chosen {
        servers: vec![name("server1"), name("server4")],
        params: BTreeMap::from([("unit".to_owned(), "\"ngi\"".to_owned())]),
        ..Chosen::default()
    };
    let concerns = vec![(name("server4"), doubt(scene.words, &Doubt::Down))];
    let asking = Asking {
        action: &action("restart", more),
        chosen: &chosen,
        concerns: &concerns,
        trouble: Some("password: that is not it"),
    };
    let (title, html) = ask(&scene, &asking);
    assert_eq!(title, "Restart: 2 servers?");
    insta::assert_snapshot!(html.into_string().replace("><", ">\n<"));
}
