//! Reports for a day, a week, a month or any other time: how available servers and services were,
//! what went wrong and how soon it was told, which resources were busiest, what was counted, which
//! jobs were run.
//!
//! [`report()`] reads a [`Store`](crate::store::Store) and needs no running monitor. What stands
//! elsewhere (jobs, planned times) is handed to it as plain data in an [`Ask`].

mod availability;
mod gather;
mod incidents;
mod jobs;
#[cfg(feature = "manage")]
mod managed;
mod model;
mod resources;
mod span;
mod statistics;
#[cfg(test)]
mod tests;

#[cfg(feature = "manage")]
pub use self::managed::{job_line, planned};
pub use self::{
    availability::{percent, share_of},
    gather::{Ask, report},
    jobs::by_operator,
    model::{
        Availability, Busy, Counted, IncidentLine, Incidents, JobLine, Operator, Planned, Report,
        Times, Told,
    },
    span::{Period, Span, SpanError},
};
