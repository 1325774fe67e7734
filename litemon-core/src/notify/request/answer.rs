//! What an answer means: a pure function of it and a time.

use std::time::Duration;

use regex::Regex;
use reqwest::header::RETRY_AFTER;
use url::Url;

use crate::{
    http::Answer,
    model::{Timestamp, one_line},
    notify::{Accepted, Retry, SendError},
    secret::Secret,
};

/// What is quoted of an answer, in bytes.
const QUOTED: usize = 160;

/// How answers are judged, and what must not stand in any text that is passed on.
pub(crate) struct Judge {
    pub(super) success: Option<Regex>,
    pub(super) queued: Option<Regex>,
    pub(super) secrets: Vec<Secret>,
}

impl Judge {
    /// Any 2xx is good, whatever it says.
    #[cfg(feature = "webhook")]
    pub(crate) fn any_success(url: &Url, mut secrets: Vec<Secret>) -> Self {
        secrets.extend(of_url(url));
        Self { success: None, queued: None, secrets }
    }

    pub(crate) fn judge(&self, answer: &Answer, now: Timestamp) -> Result<Accepted, SendError> {
        let body = answer.text();
        let said = self.clean(&body);
        let status = answer.status;
        if !status.is_success() {
            let retry = retry(answer, now);
            return Err(SendError::new(retry, line(&format!("HTTP {status}"), &said)));
        }
        if self.queued.as_ref().is_some_and(|queued| queued.is_match(&body)) {
            return Ok(Accepted::queued(said));
        }
        if self.success.as_ref().is_none_or(|success| success.is_match(&body)) {
            // What says nothing is told by its status at least.
            let said = if said.is_empty() { format!("HTTP {}", status.as_u16()) } else { said };
            return Ok(Accepted::now(said));
        }
        // Behind many a gateway that says 200 the modem failed, which may pass.
        Err(SendError::temporary(line(
            &format!("HTTP {status}, but the answer does not match `success`"),
            &said,
        )))
    }

    /// The first line of a text from outside, without what must not be passed on.
    pub(crate) fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            let secret = secret.expose();
            text = text.replace(secret, "***");
            let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            text = text.replace(&encoded, "***");
        }
        one_line(&text, QUOTED)
    }
}

/// What of a URL must not be repeated.
pub(super) fn of_url(url: &Url) -> Vec<Secret> {
    let path = Some(url.path()).filter(|path| path.len() > 1);
    // Shorter ones would blot out innocent words; what is secret stands as a secret of its own.
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    let values = values.filter(|value| value.len() >= 4);
    let tokens = url.path_segments().into_iter().flatten().filter(|text| may_be_token(text));
    let plain = [url.password(), Some(url.username()), url.query(), path];
    let plain = plain.into_iter().flatten().chain(tokens).map(str::to_owned);
    plain.chain(values).filter(|text| !text.is_empty()).map(Secret::new).collect()
}

/// Some gateways have their key in the path: unlike a word, it has digits and is not short.
fn may_be_token(segment: &str) -> bool {
    segment.len() >= 8 && segment.contains(|c: char| c.is_ascii_digit())
}

fn line(what: &str, said: &str) -> String {
    if said.is_empty() { what.to_owned() } else { format!("{what}: {said}") }
}

fn retry(answer: &Answer, now: Timestamp) -> Retry {
    let status = answer.status;
    if !status.is_server_error() && !matches!(status.as_u16(), 408 | 429) {
        return Retry::Never;
    }
    let header = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    match header.and_then(|text| retry_after(text, now)) {
        Some(wait) => Retry::After(wait),
        None => Retry::Later,
    }
}

/// Seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
    Some(Timestamp::from_millis(date.timestamp().as_millisecond()).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_both_forms() {
        let now = Timestamp::from_millis(1_460_611_980_000); // Thu, 14 Apr 2016 05:33:00 GMT
        let seconds = |text| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Thu, 14 Apr 2016 05:34:00 GMT"), Some(60));
        assert_eq!(seconds("Thu, 14 Apr 2016 05:00:00 GMT"), Some(0));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("-1"), None);
    }
}
