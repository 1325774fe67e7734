//! Each address of the table, asked for by everybody.

use std::sync::Arc;

use async_trait::async_trait;
use http::{Method, Request, Response, request::Parts};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use litemon_core::{
    clock::SystemClock,
    manage::{
        KeyFiles, Manage, Principal, Role, Via,
        accounts::{NewToken, NewUser},
    },
    model::Name,
    secret::Secret,
    store::MemoryStore,
};
use tokio::sync::watch;
use tower_service::Service;

use super::{
    Authenticator, Least, Peer,
    table::{Entry, TABLE},
};
use crate::{Body, Dashboard, Handles, Settings, scene::tests::paper};

/// An application whose users say in a header who they are.
#[derive(Debug)]
struct App;

#[async_trait]
impl Authenticator for App {
    async fn principal(&self, head: &Parts) -> Option<Principal> {
        let role = Role::parse(head.headers.get("app-role")?.to_str().ok()?)?;
        Some(Principal::new("ann", role, Via::Host))
    }
}

/// A dashboard with management, over the paper's scene; its files go with the folder.
struct Stage {
    dashboard: Dashboard,
    manage: Manage,
    _folder: tempfile::TempDir,
}

async fn stage(app: bool, set: impl FnOnce(&mut Settings)) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SystemClock);
    let manage = Manage::open(folder.path(), &KeyFiles::default(), clock.clone()).await.unwrap();
    let (_, snapshot) = watch::channel(Arc::new(paper().build()));
    let handles = Handles::new(snapshot, Arc::new(MemoryStore::default()), clock);
    let handles = handles.with_manage(manage.clone());
    let handles = if app { handles.with_authenticator(Arc::new(App)) } else { handles };
    let mut settings = Settings::new("127.0.0.1:8080".parse().unwrap());
    set(&mut settings);
    let dashboard = crate::service(handles, settings).unwrap();
    Stage { dashboard, manage, _folder: folder }
}

/// Somebody at the gate.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Somebody {
    role: Option<Role>,
    token: bool,
    origin: &'static str,
}

const OWN: &str = "http://localhost:8080";

