//! The language of one reader: the one he chose, else the configured one.

use http::{HeaderMap, HeaderValue, header};
use litemon_core::model::Language;
use serde::Deserialize;

use crate::words::Words;

/// The cookie that keeps the choice.
const COOKIE: &str = "lang";

/// Asked for by a link: `/language?to=id&back=/servers`.
#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    to: String,
    #[serde(default)]
    back: String,
}

impl Choice {
    /// The cookie that remembers it; `None` for a language that is not spoken here.
    pub(crate) fn cookie(&self) -> Option<HeaderValue> {
        let code = Words::of(spoken(&self.to)?).code;
        let cookie = format!("{COOKIE}={code}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
        HeaderValue::try_from(cookie).ok()
    }

    /// Where the reader was: a path of this site, or the overview.
    pub(crate) fn back(&self) -> HeaderValue {
        let back = if is_local(&self.back) { self.back.as_str() } else { "/" };
        HeaderValue::from_str(back).unwrap_or(HeaderValue::from_static("/"))
    }
}

/// The words that a request is answered in.
pub(crate) fn of(headers: &HeaderMap, default: Language) -> &'static Words {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values = cookies.flat_map(|value| value.split(';')).filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    });
    Words::of(values.find_map(spoken).unwrap_or(default))
}

fn spoken(code: &str) -> Option<Language> {
    match code {
        "en" => Some(Language::English),
        "id" => Some(Language::Indonesian),
        _ => None,
    }
}

/// Whether a browser takes it for a path of this site. It reads `//host` and `/\host` as other
/// sites, and leaves control characters out before it looks.
pub(crate) fn is_local(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_decides_and_nonsense_does_not() {
        for (cookie, default, expected) in [
            (None, Language::English, "en"),
            (None, Language::Indonesian, "id"),
            (Some("lang=id"), Language::English, "id"),
            (Some("a=b; lang=en ; c"), Language::Indonesian, "en"),
            (Some("lang=xx; lang=id"), Language::English, "id"),
            (Some("language=id"), Language::English, "en"),
            (Some("lang"), Language::English, "en"),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend(cookie.map(|text| (header::COOKIE, HeaderValue::from_static(text))));
            assert_eq!(of(&headers, default).code, expected, "{cookie:?}");
        }
        let mut strange = HeaderMap::new();
        strange.insert(header::COOKIE, HeaderValue::from_bytes(b"lang=\xff").unwrap());
        assert_eq!(of(&strange, Language::English).code, "en");
    }

    #[test]
    fn one_is_only_sent_back_to_a_path_of_this_site() {
        for (back, expected) in [
            ("/servers?q=a%20b", "/servers?q=a%20b"),
            ("/", "/"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("https://evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("/a\r\nX: y", "/"),
            ("/\u{e9}", "/"),
        ] {
            let choice = Choice { to: "id".into(), back: back.into() };
            assert_eq!(choice.back(), expected, "{back:?}");
        }
        let cookie = |to: &str| Choice { to: to.into(), back: String::new() }.cookie();
        assert!(cookie("id").unwrap().to_str().unwrap().starts_with("lang=id; Path=/;"));
        assert!(cookie("id\r\n").is_none());
    }
}
