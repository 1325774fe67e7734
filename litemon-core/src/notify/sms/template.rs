//! The texts of a request, and the variables in them.

use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::Value;

use super::{SmsSettings, TemplateText, client::Request};
use crate::{
    model::{CheckId, CheckKind, Notice, Observation, Reason, Status, Timestamp},
    notify::event_json,
};

/// Steps a template may take: thousands of times what a sane one needs, a moment of computing.
const FUEL: u64 = 100_000;

/// The most that one rendered text may hold, in bytes.
const LONGEST: usize = 16 * 1024;

pub(super) struct Templates {
    environment: Environment<'static>,
    query: Vec<(String, TemplateText)>,
    form: Vec<(String, TemplateText)>,
    headers: Vec<(String, TemplateText)>,
    json: Option<Value>,
}

impl Templates {
    /// Checks each template: that it can be read, and that it names no unknown variable.
    pub(super) fn new(settings: SmsSettings, wrong: &mut Vec<(String, String)>) -> Self {
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // Encoding for the URL, the form or JSON follows later; HTML is nowhere.
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        let SmsSettings { query, form, headers, json, .. } = settings;
        let all = Self { environment, query, form, headers, json };
        all.check(wrong);
        all
    }

    fn check(&self, wrong: &mut Vec<(String, String)>) {
        let parts = [("query", &self.query), ("form", &self.form), ("headers", &self.headers)];
        for (part, fields) in parts {
            for (name, text) in fields {
                if let TemplateText::Template(source) = text
                    && let Err(error) = self.check_one(source)
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
    }

    fn check_json(&self, path: &str, value: &Value, wrong: &mut Vec<(String, String)>) {
        match value {
            Value::String(source) => {
                if let Err(error) = self.check_one(source) {
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

    fn check_one(&self, source: &str) -> Result<(), String> {
        let template = self.environment.template_from_str(source).map_err(|error| plain(&error))?;
        let known = variables(&sample(), "", "");
        let mut unknown: Vec<String> = template
            .undeclared_variables(false)
            .into_iter()
            .filter(|name| known.get(name).is_none() && !is_global(&self.environment, name))
            .collect();
        unknown.sort();
        let Some(first) = unknown.first() else { return Ok(()) };
        let names: Vec<&str> = known
            .as_object()
            .into_iter()
            .flat_map(|fields| fields.keys().map(String::as_str))
            .collect();
        Err(format!("there is no variable {first}; there are {}", names.join(", ")))
    }

    /// The request for one recipient.
    pub(super) fn render(&self, notice: &Notice, to: &str, text: &str) -> Result<Request, String> {
        let variables = variables(notice, to, text);
        Ok(Request {
            query: self.fields("query", &self.query, &variables)?,
            form: self.fields("form", &self.form, &variables)?,
            headers: self.fields("headers", &self.headers, &variables)?,
            json: self.json.as_ref().map(|json| self.json(json, &variables)).transpose()?,
        })
    }

    fn fields(
        &self,
        part: &str,
        fields: &[(String, TemplateText)],
        variables: &Value,
    ) -> Result<Vec<(String, String)>, String> {
        let render = |name: &str, text: &TemplateText| match text {
            TemplateText::Secret(secret) => Ok(secret.expose().to_owned()),
            TemplateText::Template(source) => {
                self.one(source, variables).map_err(|error| format!("{part}.{name}: {error}"))
            }
        };
        fields.iter().map(|(name, text)| Ok((name.clone(), render(name, text)?))).collect()
    }

    fn json(&self, value: &Value, variables: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(source) => self.one(source, variables).map(Value::String)?,
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

    fn one(&self, source: &str, variables: &Value) -> Result<String, String> {
        let context = minijinja::value::Serde(variables);
        let text = self.environment.render_str(source, context).map_err(|error| plain(&error))?;
        if text.len() > LONGEST { Err("the text became too long".to_owned()) } else { Ok(text) }
    }
}

fn is_global(environment: &Environment<'_>, name: &str) -> bool {
    environment.globals().any(|(global, _)| global == name)
}

/// `to`, `text`, and the fields of the event.
fn variables(notice: &Notice, to: &str, text: &str) -> Value {
    let mut variables = event_json(notice, text);
    if let Value::Object(fields) = &mut variables {
        // Nothing is written as nothing, not as "none".
        for value in fields.values_mut().filter(|value| value.is_null()) {
            *value = "".into();
        }
        fields.insert("to".to_owned(), to.into());
    }
    variables
}

fn plain(error: &minijinja::Error) -> String {
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    format!("{}{detail}{line}", error.kind())
}

/// A notice that has every field, to know their names.
fn sample() -> Notice {
    Notice {
        reason: Reason::Test,
        incident: None,
        check: CheckId::own("test"),
        kind: CheckKind::Own,
        server: None,
        status: Status::Ok,
        was: None,
        seen: Ok(Observation::Switch { on: true, detail: None }),
        limit: None,
        since: Timestamp::default(),
        at: Timestamp::default(),
        unjournaled: false,
    }
}
