use std::fmt;

use async_trait::async_trait;
use http::request::Parts;
use litemon_core::manage::Principal;

/// How an application that mounts the dashboard tells who asks, in the place of litemon's own
/// accounts.
///
/// It is asked at each request but those that need no login, and again every few seconds while a
/// live stream is open; the stream ends once it names somebody else or nobody. An answer is waited
/// for a few seconds; without one the reader counts as nobody.
///
/// What changes something is only taken with a token that stands in litemon's own forms, and from
/// pages of the same origin, so the application may tell its users by a cookie.
#[async_trait]
pub trait Authenticator: fmt::Debug + Send + Sync {
    /// Who sends this request; `None` for somebody who is not known.
    ///
    /// Make it with [`Principal::new`] and [`Via::Host`](litemon_core::manage::Via::Host).
    ///
    /// Cancel safety: it may be dropped while it waits.
    async fn principal(&self, head: &Parts) -> Option<Principal>;
}
