use std::{path::PathBuf, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{reading::Reading, request::Secrets};
use crate::{
    config::{
        SecretSource,
        kind::{KindContext, ProbeKind, SettingError, SettingsMap},
        schema::settings_schema,
        values::Text,
    },
    probe::{
        Recipe,
        http::{HttpRequest, HttpSettings},
    },
    secret::Secret,
};

/// `http`: a request whose answer is a good one, and in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HttpKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// http:// or https://
    url: Option<SecretSource>,
    /// The method (GET).
    method: Option<String>,
    /// Headers; they may be secrets.
    headers: Option<Secrets>,
    /// What is sent; it may be a secret.
    body: Option<SecretSource>,
    /// Good statuses and ranges of them, as ["200-299", "401"] (200-399).
    status: Option<Statuses>,
    /// A regular expression that the answer's body has to match.
    expect: Option<String>,
    /// A regular expression that it must not match.
    not_expect: Option<String>,
    /// How many redirects are followed, 0 to 10 (5); with 0 the redirect is the answer.
    redirects: Option<usize>,
    /// PEM file with the root certificates that are trusted (the system's).
    roots: Option<PathBuf>,
    /// Whether the proxy of the environment is used (false).
    proxy: Option<bool>,
    /// With fewer days until the end of the certificate it is a warning.
    certificate_days: Option<f64>,
}

/// `200`, `"200-299"`, or a list of such.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a status, as 200 or \"200-299\", or a list of them")]
enum Statuses {
    One(Text),
    Many(Vec<Text>),
}

impl Statuses {
    fn texts(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text.0],
            Self::Many(list) => list.into_iter().map(|text| text.0).collect(),
        }
    }
}

impl ProbeKind for HttpKind {
    fn name(&self) -> &'static str {
        "http"
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut reading) = Reading::of::<Settings>(settings, context)?;
        let url = reading.url(settings.url.as_ref(), "http://HOST… or https://HOST…");
        let headers = reading.secrets("headers", settings.headers);
        let body = reading.secret("body", settings.body.as_ref());
        // What is missing is said already; the rest is to be looked at all the same.
        let url = url.unwrap_or_else(|| Secret::new("http://localhost".to_owned()));
        let usual = HttpSettings::new(url);
        let recipe = HttpRequest::new(HttpSettings {
            url: usual.url,
            method: settings.method.unwrap_or(usual.method),
            headers,
            body,
            status: settings.status.map(Statuses::texts).unwrap_or_default(),
            expect: settings.expect,
            not_expect: settings.not_expect,
            redirects: settings.redirects.unwrap_or(usual.redirects),
            roots: settings.roots.map(|path| context.path("roots", &path)),
            proxy: settings.proxy.unwrap_or(usual.proxy),
            certificate_days: settings.certificate_days,
        });
        reading.end_vetted(recipe)
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
