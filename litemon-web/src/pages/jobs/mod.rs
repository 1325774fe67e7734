//! Pages about jobs, drawn from what was read of them.

mod job;
mod list;
mod outcome;
mod planned;
mod ran;
mod rolled;
mod row;
mod same;
mod what;

use std::sync::Arc;

use litemon_core::{
    manage::{
        actions::Action,
        inventory::Facts,
        jobs::{Job, JobId, Planned, Ran},
    },
    model::{Name, Timestamp},
};

pub(super) use job::draw as job;
pub(crate) use list::Search as JobSearch;
pub(super) use list::draw as list;
pub(super) use ran::{line as ran_line, list as ran};
pub(crate) use what::{doing, name};

/// What pages about jobs are drawn from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work {
    /// Why nothing could be read.
    pub(crate) away: bool,
    /// The job that the page is about.
    pub(crate) job: Option<Arc<Sight>>,
    /// Those that the page lists.
    pub(crate) list: Option<Arc<Listing>>,
    /// The jobs of the configuration.
    pub(crate) planned: Vec<Planned>,
    /// What ran on the server that the page is about, newest first.
    pub(crate) ran: Vec<Ran>,
    /// What that server told of itself, and when.
    pub(crate) told: Option<(Timestamp, Facts)>,
    /// What the reader can run; `None` for who cannot run anything.
    pub(crate) actions: Option<Arc<[Action]>>,
}

/// A job with what is shown of its output.
#[derive(Debug)]
pub(crate) struct Sight {
    pub(crate) job: Job,
    /// One for each server, in the job's order.
    pub(crate) tails: Vec<Tail>,
    /// Servers with the same output, most first; empty until the job is over.
    pub(crate) groups: Vec<Same>,
}

/// The end of a server's output.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail {
    pub(crate) text: String,
    /// Whether more stands before it.
    pub(crate) cut: bool,
    /// Where what comes next begins, in bytes of the whole.
    pub(crate) next: u64,
    /// How much there was when it was read.
    pub(crate) bytes: u64,
}

/// Servers whose output is the same.
#[derive(Clone, Debug)]
pub(crate) struct Same {
    pub(crate) servers: Vec<Name>,
    pub(crate) text: String,
    /// What differs from the output of most, as lines with `+`, `-` or a space before them.
    pub(crate) diff: Option<String>,
}

/// Jobs, newest first.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) jobs: Vec<Job>,
    /// Below which number older ones are.
    pub(crate) older: Option<JobId>,
}

#[cfg(test)]
pub(crate) mod tests;
