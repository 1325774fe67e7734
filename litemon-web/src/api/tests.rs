use std::{sync::Arc, time::Duration};

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use litemon_core::{
    clock::Clock,
    model::{
        AttemptRecord, AttemptResult, CheckId, CheckKind, CloseReason, Failure, FailureKind,
        HistoryRecord, Incident, Name, NoticeRecord, NoticeState, Observation, Reason, Status,
        StatusChange, Timestamp, ToldIn, ValueRecord, Zone,
    },
    monitor::Snapshot,
    policy::Rota,
    store::{MemoryStore, Store},
};
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};
use tower_service::Service;

use super::{
    ROOT, openapi,
    table::{ROUTES, Route, Shape},
    types,
};
use crate::{
    Dashboard, Handles, Settings,
    scene::tests::{AT, before, paper, told},
    serve::Local,
};

/// A clock that stands at [`AT`], but for waits.
#[derive(Debug)]
struct Standing;

#[async_trait::async_trait]
impl Clock for Standing {
    fn now(&self) -> Timestamp {
        AT
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }

    async fn sleep_until(&self, at: Instant) {
        tokio::time::sleep_until(at).await;
    }
}

struct Stage {
    dashboard: Dashboard,
    snapshot: watch::Sender<Arc<Snapshot>>,
}

fn chat() -> CheckId {
    CheckId::parse("server3/chat").unwrap()
}

fn snapshot() -> Snapshot {
    paper()
        .incident(41, "server3/chat", told(NoticeState::Accepted, 60))
        .own_fault("lost it")
        .build()
}

/// The paper's scene with a history: two incidents that are over, and one that goes on.
async fn stage(public: bool) -> Stage {
    let store = MemoryStore::default();
    store.append(&history()).await.unwrap();
    let (sender, receiver) = watch::channel(Arc::new(snapshot()));
    let mut settings = Settings::new("127.0.0.1:8080".parse().unwrap());
    settings.public = public;
    let handles = Handles::new(receiver, Arc::new(store), Arc::new(Standing));
    Stage { dashboard: crate::service(handles, settings).unwrap(), snapshot: sender }
}

fn history() -> Vec<HistoryRecord> {
    let incident = |number, closed| {
        HistoryRecord::Incident(Incident {
            number,
            check: chat(),
            kind: CheckKind::Service,
            since: before(300),
            raised: before(296),
            status: Status::Critical,
            worst: Status::Critical,
            last: Ok(Observation::Switch { on: false, detail: Some("exit 3".into()) }),
            limit: None,
            closed,
        })
    };
    let over = |at, reason| Some((before(at), reason));
    let mut records = vec![
        incident(39, over(280, CloseReason::Recovered)),
        incident(40, over(250, CloseReason::Withdrawn)),
        incident(41, None),
        HistoryRecord::Notice(NoticeRecord {
            id: 7,
            incident: Some(40),
            check: chat(),
            notifier: "oncall".into(),
            recipient: "+628123456789".into(),
            reason: Reason::Raised,
            at: before(295),
            state: NoticeState::Accepted,
            state_at: before(290),
            told_in: Some(ToldIn::new(9, 5, [38, 39, 40, 44].into_iter().collect())),
        }),
        HistoryRecord::Attempt(AttemptRecord {
            notice: 7,
            attempt: 1,
            at: before(294),
            took_ms: 12,
            result: AttemptResult::Retry,
            detail: "connection refused".into(),
        }),
        HistoryRecord::Change(StatusChange {
            check: chat(),
            at: before(296),
            status: Status::Critical,
            detail: "exit 3".into(),
        }),
    ];
    let cpu = CheckId::new(&Name::new("server5").unwrap(), &Name::new("cpu").unwrap());
    records.extend((1..=9).map(|n| {
        HistoryRecord::Value(ValueRecord {
            check: cpu.clone(),
            at: before(n * 10),
            value: f64::from(u32::try_from(n).unwrap()),
        })
    }));
    records
}

