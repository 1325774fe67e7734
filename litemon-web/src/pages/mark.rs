//! A status as a shape and a word, so that it can be read without colour.

use litemon_core::{
    model::{CheckKind, FailureKind, Status},
    monitor::CheckView,
};
use maud::{Markup, html};

use crate::words::Words;

/// The class that gives a status its shape and colour.
pub(crate) const fn class(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Warning => "warn",
        Status::Unknown => "unknown",
        Status::Critical => "bad",
    }
}

/// The shape: round is fine, a triangle warns, square is a problem, hollow is not known.
pub(crate) fn mark(status: Status) -> Markup {
    html! { span.mark.(class(status)) aria-hidden="true" {} }
}

/// There was nothing to be seen yet, and that is as it should be.
fn is_pending(check: &CheckView) -> bool {
    let failure = check.last.as_ref().and_then(|last| last.result.as_ref().err());
    failure.is_some_and(|failure| failure.kind == FailureKind::Pending)
}

/// The word for a check's status.
pub(crate) fn word(words: &Words, check: &CheckView) -> &'static str {
    if check.since.is_none() && !check.blocked || is_pending(check) {
        return words.waiting;
    }
    named(words, check.kind, check.status)
}

/// The word for a status of a kind of check.
pub(crate) fn named(words: &Words, kind: CheckKind, status: Status) -> &'static str {
    match (kind, status) {
        (_, Status::Unknown) => words.unknown,
        (CheckKind::Service, Status::Ok) => words.on,
        (CheckKind::Service, Status::Critical) => words.off,
        (CheckKind::Ssh, Status::Critical) => words.unreachable,
        (CheckKind::Messaging | CheckKind::Statistic, Status::Critical) => words.numbers.failed,
        (_, Status::Ok) => words.ok,
        (_, Status::Warning) => words.warning,
        (_, Status::Critical) => words.critical,
    }
}
