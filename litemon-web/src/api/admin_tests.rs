//! Administration by programs: servers, accounts, tokens and the trail, with what the document says
//! of them.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use litemon_core::{
    clock::SystemClock,
    config::{self, Inputs, Kinds, MachineSecrets, Managed, Plan, Surroundings},
    manage::{
        KeyFiles, Manage, Principal, Role,
        accounts::{NewToken, NewUser},
        inventory::{Planning, PlanningError},
    },
    model::{Name, Zone},
    secret::Secret,
    store::MemoryStore,
};
use serde_json::{Value, json};
use tokio::sync::watch;
use tower_service::Service;

use super::{ROOT, openapi, table::ROUTES};
use crate::{Dashboard, Handles, Settings, scene::tests::paper, serve::Local};

/// What must not come back.
const CANARY: &str = "canary-in-the-mine";

const FILE: &str =
    "[groups.web]\nprofiles = [\"linux\"]\n[servers.of-file]\naddress = \"10.0.0.9\"\n";

#[derive(Debug)]
struct File;

impl Planning for File {
    fn plan(&self, managed: &Managed) -> Result<Plan, PlanningError> {
        let none = BTreeMap::new();
        let inputs = Inputs::new(Vec::new(), none.clone(), PathBuf::from("/tmp"));
        let texts = vec![(PathBuf::from("litemon.toml"), FILE.to_owned())];
        let loaded = config::load_texts_with(texts, &inputs, managed)?;
        let (secrets, kinds) = (MachineSecrets::new(none.clone()), Kinds::builtin());
        let mut around = Surroundings::of(&none, Zone::utc(), &secrets, &kinds);
        around.user = Some("monitor".to_owned());
        Ok(loaded.plan(&around)?)
    }
}

/// A dashboard with management, asked by programs with tokens of each role.
struct Office {
    dashboard: Dashboard,
    tokens: Vec<(Role, String)>,
    document: Value,
    _folder: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let manage =
            Manage::open(folder.path(), &KeyFiles::default(), clock.clone()).await.unwrap();
        manage.set_planning(Arc::new(File));
        // Without an account, nobody is known over HTTP.
        let password = Secret::new("a robin on the fence".to_owned());
        let root = NewUser::new(Name::new("root").unwrap(), Role::Admin, password);
        manage.add_user(&Principal::system(Some(0)), root).await.unwrap();
        let mut tokens = Vec::new();
        for role in Role::ALL {
            let new = NewToken::new(Name::new(role.word()).unwrap(), role);
            let made = manage.add_token(&Principal::system(Some(0)), new).await.unwrap();
            tokens.push((role, made.secret.expose().to_owned()));
        }
        let (_, snapshot) = watch::channel(Arc::new(paper().build()));
        let handles = Handles::new(snapshot, Arc::new(MemoryStore::default()), clock);
        let settings = Settings::new("127.0.0.1:8080".parse().unwrap());
        let dashboard = crate::service(handles.with_manage(manage), settings).unwrap();
        Self { dashboard, tokens, document: openapi::document(), _folder: folder }
    }

    /// Asks with the token of a role; without one, by way of `control.sock`.
    async fn ask(
        &self,
        role: Option<Role>,
        method: &Method,
        path: &str,
        body: &str,
    ) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("{ROOT}{path}"));
        let request = request.header("host", "localhost:8080");
        let token = self.tokens.iter().find(|(of, _)| Some(*of) == role);
        let request = match token {
            Some((_, text)) => request.header("authorization", format!("Bearer {text}")),
            None => request,
        };
        let mut request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        if role.is_none() {
            request.extensions_mut().insert(Local::default());
        }
        let answer = self.dashboard.clone().call(request).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// Asks as an admin for something of the document: body and answer are as that says.
    async fn does(&self, method: Method, path: &str, pattern: &str, body: Value) -> (u16, Value) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (status, said) = self.ask(Some(Role::Admin), &method, path, &text).await;
        assert!(!said.contains(CANARY), "{said}");
        let said: Value = serde_json::from_str(&said).unwrap_or_default();
        let method = method.as_str().to_lowercase();
        let operation = &self.document["paths"][format!("{ROOT}{pattern}")][&method];
        if status < 300 {
            if !body.is_null() {
                self.fits(
                    &operation["requestBody"]["content"]["application/json"]["schema"],
                    &body,
                );
            }
            let answer = &operation["responses"][status.to_string()];
            assert!(answer.is_object(), "{method} {pattern} does not answer {status}: {said}");
            if !said.is_null() {
                self.fits(&answer["content"]["application/json"]["schema"], &said);
            }
        }
        (status, said)
    }

    #[track_caller]
    fn fits(&self, schema: &Value, value: &Value) {
        let mut whole = self.document.clone();
        whole.as_object_mut().unwrap().extend(schema.as_object().unwrap().clone());
        let validator =
            jsonschema::draft202012::options().should_validate_formats(true).build(&whole).unwrap();
        let errors: Vec<_> =
            validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?} in {value:#}");
    }
}

