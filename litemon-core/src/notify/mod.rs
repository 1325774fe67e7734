//! Telling people, and doing what they asked to be done.

pub mod delivery;
#[cfg(feature = "email")]
pub mod email;
#[cfg(feature = "templates")]
mod escape;
pub mod event;
#[cfg(feature = "exec")]
pub mod exec;
#[cfg(feature = "gateway")]
#[cfg_attr(not(feature = "sms"), allow(dead_code, reason = "only SMS ask for reports"))]
mod gateways;
#[cfg(feature = "gateway")]
pub mod http;
mod outlets;
#[cfg_attr(
    not(all(feature = "sms", feature = "config")),
    allow(dead_code, reason = "numbers are read where gateways are configured")
)]
pub(crate) mod phone;
pub mod report;
#[cfg(feature = "gateway")]
#[cfg_attr(not(feature = "sms"), allow(dead_code, reason = "only SMS ask for reports"))]
mod request;
#[cfg(feature = "sms")]
pub mod sms;
#[cfg(feature = "templates")]
mod template;
pub mod text;
#[cfg(any(feature = "gateway", feature = "simulate"))]
mod turns;
#[cfg(feature = "webhook")]
pub mod webhook;
#[cfg(feature = "templates")]
pub mod wording;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(all(test, feature = "gateway"))]
mod fixtures_gateway;
#[cfg(all(test, any(feature = "email", feature = "exec", feature = "gateway")))]
mod fixtures_site;

pub use event::{event_env, event_json};
pub use outlets::{Outlet, Outlets};
pub use phone::masked;
#[cfg(feature = "simulate")]
pub(crate) use turns::in_turn;

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::{
    clock::Clock,
    exec::Exec,
    model::{Language, Name, Notice, OutboxEntry, Route, Timestamp, Zone},
};

/// A way to tell somebody something.
///
/// A notifier makes one attempt; keeping, repeating and giving up are the delivery's business.
///
/// # Contract
/// - `send` returns by `deadline`.
/// - It is called for one recipient at a time, and for several recipients at once.
/// - Whatever it returns holds no secret.
///
/// Cancel safety: dropping the future gives the attempt up; it may have arrived.
#[async_trait]
pub trait Notifier: fmt::Debug + Send + Sync + 'static {
    /// Everybody it may ever send to; each recipient gets an outbox entry of its own.
    fn recipients(&self) -> Vec<String>;

    /// Which of its recipients a message came from, where they can answer by what it sends with.
    fn recipient_of(&self, sender: &str) -> Option<String> {
        let _ = sender;
        None
    }

    /// How long one attempt may take.
    fn timeout(&self) -> Duration;

    /// Makes one attempt.
    async fn send(
        &self,
        notice: &Notice,
        recipient: &str,
        deadline: Instant,
    ) -> Result<Accepted, SendError>;

    /// How many ways it has to the same recipient, of which one that did not deliver can be passed
    /// over.
    fn ways(&self) -> u32 {
        1
    }

    /// Makes one attempt for an entry of the outbox: with its number, by which a report about it is
    /// known, and by the ways from [`OutboxEntry::way`] on.
    async fn send_entry(
        &self,
        entry: &OutboxEntry,
        deadline: Instant,
    ) -> Result<Accepted, SendError> {
        self.send(&entry.notice, &entry.recipient, deadline).await
    }
}

/// The far side took the notice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// It keeps the notice for later, instead of passing it on now.
    pub queued: bool,
    /// What it answered, in one short line.
    pub answer: String,
    /// Which of several ways took it, from 0.
    pub way: u32,
    /// Within which time it reports that it arrived; `None` when it does not.
    pub report_within: Option<Duration>,
}

impl Accepted {
    /// Taken and passed on.
    #[must_use]
    pub fn now(answer: impl Into<String>) -> Self {
        Self { queued: false, answer: answer.into(), way: 0, report_within: None }
    }

