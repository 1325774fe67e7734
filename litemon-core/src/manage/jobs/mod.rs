//! Jobs: one action or command on a set of servers, with one result for each.

mod model;

pub use self::model::{Job, JobId, JobResult, Order, Outcome, Stage, What};

/// See [`Database`](super::database::Database).
pub(super) const TABLES: &str = "\
    CREATE TABLE jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, created INTEGER NOT NULL, ended INTEGER,
        body TEXT NOT NULL);
    CREATE TABLE job_results (job INTEGER NOT NULL, place INTEGER NOT NULL, server TEXT NOT NULL,
        ended INTEGER, body TEXT NOT NULL, PRIMARY KEY (job, place)) WITHOUT ROWID;
    CREATE INDEX open_jobs ON jobs (id) WHERE ended IS NULL;";