async fn ask(dashboard: &Dashboard, method: &Method, path: &str, who: Somebody) -> Response<Body> {
    let csrf = dashboard.site().keys.token("host", "ann");
    let body = if who.token { format!("csrf={csrf}") } else { "csrf=wrong".to_owned() };
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:8080")
        .header("origin", who.origin)
        .header("content-type", "application/x-www-form-urlencoded");
    if let Some(role) = who.role {
        request = request.header("app-role", role.word());
    }
    dashboard.clone().call(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap()
}

/// An address for an entry: one of the scene where there is one.
fn example(entry: &Entry) -> String {
    let path = entry.path.replace("{server}", "server4").replace("{owner}/{check}", "server3/chat");
    let path = path.replace("{number}", "1").replace("{file*}", "none");
    let parts = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// What the table promises, apart from what the address itself says then.
fn is_let_in(entry: &Entry, who: Somebody, public: bool) -> bool {
    let may = match entry.least {
        Least::Anyone | Least::Public => true,
        Least::Seen => who.role.is_some() || public,
        Least::Detail => who.role.is_some(),
        Least::Role(least) => who.role.is_some_and(|role| role >= least),
        // These log in elsewhere.
        Least::Session => false,
    };
    let proved = entry.method.is_safe() || entry.least == Least::Anyone;
    let proved = proved || (who.role.is_some() && who.token && who.origin == OWN);
    may && proved
}

#[tokio::test]
async fn each_address_lets_in_whom_the_table_says() {
    let roles = [None, Some(Role::Viewer), Some(Role::Operator), Some(Role::Admin)];
    let proofs = [(true, OWN), (false, OWN), (true, "http://evil.example"), (true, "null")];
    for public in [false, true] {
        let stage = stage(true, |settings| settings.public = public).await;
        for entry in TABLE.iter() {
            for role in roles {
                for (token, origin) in proofs {
                    let who = Somebody { role, token, origin };
                    let path = example(entry);
                    let answer = ask(&stage.dashboard, &entry.method, &path, who).await;
                    let refused = matches!(answer.status().as_u16(), 401 | 403);
                    let what = format!("{} {path} as {who:?}, public: {public}", entry.method);
                    let expected = is_let_in(entry, who, public);
                    assert_eq!(!refused, expected, "{what}: {}", answer.status());
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_in_the_table_is_not_answered() {
    let stage = stage(true, |settings| settings.public = true).await;
    let admin = Somebody { role: Some(Role::Admin), token: true, origin: OWN };
    for (method, path, status, allow) in [
        (Method::GET, "/nothing", 404, None),
        (Method::GET, "/servers//", 404, None),
        (Method::GET, "/api/v1/servers/%ff", 404, None),
        (Method::DELETE, "/", 405, Some("GET, HEAD")),
        (Method::DELETE, "/hooks/push/x", 405, Some("GET, HEAD, POST")),
        (Method::POST, "/api/v1/status", 405, Some("GET, HEAD")),
    ] {
        let answer = ask(&stage.dashboard, &method, path, admin).await;
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        let given = answer.headers().get("allow").map(|allow| allow.to_str().unwrap());
        assert_eq!(given, allow, "{method} {path}");
    }
}

const PASSWORD: &str = "correct horse battery";

/// A browser of litemon's own accounts: it keeps cookies, and sends forms as its page has them.
struct Browser<'a> {
    stage: &'a Stage,
    cookies: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    fn new(stage: &'a Stage) -> Self {
        Self { stage, cookies: Vec::new() }
    }

    async fn send(&mut self, method: Method, path: &str, body: String) -> Response<Body> {
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:8080")
            .header("origin", OWN)
            .header("cookie", cookies.join("; "))
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let answer = self.stage.dashboard.clone().call(request).await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    async fn open(&mut self, path: &str) -> (u16, String) {
        let answer = self.send(Method::GET, path, String::new()).await;
        let status = answer.status().as_u16();
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(text.to_vec()).unwrap())
    }

    /// The token of the first form of a page.
    async fn csrf(&mut self, path: &str) -> String {
        let (_, page) = self.open(path).await;
        let from = page.find("name=\"csrf\" value=\"").unwrap() + 19;
        page[from..].split('"').next().unwrap().to_owned()
    }

    async fn log_in(&mut self, name: &str, password: &str) -> Response<Body> {
        let csrf = self.csrf("/login").await;
        let form = format!("csrf={csrf}&name={name}&password={password}&back=/servers");
        self.send(Method::POST, "/login", form).await
    }
}

fn location(answer: &Response<Body>) -> &str {
    answer.headers().get("location").map_or("", |to| to.to_str().unwrap())
}

async fn add(stage: &Stage, name: &str, role: Role, must_change: bool) {
    let system = Principal::system(Some(0));
    let password = Secret::new(PASSWORD.to_owned());
    let mut new = NewUser::new(Name::new(name).unwrap(), role, password);
    new.must_change = must_change;
    stage.manage.add_user(&system, new).await.unwrap();
}

#[tokio::test]
async fn with_accounts_nothing_is_read_without_a_login_and_each_role_sees_what_is_its_own() {
    let stage = stage(false, |_| {}).await;
    let mut browser = Browser::new(&stage);
    assert_eq!(browser.open("/").await.0, 200, "there are no accounts yet");
    assert_eq!(browser.open("/admin/users").await.0, 303);
    add(&stage, "ann", Role::Admin, false).await;
    add(&stage, "vic", Role::Viewer, false).await;
    let answer = browser.send(Method::GET, "/servers?q=3", String::new()).await;
    assert_eq!(
        (answer.status().as_u16(), location(&answer)),
        (303, "/login?back=%2Fservers%3Fq%3D3")
    );
    for path in ["/metrics", "/events", "/api/v1/status", "/dashboard/get/svcstats"] {
        assert_eq!(browser.open(path).await.0, 401, "{path}");
    }
    assert_eq!(browser.open("/healthz").await.0 / 100 % 3, 2, "200 or 503 without a login");

    let answer = browser.log_in("vic", PASSWORD).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/servers"));
    let kept = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(kept.contains("HttpOnly") && kept.contains("SameSite=Lax"), "{kept}");
    let (status, page) = browser.open("/").await;
    assert_eq!(status, 200);
    assert!(!page.contains("/admin/users") && page.contains("vic"), "{page}");
    assert_eq!(browser.open("/admin/users").await.0, 403);

    let mut admin = Browser::new(&stage);
    admin.log_in("ann", PASSWORD).await;
    let (status, page) = admin.open("/admin/users").await;
    assert_eq!(status, 200);
    assert!(page.contains("href=\"/admin/users/vic\""), "{page}");
    let csrf = browser.csrf("/account").await;
    let stolen = format!("csrf={csrf}&name=eve&role=admin");
    let answer = admin.send(Method::POST, "/admin/users", stolen).await;
    assert_eq!(answer.status(), 403, "a token of another session is no proof");
    let csrf = admin.csrf("/admin/users").await;
    let form = format!("csrf={csrf}&name=eve&role=viewer&groups=web");
    assert_eq!(admin.send(Method::POST, "/admin/users", form).await.status(), 200);
    assert!(admin.open("/admin/users/eve").await.1.contains("value=\"web\""));
    let csrf = browser.csrf("/account").await;
    let out = browser.send(Method::POST, "/logout", format!("csrf={csrf}")).await;
    assert_eq!((out.status().as_u16(), location(&out)), (303, "/login"));
    assert_eq!(browser.open("/").await.0, 303);
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same() {
    let stage = stage(false, |_| {}).await;
    add(&stage, "ann", Role::Viewer, false).await;
    let mut answers = Vec::new();
    for (name, password) in [("ann", "wrong"), ("bob", "wrong")] {
        let mut browser = Browser::new(&stage);
        let answer = browser.log_in(name, password).await;
        assert_eq!(answer.status(), 422);
        assert!(!answer.headers().contains_key("set-cookie"));
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(text.to_vec()).unwrap().replace(name, "NAME");
        let csrf = text.find("name=\"csrf\" value=\"").unwrap() + 19;
        answers.push([&text[..csrf], &text[csrf + 64..]].concat());
    }
    let clocks = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(clocks(&answers[0]), clocks(&answers[1]));
}

#[tokio::test]
async fn the_first_login_begins_with_another_password() {
    let stage = stage(false, |_| {}).await;
    add(&stage, "ann", Role::Admin, true).await;
    let mut browser = Browser::new(&stage);
    let answer = browser.log_in("ann", PASSWORD).await;
    assert_eq!(location(&answer), "/account/password");
    let answer = browser.send(Method::GET, "/admin/users", String::new()).await;
    assert_eq!(location(&answer), "/account/password");
    assert_eq!(browser.open("/api/v1/status").await.0, 403);
    let csrf = browser.csrf("/account/password").await;
    for (new, again, status) in
        [("another good one", "another", 422), ("another good one", "another good one", 303)]
    {
        let form = format!("csrf={csrf}&current={PASSWORD}&new={new}&again={again}");
        let answer = browser.send(Method::POST, "/account/password", form).await;
        assert_eq!(answer.status().as_u16(), status);
    }
    assert_eq!(browser.open("/admin/users").await.0, 200);
}

#[tokio::test]
async fn a_stream_ends_with_the_session_that_opened_it() {
    let stage = stage(false, |_| {}).await;
    add(&stage, "ann", Role::Viewer, false).await;
    let (mut one, mut other) = (Browser::new(&stage), Browser::new(&stage));
    one.log_in("ann", PASSWORD).await;
    other.log_in("ann", PASSWORD).await;
    let mut stream = one.send(Method::GET, "/events", String::new()).await.into_body();
    assert!(stream.frame().await.is_some());
    let csrf = other.csrf("/account/password").await;
    let form =
        format!("csrf={csrf}&current={PASSWORD}&new=another good one&again=another good one");
    let changed = other.send(Method::POST, "/account/password", form).await;
    assert_eq!(changed.status(), 303);
    let ended = async { while stream.frame().await.is_some() {} };
    tokio::time::timeout(std::time::Duration::from_secs(5), ended).await.expect("within 5 s");
    assert_eq!(one.open("/").await.0, 303);
    assert_eq!(other.open("/").await.0, 200);
}

#[tokio::test]
async fn what_others_could_read_on_the_way_is_neither_asked_for_nor_believed() {
    let stage = stage(false, |settings| {
        settings.listen = "0.0.0.0:8080".parse().unwrap();
        settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await;
    add(&stage, "ann", Role::Viewer, false).await;
    let token = NewToken::new(Name::new("scraper").unwrap(), Role::Viewer);
    let made = stage.manage.add_token(&Principal::system(Some(0)), token).await.unwrap();
    for (peer, token, status) in [
        ("192.0.2.1", made.secret.expose(), 401),
        ("10.1.1.1", made.secret.expose(), 200),
        ("10.1.1.1", "wrong", 401),
    ] {
        let request = Request::builder().uri("/metrics").header("host", "10.0.0.1:8080");
        let request = request.header("authorization", format!("Bearer {token}"));
        let mut request = request.body(Full::new(Bytes::new())).unwrap();
        request.extensions_mut().insert(Peer::new(peer.parse().unwrap(), false));
        let answer = stage.dashboard.clone().call(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{peer}");
    }
    let (_, page) = Browser::new(&stage).open("/login").await;
    assert!(page.contains("No login over this connection") && !page.contains("password\""));
}
