//! Every address that is answered, with who may ask. One list for the gate, and for the test that
//! tries each of its lines as everybody.

use std::{pin::Pin, sync::LazyLock};

use http::Method;
use litemon_core::manage::Role;
use warp::reply::Response;

use super::{Form, visitor::Someone};
use crate::{
    api, calls, hooks, live::Ending, pages::desk, routes, service::Site, words::Words, work,
};

/// Who may ask at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Least {
    /// Everybody; nobody is looked up, and what it changes is proved by its address.
    Anyone,
    /// Everybody.
    Public,
    /// Those who may read something: everybody where `public = true`, and those known.
    Seen,
    /// Those who may read everything: all who are known, and everybody where there are no accounts.
    Detail,
    /// Those who are known and have this role.
    Role(Role),
    /// Those who have logged in on a page.
    Session,
}

/// How a refusal looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// For people.
    Page,
    /// For programs.
    Data,
}

impl Kind {
    /// What an address is for.
    pub(crate) fn of(path: &str) -> Self {
        let data = ["/api/", "/dashboard/", "/metrics", "/hooks/", "/healthz", "/events"];
        if data.iter().any(|start| path.starts_with(start)) { Self::Data } else { Self::Page }
    }
}

/// A request that has passed the gate, with all that an answer is made from.
pub(crate) struct Ask {
    pub(crate) site: std::sync::Arc<Site>,
    pub(crate) visitor: Someone,
    pub(crate) words: &'static Words,
    /// What stands in the address where the entry has names in braces, decoded.
    pub(crate) segments: Vec<String>,
    /// The path as it was asked for, with its query.
    pub(crate) here: String,
    pub(crate) query: Form,
    /// The fields of what was sent; its token is vetted.
    pub(crate) form: Form,
    pub(crate) ending: Option<Ending>,
}

impl Ask {
    /// What stands in the place of a name in braces.
    pub(crate) fn segment(&self, index: usize) -> &str {
        self.segments.get(index).map_or("", String::as_str)
    }
}

pub(crate) type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// An address that is answered.
pub(crate) struct Entry {
    /// HEAD goes with GET.
    pub(crate) method: Method,
    /// What stands in braces is anything but a slash; `{…*}`, at the end, is anything.
    pub(crate) path: String,
    pub(crate) least: Least,
    pub(crate) needs: Needs,
    /// Whether what is sent is read at all.
    pub(crate) takes_body: bool,
    /// Who answers; without one, the filters do.
    pub(crate) answer: Option<fn(Ask) -> Answering>,
}

impl Entry {
    pub(crate) fn filtered(method: Method, path: impl Into<String>, least: Least) -> Self {
        let path = path.into();
        let takes_body = least != Least::Anyone;
        Self { method, path, least, needs: Needs::Nothing, takes_body, answer: None }
    }

    /// What somebody who has to change the password may still ask for.
    pub(crate) fn is_for_the_password(&self) -> bool {
        ["/account/password", "/logout"].contains(&self.path.as_str())
    }
}

/// What has to be there for an address to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// Accounts of litemon's own, and all that they manage.
    Management,
    /// The same, or jobs alone: an application that has its own logins need not bring more.
    Jobs,
}

impl Needs {
    /// Of pages with forms. What a store knows can be reported without accounts.
    pub(crate) fn of(path: &str) -> Self {
        match path.split('/').nth(1) {
            Some("reports") => Self::Nothing,
            Some("jobs" | "schedules") => Self::Jobs,
            _ => Self::Management,
        }
    }
}

/// An address of a page with a form, or of what such a form is sent to:
/// `entry!(GET "/jobs/{job}", Least::Role(Role::Viewer), show)`.
macro_rules! entry {
    ($method:ident $path:literal, $least:expr, $answer:path) => {
        $crate::gate::Entry {
            method: http::Method::$method,
            path: String::from($path),
            least: $least,
            needs: crate::gate::Needs::of($path),
            takes_body: true,
            answer: Some(|ask| Box::pin($answer(ask))),
        }
    };
}
pub(crate) use entry;

/// All of them. An address that is not here is not answered.
pub(crate) static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut all = Vec::new();
    all.extend(routes::entries());
    all.extend(api::entries());
    all.extend(hooks::entries());
    all.extend(calls::entries());
    all.extend(desk::entries());
    all.extend(work::entries());
    all
});

/// What the table says of a request.
pub(crate) enum Found {
    Entry(&'static Entry, Vec<String>),
    /// Another method is answered there: the value of `Allow`.
    Method(String),
    Nothing,
}

/// Looks a request up.
pub(crate) fn find(method: &Method, path: &str) -> Found {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let mut allow = Vec::new();
    for entry in TABLE.iter() {
        let Some(segments) = matched(&entry.path, path) else { continue };
        if entry.method == *method {
            return Found::Entry(entry, segments);
        }
        allow.push(if entry.method == Method::GET { "GET, HEAD" } else { entry.method.as_str() });
    }
    if allow.is_empty() { Found::Nothing } else { Found::Method(allow.join(", ")) }
}

/// The segments in the place of names in braces, decoded.
fn matched(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let path = path.strip_prefix('/')?;
    let mut given = path.strip_suffix('/').unwrap_or(path).split('/');
    for part in pattern.trim_start_matches('/').split('/') {
        if part.ends_with("*}") {
            return Some(found);
        }
        let segment = given.next()?;
        match part.starts_with('{') {
            true if segment.is_empty() => return None,
            true => {
                let text = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
                found.push(text.into_owned());
            }
            false if part == segment => {}
            false => return None,
        }
    }
    given.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_paths() {
        for (pattern, path, expected) in [
            ("/", "/", Some(&[][..])),
            ("/", "/a", None),
            ("/a/{b}", "/a/x%20y", Some(&["x y"][..])),
            ("/a/{b}", "/a/", None),
            ("/a", "/a/", Some(&[])),
            ("/a", "/a//", None),
            ("/a/{b}", "/a/x/y", None),
            ("/a/{b}", "/a/%ff", None),
            ("/a/{rest*}", "/a/x/y", Some(&[][..])),
            ("/a/{b}/c", "/a/x/c", Some(&["x"][..])),
        ] {
            let expected = expected.map(|parts| parts.iter().map(ToString::to_string).collect());
            assert_eq!(matched(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn no_address_stands_twice() {
        let mut seen = std::collections::HashSet::new();
        for entry in TABLE.iter() {
            assert!(seen.insert((&entry.method, &entry.path)), "{} {}", entry.method, entry.path);
        }
    }
}
