//! A request that can be sent.

use std::{fmt, sync::Arc, time::Duration};

use regex::Regex;
use serde_json::Value;
use tokio::time::Instant;

use super::{
    Method, RequestSettings, TemplateText,
    answer::{self, Judge},
    client::BODY_LIMIT,
    shape::Shape,
};
use crate::{
    clock::Clock,
    http::{self, ClientSettings, LazyClient},
    model::FailureKind,
    notify::{Accepted, SendError},
    secret::Secret,
};

/// A request as it was written, checked.
pub(crate) struct Call {
    shape: Shape,
    method: Method,
    judge: Judge,
    client: ClientSettings,
    reports: bool,
    /// Scheme and host.
    shown: String,
    host: String,
}

/// Scheme and host only: the rest of the URL may be secret.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Call {
    /// Checks the settings. Each mistake is added with its key, without secrets; nothing is given
    /// when there are any.
    pub(crate) fn new(
        settings: RequestSettings,
        wrong: &mut Vec<(String, String)>,
    ) -> Option<Self> {
        let before = wrong.len();
        let success = regex("success", settings.success.as_deref(), wrong);
        let queued = regex("queued", settings.queued.as_deref(), wrong);
        one_body(&settings, wrong);
        let mut secrets = own_secrets(&settings);
        let (method, reports) = (settings.method, settings.asks_for_reports());
        let client = ClientSettings {
            roots: settings.roots.clone(),
            proxy: settings.proxy,
            ..ClientSettings::default()
        };
        let (shape, url) = Shape::new(settings, wrong);
        let url = url.filter(|_| wrong.len() == before)?;
        secrets.extend(answer::of_url(&url));
        Some(Self {
            shape,
            method,
            judge: Judge { success, queued, secrets },
            client,
            reports,
            shown: http::shown(&url),
            host: url.host_str().unwrap_or_default().to_owned(),
        })
    }

    /// Whether it is to report what arrives.
    pub(crate) const fn asks_for_reports(&self) -> bool {
        self.reports
    }

    /// The host that it goes to.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

fn regex(key: &str, text: Option<&str>, wrong: &mut Vec<(String, String)>) -> Option<Regex> {
    let text = text?;
    Regex::new(text)
        .map_err(|error| wrong.push((key.to_owned(), format!("not a regular expression: {error}"))))
        .ok()
}

/// At most one body, and none with GET.
fn one_body(settings: &RequestSettings, wrong: &mut Vec<(String, String)>) {
    let bodies = [
        ("form", !settings.form.is_empty()),
        ("json", settings.json.is_some()),
        ("body", settings.body.is_some()),
    ];
    let mut written = bodies.into_iter().filter(|(_, there)| *there).map(|(key, _)| key);
    let Some(first) = written.next() else { return };
    if let Some(second) = written.next() {
        wrong.push((second.to_owned(), format!("expected either {first} or {second}")));
    }
    if !settings.method.has_body() {
        wrong.push((first.to_owned(), "a body needs method = \"post\"".to_owned()));
    }
}

fn own_secrets(settings: &RequestSettings) -> Vec<Secret> {
    let fields = [&settings.query, &settings.form, &settings.headers].into_iter().flatten();
    let fields = fields.filter_map(|(_, text)| match text {
        TemplateText::Secret(secret) => Some(secret.clone()),
        TemplateText::Template(_) => None,
    });
    fields.filter(|secret| !secret.expose().is_empty()).collect()
}

/// A request with the connections it goes over.
#[derive(Debug)]
pub(crate) struct Way {
    call: Arc<Call>,
    client: LazyClient,
}

impl Way {
    pub(crate) fn new(call: &Arc<Call>) -> Self {
        let client = LazyClient::new(call.client.clone());
        Self { call: Arc::clone(call), client }
    }

    /// Makes one attempt, within a time that ends at a moment.
    ///
    /// Cancel safety: dropping the future closes the connection; the message may have arrived.
    pub(crate) async fn send(
        &self,
        variables: &Value,
        (within, by): (Duration, Instant),
        clock: &dyn Clock,
    ) -> Result<Accepted, SendError> {
        let call = &self.call;
        let request = call.shape.render(variables).map_err(SendError::permanent)?;
        let client = self.client.get().await.map_err(|fault| SendError::temporary(fault.text))?;
        let request = request.prepare(client, call.method).map_err(SendError::permanent)?;
        let answer = http::exchange_by(request, BODY_LIMIT, by).await;
        let answer = answer.map_err(|fault| match fault.kind {
            FailureKind::Timeout => format!("the gateway gave no answer within {within:?}"),
            _ => call.judge.clean(&fault.text),
        });
        call.judge.judge(&answer.map_err(SendError::temporary)?, clock.now())
    }
}