fn web_1() -> Value {
    json!({
        "name": "web-1", "address": "10.0.0.11:2222", "groups": ["web"],
        "labels": { "city": "Bogor" }, "password": CANARY, "sudo_password": CANARY,
        "services": { "nginx": { "command": "pgrep nginx" } },
        "resources": { "cpu": { "threshold": 50 } },
    })
}

#[tokio::test]
async fn servers_are_added_edited_and_removed_and_secrets_never_come_back() {
    let office = Office::open().await;
    let (all, one) = ("/inventory", "/inventory/{server}");
    let (status, added) = office.does(Method::POST, all, all, web_1()).await;
    assert_eq!(status, 201, "{added}");
    assert_eq!(
        added["stored"],
        json!({ "password": true, "sudo_password": true, "private_key": false })
    );
    assert_eq!(added["checks"].as_array().unwrap().len(), 5, "{added}");
    assert_eq!(office.does(Method::POST, all, all, web_1()).await.0, 409);
    let (_, list) = office.does(Method::GET, all, all, Value::Null).await;
    let locked: Vec<_> =
        list["servers"].as_array().unwrap().iter().map(|one| &one["locked"]).collect();
    assert_eq!(locked, [true, false]);

    // What is left out is empty, but for secrets.
    let body = json!({ "address": "10.0.0.12", "password": null });
    let (status, edited) = office.does(Method::PUT, "/inventory/web-1", one, body).await;
    assert_eq!((status, &edited["address"]), (200, &json!("10.0.0.12")));
    assert_eq!(
        edited["stored"],
        json!({ "password": false, "sudo_password": true, "private_key": false })
    );
    assert_eq!(edited["definition"]["services"], json!({}));
    let (status, _) = office.does(Method::GET, "/inventory/web-1", one, Value::Null).await;
    assert_eq!(status, 200);

    for (path, body, status, why) in [
        ("/inventory/of-file", json!({ "address": "10.0.0.1" }), 409, "change it there"),
        ("/inventory/nobody", json!({ "address": "10.0.0.1" }), 404, "nobody"),
        ("/inventory/web-1", json!({ "address": "local" }), 400, "configuration file only"),
        ("/inventory/web-1", json!({ "address": "a", "groups": ["none"] }), 400, "no group"),
        ("/inventory/web-1", json!({ "address": "a", "command": "x" }), 400, "unknown field"),
        ("/inventory/web-1", json!({ "groups": [] }), 400, "address"),
    ] {
        let (given, said) = office.does(Method::PUT, path, one, body.clone()).await;
        assert_eq!(given, status, "{path} {body}: {said}");
        assert!(said["detail"].as_str().unwrap().contains(why), "{said}");
    }
    let mut local = web_1();
    local["address"] = "local".into();
    local["name"] = "web-2".into();
    assert_eq!(office.does(Method::POST, all, all, local).await.0, 400);
    let mut more = web_1();
    more["name"] = "web-2".into();
    more["notifiers"] = json!([]);
    assert_eq!(office.does(Method::POST, all, all, more).await.0, 400, "an unknown field");

    let (status, said) = office.does(Method::DELETE, "/inventory/web-1", one, Value::Null).await;
    assert_eq!((status, said), (204, Value::Null));
    assert_eq!(office.does(Method::DELETE, "/inventory/web-1", one, Value::Null).await.0, 404);
    let (_, trail) = office.does(Method::GET, "/audit?doing=server", "/audit", Value::Null).await;
    let trail: Vec<_> = trail["entries"].as_array().unwrap().iter().collect();
    let begun: Vec<_> =
        trail.iter().filter(|one| one["outcome"].is_null()).map(|one| &one["doing"]).collect();
    assert_eq!(begun, ["server.remove", "server.edit", "server.add"]);
}

