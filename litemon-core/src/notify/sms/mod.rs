//! The notifier that hands a line to an SMS gateway over HTTP.
//!
//! What the gateway answers decides: `queued` matches: it keeps the message, which is never sent
//! there again; `success` matches, or there is none: accepted; any other 2xx: the modem failed behind
//! a gateway that says 200, so the message is tried again. 408, 429, 5xx and network errors are
//! tried again too, the rest is not.

mod answer;
mod client;
mod number;
mod template;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use regex::Regex;
use tokio::time::Instant;
use url::Url;

use super::{Accepted, Notifier, NotifierRecipe, NotifierSite, SendError};
use crate::{
    http::{self, LazyClient},
    model::{FailureKind, Notice},
    secret::Secret,
};
use client::{BODY_LIMIT, Request};
use template::Templates;

/// The method of the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// `GET`
    #[default]
    Get,
    /// `POST`
    Post,
}

/// A text of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateText {
    /// A template: `{{ to }}`, `{{ text }}`, and the fields of
    /// [`event_json`](crate::notify::event_json).
    Template(String),
    /// A secret, sent as it is.
    Secret(Secret),
}

/// What stands under `[notifiers.sms.NAME]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SmsSettings {
    /// The gateway. All but its scheme and host is kept from sight.
    pub url: Secret,
    /// The method.
    pub method: Method,
    /// Parameters added to the URL.
    pub query: Vec<(String, TemplateText)>,
    /// Fields of a form, for POST.
    pub form: Vec<(String, TemplateText)>,
    /// A JSON body whose strings are templates, for POST.
    pub json: Option<serde_json::Value>,
    /// Headers.
    pub headers: Vec<(String, TemplateText)>,
    /// A regular expression: a 2xx body that matches is accepted.
    pub success: Option<String>,
    /// A regular expression: a 2xx body that matches is kept by the gateway for later.
    pub queued: Option<String>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Phone numbers.
    pub recipients: Vec<String>,
    /// The country of numbers that are written without one, as `62`.
    pub default_country_code: Option<String>,
}

impl SmsSettings {
    /// A GET of this URL within 5 s, to nobody yet.
    #[must_use]
    pub const fn new(url: Secret) -> Self {
        Self {
            url,
            method: Method::Get,
            query: Vec::new(),
            form: Vec::new(),
            json: None,
            headers: Vec::new(),
            success: None,
            queued: None,
            timeout: Duration::from_secs(5),
            recipients: Vec::new(),
            default_country_code: None,
        }
    }
}

/// A gateway, checked but not yet spoken to.
#[derive(Clone)]
pub struct SmsRecipe {
    plan: Arc<SmsPlan>,
}

/// What one attempt needs.
struct SmsPlan {
    url: Url,
    method: Method,
    templates: Templates,
    success: Option<Regex>,
    queued: Option<Regex>,
    timeout: Duration,
    recipients: Vec<String>,
    /// What must not stand in any answer that is passed on.
    secrets: Vec<Secret>,
}

/// Scheme and host only: the rest of the URL may be secret.
impl fmt::Debug for SmsPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SMS by {}", http::shown(&self.url))
    }
}

impl fmt::Debug for SmsRecipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(f)
    }
}

impl SmsRecipe {
    /// Checks the settings: the URL, each template with its variables, the regular expressions, the
    /// numbers.
    ///
    /// # Errors
    /// Each mistake: the key (as `query.to`, `recipients.1`) and what is wrong, without secrets.
    pub fn new(settings: SmsSettings) -> Result<Self, Vec<(String, String)>> {
        let mut wrong = Vec::new();
        let url = url(&settings.url, &mut wrong);
        let success = regex("success", settings.success.as_deref(), &mut wrong);
        let queued = regex("queued", settings.queued.as_deref(), &mut wrong);
        let recipients = number::all(&settings, &mut wrong);
        body(&settings, &mut wrong);
        if settings.timeout.is_zero() {
            wrong.push(("timeout".to_owned(), "expected more than zero".to_owned()));
        }
        let secrets = secrets(&settings, url.as_ref());
        let (method, timeout) = (settings.method, settings.timeout);
        let templates = Templates::new(settings, &mut wrong);
        match url {
            Some(url) if wrong.is_empty() => {
                let plan = SmsPlan {
                    url,
                    method,
                    templates,
                    success,
                    queued,
                    timeout,
                    recipients,
                    secrets,
                };
                Ok(Self { plan: Arc::new(plan) })
            }
            _ => Err(wrong),
        }
    }
}

