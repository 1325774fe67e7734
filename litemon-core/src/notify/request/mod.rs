//! What the ways out over HTTP have in common: a request made of templates, and what its answer
//! means.
//!
//! What the far side answers decides: `queued` matches: it keeps the message, which is never sent
//! there again; `success` matches, or there is none: accepted; any other 2xx: the modem failed behind
//! a gateway that says 200, so the message is tried again. 408, 429, 5xx and network errors are
//! tried again too, the rest is not.

mod answer;
mod client;
mod settings;
mod shape;
mod trial;
mod way;

#[cfg(feature = "webhook")]
pub(super) use answer::Judge;
#[cfg(feature = "webhook")]
pub(super) use client::BODY_LIMIT;
pub use settings::{BodyText, Method, RequestSettings, TemplateText};
pub(super) use trial::variables;
pub(super) use way::{Call, Way};