#[tokio::test]
async fn accounts_and_tokens_are_managed_and_a_token_makes_none() {
    let office = Office::open().await;
    let ann = json!({ "name": "ann", "role": "operator", "groups": ["web"], "password": CANARY });
    let (status, added) = office.does(Method::POST, "/users", "/users", ann).await;
    assert_eq!((status, &added["must_change"]), (201, &json!(true)));
    let weak = json!({ "name": "bob", "role": "viewer", "password": "x" });
    assert_eq!(office.does(Method::POST, "/users", "/users", weak).await.0, 400);
    let body = json!({ "role": "viewer", "disabled": true });
    let (status, edited) = office.does(Method::PUT, "/users/ann", "/users/{user}", body).await;
    assert_eq!((status, &edited["groups"]), (200, &json!(["web"])), "what is left out stays");
    assert_eq!(edited["disabled"], true);
    let (_, users) = office.does(Method::GET, "/users", "/users", Value::Null).await;
    assert_eq!(users["users"].as_array().unwrap().len(), 2);

    let new = json!({ "name": "robot", "role": "viewer", "lasts_ms": 86_400_000 });
    let (status, said) = office.does(Method::POST, "/tokens", "/tokens", new.clone()).await;
    assert_eq!(status, 403, "{said}");
    let (status, made) = office.ask(None, &Method::POST, "/tokens", &new.to_string()).await;
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(status, 201, "{made}");
    assert!(made["secret"].as_str().unwrap().starts_with("litemon_"));
    let (_, tokens) = office.does(Method::GET, "/tokens", "/tokens", Value::Null).await;
    assert_eq!(tokens["tokens"].as_array().unwrap().len(), 4);
    assert!(!tokens.to_string().contains("litemon_"));
    let pattern = "/tokens/{token}";
    assert_eq!(office.does(Method::DELETE, "/tokens/robot", pattern, Value::Null).await.0, 204);
    let pattern = "/users/{user}";
    assert_eq!(office.does(Method::DELETE, "/users/ann", pattern, Value::Null).await.0, 204);
    assert_eq!(office.does(Method::GET, "/users/ann", pattern, Value::Null).await.0, 404);
}

#[tokio::test]
async fn the_trail_is_read_page_by_page_proved_and_exported() {
    let office = Office::open().await;
    let page = "/audit";
    let (_, first) = office.does(Method::GET, "/audit?limit=2", page, Value::Null).await;
    let next = first["next"].as_i64().unwrap();
    let path = format!("/audit?limit=2&before={next}");
    let (_, second) = office.does(Method::GET, &path, page, Value::Null).await;
    assert!(second["entries"][0]["id"].as_i64().unwrap() < next);
    let pattern = "/audit/verify";
    let (_, verdict) = office.does(Method::GET, pattern, pattern, Value::Null).await;
    assert_eq!(verdict["intact"], true);
    let (status, lines) = office.ask(Some(Role::Admin), &Method::POST, "/audit/export", "").await;
    assert_eq!(status, 200);
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(last["doing"], "audit.export");
    let long = format!("/audit?by={}", "x".repeat(101));
    assert_eq!(office.ask(Some(Role::Admin), &Method::GET, &long, "").await.0, 400);
}

#[tokio::test]
async fn only_the_token_of_an_admin_opens_administration() {
    let office = Office::open().await;
    let managed = ["/inventory", "/users", "/tokens", "/audit"];
    let routes = ROUTES.iter().filter(|one| managed.iter().any(|at| one.path.starts_with(at)));
    let mut tried = 0;
    for route in routes {
        let path = route.path.replace(['{', '}'], "");
        for role in Role::ALL {
            let (status, said) = office.ask(Some(role), &route.method, &path, "").await;
            let token_for_token = route.name == "addToken";
            let refused = status == 403 && !(token_for_token && role == Role::Admin);
            assert_eq!(refused, role < Role::Admin, "{} {path} {role}: {said}", route.method);
            tried += 1;
        }
    }
    assert_eq!(tried, 18 * 3);
}

#[test]
fn what_is_sent_along_is_described_and_no_name_means_two_things() {
    let document = openapi::document();
    for route in ROUTES {
        let method = route.method.as_str().to_lowercase();
        let operation = &document["paths"][format!("{ROOT}{}", route.path)][&method];
        assert_eq!(operation["requestBody"].is_object(), route.body.is_some(), "{}", route.path);
    }
    let body = |path: &str| {
        let operation = &document["paths"][format!("{ROOT}{path}")]["post"];
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].clone()
    };
    assert_eq!(body("/jobs"), "#/components/schemas/JobOrder");
    assert_eq!(body("/jobs/{job}/cancel"), "#/components/schemas/JobPlace");
    let events = |path: &str| {
        let answer = &document["paths"][format!("{ROOT}{path}")]["get"]["responses"]["200"];
        answer["content"]["text/event-stream"]["schema"]["contentSchema"]["anyOf"][0]["$ref"]
            .clone()
    };
    assert_eq!(events("/events"), "#/components/schemas/Summary");
    assert_eq!(events("/jobs/{job}/events"), "#/components/schemas/Job");
    assert_eq!(events("/jobs/{job}/output/{server}/events"), "#/components/schemas/JobOutput");
    assert_eq!(openapi::with_two_meanings(), Vec::<String>::new());
}
