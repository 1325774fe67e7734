//! Logins, as people and programs meet them: in a real browser, and over TLS.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use litemon_core::{
    clock::SystemClock,
    manage::{KeyFiles, Manage, Principal, Role, accounts::NewUser},
    model::Name,
    secret::Secret,
};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use rustls::pki_types::CertificateDer;

use crate::support::{
    axe::violations,
    chromium::{Browser, Options},
    eventually,
    litemon::Litemon,
};

const SOON: Duration = Duration::from_secs(30);
const WATCHED: &str = "[defaults]\ninterval = \"1s\"\nattempts = 1\n[servers.here]\naddress = \"local\"\n\
     [servers.here.services.web]\ncommand = \"true\"\nnotify = []\n";
const PASSWORD: &str = "a canary in the coal mine";

async fn add(litemon: &Litemon, name: &str, role: Role, must_change: bool) {
    let clock = Arc::new(SystemClock);
    let manage =
        Manage::open(&litemon.state_dir(), &KeyFiles::default(), clock).await.expect("accounts");
    let password = Secret::new(PASSWORD.to_owned());
    let mut new = NewUser::new(Name::new(name).unwrap(), role, password);
    new.must_change = must_change;
    manage.add_user(&Principal::system(Some(0)), new).await.unwrap();
}

/// Fills the form of a page, sends it, and waits for what is answered.
async fn submit(browser: &Browser, fields: &[(&str, &str)]) {
    let fill: String = fields
        .iter()
        .map(|(name, value)| format!("document.querySelector('[name={name}]').value = '{value}';"))
        .collect();
    let send = "window.sent = true; document.querySelector('form.entry').requestSubmit()";
    browser.eval(&format!("{fill}{send}")).await.unwrap();
    let answered = "return window.sent !== true && document.readyState === 'complete'";
    eventually("the answer to a form", SOON, async || {
        browser.eval(answered).await.ok()?.as_bool().filter(|answered| *answered)
    })
    .await;
}

async fn titled(browser: &Browser, title: &str) {
    eventually(title, SOON, async || (browser.title().await.ok()? == title).then_some(())).await;
}

/// Looks at a page as everybody: on a desk, on a phone, in the dark, and with axe.
async fn looked_at(browser: &Browser, name: &str) {
    assert_eq!(violations(browser).await.unwrap(), Vec::<String>::new(), "{name}");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).unwrap();
    for (width, dark) in [(1280, false), (390, false), (390, true)] {
        let scheme = if dark { "-dark" } else { "" };
        let file = folder.join(format!("{name}-{width}{scheme}.png"));
        browser.screenshot(&file, width, 800, dark).await.unwrap();
        let wide = "return document.documentElement.scrollWidth";
        assert_eq!(browser.eval(wide).await.unwrap(), width, "{name} overflows");
    }
    browser.resize(1280, 900, false).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_logs_in_chooses_a_password_and_sees_what_is_theirs() {
    let litemon = Litemon::start(WATCHED, &[]).await;
    add(&litemon, "ann", Role::Admin, true).await;
    let browser = Browser::start(Options::default()).await.unwrap();
    browser.open(&litemon.url("/servers")).await.unwrap();
    titled(&browser, "Log in · litemon").await;
    looked_at(&browser, "login").await;
    submit(&browser, &[("name", "ann"), ("password", "wrong")]).await;
    let wrong = "return document.querySelector('.notice')?.textContent";
    eventually("the refusal", SOON, async || {
        let said = browser.eval(wrong).await.ok()?;
        said.as_str()?.contains("password or the code is wrong").then_some(())
    })
    .await;
    // A wrong one makes the next wait a moment.
    eventually("the login", SOON, async || {
        submit(&browser, &[("name", "ann"), ("password", PASSWORD)]).await;
        (browser.title().await.ok()? == "Change password · litemon").then_some(())
    })
    .await;
    looked_at(&browser, "password").await;
    let other = "another canary in the mine";
    submit(&browser, &[("current", PASSWORD), ("new", other), ("again", other)]).await;
    titled(&browser, "The server runs · litemon").await;
    for (path, title, name) in [
        ("/account", "Account · litemon", "account"),
        ("/admin/users", "Users · litemon", "users"),
        ("/admin/users/ann", "ann · litemon", "user"),
        ("/admin/audit", "Audit · litemon", "audit"),
    ] {
        browser.open(&litemon.url(path)).await.unwrap();
        titled(&browser, title).await;
        looked_at(&browser, name).await;
    }
    let console = browser.console().await.unwrap();
    let console: Vec<_> = console.iter().filter(|line| !line.contains("422")).collect();
    assert_eq!(console, Vec::<&String>::new());
    let out = "document.querySelector('form.person').requestSubmit()";
    browser.eval(out).await.unwrap();
    titled(&browser, "Log in · litemon").await;
    assert!(!litemon.log().contains("canary"), "{}", litemon.log());
    for file in fs::read_dir(litemon.state_dir()).unwrap().flatten() {
        let bytes = fs::read(file.path()).unwrap_or_default();
        let found = bytes.windows(6).any(|bytes| bytes == b"canary");
        assert!(!found, "a password stands in {}", file.path().display());
    }
}

