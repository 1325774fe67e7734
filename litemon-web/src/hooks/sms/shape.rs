//! How a message comes in, and how what is answered goes back.

use http::{Method, StatusCode, header::CONTENT_TYPE};
use litemon_core::answer::{Message, read_time};
use serde::Deserialize;
use serde_json::json;
use warp::{Reply, reply::Response};

use super::Asked;
use crate::gate::{Form, Payload};

/// The longest message that is looked at: what several SMS hold.
const LONGEST: usize = 2000;

/// A message as it came.
pub(super) struct Shape {
    pub(super) token: String,
    /// The message, or what is wrong with it.
    pub(super) message: Result<Message, &'static str>,
    json: bool,
}

/// The generic one.
#[derive(Deserialize)]
struct Generic {
    from: String,
    text: String,
    #[serde(default)]
    id: Option<Words>,
    #[serde(default)]
    at: Option<Words>,
    #[serde(default)]
    token: Option<String>,
}

/// Some write numbers as numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    Text(String),
    Number(i64),
}

impl Words {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Shape {
    /// JSON when the request says so, else the parameters of the address or of a form.
    pub(super) fn of(asked: &Asked, payload: &Payload) -> Self {
        let kind = asked.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let json = kind.is_some_and(|kind| kind.trim_start().starts_with("application/json"));
        if json && asked.method == Method::POST {
            return Self::generic(asked, payload);
        }
        let form = Form::parse(&payload.0);
        let token = asked.token(&form);
        let value = |names: &[&str]| {
            let of = |form: &Form| names.iter().find_map(|n| form.filled(n).map(str::to_owned));
            of(&asked.query).or_else(|| of(&form)).unwrap_or_default()
        };
        let (id, at) = (value(&["id"]), value(&["at", "time", "timestamp"]));
        let message = message(value(&["from", "sender"]), value(&["text"]), &id, &at);
        Self { token, message, json: false }
    }

    fn generic(asked: &Asked, payload: &Payload) -> Self {
        let mut token = asked.token(&Form::default());
        let read: Result<Generic, _> = serde_json::from_slice(&payload.0);
        let Ok(generic) = read else {
            let expected = "expected {\"from\": …, \"text\": …, \"id\": …, \"at\": …}";
            return Self { token, message: Err(expected), json: true };
        };
        let Generic { from, text, id, at, token: inside } = generic;
        if token.is_empty() {
            token = inside.unwrap_or_default();
        }
        let [id, at] = [id, at].map(|words| words.map(Words::text).unwrap_or_default());
        Self { token, message: message(from, text, &id, &at), json: true }
    }

    /// What goes back: Kannel sends the body as an SMS, and none for an empty one (with
    /// `omit-empty`).
    pub(super) fn response(&self, reply: Option<&str>) -> Response {
        match (self.json, reply) {
            (true, Some(reply)) => warp::reply::json(&json!({ "reply": reply })).into_response(),
            (true, None) => StatusCode::NO_CONTENT.into_response(),
            (false, reply) => reply.unwrap_or_default().to_owned().into_response(),
        }
    }
}

fn message(from: String, text: String, id: &str, at: &str) -> Result<Message, &'static str> {
    if from.is_empty() {
        return Err("`from` is missing");
    }
    if text.len() > LONGEST || from.len() > LONGEST || id.len() > LONGEST {
        return Err("it is too long");
    }
    let at = read_time(at).map_err(|_| "the time is not understood")?;
    Ok(Message::new(from, text).called(id).sent_at(at))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use litemon_core::model::Timestamp;

    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_460_611_980_000);

    fn asked(query: &str, kind: &str) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        let query = Form::parse(query.as_bytes());
        Asked { token: None, method: Method::POST, query, headers }
    }

    fn of(query: &str, kind: &str, body: &'static str) -> (String, Result<Message, &'static str>) {
        let shape = Shape::of(&asked(query, kind), &Payload(body.into()));
        (shape.token, shape.message)
    }

    #[test]
    fn messages_come_in_several_shapes() {
        let whole = Message::new("+628123456789", "ACK 17").called("a-1").sent_at(Some(AT));
        let token = "hunter2".to_owned();
        let fields = "from=%2B628123456789&text=ACK+17&id=a-1&at=1460611980";
        for (query, kind, body) in [
            ("from=%2B628123456789&text=ACK+17&id=a-1&at=1460611980&token=hunter2", "", ""),
            (
                "sender=%2B628123456789&text=ACK+17&id=a-1&timestamp=1460611980&token=hunter2",
                "",
                "",
            ),
            ("token=hunter2", "application/x-www-form-urlencoded", fields),
            (
                "",
                "application/json; charset=utf-8",
                r#"{"from":"+628123456789","text":"ACK 17","id":"a-1","at":1460611980,"token":"hunter2"}"#,
            ),
            (
                "token=hunter2",
                "application/json",
                r#"{"from":"+628123456789","text":"ACK 17","id":"a-1","at":"2016-04-14T05:33:00Z"}"#,
            ),
        ] {
            assert_eq!(of(query, kind, body), (token.clone(), Ok(whole.clone())), "{query} {body}");
        }
    }

    #[test]
    fn what_is_missing_or_strange_is_said() {
        for (query, kind, body) in [
            ("text=x", "", ""),
            ("from=1&at=yesterday", "", ""),
            ("", "application/json", "{}"),
            ("", "application/json", r#"{"from":"1","text":3}"#),
            ("", "application/json", "\u{1}"),
        ] {
            assert!(of(query, kind, body).1.is_err(), "{query} {body}");
        }
        let long = Form::parse(format!("from=1&text={}", "x".repeat(LONGEST + 1)).as_bytes());
        let long = Asked { query: long, ..asked("", "") };
        assert!(Shape::of(&long, &Payload::default()).message.is_err());
    }
}
