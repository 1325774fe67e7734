//! Rolling jobs: one batch of servers after the other, a canary first, and on only while the
//! servers' own checks are OK.
//!
//! ```text
//!   judge (pure): how far it is, how servers are, a time → begin here · wait · pause · stop
//!     ↑                                   │
//!   run ─ begins turns, tells how far ────┘     settle ─ a turn is over once its checks are OK
//! ```

mod gate;
mod health;
mod judge;
mod order;
mod pause;
mod run;
mod settle;
mod told;

#[cfg(test)]
mod tests;

pub(super) use self::{
    health::{Health, can_be_had},
    pause::{heed, hold_over, pause, pausing},
    run::roll,
    settle::{note, settle},
    told::Pausing,
};
pub use self::{
    order::{Rolling, Share, ShareError},
    told::{Halt, PausedBy, RollState, Rolled, Short},
};

/// See [`Database`](crate::manage::database::Database).
pub(in crate::manage) const TABLES: &str = "\
    CREATE TABLE job_pauses (job INTEGER PRIMARY KEY, paused INTEGER NOT NULL,
        who TEXT NOT NULL, at INTEGER NOT NULL);
    CREATE TABLE job_rolls (job INTEGER PRIMARY KEY, body TEXT NOT NULL);";
