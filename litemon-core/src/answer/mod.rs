//! What a recipient of notices answers by SMS, and what he is answered: `ACK 17`, `STATUS`,
//! `MUTE web-1 30m`.
//!
//! Most of it is pure: [`Command::parse`] reads what somebody typed, [`find`] looks for what is meant
//! by a name, [`Replies`] puts the answer into one SMS, and [`Desk`] keeps one message from counting
//! twice and anybody from asking too often. [`Clerk`] puts them together and has done what a message
//! says. Who gets messages from a gateway is another part's business.

mod clerk;
mod command;
mod desk;
mod message;
mod reply;
mod target;
mod words;

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests;

use std::time::Duration;

pub use clerk::{Clerk, Doer, Unanswered, Undone};
pub use command::Command;
pub use desk::{Admission, Desk, Key};
pub use message::{BadTime, Message, read_time};
pub use reply::Replies;
pub use target::{Target, find};

/// The shortest that people are not told by an SMS, or that somebody takes a problem for.
pub const SHORTEST: Duration = Duration::from_secs(60);

/// The longest that people are not told by an SMS.
pub const LONGEST_MUTE: Duration = Duration::from_secs(4 * 60 * 60);

/// The longest that somebody takes a problem for, where he says for how long.
pub const LONGEST_ACK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
