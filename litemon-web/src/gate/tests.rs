//! Each address of the table, asked for by everybody.

use std::sync::Arc;

use async_trait::async_trait;
use http::{Method, Request, Response, request::Parts};
use http_body_util::Full;
use hyper::body::Bytes;
use litemon_core::{
    manage::{Principal, Role, Via},
    store::MemoryStore,
};
use tokio::sync::watch;
use tower_service::Service;

use super::{
    Authenticator, Least,
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

fn dashboard(public: bool) -> Dashboard {
    let (_, snapshot) = watch::channel(Arc::new(paper().build()));
    let clock = Arc::new(litemon_core::clock::SystemClock);
    let handles = Handles::new(snapshot, Arc::new(MemoryStore::default()), clock);
    let mut settings = Settings::new("127.0.0.1:8080".parse().unwrap());
    settings.public = public;
    crate::service(handles.with_authenticator(Arc::new(App)), settings).unwrap()
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
        let dashboard = dashboard(public);
        for entry in TABLE.iter() {
            for role in roles {
                for (token, origin) in proofs {
                    let who = Somebody { role, token, origin };
                    let path = example(entry);
                    let answer = ask(&dashboard, &entry.method, &path, who).await;
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
    let dashboard = dashboard(true);
    let admin = Somebody { role: Some(Role::Admin), token: true, origin: OWN };
    for (method, path, status, allow) in [
        (Method::GET, "/nothing", 404, None),
        (Method::GET, "/servers//", 404, None),
        (Method::GET, "/api/v1/servers/%ff", 404, None),
        (Method::DELETE, "/", 405, Some("GET, HEAD")),
        (Method::DELETE, "/hooks/push/x", 405, Some("GET, HEAD, POST")),
        (Method::POST, "/api/v1/status", 405, Some("GET, HEAD")),
    ] {
        let answer = ask(&dashboard, &method, path, admin).await;
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        let given = answer.headers().get("allow").map(|allow| allow.to_str().unwrap());
        assert_eq!(given, allow, "{method} {path}");
    }
}
