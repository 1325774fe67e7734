//! Who may pass.

use http::{HeaderMap, Method, request::Parts};

use super::{Entry, Form, Found, Least, Needs, Payload, Visitor, csrf, find};
use crate::{pages::Trouble, service::Site};

/// What is said to somebody at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Welcome,
    /// There is no management, and so no such address.
    Absent,
    /// Only those who are known may; log in first.
    Login,
    /// There is nobody to log in as.
    Closed,
    /// Known, and may not.
    Forbidden,
    /// Known, and has to change the password first.
    Change,
}

/// Whether the visitor has the rights that an address needs.
pub(crate) fn judge(entry: &Entry, visitor: &Visitor) -> Verdict {
    let there = match entry.needs {
        Needs::Nothing => true,
        Needs::Management => visitor.managed,
        Needs::Jobs => visitor.managed || visitor.jobs,
    };
    if !there {
        return Verdict::Absent;
    }
    if visitor.wrong_token && visitor.accounts && entry.least != Least::Anyone {
        return Verdict::Login;
    }
    let known = visitor.principal.is_some();
    let welcome = match entry.least {
        Least::Anyone | Least::Public => return Verdict::Welcome,
        Least::Seen => known || visitor.open || visitor.public,
        Least::Detail => visitor.detail(),
        Least::Role(role) => visitor.may(role),
        Least::Session => visitor.session.is_some(),
    };
    match welcome {
        true if visitor.must_change && !entry.is_for_the_password() => Verdict::Change,
        true => Verdict::Welcome,
        false if known => Verdict::Forbidden,
        false if visitor.accounts => Verdict::Login,
        false => Verdict::Closed,
    }
}

/// Whether there is something at an address for this visitor.
pub(crate) fn is_open(path: &str, visitor: &Visitor) -> bool {
    match find(&Method::GET, path) {
        Found::Entry(entry, _) => judge(entry, visitor) == Verdict::Welcome,
        _ => false,
    }
}

/// Whether what changes something was sent by the visitor, and not by a page of somebody else.
pub(crate) fn judge_proof(
    entry: &Entry,
    head: &Parts,
    visitor: &Visitor,
    payload: &Payload,
    site: &Site,
) -> Result<(), Trouble> {
    if entry.method.is_safe() || entry.least == Least::Anyone {
        return Ok(());
    }
    if !visitor.proof.is_sent_by_itself() {
        return Ok(());
    }
    let external = site.settings.external_url.as_ref();
    let own = csrf::is_own_page(&head.headers, visitor.came, external);
    let sent = sent(&head.headers, payload);
    if own && csrf::same(&visitor.csrf, &sent) { Ok(()) } else { Err(Trouble::Forged) }
}

/// The token in the header, else in the form.
fn sent(headers: &HeaderMap, payload: &Payload) -> String {
    let header = headers.get(csrf::HEADER).and_then(|value| value.to_str().ok());
    header.map_or_else(|| Form::parse(&payload.0).get("csrf").to_owned(), str::to_owned)
}
