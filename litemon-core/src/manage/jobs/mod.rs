//! Jobs: one action or command on a set of servers, with one result for each.

mod away;
mod between;
mod conduct;
mod course;
mod detached;
mod dialogue;
mod ended;
mod fleet;
mod fold;
mod handle;
mod lease;
mod leftovers;
mod live;
mod mark;
mod model;
mod output;
mod owner;
mod place;
mod planned;
mod proof;
mod records;
mod resume;
mod rolling;
mod streamed;
mod submit;
mod telling;
mod would;

pub use self::{
    course::Ran,
    fleet::{Fleet, FleetWatch},
    fold::{Difference, Fold},
    handle::{JobChange, Jobs},
    model::{Job, JobId, JobResult, Order, Outcome, Stage, What},
    output::OutputPart,
    planned::{Called, JobCall, Planned, Skipped},
    rolling::{Halt, PausedBy, RollState, Rolled, Rolling, Share, ShareError, Short},
    would::Would,
};

pub(super) use self::{rolling::TABLES as SINCE_3, telling::Told};

/// See [`Database`](super::database::Database).
pub(super) const TABLES: &str = "\
    CREATE TABLE jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, created INTEGER NOT NULL, ended INTEGER,
        owner TEXT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE job_results (job INTEGER NOT NULL, place INTEGER NOT NULL, server TEXT NOT NULL,
        ended INTEGER, body TEXT NOT NULL, PRIMARY KEY (job, place)) WITHOUT ROWID;
    CREATE INDEX open_jobs ON jobs (id) WHERE ended IS NULL;
    CREATE INDEX results_of_server ON job_results (server, ended);
    CREATE TABLE job_cancels (job INTEGER NOT NULL, place INTEGER NOT NULL,
        PRIMARY KEY (job, place)) WITHOUT ROWID;
    CREATE TABLE job_leases (turn INTEGER PRIMARY KEY AUTOINCREMENT, server TEXT NOT NULL,
        job INTEGER NOT NULL, owner TEXT NOT NULL, UNIQUE (server, job));";

/// The same, since the second version of the file: ends that are to be told; the jobs of the
/// configuration, as they last ran; calls that had them run.
pub(super) const SINCE_2: &str = "\
    CREATE TABLE job_ends (job INTEGER PRIMARY KEY, at INTEGER NOT NULL, notify TEXT NOT NULL,
        body TEXT NOT NULL);
    CREATE TABLE job_runs (name TEXT PRIMARY KEY, times TEXT, due INTEGER, note TEXT, job INTEGER,
        ended INTEGER, last TEXT, failed TEXT) WITHOUT ROWID;
    CREATE TABLE job_calls (name TEXT NOT NULL, word TEXT NOT NULL, at INTEGER NOT NULL,
        job INTEGER NOT NULL, PRIMARY KEY (name, word)) WITHOUT ROWID;";
