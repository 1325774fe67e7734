//! Against servers on real sockets, plain and with TLS.

use std::{fs, path::PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::*;
use crate::{
    clock::SystemClock,
    exec::Local,
    http::far_side::{FarSide, Reply},
    secret::Secret,
};

/// Longer than any of these takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

async fn ask_within(
    url: &str,
    limit: Duration,
    change: impl FnOnce(&mut HttpSettings),
) -> Result<Observation, Failure> {
    let mut settings = HttpSettings::new(Secret::new(url.to_owned()));
    change(&mut settings);
    let recipe = HttpRequest::new(settings).unwrap();
    let probe = recipe.build(&Site::new(Arc::new(Local::default()), Arc::new(SystemClock)));
    let run = probe.run(Instant::now() + limit);
    tokio::time::timeout(limit + PATIENCE, run).await.expect("it keeps to its deadline")
}

async fn ask(url: &str, change: impl FnOnce(&mut HttpSettings)) -> Result<Observation, Failure> {
    ask_within(url, PATIENCE, change).await
}

fn failed(seen: Result<Observation, Failure>) -> (FailureKind, String) {
    let failure = seen.unwrap_err();
    (failure.kind, failure.message)
}

#[tokio::test]
async fn a_good_answer_is_the_time_it_took() {
    let server = FarSide::start(|_| Reply::http("200 OK", "all is well")).await;
    let secret = |text: &str| Secret::new(text.to_owned());
    let seen = ask(&server.url("/health?key=k3y"), |settings| {
        settings.method = "post".to_owned();
        settings.headers = vec![("X-Key".to_owned(), secret("h3ader"))];
        settings.body = Some(secret("b0dy"));
        settings.expect = Some("is well$".to_owned());
        settings.not_expect = Some("error".to_owned());
    })
    .await
    .unwrap();
    let Observation::Value { value, unit, detail } = &seen else { panic!("{seen:?}") };
    assert!((0.0..20.0).contains(value), "{value}");
    assert_eq!((unit.as_str(), detail.as_deref()), ("s", Some("HTTP 200 OK")));
    let asked = server.asked();
    assert!(asked[0].starts_with("POST /health?key=k3y HTTP/1.1\r\n"), "{asked:?}");
    assert!(asked[0].contains("x-key: h3ader\r\n"), "{asked:?}");
    assert!(asked[0].contains("content-length: 4\r\n"), "{asked:?}");
}

#[tokio::test]
async fn what_is_not_a_good_answer() {
    let long = "x".repeat(300 * 1024);
    let server = FarSide::start(move |head| match head.split(' ').nth(1).unwrap() {
        "/500" => Reply::http("500 Oh", "b0dy"),
        "/302" => Reply::with("302 Found", "Location: /200\r\n", ""),
        "/loop" => Reply::with("302 Found", "Location: /loop\r\n", ""),
        "/long" => Reply::http("200 OK", &format!("{long}the end")),
        "/endless" => Reply::Endless(b"HTTP/1.1 200 OK\r\n\r\nx".to_vec()),
        "/garbage" => Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        "/cut" => Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx".to_vec()),
        _ => Reply::http("200 OK", "b0dy"),
    })
    .await;
    use FailureKind::{Dropped, Output, Protocol};
    type Change = fn(&mut HttpSettings);
    let nothing: Change = |_| ();
    let cases: [(&str, Change, FailureKind, &str); 9] = [
        ("/500", nothing, Output, "HTTP 500 Internal Server Error"),
        ("/200", |s| s.status = vec!["204".to_owned()], Output, "HTTP 200 OK"),
        (
            "/200",
            |s| s.expect = Some("well".to_owned()),
            Output,
            "HTTP 200 OK, but the answer lacks what is expected",
        ),
        (
            "/200",
            |s| s.not_expect = Some("b.dy".to_owned()),
            Output,
            "HTTP 200 OK, but the answer has what is not expected",
        ),
        (
            "/long",
            |s| s.expect = Some("the end".to_owned()),
            Output,
            "HTTP 200 OK, but the answer's first 256 KiB lacks what is expected",
        ),
        ("/loop", nothing, Protocol, "more than 5 redirects"),
        ("/garbage", nothing, Protocol, "not HTTP: invalid HTTP version parsed"),
        ("/cut", nothing, Dropped, "connection lost"),
        (
            "/302",
            |s| {
                s.redirects = 0;
                s.status = vec!["200".to_owned()];
            },
            Output,
            "HTTP 302 Found",
        ),
    ];
    for (path, change, kind, text) in cases {
        assert_eq!(failed(ask(&server.url(path), change).await), (kind, text.to_owned()), "{path}");
    }
    for path in ["/302", "/long", "/endless"] {
        assert!(ask(&server.url(path), nothing).await.is_ok(), "{path}");
    }
}

#[tokio::test]
async fn nobody_answers() {
    let server = FarSide::start(|_| Reply::Mute).await;
    let soon = Duration::from_millis(300);
    let (kind, text) = failed(ask_within(&server.url("/"), soon, |_| ()).await);
    assert!(kind == FailureKind::Timeout && text.starts_with("no answer within 0."), "{text}");

    let drip = FarSide::start(|_| Reply::Drip("HTTP/1.1 200 OK\r\n\r\n".repeat(99).into())).await;
    let (kind, text) = failed(ask_within(&drip.url("/"), soon, |_| ()).await);
    assert!(kind == FailureKind::Timeout && text.contains("within 0."), "{text}");

    let url = server.url("/");
    server.stop().await;
    let refused = (FailureKind::Refused, "connection refused".to_owned());
    assert_eq!(failed(ask(&url, |_| ()).await), refused);
    // Nobody is asked about a name that cannot be one, so that no slow resolver matters.
    let unknown = (FailureKind::NotResolved, "name not resolved".to_owned());
    assert_eq!(failed(ask("http://-nobody.invalid/", |_| ()).await), unknown);
}

/// A root, and a server with a certificate of it for `localhost` that ends then.
struct Secure {
    server: FarSide,
    roots: PathBuf,
    _folder: tempfile::TempDir,
}

impl Secure {
    async fn start(name: &str, ends: (i32, u8, u8)) -> Self {
        let mut of_root = CertificateParams::new(Vec::new()).unwrap();
        of_root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root_key = KeyPair::generate().unwrap();
        let root = of_root.self_signed(&root_key).unwrap();
        let issuer = Issuer::new(of_root, root_key);

        let mut of_server = CertificateParams::new(vec![name.to_owned()]).unwrap();
        of_server.not_before = rcgen::date_time_ymd(2015, 1, 1);
        of_server.not_after = rcgen::date_time_ymd(ends.0, ends.1, ends.2);
        let key = KeyPair::generate().unwrap();
        let certificate = of_server.signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let server = FarSide::tls(config, |_| Reply::http("200 OK", "")).await;
        let folder = tempfile::tempdir().unwrap();
        let roots = folder.path().join("roots.pem");
        fs::write(&roots, root.pem()).unwrap();
        Self { server, roots, _folder: folder }
    }

    async fn ask(&self, change: impl FnOnce(&mut HttpSettings)) -> Result<Observation, Failure> {
        let url = format!("https://localhost:{}/", self.server.address.port());
        ask(&url, change).await
    }

    async fn ask_trusting(&self) -> Result<Observation, Failure> {
        self.ask(|settings| settings.roots = Some(self.roots.clone())).await
    }
}

#[tokio::test]
async fn certificates_are_verified_by_the_roots_that_are_named() {
    let secure = Secure::start("localhost", (2099, 1, 1)).await;
    secure.ask_trusting().await.unwrap();
    for (seen, expected) in [
        (secure.ask(|_| ()).await, "TLS: invalid peer certificate: UnknownIssuer"),
        (
            Secure::start("localhost", (2016, 1, 1)).await.ask_trusting().await,
            "TLS: invalid peer certificate: certificate expired",
        ),
        (
            Secure::start("other.example", (2099, 1, 1)).await.ask_trusting().await,
            "TLS: invalid peer certificate: certificate not valid for name \"localhost\"",
        ),
    ] {
        let (kind, text) = failed(seen);
        assert_eq!(kind, FailureKind::Protocol);
        assert!(text.starts_with(expected), "{text}");
    }
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_a_warning() {
    let secure = Secure::start("localhost", (2099, 1, 1)).await;
    let ask = async |days| {
        let roots = secure.roots.clone();
        let change = move |settings: &mut HttpSettings| {
            settings.roots = Some(roots);
            settings.certificate_days = Some(days);
        };
        secure.ask(change).await
    };
    let seen = ask(100_000.0).await.unwrap();
    let Observation::Judged { status, readings, detail } = seen else { panic!("{seen:?}") };
    assert_eq!((status, readings.len()), (Status::Warning, 1));
    let detail = detail.unwrap();
    assert!(detail.starts_with("HTTP 200 OK, certificate expires in "), "{detail}");
    let seen = ask(14.0).await.unwrap();
    assert!(matches!(&seen, Observation::Value { .. }), "{seen:?}");
}

#[tokio::test]
async fn tls_where_there_is_none_and_roots_that_are_none() {
    let plain = FarSide::start(|_| Reply::Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    // Its TLS greeting has no end of a head, so the plain server waits on.
    let url = format!("https://localhost:{}/", plain.address.port());
    let (kind, _) = failed(ask_within(&url, Duration::from_millis(300), |_| ()).await);
    assert_eq!(kind, FailureKind::Timeout);

    let secure = Secure::start("localhost", (2099, 1, 1)).await;
    for (content, expected) in [
        (None, "No such file"),
        (Some("nothing"), "no root certificate in it"),
        (Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), ""),
    ] {
        let _ = fs::remove_file(&secure.roots);
        if let Some(content) = content {
            fs::write(&secure.roots, content).unwrap();
        }
        let (kind, text) = failed(secure.ask_trusting().await);
        assert_eq!(kind, FailureKind::Internal, "{text}");
        assert!(text.starts_with("root certificates ") && text.contains(expected), "{text}");
    }
}

#[test]
fn every_mistake_is_told_at_once_and_without_secrets() {
    let mut settings = HttpSettings::new(Secret::new("s3cret".to_owned()));
    settings.method = "CONNECT".to_owned();
    settings.headers = vec![("X".to_owned(), Secret::new("s3cret\n".to_owned()))];
    settings.status = vec!["200".to_owned(), "2xx".to_owned()];
    settings.expect = Some("(".to_owned());
    settings.not_expect = Some("[".to_owned());
    settings.redirects = 11;
    let wrong = HttpRequest::new(settings).unwrap_err();
    let keys: Vec<&str> = wrong.iter().map(|(key, _)| key.as_str()).collect();
    let all = ["url", "method", "headers", "status.1", "expect", "not_expect", "redirects"];
    assert_eq!(keys, all);
    assert!(wrong.iter().all(|(_, text)| !text.contains("s3cret") && !text.contains('\n')));
}
