//! Pages for what cannot be shown.

use http::StatusCode;
use litemon_core::model::Status;
use maud::{DOCTYPE, Markup, html};

use super::{bar::brand, shell::head};
use crate::words::Words;

/// What went wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing is there.
    NotFound,
    /// It can only be read.
    Method,
    /// The name is not answered to, with 400 or 421.
    Host(StatusCode),
    /// The request carries more than is read here.
    TooLarge,
    /// No further live stream.
    Busy,
}

impl Trouble {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Host(status) => status,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// The page: what happened and what to do.
pub(crate) fn error(words: &Words, trouble: Trouble) -> Markup {
    let (heading, hint) = match trouble {
        Trouble::NotFound => (words.not_found, words.not_found_hint),
        Trouble::Host(_) => (words.wrong_host, words.wrong_host_hint),
        _ => (words.not_allowed, words.not_allowed_hint),
    };
    html! {
        (DOCTYPE)
        html lang=(words.code) {
            (head(heading, Status::Unknown, false))
            body data-state="unknown" {
                header.bar { (brand()) }
                main #main {
                    h1 { (heading) }
                    p.summary { (hint) }
                    @if !matches!(trouble, Trouble::Host(_)) { p { a.button href="/" { (words.back) } } }
                }
            }
        }
    }
}
