//! The gate: who asks, what they may do, and whether a request is really theirs.
//!
//! Every request passes it before anything else looks at it. It is closed unless opened: an address
//! that is not in the [`table`] is not answered, and each entry says who may ask at least.

mod authenticator;
mod came;
mod cookie;
mod csrf;
mod form;
mod judge;
mod refused;
mod table;
#[cfg(test)]
mod tests;
mod visitor;
mod watch;

pub use authenticator::Authenticator;
pub(crate) use came::Came;
pub use came::Peer;
pub(crate) use cookie::Cookies;
pub(crate) use csrf::Keys;
pub(crate) use form::{Form, MOST, Payload, read};
pub(crate) use judge::{Verdict, is_open, judge, judge_proof};
pub(crate) use refused::{Refused, see_other};
pub(crate) use table::{Ask, Entry, Found, Kind, Least, Needs, entry, find};
pub(crate) use visitor::{Reader, Visitor};
pub(crate) use watch::{Welcome, while_welcome};
