//! Pages for what cannot be shown.

use http::StatusCode;
use litemon_core::model::Status;
use maud::{DOCTYPE, Markup, html};

use super::{
    bar::brand,
    shell::{Live, head},
};
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
    /// What it carries did not all come.
    BrokenOff,
    /// Only those who have logged in may see it.
    Login,
    /// This reader may not see or do it.
    Forbidden,
    /// It changes something and does not come from a page of ours.
    Forged,
    /// Who asks cannot be looked up now.
    AccountsAway,
    /// No incident has the number.
    NoIncident,
    /// The history, where it would stand, cannot be read now.
    HistoryAway,
    /// No job has the number.
    NoJob,
    /// The jobs cannot be read now.
    JobsAway,
    /// No further live stream.
    Busy,
}

impl Trouble {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoIncident | Self::NoJob => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Host(status) => status,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BrokenOff => StatusCode::BAD_REQUEST,
            Self::Login => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Forged => StatusCode::FORBIDDEN,
            Self::Busy | Self::HistoryAway | Self::AccountsAway | Self::JobsAway => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}

impl Live {
    /// What may pass is tried again.
    const fn of(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Busy | Trouble::HistoryAway | Trouble::AccountsAway | Trouble::JobsAway => {
                Self::Reloads
            }
            _ => Self::No,
        }
    }
}

/// The page: what happened and what to do.
pub(crate) fn error(words: &Words, trouble: Trouble) -> Markup {
    let (heading, hint) = match trouble {
        Trouble::NotFound => (words.not_found, words.not_found_hint),
        Trouble::NoIncident => {
            (words.incidents.unknown_number, words.incidents.unknown_number_hint)
        }
        Trouble::HistoryAway => (words.incidents.history_away, words.incidents.away_hint),
        Trouble::NoJob => (words.jobs.unknown_number, words.jobs.unknown_number_hint),
        Trouble::JobsAway => (words.jobs.away, words.jobs.away_hint),
        Trouble::Host(_) => (words.wrong_host, words.wrong_host_hint),
        Trouble::Login => (words.accounts.please_log_in, words.accounts.please_log_in_hint),
        Trouble::Forbidden => (words.accounts.forbidden, words.accounts.forbidden_hint),
        Trouble::Forged => (words.accounts.forged, words.accounts.forged_hint),
        Trouble::AccountsAway => (words.accounts.away, words.accounts.away_hint),
        _ => (words.not_allowed, words.not_allowed_hint),
    };
    html! {
        (DOCTYPE)
        html lang=(words.code) {
            (head(heading, Status::Unknown, Live::of(trouble)))
            body data-state="unknown" {
                header.bar { (brand()) }
                main #main {
                    h1 { (heading) }
                    p.summary { (hint) }
                    @if !matches!(trouble, Trouble::Host(_)) {
                        p.actions {
                            @if matches!(trouble, Trouble::NoIncident | Trouble::HistoryAway) {
                                a.button href="/incidents" { (words.incidents.to_list) }
                            }
                            @if matches!(trouble, Trouble::NoJob | Trouble::JobsAway) {
                                a.button href="/jobs" { (words.jobs.to_list) }
                            }
                            a.button.plain href="/" { (words.back) }
                        }
                    }
                }
            }
        }
    }
}
