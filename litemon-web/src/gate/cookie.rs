//! The cookies of a login.

use http::{HeaderMap, HeaderValue, header};

/// The cookies of one way: over HTTPS they have names that a browser takes from nobody else on the
/// host and never sends in the clear.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookies {
    https: bool,
}

impl Cookies {
    pub(crate) const fn new(https: bool) -> Self {
        Self { https }
    }

    const fn session_name(self) -> &'static str {
        if self.https { "__Host-litemon" } else { "litemon" }
    }

    const fn form_name(self) -> &'static str {
        if self.https { "__Host-litemon-form" } else { "litemon-form" }
    }

    /// The token of the session, unvetted.
    pub(crate) fn session(self, headers: &HeaderMap) -> Option<&str> {
        find(headers, self.session_name())
    }

    /// What ties a form to the browser that it was given to, before a login.
    pub(crate) fn form(self, headers: &HeaderMap) -> Option<&str> {
        find(headers, self.form_name())
    }

    /// Keeps a session until the browser ends. Lax, so that a link in a message leads to the page
    /// and not to the login; what changes something needs more than the cookie.
    pub(crate) fn keep_session(self, token: &str) -> Option<HeaderValue> {
        self.made(self.session_name(), token, "SameSite=Lax")
    }

    pub(crate) fn drop_session(self) -> Option<HeaderValue> {
        self.made(self.session_name(), "", "SameSite=Lax; Max-Age=0")
    }

    pub(crate) fn keep_form(self, value: &str) -> Option<HeaderValue> {
        self.made(self.form_name(), value, "SameSite=Strict")
    }

    fn made(self, name: &str, value: &str, more: &str) -> Option<HeaderValue> {
        let secure = if self.https { "; Secure" } else { "" };
        let mut made =
            HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly{secure}; {more}"))
                .ok()?;
        made.set_sensitive(true);
        Some(made)
    }
}

fn find<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|value| value.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == wanted && !value.is_empty()).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_cookies_of_its_own() {
        let (plain, https) = (Cookies::new(false), Cookies::new(true));
        let made = |cookie: Option<HeaderValue>| cookie.unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            made(https.keep_session("abc")),
            "__Host-litemon=abc; Path=/; HttpOnly; Secure; SameSite=Lax"
        );
        assert_eq!(
            made(plain.drop_session()),
            "litemon=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        assert!(https.keep_session("a\r\nb").is_none());
        let mut headers = HeaderMap::new();
        let sent = "a=1; litemon=plain; __Host-litemon=safe; litemon-form=f";
        headers.insert(header::COOKIE, HeaderValue::from_static(sent));
        assert_eq!(https.session(&headers), Some("safe"));
        assert_eq!(plain.session(&headers), Some("plain"));
        assert_eq!(plain.form(&headers), Some("f"));
        assert_eq!(https.form(&headers), None);
    }
}
