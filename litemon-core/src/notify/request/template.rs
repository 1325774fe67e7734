//! Templates: their variables, their bounds, and the notices they are tried with.

use minijinja::{
    AutoEscape, Environment, UndefinedBehavior, escape_formatter, value::ValueKind,
};
use serde_json::Value;

use super::escape::Place;
use crate::{
    model::{CheckId, CheckKind, Name, Notice, Observation, Reason, Status, Timestamp},
    notify::event_json,
};

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

    /// Whether it can be read, names no unknown variable, and can be filled in for a problem and
    /// for a recovery. Gives those two texts.
    ///
    /// # Errors
    /// What is wrong, in one line.
    pub(crate) fn check(&self, place: Place, source: &str) -> Result<[String; 2], String> {
        let [problem, recovery] = samples();
        self.names(source, &problem)?;
        Ok([self.render(place, source, &problem)?, self.render(place, source, &recovery)?])
    }

    fn names(&self, source: &str, known: &Value) -> Result<(), String> {
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

/// `to`, `text`, and the fields of the event.
pub(crate) fn variables(notice: &Notice, to: &str, text: &str) -> Value {
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

/// The variables of a problem with everything that is hard to write, and of its end.
fn samples() -> [Value; 2] {
    let text = "PROBLEM web-1 nginx Off since 05:33 #17";
    let problem = sample();
    let over =
        Notice { reason: Reason::Recovered, status: Status::Ok, was: Some(Status::Critical), ..sample() };
    [variables(&problem, "+628123456789", text), variables(&over, "+628123456789", "OK web-1")]
}

fn sample() -> Notice {
    Notice {
        reason: Reason::Raised,
        incident: Some(17),
        check: CheckId::own("test"),
        kind: CheckKind::Service,
        server: Name::new("web-1").ok(),
        status: Status::Critical,
        was: None,
        seen: Ok(Observation::Switch {
            on: false,
            detail: Some("exit 3: \"it\\s\" <down> & 100% off\n…".to_owned()),
        }),
        limit: None,
        since: Timestamp::default(),
        at: Timestamp::default(),
        unjournaled: false,
    }
}
