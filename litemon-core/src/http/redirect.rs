//! Where a redirect may lead.

use reqwest::redirect::{Attempt, Policy};
use url::Url;

/// How far redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Redirects {
    /// As many in a row; with 0 the redirect itself is the answer.
    pub(crate) limit: usize,
    /// Only to where the request went first (or there by https): it carries a secret.
    pub(crate) stay: bool,
}

impl Redirects {
    /// The redirect itself is the answer.
    pub(crate) const NONE: Self = Self { limit: 0, stay: true };

    pub(super) fn policy(self) -> Policy {
        if self.limit == 0 {
            return Policy::none();
        }
        Policy::custom(move |attempt: Attempt<'_>| {
            match self.refusal(attempt.previous(), attempt.url()) {
                None => attempt.follow(),
                Some(refused) => attempt.error(refused),
            }
        })
    }

    fn refusal(self, before: &[Url], next: &Url) -> Option<Refused> {
        if before.len() > self.limit {
            return Some(Refused::TooMany(self.limit));
        }
        let first = before.first()?;
        let away = self.stay && !same_place(first, next);
        away.then_some(Refused::Away)
    }
}

/// The same host and port, or the usual port of https instead of that of http.
fn same_place(from: &Url, to: &Url) -> bool {
    let port = |url: &Url| url.port_or_known_default();
    let upgrade = from.scheme() == "http"
        && to.scheme() == "https"
        && (port(from), port(to)) == (Some(80), Some(443));
    let same = from.scheme() == to.scheme() && port(from) == port(to);
    from.host() == to.host() && (same || upgrade)
}

/// Why a redirect is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("more than {0} redirects")]
    TooMany(usize),
    #[error("redirected to another host, where a secret does not go")]
    Away,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_stays_where_it_was_sent() {
        let stay = Redirects { limit: 3, stay: true };
        for (from, to, allowed) in [
            ("http://a/x", "http://a/y?z", true),
            ("http://a/x", "https://a/x", true),
            ("http://a:80/", "https://a:443/", true),
            ("https://a/", "http://a/", false),
            ("http://a/", "http://b/", false),
            ("http://a/", "http://a:8080/", false),
            ("http://a:8080/", "https://a:8443/", false),
            ("http://a/", "http://a.b/", false),
        ] {
            let (from, to) = (Url::parse(from).unwrap(), Url::parse(to).unwrap());
            let refused = stay.refusal(std::slice::from_ref(&from), &to);
            assert_eq!(refused.is_none(), allowed, "{from} {to}");
            assert_eq!(Redirects { stay: false, ..stay }.refusal(&[from], &to), None);
        }
    }

    #[test]
    fn redirects_are_counted() {
        let url = Url::parse("http://a/").unwrap();
        let three = Redirects { limit: 3, stay: true };
        assert_eq!(three.refusal(&vec![url.clone(); 3], &url), None);
        assert_eq!(three.refusal(&vec![url.clone(); 4], &url), Some(Refused::TooMany(3)));
    }
}
