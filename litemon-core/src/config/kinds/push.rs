use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::reading::Reading;
use crate::{
    config::{
        SecretSource, TimeSpan,
        kind::{KindContext, ProbeKind, SettingError, SettingsMap},
        schema::settings_schema,
        values::Text,
    },
    probe::{
        Recipe,
        push::{Push, Token, TokenHash},
    },
};

/// `push`: something has to call in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PushKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The longest time from one call to the next.
    within: Option<TimeSpan>,
    /// What a caller proves himself with: at least 22 letters, digits, - and _.
    token: Option<SecretSource>,
    /// In place of the token its SHA-256 in hexadecimal digits.
    token_sha256: Option<Text>,
}

impl ProbeKind for PushKind {
    fn name(&self) -> &'static str {
        "push"
    }

    fn measures_number(&self) -> bool {
        // The caller says how it is.
        false
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut reading) = Reading::of::<Settings>(settings, context)?;
        if settings.within.is_none() {
            reading.missing("within", "a duration, as \"5m\"");
        }
        let token = reading.good(token(&settings, context));
        reading.end(token.zip(settings.within).map(|(token, within)| Push::new(token, within.0)))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}

fn token(settings: &Settings, context: &KindContext<'_>) -> Result<TokenHash, SettingError> {
    match (&settings.token, &settings.token_sha256) {
        (Some(source), None) => {
            let secret = context.secret("token", source)?;
            let token = Token::parse(secret.expose());
            token.map(|token| token.hash()).map_err(|e| SettingError::new("token", e.to_string()))
        }
        (None, Some(text)) => TokenHash::from_hex(&text.0).ok_or_else(|| {
            let expected = "expected 64 hexadecimal digits, as `litemon push token` prints them";
            SettingError::new("token_sha256", expected)
        }),
        (Some(_), Some(_)) => {
            Err(SettingError::new("token_sha256", "there is a token too; keep one of them"))
        }
        (None, None) => {
            let expected =
                "a token, or token_sha256 in its place; `litemon push token NAME` makes both";
            Err(SettingError::missing("token", expected))
        }
    }
}
