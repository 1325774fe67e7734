use std::{path::PathBuf, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;

use super::request::{Secrets, mistakes, secret, secrets, url};
use crate::{
    config::{
        SecretSource, TimeSpan,
        kind::{
            KindContext, NotifierKind, PlannedNotifier, SettingError, SettingsMap,
            read_settings_partly,
        },
        schema::settings_schema,
    },
    notify::webhook::{WebhookRecipe, WebhookSettings},
};

/// `webhook`: posts the event as signed JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WebhookKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// http:// or https://
    url: Option<SecretSource>,
    /// What the signature is made with; at least 16 bytes.
    secret: Option<SecretSource>,
    /// Further headers; they may be secrets.
    headers: Option<Secrets>,
    /// The longest one attempt may take (5s).
    timeout: Option<TimeSpan>,
    /// PEM file with the root certificates that are trusted (the system's).
    roots: Option<PathBuf>,
    /// Whether the proxy of the environment is used (false).
    proxy: Option<bool>,
}

impl NotifierKind for WebhookKind {
    fn name(&self) -> &'static str {
        "webhook"
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<PlannedNotifier, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        let url = url(settings.url.as_ref(), "http://HOST… or https://HOST…", context, &mut wrong);
        if settings.secret.is_none() {
            let expected = "what the signature is made with, at least 16 bytes";
            wrong.push(SettingError::missing("secret", expected));
        }
        let key = secret("secret", settings.secret.as_ref(), context, &mut wrong);
        let headers = secrets("headers", settings.headers, context, &mut wrong);
        let (Some(url), Some(key)) = (url, key) else { return Err(wrong) };
        let mut webhook = WebhookSettings::new(url, key);
        webhook.headers = headers;
        webhook.timeout = settings.timeout.map_or(webhook.timeout, |span| span.0);
        webhook.roots = settings.roots.map(|path| context.path("roots", &path));
        webhook.proxy = settings.proxy.unwrap_or(false);
        match WebhookRecipe::new(webhook) {
            Ok(recipe) if wrong.is_empty() => Ok(PlannedNotifier::new(Arc::new(recipe))),
            Ok(_) => Err(wrong),
            Err(more) => Err(wrong.into_iter().chain(mistakes(more)).collect()),
        }
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