    /// Taken and kept for later.
    #[must_use]
    pub fn queued(answer: impl Into<String>) -> Self {
        Self { queued: true, answer: answer.into(), way: 0, report_within: None }
    }

    /// Taken by this one of several ways.
    #[must_use]
    pub const fn by_way(mut self, way: u32) -> Self {
        self.way = way;
        self
    }
}

/// An attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct SendError {
    /// Whether another attempt may succeed.
    pub retry: Retry,
    /// One line, without secrets.
    pub message: String,
}

/// Whether another attempt may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Yes, after the usual wait.
    Later,
    /// Yes, but not before this long (`Retry-After`).
    After(Duration),
    /// No.
    Never,
}

impl SendError {
    /// Worth another attempt.
    #[must_use]
    pub fn temporary(message: impl AsRef<str>) -> Self {
        Self::new(Retry::Later, message)
    }

    /// Not worth another attempt.
    #[must_use]
    pub fn permanent(message: impl AsRef<str>) -> Self {
        Self::new(Retry::Never, message)
    }

    /// With all it says.
    #[must_use]
    pub fn new(retry: Retry, message: impl AsRef<str>) -> Self {
        Self { retry, message: crate::model::one_line(message.as_ref(), 300) }
    }
}

/// What a planned notifier is given to live with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NotifierSite {
    /// This machine.
    pub local: Arc<dyn Exec>,
    /// Each server, by name.
    pub servers: Arc<BTreeMap<Name, Arc<dyn Exec>>>,
    /// In which people read times.
    pub zone: Zone,
    /// Of the texts.
    pub language: Language,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where people reach the dashboard, without a slash at its end.
    pub page: Option<String>,
    /// What notices read like, where that is not litemon's own line.
    pub wording: Option<Arc<dyn Words>>,
    /// Where gateways report whether a message arrived.
    pub reports: Option<report::Reports>,
}

/// Words for notices other than litemon's own.
pub trait Words: fmt::Debug + Send + Sync + 'static {
    /// The notice in words, when it is sent at `now`.
    fn text(&self, notice: &Notice, site: &NotifierSite, now: Timestamp) -> String;
}

impl NotifierSite {
    /// All of it.
    #[must_use]
    pub fn new(
        local: Arc<dyn Exec>,
        servers: Arc<BTreeMap<Name, Arc<dyn Exec>>>,
        zone: Zone,
        language: Language,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { local, servers, zone, language, clock, page: None, wording: None, reports: None }
    }

    /// With the URL by which people reach the dashboard.
    #[must_use]
    pub fn with_page(mut self, url: Option<&str>) -> Self {
        self.page = url.map(|url| url.trim_end_matches('/').to_owned());
        self
    }

    /// With a place where gateways report.
    #[must_use]
    pub fn with_reports(mut self, reports: Option<report::Reports>) -> Self {
        self.reports = reports;
        self
    }

    /// With these words.
    #[must_use]
    pub fn with_words(mut self, words: Option<Arc<dyn Words>>) -> Self {
        self.wording = words;
        self
    }

    /// The notice in words, when it is sent at `now`: litemon's own line ([`text::line`]), or what
    /// somebody's template makes of it.
    #[must_use]
    pub fn text(&self, notice: &Notice, now: Timestamp) -> String {
        match &self.wording {
            Some(words) => words.text(notice, self, now),
            None => text::line(notice, self.language, &self.zone, now),
        }
    }
}

/// A notifier as it was written, checked but not yet alive.
pub trait NotifierRecipe: fmt::Debug + Send + Sync + 'static {
    /// How long one attempt may take.
    fn timeout(&self) -> Duration;

    /// Whether its gateways are asked to report what arrives.
    fn asks_for_reports(&self) -> bool {
        false
    }

    /// By what its messages leave.
    fn outlets(&self) -> Outlets {
        Outlets::one(Route::Network, self.timeout())
    }

    /// Brings the notifier to life. No I/O.
    fn build(&self, site: &NotifierSite) -> Arc<dyn Notifier>;
}
