use std::{path::PathBuf, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{reading::Reading, request::Secrets};
use crate::{
    config::{
        SecretSource, TimeSpan,
        kind::{KindContext, NotifierKind, PlannedNotifier, SettingError, SettingsMap},
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
        let (settings, mut reading) = Reading::of::<Settings>(settings, context)?;
        let url = reading.url(settings.url.as_ref(), "http://HOST… or https://HOST…");
        if settings.secret.is_none() {
            reading.missing("secret", "what the signature is made with, at least 16 bytes");
        }
        let key = reading.secret("secret", settings.secret.as_ref());
        let headers = reading.secrets("headers", settings.headers);
        let recipe = url.zip(key).map(|(url, key)| {
            let mut webhook = WebhookSettings::new(url, key);
            webhook.headers = headers;
            webhook.timeout = settings.timeout.map_or(webhook.timeout, |span| span.0);
            webhook.roots = settings.roots.map(|path| context.path("roots", &path));
            webhook.proxy = settings.proxy.unwrap_or(false);
            WebhookRecipe::new(webhook)
        });
        let recipe = recipe.and_then(|recipe| reading.vetted(recipe));
        reading.done(recipe.map(|recipe| PlannedNotifier::new(Arc::new(recipe))))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
