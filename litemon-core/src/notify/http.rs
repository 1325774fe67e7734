//! The notifier that speaks to any service over HTTP: a chat, a push service, a ticket system.
//!
//! Its request is made of templates, and its answer judged, as with `sms`; the text is not cut for a
//! phone.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{
    Accepted, Notifier, NotifierRecipe, NotifierSite, Outlets, SendError,
    gateways::{Gateways, Lines},
    request::variables,
};
use crate::{model::Notice, secret::Secret};

pub use super::request::{BodyText, Method, RequestSettings, TemplateText};

/// The longest name of a recipient, in bytes.
const LONGEST: usize = 200;

/// What stands under `[notifiers.http.NAME]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpSettings {
    /// The request.
    pub request: RequestSettings,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// What `{{ to }}` stands for, each with a message of its own: the URL's host when empty.
    pub recipients: Vec<String>,
}

impl HttpSettings {
    /// A GET of this URL within 5 s.
    #[must_use]
    pub const fn new(url: Secret) -> Self {
        Self {
            request: RequestSettings::new(url),
            timeout: Duration::from_secs(5),
            recipients: Vec::new(),
        }
    }
}

/// A service, checked but not yet spoken to.
#[derive(Clone)]
pub struct HttpRecipe {
    service: Gateways,
    recipients: Vec<String>,
}

impl fmt::Debug for HttpRecipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.service.fmt(f)
    }
}

impl HttpRecipe {
    /// Checks the settings: the URL, each template with its variables, the regular expressions.
    ///
    /// # Errors
    /// Each mistake: the key (as `query.to`, `recipients.1`) and what is wrong, without secrets.
    pub fn new(settings: HttpSettings) -> Result<Self, Vec<(String, String)>> {
        let HttpSettings { request, timeout, mut recipients } = settings;
        let mut wrong = Vec::new();
        names(&recipients, &mut wrong);
        match Gateways::new(request, Vec::new(), None, timeout, &mut wrong) {
            Some(service) if wrong.is_empty() => {
                if recipients.is_empty() {
                    recipients.push(service.host().to_owned());
                }
                Ok(Self { service, recipients })
            }
            _ => Err(wrong),
        }
    }
}

fn names(recipients: &[String], wrong: &mut Vec<(String, String)>) {
    let mut seen = BTreeSet::new();
    for (index, name) in recipients.iter().enumerate() {
        let text = if name.trim().is_empty() || name.len() > LONGEST {
            "expected a text of 1 to 200 bytes"
        } else if name.chars().any(char::is_control) {
            "expected a text without control characters"
        } else if !seen.insert(name) {
            "this recipient is here twice"
        } else {
            continue;
        };
        wrong.push((format!("recipients.{index}"), text.to_owned()));
    }
}

impl NotifierRecipe for HttpRecipe {
    fn timeout(&self) -> Duration {
        self.service.timeout()
    }

    fn outlets(&self) -> Outlets {
        self.service.outlets()
    }

    fn build(&self, site: &NotifierSite) -> Arc<dyn Notifier> {
        Arc::new(HttpNotifier {
            recipients: self.recipients.clone(),
            timeout: self.service.timeout(),
            line: Lines::new(&self.service),
            site: site.clone(),
        })
    }
}

#[derive(Debug)]
struct HttpNotifier {
    recipients: Vec<String>,
    timeout: Duration,
    line: Lines,
    site: NotifierSite,
}

#[async_trait]
impl Notifier for HttpNotifier {
    fn recipients(&self) -> Vec<String> {
        self.recipients.clone()
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }

