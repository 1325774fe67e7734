use std::{path::PathBuf, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    config::{
        SecretSource, TimeSpan,
        kind::{
            KindContext, NotifierKind, PlannedNotifier, SettingError, SettingsMap,
            read_settings_partly,
        },
        schema::settings_schema,
        values::OneOrMany,
    },
    notify::email::{EmailRecipe, EmailSettings, Security},
    policy::FlowRules,
    secret::Secret,
};

/// `email`: mail over a mail server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EmailKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The mail server: HOST or HOST:PORT (587 with starttls, 465 with tls, 25 with none).
    server: Option<String>,
    /// How the way there is protected ("starttls").
    security: Option<SecurityWord>,
    /// The name to log in with.
    username: Option<String>,
    /// The password to log in with.
    password: Option<SecretSource>,
    /// From whom, as "Litemon <litemon@example.org>".
    from: Option<String>,
    /// To whom, as "oncall@example.org"; each gets a mail.
    recipients: Option<OneOrMany<String>>,
    /// The longest one attempt may take (5s).
    timeout: Option<TimeSpan>,
    /// PEM file with the root certificates that are trusted (the system's).
    roots: Option<PathBuf>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SecurityWord {
    /// TLS once the server has been greeted.
    StartTls,
    /// TLS from the first byte on.
    Tls,
    /// None, to a server on this machine.
    None,
}

impl SecurityWord {
    const fn security(self) -> Security {
        match self {
            Self::StartTls => Security::StartTls,
            Self::Tls => Security::Tls,
            Self::None => Security::None,
        }
    }
}

impl NotifierKind for EmailKind {
    fn name(&self) -> &'static str {
        "email"
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
        for (key, there, expected) in [
            ("server", settings.server.is_some(), "the mail server: HOST or HOST:PORT"),
            ("from", settings.from.is_some(), "an address, as litemon@example.org"),
            (
                "recipients",
                settings.recipients.as_ref().is_some_and(|many| !many.0.is_empty()),
                "addresses, as \"oncall@example.org\"",
            ),
        ] {
            if !there {
                wrong.push(SettingError::missing(key, expected));
            }
        }
        let login = login(settings.username, settings.password.as_ref(), context, &mut wrong);
        let (Some(server), Some(from), Some(recipients)) =
            (settings.server, settings.from, settings.recipients)
        else {
            return Err(wrong);
        };
        let mut email = EmailSettings::new(server, from);
        email.security = settings.security.map_or(email.security, SecurityWord::security);
        email.login = login;
        email.recipients = recipients.0;
        email.timeout = settings.timeout.map_or(email.timeout, |span| span.0);
        email.roots = settings.roots.map(|path| context.path("roots", &path));
        let more = |wrong: Vec<(String, String)>| {
            wrong.into_iter().map(|(key, text)| SettingError::new(key, text))
        };
        match EmailRecipe::new(email) {
            Ok(recipe) if wrong.is_empty() => Ok(PlannedNotifier::new(Arc::new(recipe))),
            Ok(_) => Err(wrong),
            Err(others) => {
                wrong.extend(more(others));
                Err(wrong)
            }
        }
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}

/// Name and password, which go together.
fn login(
    name: Option<String>,
    password: Option<&SecretSource>,
    context: &KindContext<'_>,
    wrong: &mut Vec<SettingError>,
) -> Option<(String, Secret)> {
    match (name, password) {
        (None, None) => None,
        (Some(_), None) => {
            wrong.push(SettingError::missing("password", "the password of `username`"));
            None
        }
        (None, Some(_)) => {
            wrong.push(SettingError::missing("username", "the name that goes with `password`"));
            None
        }
        (Some(name), Some(password)) => {
            let password = context.secret("password", password);
            password.map(|password| (name, password)).map_err(|error| wrong.push(error)).ok()
        }
    }
}
