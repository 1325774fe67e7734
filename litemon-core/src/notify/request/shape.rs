//! The parts of a request before they are filled in.

use serde_json::Value;
use url::Url;

use super::{BodyText, RequestSettings, TemplateText, client::Request, trial::check};
use crate::{
    http,
    notify::template::{Place, Templates},
};

/// The texts of a request, each checked.
pub(super) struct Shape {
    templates: Templates,
    url: Where,
    query: Vec<(String, TemplateText)>,
    form: Vec<(String, TemplateText)>,
    headers: Vec<(String, TemplateText)>,
    json: Option<Value>,
    body: Option<BodyText>,
}

enum Where {
    Fixed(Url),
    Template(String),
}

impl Shape {
    /// Checks each text. The second is the URL as it looks when it is filled in; without one there is
    /// a mistake.
    pub(super) fn new(
        settings: RequestSettings,
        wrong: &mut Vec<(String, String)>,
    ) -> (Self, Option<Url>) {
        let templates = Templates::new();
        let RequestSettings { url, url_is_template, query, form, headers, json, body, .. } =
            settings;
        let filled = if url_is_template {
            filled_url(&templates, url.expose())
        } else {
            http::parse_url(&url)
        };
        let filled = filled.map_err(|text| wrong.push(("url".to_owned(), text))).ok();
        let url = match &filled {
            Some(filled) if !url_is_template => Where::Fixed(filled.clone()),
            _ => Where::Template(url.expose().to_owned()),
        };
        let shape = Self { templates, url, query, form, headers, json, body };
        shape.check(wrong);
        (shape, filled)
    }

    fn check(&self, wrong: &mut Vec<(String, String)>) {
        let parts = [
            ("query", &self.query, Place::Plain),
            ("form", &self.form, Place::Plain),
            ("headers", &self.headers, Place::Header),
        ];
        for (part, fields, place) in parts {
            for (name, text) in fields {
                if let TemplateText::Template(source) = text
                    && let Err(error) = check(&self.templates, place, source)
                {
                    wrong.push((format!("{part}.{name}"), error));
                }
            }
        }
        for (name, _) in &self.headers {
            if name.parse::<reqwest::header::HeaderName>().is_err() {
                wrong.push((format!("headers.{name}"), "not the name of a header".to_owned()));
            }
        }
        if let Some(json) = &self.json {
            self.check_json("json", json, wrong);
        }
        if let Some(body) = &self.body
            && let Err(error) = self.check_body(body)
        {
            wrong.push(("body".to_owned(), error));
        }
    }

    fn check_body(&self, body: &BodyText) -> Result<(), String> {
        let place = Place::of_content(&body.content_type);
        for text in check(&self.templates, place, &body.text)? {
            if place == Place::Json
                && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&text)
            {
                return Err(format!("filled in, it is no JSON: {error}"));
            }
        }
        Ok(())
    }

    fn check_json(&self, path: &str, value: &Value, wrong: &mut Vec<(String, String)>) {
        match value {
            Value::String(source) => {
                if let Err(error) = check(&self.templates, Place::Plain, source) {
                    wrong.push((path.to_owned(), error));
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.check_json(&format!("{path}[{index}]"), item, wrong);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.check_json(&format!("{path}.{name}"), value, wrong);
                }
            }
            _ => {}
        }
    }

    /// The request with these variables.
    pub(super) fn render(&self, variables: &Value) -> Result<Request, String> {
        Ok(Request {
            url: self.url(variables)?,
            query: self.fields("query", &self.query, Place::Plain, variables)?,
            form: self.fields("form", &self.form, Place::Plain, variables)?,
            headers: self.fields("headers", &self.headers, Place::Header, variables)?,
            json: self.json.as_ref().map(|json| self.json(json, variables)).transpose()?,
            body: self.body.as_ref().map(|body| self.body(body, variables)).transpose()?,
        })
    }

    fn url(&self, variables: &Value) -> Result<Url, String> {
        match &self.url {
            Where::Fixed(url) => Ok(url.clone()),
            Where::Template(source) => {
                let text = self.templates.render(Place::Url, source, variables);
                let text = text.map_err(|error| format!("url: {error}"))?;
                Url::parse(&text).map_err(|error| format!("url: {error}"))
            }
        }
    }

    fn body(&self, body: &BodyText, variables: &Value) -> Result<(String, String), String> {
        let place = Place::of_content(&body.content_type);
        let text = self.templates.render(place, &body.text, variables);
        Ok((body.content_type.clone(), text.map_err(|error| format!("body: {error}"))?))
    }

    fn fields(
        &self,
        part: &str,
        fields: &[(String, TemplateText)],
        place: Place,
        variables: &Value,
    ) -> Result<Vec<(String, String)>, String> {
        let render = |name: &str, text: &TemplateText| match text {
            TemplateText::Secret(secret) => Ok(secret.expose().to_owned()),
            TemplateText::Template(source) => {
                let text = self.templates.render(place, source, variables);
                text.map_err(|error| format!("{part}.{name}: {error}"))
            }
        };
        fields.iter().map(|(name, text)| Ok((name.clone(), render(name, text)?))).collect()
    }

    fn json(&self, value: &Value, variables: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(source) => {
                Value::String(self.templates.render(Place::Plain, source, variables)?)
            }
            Value::Array(items) => Value::Array(
                items.iter().map(|item| self.json(item, variables)).collect::<Result<_, _>>()?,
            ),
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.json(value, variables)?)))
                    .collect::<Result<_, String>>()?,
            ),
            other => other.clone(),
        })
    }
}

/// A URL whose host is fixed. The error repeats nothing of it.
fn filled_url(templates: &Templates, source: &str) -> Result<Url, String> {
    let before = source.split("{{").next().unwrap_or_default();
    let before = before.split("{%").next().unwrap_or_default();
    let whole = before.len() == source.len();
    let rest = before.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    if !whole && !rest.contains(['/', '?', '#']) {
        return Err("expected http://HOST/… or https://HOST/… before the first template".to_owned());
    }
    let [problem, recovery] = check(templates, Place::Url, source)?;
    http::parse_url(&crate::secret::Secret::new(recovery))?;
    http::parse_url(&crate::secret::Secret::new(problem))
}
