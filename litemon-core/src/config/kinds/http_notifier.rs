use std::{path::PathBuf, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;

use super::gateway::{MethodWord, Texts, Written, mistakes};
use crate::{
    config::{
        SecretSource, TimeSpan,
        kind::{
            KindContext, NotifierKind, PlannedNotifier, SettingError, SettingsMap,
            read_settings_partly,
        },
        schema::settings_schema,
        values::{OneOrMany, Text},
    },
    notify::http::{HttpRecipe, HttpSettings},
    policy::FlowRules,
    secret::Secret,
};

/// `http`: any service that is spoken to over HTTP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HttpKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// http:// or https://; a template from its path on, unless it comes from env or file.
    url: Option<SecretSource>,
    /// How it is asked: "post" when there is a form, json or body, else "get".
    method: Option<MethodWord>,
    /// Parameters of the URL; templates or secrets.
    query: Option<Texts>,
    /// Fields of a form; templates or secrets.
    form: Option<Texts>,
    /// A JSON body; its texts are templates.
    json: Option<serde_json::Value>,
    /// A body that is written out: a template.
    body: Option<String>,
    /// What the body is (text/plain); values in JSON, XML, HTML and forms are escaped.
    content_type: Option<String>,
    /// Headers; templates or secrets.
    headers: Option<Texts>,
    /// A regular expression: a 2xx body that matches is accepted. Any 2xx is when absent.
    success: Option<String>,
    /// A regular expression: a 2xx body that matches was kept by the service for later.
    queued: Option<String>,
    /// The longest one attempt may take (5s).
    timeout: Option<TimeSpan>,
    /// What {{ to }} stands for, each with a message of its own (the URL's host).
    recipients: Option<OneOrMany<Text>>,
    /// PEM file with the root certificates that are trusted (the system's).
    roots: Option<PathBuf>,
    /// Whether the proxy of the environment is used (false).
    proxy: Option<bool>,
}

impl NotifierKind for HttpKind {
    fn name(&self) -> &'static str {
        "http"
    }

    fn default_flow(&self) -> FlowRules {
        FlowRules::people()
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<PlannedNotifier, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        let written = Written {
            url: settings.url,
            url_is_template: true,
            method: settings.method,
            query: settings.query,
            form: settings.form,
            json: settings.json,
            body: settings.body,
            content_type: settings.content_type,
            headers: settings.headers,
            success: settings.success,
            queued: settings.queued,
            roots: settings.roots,
            proxy: settings.proxy,
        };
        let request = written.settings("", context, &mut wrong);
        let Some(request) = request.filter(|_| wrong.is_empty()) else { return Err(wrong) };
        let mut http = HttpSettings::new(Secret::new(String::new()));
        http.request = request;
        http.timeout = settings.timeout.map_or(http.timeout, |span| span.0);
        let recipients = settings.recipients.map(|many| many.0).unwrap_or_default();
        http.recipients = recipients.into_iter().map(|text| text.0).collect();
        let recipe = HttpRecipe::new(http).map_err(mistakes)?;
        Ok(PlannedNotifier::new(Arc::new(recipe)))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
