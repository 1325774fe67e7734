//! The merged configuration as TOML, secrets hidden.

use figment::value::{Dict, Num, Value};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table};

const HIDDEN: &str = "***";

/// Words in a key that make its text a secret, wherever it stands.
const SECRET_WORDS: [&str; 12] = [
    "password",
    "passwd",
    "passcode",
    "passphrase",
    "secret",
    "token",
    "credential",
    "apikey",
    "api_key",
    "auth",
    "key",
    "cookie",
];

/// As TOML. Text is hidden where a secret belongs, and everywhere in the `query`, `form`,
/// `headers`, `json` and `body` of notifiers, statistics and checks unless it is nothing but a
/// template; URLs there, and others that may hold a secret, are cut to scheme and host. Where a secret is read from (`env`, `file`) is shown.
pub(crate) fn show(tree: &Dict) -> String {
    let mut document = DocumentMut::new();
    *document.as_table_mut() = table(tree, &mut Vec::new());
    document.to_string()
}

fn table<'a>(dict: &'a Dict, path: &mut Vec<&'a str>) -> Table {
    let mut shown = Table::new();
    shown.set_implicit(!dict.is_empty() && dict.values().all(|value| value.as_dict().is_some()));
    // Values before tables, or they would land in the table before them.
    let (tables, values): (Vec<_>, Vec<_>) = dict.iter().partition(|(_, value)| is_table(value));
    for (key, value) in values.into_iter().chain(tables) {
        path.push(key);
        let item = match value {
            Value::Dict(_, inner) if is_table(value) => Item::Table(table(inner, path)),
            value => Item::Value(shown_value(value, path)),
        };
        path.pop();
        shown.insert(key, item);
    }
    shown
}

/// Where a secret is read from stands in one line.
fn is_table(value: &Value) -> bool {
    value.as_dict().is_some_and(|dict| !is_reference(dict))
}

fn is_reference(dict: &Dict) -> bool {
    dict.len() == 1 && dict.keys().all(|key| key == "env" || key == "file")
}

fn shown_value<'a>(value: &'a Value, path: &mut Vec<&'a str>) -> toml_edit::Value {
    match value {
        Value::Dict(_, dict) => {
            let reference = is_reference(dict);
            let mut inline = InlineTable::new();
            for (key, value) in dict {
                path.push(key);
                let shown = match value {
                    Value::String(_, text) if reference => text.as_str().into(),
                    value => shown_value(value, path),
                };
                path.pop();
                inline.insert(key, shown);
            }
            toml_edit::Value::InlineTable(inline)
        }
        Value::Array(_, list) => {
            let mut array = Array::new();
            for value in list {
                array.push(shown_value(value, path));
            }
            toml_edit::Value::Array(array)
        }
        Value::String(_, text) => text_value(text, path).into(),
        _ if is_secret(path) => HIDDEN.into(),
        Value::Bool(_, on) => (*on).into(),
        Value::Num(_, number) => num(number),
        Value::Char(_, c) => c.to_string().into(),
        Value::Empty(..) => "".into(),
    }
}

fn num(number: &Num) -> toml_edit::Value {
    match (number.to_i128().and_then(|number| i64::try_from(number).ok()), number.to_f64()) {
        (Some(number), _) => number.into(),
        (None, Some(number)) => number.into(),
        (None, None) => number.to_u128().unwrap_or_default().to_string().into(),
    }
}

fn text_value(text: &str, path: &[&str]) -> String {
    if is_secret(path) {
        return HIDDEN.to_owned();
    }
    let asks = of_request(path);
    if let Some("query" | "form" | "headers" | "json" | "body") = asks {
        return if is_template(text) { text.to_owned() } else { HIDDEN.to_owned() };
    }
    let telling = text.contains(['@', '?', '#']) && !is_plain_user(text);
    if text.contains("://") && (asks.is_some() || telling) {
        short_url(text)
    } else {
        text.to_owned()
    }
}

/// The key of what may be sent over HTTP: a notifier's, a statistic's, a check's of any kind.
fn of_request<'p>(path: &[&'p str]) -> Option<&'p str> {
    match path {
        ["notifiers", _, _, "gateways", key, ..]
        | ["notifiers", _, _, key, ..]
        | ["heartbeat", key, ..]
        | ["stats" | "checks", _, key, ..]
        | [_, _, "checks", _, key, ..] => Some(key),
        _ => None,
    }
}

/// `identity` and file names of keys are no secrets; a text below a secret word is.
fn is_secret(path: &[&str]) -> bool {
    if matches!(path, ["web", "tls", _] | ["actions", ..]) {
        return false;
    }
    path.iter().skip(1).any(|key| {
        let key = key.to_ascii_lowercase().replace('-', "_");
        SECRET_WORDS.iter().any(|word| {
            key == *word
                || key.ends_with(&format!("_{word}"))
                || (word.len() > 4 && key.contains(word))
        })
    })
}

/// `mysql://user@host/…`: a user without a password, and nothing else that could be one.
fn is_plain_user(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        url.password().is_none() && url.query().is_none() && url.fragment().is_none()
    })
}

fn is_template(text: &str) -> bool {
    let mut rest = text;
    let mut outside = String::new();
    while let Some((before, behind)) = rest.split_once("{{") {
        outside.push_str(before);
        rest = behind.split_once("}}").map_or("", |(_, behind)| behind);
    }
    outside.push_str(rest);
    text.contains("{{") && !outside.chars().any(char::is_alphanumeric)
}

/// Scheme and host of a URL, the rest cut: what may be shown of one that may hold a secret.
#[must_use]
pub fn short_url(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(url) => match url.host_str() {
            Some(host) => format!("{}://{host}/***", url.scheme()),
            None => format!("{}:***", url.scheme()),
        },
        Err(_) => HIDDEN.to_owned(),
    }
}

/// A text that should be an address, as it may be repeated in a mistake: somebody may have written
/// a password before the `@`.
pub(crate) fn without_login(text: &str) -> String {
    match text.rsplit_once('@') {
        _ if text.contains("://") => short_url(text),
        Some((_, host)) => format!("***@{host}"),
        None => text.to_owned(),
    }
}
