//! What somebody is answered who is not let in.

use http::{HeaderValue, Response, StatusCode, header, request::Parts};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use warp::{Reply as _, reply};

use super::{Entry, Kind, Verdict};
use crate::{api::problem::Refusal, body::Body, pages::Trouble, routes};

/// Why somebody is not let in, as it is answered.
pub(crate) struct Refused(reply::Response);

impl Refused {
    /// A page, or a problem for programs.
    pub(crate) fn new(kind: Kind, trouble: Trouble) -> Self {
        Self(match kind {
            Kind::Page => routes::refused(trouble),
            Kind::Data => Refusal::of(trouble).into_response(),
        })
    }

    /// Another method is answered there.
    pub(crate) fn method(kind: Kind, allow: String) -> Self {
        let mut answer = Self::new(kind, Trouble::Method).0;
        if let Ok(allow) = HeaderValue::try_from(allow) {
            answer.headers_mut().insert(header::ALLOW, allow);
        }
        Self(answer)
    }

    /// What a verdict leads to; `login`: there is a page to log in on.
    pub(crate) fn by(
        verdict: Verdict,
        entry: &Entry,
        head: &Parts,
        login: bool,
    ) -> Result<(), Self> {
        let kind = Kind::of(&entry.path);
        let leads = kind == Kind::Page && head.method.is_safe();
        Err(match verdict {
            Verdict::Welcome => return Ok(()),
            Verdict::Absent => Self::new(kind, Trouble::NotFound),
            Verdict::Login | Verdict::Closed if leads && login => Self::lead(&to_login(head)),
            Verdict::Change if leads => Self::lead("/account/password"),
            Verdict::Login => Self::new(kind, Trouble::Login),
            Verdict::Closed if kind == Kind::Data => Self(Refusal::closed().into_response()),
            Verdict::Closed | Verdict::Forbidden | Verdict::Change => {
                Self::new(kind, Trouble::Forbidden)
            }
        })
    }

    fn lead(to: &str) -> Self {
        Self(see_other(to))
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        self.0.map(Body::new)
    }
}

/// Leads a browser on, after a form.
pub(crate) fn see_other(to: &str) -> reply::Response {
    let mut answer = reply::with_status("", StatusCode::SEE_OTHER).into_response();
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    answer.headers_mut().insert(header::LOCATION, to);
    answer
}

fn to_login(head: &Parts) -> String {
    let here = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    match here {
        "/" => "/login".to_owned(),
        here => format!("/login?back={}", utf8_percent_encode(here, NON_ALPHANUMERIC)),
    }
}