fn url(secret: &Secret, wrong: &mut Vec<(String, String)>) -> Option<Url> {
    http::parse_url(secret).map_err(|text| wrong.push(("url".to_owned(), text))).ok()
}

fn regex(key: &str, text: Option<&str>, wrong: &mut Vec<(String, String)>) -> Option<Regex> {
    let text = text?;
    Regex::new(text)
        .map_err(|error| wrong.push((key.to_owned(), format!("not a regular expression: {error}"))))
        .ok()
}

/// At most one body, and none with GET.
fn body(settings: &SmsSettings, wrong: &mut Vec<(String, String)>) {
    let form = !settings.form.is_empty();
    if form && settings.json.is_some() {
        wrong.push(("json".to_owned(), "expected either form or json".to_owned()));
    }
    let key = if form { "form" } else { "json" };
    if settings.method == Method::Get && (form || settings.json.is_some()) {
        wrong.push((key.to_owned(), "a body needs method = \"post\"".to_owned()));
    }
}

fn secrets(settings: &SmsSettings, url: Option<&Url>) -> Vec<Secret> {
    let fields = [&settings.query, &settings.form, &settings.headers].into_iter().flatten();
    let fields = fields.filter_map(|(_, text)| match text {
        TemplateText::Secret(secret) => Some(secret.clone()),
        TemplateText::Template(_) => None,
    });
    let parts = url.into_iter().flat_map(|url| {
        let path = Some(url.path()).filter(|path| path.len() > 1);
        // Shorter ones would blot out innocent words; what is secret stands as a secret of its own.
        let values = url.query_pairs().map(|(_, value)| value.into_owned());
        let values = values.filter(|value| value.len() >= 4);
        let tokens = url.path_segments().into_iter().flatten().filter(|text| may_be_token(text));
        let plain = [url.password(), Some(url.username()), url.query(), path];
        let plain = plain.into_iter().flatten().chain(tokens).map(str::to_owned);
        plain.chain(values).collect::<Vec<_>>()
    });
    fields.chain(parts.map(Secret::new)).filter(|secret| !secret.expose().is_empty()).collect()
}

/// Some gateways have their key in the path: unlike a word, it has digits and is not short.
fn may_be_token(segment: &str) -> bool {
    segment.len() >= 8 && segment.contains(|c: char| c.is_ascii_digit())
}

impl NotifierRecipe for SmsRecipe {
    fn timeout(&self) -> Duration {
        self.plan.timeout
    }

    fn build(&self, site: &NotifierSite) -> Arc<dyn Notifier> {
        Arc::new(SmsNotifier {
            plan: Arc::clone(&self.plan),
            site: site.clone(),
            client: LazyClient::default(),
        })
    }
}

#[derive(Debug)]
struct SmsNotifier {
    plan: Arc<SmsPlan>,
    site: NotifierSite,
    client: LazyClient,
}

impl SmsNotifier {
    fn request(&self, notice: &Notice, recipient: &str) -> Result<Request, SendError> {
        let now = self.site.clock.now();
        let text = super::text::line(notice, self.site.language, &self.site.zone, now);
        self.plan.templates.render(notice, recipient, &text).map_err(SendError::permanent)
    }
}

#[async_trait]
impl Notifier for SmsNotifier {
    fn recipients(&self) -> Vec<String> {
        self.plan.recipients.clone()
    }

    fn timeout(&self) -> Duration {
        self.plan.timeout
    }

    async fn send(&self, notice: &Notice, to: &str, by: Instant) -> Result<Accepted, SendError> {
        let request = self.request(notice, to)?;
        let client = self.client.get().await.map_err(|fault| SendError::temporary(fault.text))?;
        let request = request.prepare(client, &self.plan.url, self.plan.method);
        let request = request.map_err(SendError::permanent)?;
        let answer = http::exchange_by(request, BODY_LIMIT, by).await;
        let answer = answer.map_err(|fault| match fault.kind {
            FailureKind::Timeout => {
                format!("the gateway gave no answer within {:?}", self.plan.timeout)
            }
            _ => self.plan.clean(&fault.text),
        });
        self.plan.judge(&answer.map_err(SendError::temporary)?, self.site.clock.now())
    }
}
