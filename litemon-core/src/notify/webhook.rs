//! The notifier that posts the event as JSON ([`event_json`]), signed, to a program of one's own.
//!
//! The signature is over the time and the body, so that a copy of the request is worth nothing for
//! long: `Litemon-Signature: v1=` and, in hexadecimal, HMAC-SHA256 of the value of
//! `Litemon-Timestamp`, a dot, and the body. 2xx is accepted; 408, 429, 5xx and network errors are
//! tried again, and the rest is not.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{RequestBuilder, header::CONTENT_TYPE};
use sha2::Sha256;
use tokio::time::Instant;
use url::Url;

use super::{
    Accepted, Notifier, NotifierRecipe, NotifierSite, Outlets, SendError, event_json,
    request::{BODY_LIMIT, Judge},
};
use crate::{
    http::{self, ClientSettings, LazyClient},
    model::{FailureKind, Notice, Route, Timestamp},
    secret::Secret,
};

/// Fewer bytes than these can be guessed.
const SHORTEST_SECRET: usize = 16;

/// What stands under `[notifiers.webhook.NAME]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebhookSettings {
    /// Where to. All but its scheme and host is kept from sight.
    pub url: Secret,
    /// What the signature is made with.
    pub secret: Secret,
    /// Further headers, as an authorization.
    pub headers: Vec<(String, Secret)>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// A PEM file with the root certificates that are believed instead of the machine's.
    pub roots: Option<PathBuf>,
    /// Whether the proxy of the environment is used.
    pub proxy: bool,
}

impl WebhookSettings {
    /// To this URL, signed with this secret, within 5 s.
    #[must_use]
    pub const fn new(url: Secret, secret: Secret) -> Self {
        let timeout = Duration::from_secs(5);
        Self { url, secret, headers: Vec::new(), timeout, roots: None, proxy: false }
    }
}

/// A webhook, checked but not yet spoken to.
#[derive(Clone)]
pub struct WebhookRecipe {
    plan: Arc<Plan>,
}

struct Plan {
    url: Url,
    settings: WebhookSettings,
    judge: Judge,
}

/// Scheme and host only.
impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "webhook to {}", http::shown(&self.url))
    }
}

impl fmt::Debug for WebhookRecipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(f)
    }
}

impl WebhookRecipe {
    /// Checks the settings.
    ///
    /// # Errors
    /// Each mistake: the key and what is wrong, without secrets.
    pub fn new(settings: WebhookSettings) -> Result<Self, Vec<(String, String)>> {
        let mut wrong: Vec<(String, String)> = Vec::new();
        let url = http::parse_url(&settings.url);
        let url = url.map_err(|text| wrong.push(("url".to_owned(), text))).ok();
        if settings.secret.expose().len() < SHORTEST_SECRET {
            let text = format!("expected at least {SHORTEST_SECRET} bytes that nobody can guess");
            wrong.push(("secret".to_owned(), text));
        }
        if settings.timeout.is_zero() {
            wrong.push(("timeout".to_owned(), "expected more than zero".to_owned()));
        }
        for (name, value) in &settings.headers {
            if let Err(text) = http::headers([(name.as_str(), value.expose())]) {
                wrong.push((format!("headers.{name}"), text));
            }
        }
        match url {
            Some(url) if wrong.is_empty() => {
                let judge = judge(&url, &settings);
                Ok(Self { plan: Arc::new(Plan { url, settings, judge }) })
            }
            _ => Err(wrong),
        }
    }
}

/// Any 2xx is good, whatever it says.
fn judge(url: &Url, settings: &WebhookSettings) -> Judge {
    let own = settings.headers.iter().map(|(_, value)| value.clone());
    let secrets = own.filter(|value| !value.expose().is_empty());
    Judge::any_success(url, secrets.chain([settings.secret.clone()]).collect())
}

impl NotifierRecipe for WebhookRecipe {
    fn timeout(&self) -> Duration {
        self.plan.settings.timeout
    }

    fn outlets(&self) -> Outlets {
        let host = self.plan.url.host_str().unwrap_or_default();
        Outlets::one(Route::to_host(host), self.plan.settings.timeout)
    }

    fn build(&self, site: &NotifierSite) -> Arc<dyn Notifier> {
        let settings = &self.plan.settings;
        let client = ClientSettings {
            roots: settings.roots.clone(),
            proxy: settings.proxy,
            ..ClientSettings::default()
        };
        Arc::new(Webhook {
            plan: Arc::clone(&self.plan),
            site: site.clone(),
            client: LazyClient::new(client),
        })
    }
}

#[derive(Debug)]
struct Webhook {
    plan: Arc<Plan>,
    site: NotifierSite,
    client: LazyClient,
}

impl Webhook {
    fn request(
        &self,
        client: &reqwest::Client,
        notice: &Notice,
        now: Timestamp,
    ) -> Result<RequestBuilder, String> {
        let settings = &self.plan.settings;
        let line = self.site.text(notice, now);
        let body = event_json(notice, &line).to_string();
        let time = now.as_millis().div_euclid(1000).to_string();
        let signature = signature(&settings.secret, &time, &body)?;
        let own = settings.headers.iter().map(|(name, value)| (name.as_str(), value.expose()));
        let ours = [("litemon-timestamp", time.as_str()), ("litemon-signature", &signature)];
        let headers = http::headers(own.chain(ours))?;
        let request = client.post(self.plan.url.clone()).header(CONTENT_TYPE, "application/json");
        Ok(request.headers(headers).body(body))
    }
}

