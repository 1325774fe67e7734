//! The number in an answer. Pure.

use serde_json::Value;

use crate::{
    http::Answer,
    model::{Failure, FailureKind},
};

/// The most of an answer that is read, in bytes.
pub(super) const LIMIT: usize = 64 * 1024;

/// The count that an answer gives at a JSON pointer (RFC 6901): a number, or a text that is one.
/// Nothing of the answer is quoted.
pub(super) fn count(answer: &Answer, pointer: &str) -> Result<f64, Failure> {
    let status = answer.status;
    if !status.is_success() {
        let kind = match status.as_u16() {
            401 | 403 | 407 => FailureKind::Auth,
            429 | 503 => FailureKind::Busy,
            _ => FailureKind::Output,
        };
        return Err(Failure::new(kind, format!("HTTP {status}")));
    }
    let wrong = |text: String| Failure::new(FailureKind::Output, text);
    if !answer.whole {
        return Err(wrong(format!("the answer is longer than {} KiB", LIMIT / 1024)));
    }
    // serde_json gives up at a depth of 128.
    let json: Value = serde_json::from_slice(&answer.body)
        .map_err(|error| wrong(format!("the answer is not JSON: {error}")))?;
    let found = json.pointer(pointer).and_then(number);
    found.ok_or_else(|| wrong(format!("the answer has no number at {pointer:?}")))
}

fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str, pointer: &str) -> Result<f64, (FailureKind, String)> {
        let answer = Answer {
            status: status.try_into().unwrap(),
            headers: Default::default(),
            body: body.into(),
            whole: true,
            certificate: None,
        };
        count(&answer, pointer).map_err(|failure| (failure.kind, failure.message))
    }

    #[test]
    fn numbers_and_texts_that_are_numbers() {
        for (body, pointer, expected) in [
            (r#"{"count":"2083"}"#, "/count", 2083.0),
            (r#"{"count":2083,"other":[]}"#, "/count", 2083.0),
            (r#"{"count":" 12 "}"#, "/count", 12.0),
            (r#"{"count":0.5}"#, "/count", 0.5),
            (r#"{"count":-1}"#, "/count", -1.0),
            (r#"{"data":[{"n":7}]}"#, "/data/0/n", 7.0),
            (r#"{"a/b":{"~":3}}"#, "/a~1b/~0", 3.0),
            ("42", "", 42.0),
        ] {
            assert_eq!(said(200, body, pointer), Ok(expected), "{body}");
        }
    }

    #[test]
    fn everything_else_is_told_in_a_line() {
        let nested = "[".repeat(60_000);
        for (status, body, kind, expected) in [
            (500, r#"{"count":1}"#, FailureKind::Output, "HTTP 500 Internal Server Error"),
            (302, "", FailureKind::Output, "HTTP 302 Found"),
            (401, "", FailureKind::Auth, "HTTP 401 Unauthorized"),
            (503, "", FailureKind::Busy, "HTTP 503 Service Unavailable"),
            (200, "", FailureKind::Output, "the answer is not JSON: EOF"),
            (200, "<html>", FailureKind::Output, "the answer is not JSON: expected value"),
            (200, &nested, FailureKind::Output, "the answer is not JSON: recursion limit exceeded"),
            (200, "{}", FailureKind::Output, r#"the answer has no number at "/count""#),
            (200, r#"{"count":null}"#, FailureKind::Output, "the answer has no number"),
            (200, r#"{"count":true}"#, FailureKind::Output, "the answer has no number"),
            (200, r#"{"count":"1,234"}"#, FailureKind::Output, "the answer has no number"),
            (200, r#"{"count":"NaN"}"#, FailureKind::Output, "the answer has no number"),
            (200, r#"{"count":"inf"}"#, FailureKind::Output, "the answer has no number"),
            (200, r#"{"count":1e999}"#, FailureKind::Output, "the answer is not JSON: number out"),
        ] {
            let (seen, text) = said(status, body, "/count").unwrap_err();
            assert_eq!(seen, kind, "{text}");
            assert!(text.starts_with(expected), "{text}");
        }
    }
}