impl Stage {
    async fn ask(&self, method: &str, path: &str, local: bool) -> http::Response<crate::Body> {
        let mut request =
            Request::builder().method(method).uri(path).body(Empty::<Bytes>::new()).unwrap();
        if local {
            request.extensions_mut().insert(Local::default());
        } else {
            request.headers_mut().insert("host", "localhost".parse().unwrap());
        }
        self.dashboard.clone().call(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.read(&format!("{ROOT}{path}"), false).await
    }

    async fn read(&self, path: &str, local: bool) -> (u16, Value) {
        let response = self.ask("GET", path, local).await;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn good<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let (status, value) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {value}");
        serde_json::from_value(value).unwrap()
    }

    /// What the next event of a stream says, as its name and its data.
    async fn event(body: &mut crate::Body) -> (String, Value) {
        loop {
            let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
            let text = String::from_utf8(frame.to_vec()).unwrap();
            let field = |name: &str| {
                text.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
            };
            if let (Some(name), Some(data)) = (field("event:"), field("data:")) {
                return (name.trim().to_owned(), serde_json::from_str(&data).unwrap());
            }
        }
    }
}

/// A real address for a route of the table.
fn example(path: &str) -> String {
    let (owner, check) =
        if path.ends_with("/series") { ("server5", "cpu") } else { ("server3", "chat") };
    format!("{ROOT}{path}")
        .replace("{server}", "server4")
        .replace("{owner}", owner)
        .replace("{check}", check)
        .replace("{number}", "40")
}

/// The schema of an answer, as a document of its own.
fn schema(document: &Value, path: &str, status: &str, kind: &str) -> Value {
    let at = ["paths", path, "get", "responses", status, "content", kind, "schema"];
    let found = at.iter().fold(document, |value, key| &value[*key]);
    assert!(found.is_object(), "{path} has no answer {status} of {kind}");
    let mut schema = document.clone();
    schema.as_object_mut().unwrap().extend(found.as_object().unwrap().clone());
    schema
}

#[track_caller]
fn fits(schema: &Value, value: &Value) {
    let validator =
        jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?} in {value:#}");
}

#[tokio::test]
async fn real_answers_fit_the_document_and_every_route_is_in_it() {
    for public in [false, true] {
        let stage = stage(public).await;
        let document: Value = stage.good("/openapi.json").await;
        assert_eq!(document["openapi"], "3.1.0");
        let operations = document["paths"].as_object().unwrap().values();
        let operations: usize = operations.map(|path| path.as_object().unwrap().len()).sum();
        assert_eq!(operations, ROUTES.len());
        let read = |route: &&Route| {
            matches!(route.answer, Shape::Json(200, _)) && route.method == http::Method::GET
        };
        for route in ROUTES.iter().filter(read) {
            let address = example(route.path);
            // Without accounts, only the socket in the state folder has a role.
            let local = route.least != crate::gate::Least::Seen;
            let (status, answer) = stage.read(&address, local).await;
            // This stage manages nothing; that is said in the way of every refusal.
            let managed = ["/jobs", "/schedules", "/inventory", "/users", "/tokens", "/audit"];
            if managed.iter().any(|start| route.path.starts_with(start)) {
                assert_eq!(status, 404, "{address}: {answer}");
                assert_eq!(answer["detail"], "nothing is managed here");
                continue;
            }
            assert_eq!(status, 200, "{address}: {answer}");
            let path = format!("{ROOT}{}", route.path);
            fits(&schema(&document, &path, "200", "application/json"), &answer);
        }
    }
}

#[tokio::test]
async fn the_document_refuses_what_is_not_said() {
    let document = openapi::document();
    let schema = schema(&document, "/api/v1/servers/{server}", "200", "application/json");
    let mut server = stage(false).await.get("/servers/server4").await.1;
    fits(&schema, &server);
    server["status"] = "splendid".into();
    assert!(!jsonschema::is_valid(&schema, &server));
}

#[tokio::test]
async fn the_status_says_what_the_pages_say() {
    let report: types::StatusReport = stage(false).await.good("/status").await;
    assert_eq!(report.status, Status::Critical);
    assert_eq!((report.counts.servers, report.counts.problems), (6, 3));
    assert_eq!(report.monitor.fault_lines.as_deref(), Some(&["lost it".to_owned()][..]));
    let server = report.servers.iter().find(|server| server.name == "server4").unwrap();
    assert!(server.unreachable && server.address.is_some());
    let ssh = &server.checks[0];
    assert_eq!((ssh.id.as_str(), ssh.state.as_str()), ("server4/ssh", "unreachable"));
    let failure = ssh.last.as_ref().unwrap().seen.failure.as_ref().unwrap();
    assert_eq!(failure.kind, FailureKind::Refused);
    let chat = report.servers.iter().flat_map(|server| &server.checks);
    let chat = chat.filter(|check| check.id == "server3/chat").map(|check| check.incident);
    assert_eq!(chat.collect::<Vec<_>>(), [Some(41)]);
    assert!(report.incidents.iter().any(|one| one.number == 41));
}

#[tokio::test]
async fn who_is_on_call_what_is_held_and_isolation_are_told() {
    let name = |text| Name::new(text).unwrap();
    let people = vec![name("ann"), name("budi")];
    let rota = Rota::new(name("ops"), people, "2016-04-11T09:00", 7, Zone::utc()).unwrap();
    let snapshot = paper().rota(rota).outbox(3, 2).isolated(before(9), "cut off").build();
    for public in [false, true] {
        let stage = stage(public).await;
        stage.snapshot.send_replace(Arc::new(snapshot.clone()));
        let (_, status) = stage.get("/status").await;
        assert_eq!(status["outbox"], json!({ "pending": 3, "held": 2 }));
        assert_eq!(status["monitor"]["health"], "isolated");
        let on_call = json!([{ "rota": "ops", "who": ["ann"], "until": "2016-04-18T09:00:00Z",
            "then": ["budi"] }]);
        assert_eq!(status["on_call"], if public { Value::Null } else { on_call });
        let page = stage.ask("GET", "/metrics", true).await.into_body().collect().await.unwrap();
        let page = String::from_utf8(page.to_bytes().to_vec()).unwrap();
        for line in ["litemon_outbox_notices 3", "litemon_notices_held 2", "litemon_isolated 1"] {
            assert!(page.contains(&format!("\n{line}.0\n")), "{line}: {page}");
        }
    }
}

#[tokio::test]
async fn in_public_no_error_address_or_recipient_is_told() {
    let secrets = ["10.0.0.4", "refused", "exit 3", "+628", "lost it"];
    for (public, told) in [(false, true), (true, false)] {
        let stage = stage(public).await;
        let mut all = String::new();
        for path in [
            "/status",
            "/servers/server4",
            "/incidents",
            "/incidents/40",
            "/incidents/41",
            "/checks/server3/chat/changes",
        ] {
            all.push_str(&stage.get(path).await.1.to_string());
        }
        let mut stream = stage.ask("GET", "/api/v1/events", false).await.into_body();
        all.push_str(&Stage::event(&mut stream).await.1.to_string());
        for secret in secrets {
            assert_eq!(all.contains(secret), told, "{secret} {all}");
        }
        // Whoever owns the state folder is told everything.
        let owner = stage.ask("GET", "/api/v1/status", true).await.into_body();
        let owner = owner.collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&owner).contains("lost it"));
    }
}