/// `v1=` and the HMAC-SHA256 of time, dot and body in hexadecimal.
fn signature(secret: &Secret, time: &str, body: &str) -> Result<String, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
        .map_err(|_| "the secret cannot sign".to_owned())?;
    for part in [time, ".", body] {
        mac.update(part.as_bytes());
    }
    let mut text = "v1=".to_owned();
    for byte in mac.finalize().into_bytes() {
        use fmt::Write;
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[async_trait]
impl Notifier for Webhook {
    /// One: the URL's host.
    fn recipients(&self) -> Vec<String> {
        vec![self.plan.url.host_str().unwrap_or_default().to_owned()]
    }

    fn timeout(&self) -> Duration {
        self.plan.settings.timeout
    }

    async fn send(&self, notice: &Notice, _: &str, by: Instant) -> Result<Accepted, SendError> {
        let now = self.site.clock.now();
        let client = self.client.get().await.map_err(|fault| SendError::temporary(fault.text))?;
        let request = self.request(client, notice, now).map_err(SendError::permanent)?;
        let answer = http::exchange_by(request, BODY_LIMIT, by).await;
        let answer = answer.map_err(|fault| match fault.kind {
            FailureKind::Timeout => {
                format!("no answer within {:?}", self.plan.settings.timeout)
            }
            _ => self.plan.judge.clean(&fault.text),
        });
        self.plan.judge.judge(&answer.map_err(SendError::temporary)?, self.site.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        http::far_side::{FarSide, Reply},
        model::Failure,
        notify::{
            Retry, fixtures,
            fixtures_site::{ScriptedExec, site},
        },
    };

    const SECRET: &str = "s3cret-of-the-webhook";

    async fn send(url: String) -> Result<Accepted, SendError> {
        let mut settings = WebhookSettings::new(Secret::new(url), Secret::new(SECRET.to_owned()));
        settings.headers =
            vec![("authorization".into(), Secret::new("Bearer t0ken-t0ken".to_owned()))];
        let nowhere = ScriptedExec::new(Err(Failure::new(FailureKind::Internal, "no")));
        let notifier = WebhookRecipe::new(settings).unwrap().build(&site(&nowhere, &nowhere));
        assert_eq!(notifier.recipients(), ["localhost"]);
        let by = Instant::now() + notifier.timeout();
        notifier.send(&fixtures::off(), "localhost", by).await
    }

    #[tokio::test]
    async fn the_head_says_when_and_by_whom() {
        let server = FarSide::start(|_| Reply::http("204 No Content", "")).await;
        assert_eq!(send(server.url("/hook?x=1")).await, Ok(Accepted::now("HTTP 204")));
        let head = server.asked().remove(0);
        assert!(head.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{head}");
        for line in [
            "content-type: application/json\r\n",
            "authorization: Bearer t0ken-t0ken\r\n",
            // 2016-04-14 05:33:04, when the fixture's notice was decided.
            "litemon-timestamp: 1460611984\r\n",
            "litemon-signature: v1=",
        ] {
            assert!(head.contains(line), "{line} in {head}");
        }
    }

    #[tokio::test]
    async fn what_each_answer_means() {
        for (status, headers, retry) in [
            ("429 Many", "Retry-After: 17\r\n", Retry::After(Duration::from_secs(17))),
            ("503 Later", "", Retry::Later),
            ("400 Bad", "", Retry::Never),
            ("302 Found", "Location: http://localhost:1/\r\n", Retry::Never),
        ] {
            let body = format!("{SECRET} Bearer t0ken-t0ken said");
            let server = FarSide::start(move |_| Reply::with(status, headers, &body)).await;
            let error = send(server.url("/k3yk3yk3y")).await.unwrap_err();
            assert_eq!(error.retry, retry, "{error}");
            assert!(error.message.ends_with(": *** *** said"), "{error}");
        }
        let server = FarSide::start(|_| Reply::Mute).await;
        let gone = server.url("/");
        server.stop().await;
        assert_eq!(send(gone).await.unwrap_err().retry, Retry::Later);
    }

    /// As any other implementation makes it, so that receivers can check it.
    #[test]
    fn the_signature_is_a_plain_hmac() {
        // printf '1460611984.{"a":1}' | openssl dgst -sha256 -hmac key-key-key-key-k
        let key = Secret::new("key-key-key-key-k".to_owned());
        let made = signature(&key, "1460611984", "{\"a\":1}").unwrap();
        assert_eq!(made, "v1=cfdab44f0577b952740a99137a06343b7468ba441c855cdea0ac53f65b6d1094");
    }

    #[test]
    fn mistakes_are_all_told_and_hold_no_secret() {
        let mut settings = WebhookSettings::new(
            Secret::new("ftp://hunter22@x/verysecretkey".into()),
            Secret::new("short".into()),
        );
        settings.timeout = Duration::ZERO;
        settings.headers = vec![("bad name".into(), Secret::new("x".into()))];
        let wrong = WebhookRecipe::new(settings).unwrap_err();
        let keys: Vec<_> = wrong.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["url", "secret", "timeout", "headers.bad name"]);
        let all = format!("{wrong:?}");
        assert!(!all.contains("hunter22") && !all.contains("short"), "{all}");
    }
}
