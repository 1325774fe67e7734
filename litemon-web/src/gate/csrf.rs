//! Whether a request that changes something comes from a page of ours.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, header};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use url::Url;

use super::Came;

/// The header that scripts of ours carry the token in.
pub(crate) const HEADER: &str = "x-csrf-token";

/// Makes the tokens of forms where there is no session that keeps one. It lives as long as the
/// process.
pub(crate) struct Keys([u8; 32]);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self(rand::random())
    }

    /// The token that belongs to a value of some sort.
    pub(crate) fn token(&self, sort: &str, value: &str) -> String {
        // Any length of key is good for HMAC.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(sort.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// What nobody can guess, to be kept in a cookie.
pub(crate) fn random() -> String {
    hex(&rand::random::<[u8; 16]>())
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether the token that was sent is the one that was expected, in a time that tells nothing.
pub(crate) fn same(expected: &str, given: &str) -> bool {
    !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(given.as_bytes()))
}

/// Whether the browser says that a page of this origin sent it. One that says nothing is not
/// believed: every browser of the last years does.
pub(crate) fn is_own_page(headers: &HeaderMap, came: Came, external: Option<&Url>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return false;
    }
    match headers.get(header::ORIGIN) {
        None => site.is_some(),
        Some(origin) => {
            let origin = origin.to_str().ok().and_then(|text| Url::parse(text).ok());
            origin.is_some_and(|origin| is_ours(&origin, headers, came, external))
        }
    }
}

fn is_ours(origin: &Url, headers: &HeaderMap, came: Came, external: Option<&Url>) -> bool {
    if external.is_some_and(|external| external.origin() == origin.origin()) {
        return true;
    }
    // The host was vetted before.
    let scheme = if came.https { "https" } else { "http" };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    Url::parse(&format!("{scheme}://{host}/")).is_ok_and(|own| own.origin() == origin.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_origin_may_change_something() {
        let external = Url::parse("https://mon.example/").unwrap();
        for (https, origin, site, ours) in [
            (false, Some("http://localhost:8080"), Some("same-origin"), true),
            (false, Some("http://localhost:8080"), None, true),
            (false, None, Some("same-origin"), true),
            (false, None, None, false),
            (false, Some("null"), None, false),
            (false, Some("http://localhost:8081"), None, false),
            (false, Some("http://localhost"), None, false),
            (false, Some("https://localhost:8080"), None, false),
            (true, Some("http://localhost:8080"), None, false),
            (true, Some("https://localhost:8080"), None, true),
            (false, Some("http://localhost:8080"), Some("cross-site"), false),
            (false, Some("http://localhost:8080"), Some("none"), false),
            (false, Some("http://localhost.evil.example:8080"), None, false),
            (false, Some("https://mon.example"), None, true),
            (false, Some("http://mon.example"), None, false),
            (false, Some("\u{7f}"), None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "localhost:8080".parse().unwrap());
            if let Some(origin) = origin.and_then(|origin| origin.parse().ok()) {
                headers.insert(header::ORIGIN, origin);
            }
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            let came = Came { https, ..Came::default() };
            assert_eq!(is_own_page(&headers, came, Some(&external)), ours, "{origin:?} {site:?}");
        }
    }

    #[test]
    fn tokens_belong_to_their_value() {
        let keys = Keys::new();
        let token = keys.token("form", "a");
        assert!(same(&token, &keys.token("form", "a")));
        for other in [keys.token("form", "b"), keys.token("host", "a"), String::new()] {
            assert!(!same(&token, &other));
        }
        assert!(!same("", ""));
        assert_ne!(Keys::new().token("form", "a"), token);
        assert_ne!(random(), random());
    }
}
