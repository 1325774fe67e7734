//! What kinds of notifiers that send requests made of templates have in common.

use std::{collections::BTreeMap, path::PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    config::{
        SecretSource,
        kind::{KindContext, SettingError},
    },
    notify::http::{BodyText, Method, RequestSettings, TemplateText},
    secret::Secret,
};

/// A table of templates or secrets.
pub(super) type Texts = BTreeMap<String, SecretSource>;

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum MethodWord {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl MethodWord {
    const fn method(self) -> Method {
        match self {
            Self::Get => Method::Get,
            Self::Post => Method::Post,
            Self::Put => Method::Put,
            Self::Patch => Method::Patch,
            Self::Delete => Method::Delete,
        }
    }
}

/// A request as it stands in the file.
#[derive(Default)]
pub(super) struct Written {
    pub(super) url: Option<SecretSource>,
    /// Whether a URL that is no secret is a template.
    pub(super) url_is_template: bool,
    pub(super) method: Option<MethodWord>,
    pub(super) query: Option<Texts>,
    pub(super) form: Option<Texts>,
    pub(super) json: Option<serde_json::Value>,
    pub(super) body: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) headers: Option<Texts>,
    pub(super) success: Option<String>,
    pub(super) queued: Option<String>,
    pub(super) roots: Option<PathBuf>,
    pub(super) proxy: Option<bool>,
}

impl Written {
    /// The request that stands at `at` (empty, or a path with a dot at its end).
    pub(super) fn settings(
        self,
        at: &str,
        context: &KindContext<'_>,
        wrong: &mut Vec<SettingError>,
    ) -> Option<RequestSettings> {
        let url = url(at, self.url.as_ref(), context, wrong);
        if let Some(json) = &self.json {
            secrets_in_json(json, &format!("{at}json"), wrong);
        }
        if self.content_type.is_some() && self.body.is_none() {
            let text = "there is no `body` that it could tell of";
            wrong.push(SettingError::new(format!("{at}content_type"), text));
        }
        let bodied = self.form.is_some() || self.json.is_some() || self.body.is_some();
        let usual = if bodied { Method::Post } else { Method::Get };
        let query = texts(&format!("{at}query"), self.query, context, wrong);
        let form = texts(&format!("{at}form"), self.form, context, wrong);
        let headers = texts(&format!("{at}headers"), self.headers, context, wrong);
        let literal = matches!(self.url, Some(SecretSource::Literal(_)));
        let mut settings = RequestSettings::new(url?);
        settings.url_is_template = self.url_is_template && literal;
        settings.method = self.method.map_or(usual, MethodWord::method);
        settings.query = query;
        settings.form = form;
        settings.headers = headers;
        settings.json = self.json;
        let content_type = self.content_type.unwrap_or_else(|| PLAIN.to_owned());
        settings.body = self.body.map(|text| BodyText { content_type, text });
        settings.success = self.success;
        settings.queued = self.queued;
        settings.roots = self.roots.map(|path| context.path(&format!("{at}roots"), &path));
        settings.proxy = self.proxy.unwrap_or(false);
        Some(settings)
    }
}

/// What a body is unless it is said.
const PLAIN: &str = "text/plain; charset=utf-8";

/// What a recipe says is wrong, as mistakes of the file.
pub(super) fn mistakes(wrong: Vec<(String, String)>) -> Vec<SettingError> {
    wrong.into_iter().map(|(key, text)| SettingError::new(key, text)).collect()
}

fn url(
    at: &str,
    source: Option<&SecretSource>,
    context: &KindContext<'_>,
    wrong: &mut Vec<SettingError>,
) -> Option<Secret> {
    let key = format!("{at}url");
    let Some(source) = source else {
        wrong.push(SettingError::missing(key, "the gateway's URL"));
        return None;
    };
    let secret = context.secret(&key, source).map_err(|error| wrong.push(error)).ok()?;
    let parsed = url::Url::parse(secret.expose());
    let good = parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !good {
        wrong.push(SettingError::new(key, "expected http://HOST… or https://HOST…"));
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
