//! A written timeline, played through the very same monitor on the virtual clock.
//!
//! [`read`] takes a file: a configuration, what checks would see and when, what gateways, people and
//! the machine do. [`play`] puts the monitor together as `run` does, with scripted probes and
//! notifiers in place of the real ones and everything else as it is, and gives a [`Report`]: which
//! notice went to whom, when and why, which did not and why not, and whether what was expected held.
//! Months pass in seconds, since the clock jumps from one thing that happens to the next.

mod action;
mod cut_off;
mod evidence;
mod expect;
mod export;
mod file;
mod log;
mod messages;
mod moments;
mod names;
mod oblivion;
mod outward;
mod play;
mod promises;
mod promptness;
mod random;
mod read;
mod report;
mod requests;
mod scene;
mod sender;
mod stage;
mod timeline;
mod understand;
mod why;
mod witness;

pub use play::{PlayError, play};
pub use random::{ExploreError, Explored, Found, Random, explore};
pub use read::{ReadError, read};
pub use report::{Happening, Held, Message, Outcome, Report, Row};
pub use timeline::Timeline;