    async fn send(&self, notice: &Notice, to: &str, by: Instant) -> Result<Accepted, SendError> {
        let clock = &*self.site.clock;
        let text = self.site.text(notice, clock.now());
        self.line.send(&variables(notice, to, &text, ""), 0, by, clock).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Failure, FailureKind, Observation},
        notify::{
            fixtures,
            fixtures_gateway::Gateway,
            fixtures_site::{ScriptedExec, site},
        },
    };

    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ok\":true}";

    fn template(text: &str) -> TemplateText {
        TemplateText::Template(text.to_owned())
    }

    async fn send(settings: HttpSettings, detail: &str) -> Result<Accepted, SendError> {
        let nowhere = ScriptedExec::new(Err(Failure::new(FailureKind::Internal, "no")));
        let notifier = HttpRecipe::new(settings).unwrap().build(&site(&nowhere, &nowhere));
        let mut notice = fixtures::off();
        notice.seen = Ok(Observation::Switch { on: false, detail: Some(detail.to_owned()) });
        let by = Instant::now() + notifier.timeout();
        notifier.send(&notice, &notifier.recipients().remove(0), by).await
    }

    #[tokio::test]
    async fn values_stay_values_wherever_they_stand() {
        let gateway = Gateway::start(OK, false).await;
        let url = format!("http://127.0.0.1:{}/v1/{{{{ detail }}}}/x", gateway.port);
        let mut settings = HttpSettings::new(Secret::new(url));
        settings.request.url_is_template = true;
        settings.request.method = Method::Put;
        settings.request.headers = vec![
            ("x-detail".into(), template("{{ detail }}")),
            ("authorization".into(), TemplateText::Secret(Secret::new("Bearer s3cr3t".into()))),
        ];
        settings.request.query = vec![("q".into(), template("{{ detail }}"))];
        settings.request.body = Some(BodyText {
            content_type: "application/json".into(),
            text: r#"{"chat": "{{ to }}", "n": {{ incident }}, "on": {{ on }}, "text": "{{ detail }}!", "raw": {{ detail | tojson }}}"#.into(),
        });
        settings.request.success = Some("\"ok\":true".into());
        settings.recipients = vec!["-100 \"team\"".into()];
        let detail = "a/../b?c=\"d\"&é\\\r\nX: y";
        assert_eq!(send(settings, detail).await, Ok(Accepted::now("{\"ok\":true}")));
        let asked = gateway.asked();
        let (head, body) = asked.split_once("\r\n\r\n").unwrap();
        let encoded = "a%2F..%2Fb%3Fc%3D%22d%22%26%C3%A9%5C%0D%0AX%3A%20y";
        assert!(head.starts_with(&format!("PUT /v1/{encoded}/x?q=a%2F..%2Fb%3F")), "{head}");
        assert!(head.contains("x-detail: a/../b?c=\"d\"&é\\  X: y\r\n"), "{head}");
        assert!(head.contains("content-type: application/json\r\n"), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let expected = serde_json::json!({
            "chat": "-100 \"team\"", "n": 17, "on": false, "text": format!("{detail}!"), "raw": detail
        });
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn a_url_that_is_a_secret_is_no_template() {
        let gateway = Gateway::start(OK, false).await;
        let url = format!("http://127.0.0.1:{}/bot123:s3cr3t-t0ken/{{{{x", gateway.port);
        let settings = HttpSettings::new(Secret::new(url));
        send(settings, "").await.unwrap();
        assert!(gateway.asked().starts_with("GET /bot123:s3cr3t-t0ken/%7B%7Bx "));
    }

    #[test]
    fn mistakes_are_all_told_and_hold_no_secret() {
        let mut settings = HttpSettings::new(Secret::new("http://{{ server }}.x/hunter22".into()));
        settings.request.url_is_template = true;
        settings.request.json = Some(serde_json::json!({}));
        settings.request.body = Some(BodyText {
            content_type: "application/json".into(),
            text: "{\"a\": \"{{ detail }}}".into(),
        });
        settings.recipients = vec!["a".into(), "a".into(), " ".into(), "b\n".into()];
        let wrong = HttpRecipe::new(settings).unwrap_err();
        let keys: Vec<_> = wrong.iter().map(|(key, _)| key.as_str()).collect();
        let recipients = ["recipients.1", "recipients.2", "recipients.3"];
        assert_eq!(keys[..3], recipients);
        assert_eq!(keys[3..], ["body", "json", "url", "body"], "{wrong:?}");
        assert!(!format!("{wrong:?}").contains("hunter22"), "{wrong:?}");
    }
}