/// A certificate of its own for this machine, in the files of the configuration.
fn certify(litemon: &Litemon) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    // The key first, as a certificate without its key is refused.
    secret(&litemon.path("key.pem"), &made.signing_key.serialize_pem());
    fs::write(litemon.path("cert.pem"), made.cert.pem()).unwrap();
    made.cert.der().clone()
}

fn secret(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A client that believes one certificate, and follows nothing.
fn client(certificate: CertificateDer<'static>) -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = rustls::crypto::ring::default_provider().into();
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(SOON)
        .build()
        .unwrap()
}

fn cookie(answer: &reqwest::Response) -> String {
    answer.headers()[SET_COOKIE].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_dashboard_with_a_certificate_keeps_its_cookies_to_https_and_takes_a_new_certificate() {
    let config = format!("{WATCHED}[web]\ntls = {{ cert = \"cert.pem\", key = \"key.pem\" }}\n");
    let mut litemon = Litemon::prepare(&config, &[]);
    let first = client(certify(&litemon));
    litemon.run();
    let base = litemon.url("").replace("http://127.0.0.1", "https://localhost");
    eventually("the dashboard", SOON, async || {
        let answer = first.get(format!("{base}/healthz")).send().await.ok()?;
        answer.status().is_success().then_some(())
    })
    .await;
    add(&litemon, "ann", Role::Viewer, false).await;
    let page = first.get(format!("{base}/login")).send().await.unwrap();
    let form = cookie(&page);
    assert!(form.starts_with("__Host-litemon-form=") && form.contains("; Secure"), "{form}");
    let text = page.text().await.unwrap();
    let csrf = text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let send = |origin: &str| {
        let fields = [("csrf", csrf), ("name", "ann"), ("password", PASSWORD), ("back", "/")];
        let request = first.post(format!("{base}/login")).header(ORIGIN, origin);
        request.header(COOKIE, form.split(';').next().unwrap()).form(&fields)
    };
    let foreign = send("https://evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    let plain = send(&base.replace("https", "http")).send().await.unwrap();
    assert_eq!(plain.status(), 403);
    let done = send(&base).send().await.unwrap();
    assert_eq!((done.status().as_u16(), &done.headers()[LOCATION]), (303, &"/".parse().unwrap()));
    let kept = cookie(&done);
    for part in ["__Host-litemon=", "; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax"] {
        assert!(kept.contains(part), "{part}: {kept}");
    }
    let session = kept.split(';').next().unwrap().to_owned();
    let overview = first.get(&base).header(COOKIE, &session).send().await.unwrap();
    assert_eq!(overview.status(), 200);

    secret(&litemon.path("key.pem"), "not a key");
    eventually("the bad key to be told of", SOON, async || {
        litemon.log().contains("the certificate stays as it was").then_some(())
    })
    .await;
    assert!(first.get(format!("{base}/healthz")).send().await.is_ok());
    let second = client(certify(&litemon));
    eventually("the new certificate", SOON, async || {
        second.get(format!("{base}/healthz")).send().await.ok().map(|_| ())
    })
    .await;
    assert!(litemon.stop().await.success());
}

#[test]
fn a_key_that_everybody_can_read_is_refused() {
    let config = format!("{WATCHED}[web]\ntls = {{ cert = \"cert.pem\", key = \"key.pem\" }}\n");
    let litemon = Litemon::prepare(&config, &[]);
    certify(&litemon);
    fs::set_permissions(litemon.path("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let ended = litemon.command(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("key.pem: everybody can read this key"), "{said}");
}
