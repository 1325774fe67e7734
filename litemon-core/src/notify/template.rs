//! Templates and their bounds.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, escape_formatter, value::ValueKind};
use serde_json::Value;

pub(crate) use super::escape::Place;

/// Steps a template may take: thousands of times what a sane one needs, a moment of computing.
const FUEL: u64 = 100_000;

/// The most that one rendered text may hold, in bytes.
const LONGEST: usize = 16 * 1024;

/// What renders templates.
pub(crate) struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    pub(crate) fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // The name of a template is the name of the place it is for.
        environment.set_auto_escape_callback(|name| match Place::named(name) {
            Place::Plain => AutoEscape::None,
            place => AutoEscape::Custom(place.name().into()),
        });
        environment.set_formatter(|out, state, value| match state.auto_escape() {
            // As JSON and everybody else writes it.
            _ if value.kind() == ValueKind::Bool => {
                write!(out, "{}", value.is_true()).map_err(Into::into)
            }
            AutoEscape::Custom(name) => {
                let (place, text) = (Place::named(name), value.to_string());
                // What `tojson` made is JSON already.
                let made = place == Place::Json && value.is_safe();
                let text = if made { text } else { place.escape(&text) };
                out.write_str(&text).map_err(Into::into)
            }
            _ => escape_formatter(out, state, value),
        });
        Self { environment }
    }

    /// Whether it can be read and names no unknown variable.
    pub(crate) fn names(&self, source: &str, known: &Value) -> Result<(), String> {
        let template = self.environment.template_from_str(source).map_err(|error| plain(&error))?;
        let global = |name: &str| self.environment.globals().any(|(global, _)| global == name);
        let mut unknown: Vec<String> = template
            .undeclared_variables(false)
            .into_iter()
            .filter(|name| known.get(name).is_none() && !global(name))
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

    /// The text, filled in.
    ///
    /// # Errors
    /// What went wrong, in one line: it takes too many steps, or becomes too long.
    pub(crate) fn render(
        &self,
        place: Place,
        source: &str,
        variables: &Value,
    ) -> Result<String, String> {
        let context = minijinja::value::Serde(variables);
        let text = self.environment.render_named_str(place.name(), source, context);
        let text = text.map_err(|error| plain(&error))?;
        if text.len() > LONGEST { Err("the text became too long".to_owned()) } else { Ok(text) }
    }
}

/// The event with what is nothing written as nothing, not as "none".
pub(crate) fn plain_fields(mut event: Value) -> Value {
    if let Value::Object(fields) = &mut event {
        for value in fields.values_mut().filter(|value| value.is_null()) {
            *value = "".into();
        }
    }
    event
}

fn plain(error: &minijinja::Error) -> String {
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    format!("{}{detail}{line}", error.kind())
}