#[tokio::test]
async fn incidents_come_page_by_page() {
    let stage = stage(false).await;
    let numbers = |page: &types::IncidentPage| -> Vec<i64> {
        page.incidents.iter().map(|one| one.number).collect()
    };
    let page: types::IncidentPage = stage.good("/incidents?limit=2").await;
    assert_eq!((numbers(&page), page.next), (vec![41, 40], Some(40)));
    let page: types::IncidentPage = stage.good("/incidents?limit=2&before=40").await;
    assert_eq!((numbers(&page), page.next), (vec![39], None));
    let page: types::IncidentPage = stage.good("/incidents?state=open").await;
    assert!(page.incidents.iter().all(|one| one.open) && page.next.is_none());
    assert!(numbers(&page).contains(&41));
    let page: types::IncidentPage = stage.good("/incidents?state=closed").await;
    assert_eq!((numbers(&page), page.next), (vec![40, 39], None));
    assert_eq!(page.incidents[0].close_reason, Some(CloseReason::Withdrawn));
}

#[tokio::test]
async fn an_incident_tells_who_was_told_and_how() {
    let stage = stage(false).await;
    let past: types::IncidentReport = stage.good("/incidents/40").await;
    assert!(past.complete && !past.incident.open);
    assert_eq!(past.changes[0].detail.as_deref(), Some("exit 3"));
    assert_eq!(past.notices[0].attempts[0].result, AttemptResult::Retry);
    let digest = past.notices[0].digest.as_ref().unwrap();
    assert_eq!((digest.id, digest.count), (9, 5));
    assert_eq!(digest.incidents, [(38, 40), (44, 44)]);
    let open: types::IncidentReport = stage.good("/incidents/41").await;
    assert!(open.incident.open);
    assert_eq!(stage.get("/incidents/42").await.0, 404);
}

