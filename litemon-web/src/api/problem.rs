//! Errors, as RFC 9457 has them.

use http::{HeaderValue, StatusCode, header};
use litemon_core::{manage::ManageError, store::StoreError};
use warp::{Reply, reply::Response};

use super::types::Problem;
use crate::pages::Trouble;

/// Why a request is not answered.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    detail: String,
    header: Option<(header::HeaderName, &'static str)>,
}

impl Refusal {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), header: None }
    }

    /// Nothing is there.
    pub(super) fn unknown(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, what)
    }

    /// A parameter is wrong.
    pub(super) fn parameter(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// The same refusals as of pages.
    pub(crate) fn of(trouble: Trouble) -> Self {
        let detail = match trouble {
            Trouble::Login => "log in, or send an API token as `Authorization: Bearer TOKEN`",
            Trouble::Forbidden => "you may not do this",
            Trouble::Forged => "what changes something needs the token of your session",
            Trouble::AccountsAway => "the accounts cannot be read now; try again",
            Trouble::TooLarge => "the body is longer than 64 KiB",
            Trouble::BrokenOff => "the body did not all come in time",
            Trouble::Method => "another method is answered here",
            Trouble::NotFound => "nothing is here; see /api/v1/openapi.json",
            _ => "this is not answered",
        };
        let header = match trouble {
            Trouble::Login => Some((header::WWW_AUTHENTICATE, "Bearer realm=\"litemon\"")),
            Trouble::AccountsAway => Some((header::RETRY_AFTER, "2")),
            _ => None,
        };
        Self { header, ..Self::new(trouble.status(), detail) }
    }

    /// Nobody could do it, as there are no accounts.
    pub(crate) fn closed() -> Self {
        let detail = "this is told to those who have an account, and there is none; by way of \
                      control.sock it is told";
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// This reader may not do it.
    pub(super) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// It cannot be done as things are.
    pub(super) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// Nothing is managed here.
    pub(super) fn unmanaged() -> Self {
        Self::new(StatusCode::NOT_FOUND, "nothing is managed here")
    }

    /// Why management did not do it.
    pub(super) fn managing(error: &ManageError) -> Self {
        let status = match error {
            ManageError::Forbidden(_) => StatusCode::FORBIDDEN,
            ManageError::NotFound { .. } => StatusCode::NOT_FOUND,
            ManageError::Invalid { .. } => StatusCode::BAD_REQUEST,
            ManageError::Taken { .. } | ManageError::Conflict(_) => StatusCode::CONFLICT,
            _ => {
                tracing::warn!(%error, "management does not answer");
                let detail = "this cannot be done now; see the log of litemon";
                return Self::new(StatusCode::SERVICE_UNAVAILABLE, detail);
            }
        };
        Self::new(status, error.to_string())
    }

    /// No further live stream.
    pub(super) fn busy() -> Self {
        let detail = "too many live streams are open; try again in ten seconds";
        let header = Some((header::RETRY_AFTER, "10"));
        Self { header, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }

    /// There is no running monitor to ask.
    pub(super) fn stopped() -> Self {
        let detail = "there is no running monitor here, only what it wrote down";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// History cannot be read now. Why stands in the log: it names the database.
    pub(super) fn store(error: &StoreError) -> Self {
        tracing::warn!(%error, "history cannot be read");
        Self::away()
    }

    /// The same, when the log has the reason already.
    pub(super) fn away() -> Self {
        let detail = "history cannot be read now; see the log of litemon";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// History does not answer in time.
    pub(super) fn slow() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "history does not answer in time")
    }

    /// Something that cannot happen did.
    pub(super) fn unwritten(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "an answer cannot be written");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer cannot be written")
    }
}

impl Reply for Refusal {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or_default().to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let mut response = warp::reply::json(&problem).into_response();
        *response.status_mut() = self.status;
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
