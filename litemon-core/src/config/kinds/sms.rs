use std::{collections::BTreeMap, sync::Arc, time::Duration};

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
        values::{OneOrMany, Text},
    },
    notify::sms::{Method, SmsRecipe, SmsSettings, TemplateText},
    secret::Secret,
};

/// `sms`: an SMS gateway that is spoken to over HTTP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SmsKind;

const TIMEOUT: Duration = Duration::from_secs(5);

type Texts = BTreeMap<String, SecretSource>;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The gateway's URL, http or https.
    url: Option<SecretSource>,
    /// How it is asked: "post" when there is a form or json, else "get".
    method: Option<MethodWord>,
    /// Parameters of the URL; templates or secrets.
    query: Option<Texts>,
    /// Fields of a form; templates or secrets.
    form: Option<Texts>,
    /// A JSON body; its texts are templates.
    json: Option<serde_json::Value>,
    /// Headers; templates or secrets.
    headers: Option<Texts>,
    /// A regular expression: a 2xx body that matches is accepted. Any 2xx is when absent.
    success: Option<String>,
    /// A regular expression: a 2xx body that matches was queued by the gateway.
    queued: Option<String>,
    /// The longest one attempt may take (5s).
    timeout: Option<TimeSpan>,
    /// Phone numbers, as +628123456789.
    recipients: Option<OneOrMany<Text>>,
    /// Put before numbers that have none, as 62.
    default_country_code: Option<Text>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum MethodWord {
    Get,
    Post,
}

impl NotifierKind for SmsKind {
    fn name(&self) -> &'static str {
        "sms"
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<PlannedNotifier, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        let url = url(settings.url.as_ref(), context, &mut wrong);
        if settings.recipients.as_ref().is_none_or(|many| many.0.is_empty()) {
            wrong.push(SettingError::missing("recipients", "phone numbers, as \"+628123456789\""));
        }
        if let Some(json) = &settings.json {
            secrets_in_json(json, "json", &mut wrong);
        }
        let bodied = settings.form.is_some() || settings.json.is_some();
        let method =
            settings.method.unwrap_or(if bodied { MethodWord::Post } else { MethodWord::Get });
        let query = texts("query", settings.query, context, &mut wrong);
        let form = texts("form", settings.form, context, &mut wrong);
        let headers = texts("headers", settings.headers, context, &mut wrong);
        let Some(url) = url.filter(|_| wrong.is_empty()) else { return Err(wrong) };
        let recipients = settings.recipients.map(|many| many.0).unwrap_or_default();
        SmsRecipe::new(SmsSettings {
            url,
            method: match method {
                MethodWord::Get => Method::Get,
                MethodWord::Post => Method::Post,
            },
            query,
            form,
            json: settings.json,
            headers,
            success: settings.success,
            queued: settings.queued,
            timeout: settings.timeout.map_or(TIMEOUT, |span| span.0),
            recipients: recipients.into_iter().map(|number| number.0).collect(),
            default_country_code: settings.default_country_code.map(|code| code.0),
        })
        .map(|recipe| PlannedNotifier::new(Arc::new(recipe)))
        .map_err(|wrong| {
            wrong.into_iter().map(|(key, text)| SettingError::new(key, text)).collect()
        })
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}

fn url(
    source: Option<&SecretSource>,
    context: &KindContext<'_>,
    wrong: &mut Vec<SettingError>,
) -> Option<Secret> {
    let Some(source) = source else {
        wrong.push(SettingError::missing("url", "the gateway's URL"));
        return None;
    };
    let secret = context.secret("url", source).map_err(|error| wrong.push(error)).ok()?;
    let parsed = url::Url::parse(secret.expose());
    let good = parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !good {
        wrong.push(SettingError::new("url", "expected http://HOST… or https://HOST…"));
    }
    Some(secret)
}

fn texts(
    key: &str,
    table: Option<Texts>,
    context: &KindContext<'_>,
    wrong: &mut Vec<SettingError>,
) -> Vec<(String, TemplateText)> {
    let mut texts = Vec::new();
    for (name, source) in table.unwrap_or_default() {
        let text = match &source {
            SecretSource::Literal(text) => Ok(TemplateText::Template(text.expose().to_owned())),
            source => context.secret(&format!("{key}.{name}"), source).map(TemplateText::Secret),
        };
        match text {
            Ok(text) => texts.push((name, text)),
            Err(error) => wrong.push(error),
        }
    }
    texts
}

/// A secret would be taken for a template there, so it is refused rather than sent as a table.
fn secrets_in_json(json: &serde_json::Value, key: &str, wrong: &mut Vec<SettingError>) {
    match json {
        serde_json::Value::Object(map) => {
            let single = map.len() == 1 && map.keys().all(|key| key == "env" || key == "file");
            if single {
                wrong.push(SettingError::new(
                    key,
                    "a secret cannot stand in json; put it into query, form or headers",
                ));
            }
            for (name, inner) in map {
                secrets_in_json(inner, &format!("{key}.{name}"), wrong);
            }
        }
        serde_json::Value::Array(list) => {
            for (i, inner) in list.iter().enumerate() {
                secrets_in_json(inner, &format!("{key}.{i}"), wrong);
            }
        }
        _ => {}
    }
}