#[tokio::test]
async fn a_series_has_no_more_rows_than_were_asked_for() {
    let stage = stage(false).await;
    let path = format!("/checks/server5/cpu/series?from={}&to={}", before(100).as_millis(), AT);
    let all: types::Series = stage.good(&path).await;
    assert_eq!(all.samples.len(), 9);
    let few: types::Series = stage.good(&format!("{path}&points=3")).await;
    assert!(few.samples.len() <= 3, "{few:?}");
    assert_eq!(few.samples.iter().map(|sample| sample.count).sum::<u64>(), 9);
}

#[tokio::test]
async fn what_is_not_answered_is_a_problem_document() {
    let stage = stage(false).await;
    let document = openapi::document();
    let problem = schema(&document, "/api/v1/status", "default", "application/problem+json");
    for (method, path, local, status) in [
        ("GET", "/nothing", false, 404),
        ("GET", "/servers/nobody", false, 404),
        ("GET", "/servers/server4/more", false, 404),
        ("GET", "/checks/server3/nothing/uptime", false, 404),
        ("GET", "/checks/litemon:journal/x", false, 404),
        ("GET", "/incidents/x", false, 404),
        ("GET", "/incidents?limit=0", false, 400),
        ("GET", "/incidents?limit=501", false, 400),
        ("GET", "/incidents?limit=1&limit=2", false, 400),
        ("GET", "/incidents?state=mine", false, 400),
        ("GET", "/status?x", false, 400),
        ("GET", "/checks/server3/chat/uptime?from=yesterday", false, 400),
        ("GET", "/checks/server3/chat/uptime?from=2&to=1", false, 400),
        ("GET", "/checks/server3/chat/uptime?from=0", false, 400),
        ("POST", "/status", false, 405),
        ("GET", "/checks/server3/chat/run", true, 405),
        ("POST", "/checks/server3/chat/run", false, 403),
        ("POST", "/checks/server3/chat/run", true, 503),
    ] {
        let response = stage.ask(method, &format!("{ROOT}{path}"), local).await;
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
        assert_eq!(response.headers().contains_key("allow"), status == 405, "{path}");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let value: Value = serde_json::from_slice(&body).unwrap();
        fits(&problem, &value);
        assert_eq!(value["status"], status, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn events_tell_what_changed_and_no_more_readers_than_there_is_room_for() {
    let stage = stage(false).await;
    let mut stream = stage.ask("GET", "/api/v1/events", false).await.into_body();
    let (name, summary) = Stage::event(&mut stream).await;
    assert_eq!((name.as_str(), &summary["counts"]["problems"]), ("summary", &Value::from(3)));
    let failing = Failure::new(FailureKind::Refused, "refused");
    let check = litemon_core::testing::snapshot::CheckBuilder::new("extra/one", CheckKind::Other)
        .unwrap()
        .seen(Status::Critical, AT, AT, Err(failing))
        .build();
    let next = paper().other(check).incident(55, "extra/one", Vec::new()).build();
    stage.snapshot.send_replace(Arc::new(next));
    assert_eq!(Stage::event(&mut stream).await.0, "summary");
    let (name, changes) = Stage::event(&mut stream).await;
    assert_eq!(name, "changes");
    let changes: types::Changes = serde_json::from_value(changes).unwrap();
    assert!(changes.checks.iter().any(|check| check.id == "extra/one"));
    assert!(changes.incidents.iter().any(|one| one.number == 55));
    assert_eq!(changes.closed, [41]);

    let mut more = Vec::new();
    for _ in 0..127 {
        more.push(stage.ask("GET", "/api/v1/events", false).await);
    }
    assert!(more.iter().all(|response| response.status() == StatusCode::OK));
    let refused = stage.ask("GET", "/api/v1/events", false).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop(more);
    let again =
        tokio::time::timeout(Duration::from_secs(1), stage.ask("GET", "/api/v1/events", false));
    assert_eq!(again.await.unwrap().status(), StatusCode::OK);
}
