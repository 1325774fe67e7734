//! The monitor: runs checks when they are due, remembers, decides, and has it told.

mod snapshot;

pub use snapshot::{Change, CheckView, IncidentView, LastResult, ServerView, Snapshot, Told};
