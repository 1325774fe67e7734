use std::time::Duration;

/// Why a database did not do what it was asked to, in one line that says what to do.
///
/// The errors within are not given as sources: sqlx's repeat their own causes in their text, and a
/// line made of the whole chain would say the same thing three times.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error("no answer within {} s", .0.as_secs())]
    Hanging(Duration),
    #[error("its schema is version {found}, this litemon knows up to {known}: use a newer litemon")]
    Newer { found: i64, known: i64 },
    #[error("another litemon is migrating it and did not finish in time: try again")]
    Migrating,
    #[error("the database does not exist: create it, or correct its name ({0})")]
    NoDatabase(String),
    #[error("access denied: correct the user or the password, or grant the rights ({0})")]
    Denied(String),
    #[error("no verified TLS: set the server up for it, or name its root certificate ({0})")]
    Tls(sqlx::Error),
    #[error("cannot connect ({0})")]
    Connect(std::io::Error),
    #[error("the file is damaged: move it and its -wal and -shm aside and start again ({0})")]
    Corrupt(String),
    #[error("the disk is full: free some space, the rest goes on by itself")]
    Full,
    #[error("{0}")]
    File(std::io::Error),
    /// The transaction met another one; it may work at once.
    #[error("another transaction is in the way ({0})")]
    Contended(String),
    /// The connection is no good any more.
    #[error("the connection broke ({0})")]
    Gone(sqlx::Error),
    /// What was to be written does not fit, and never will.
    #[error("the record is refused ({0})")]
    Refused(String),
    #[error("column {0} is empty")]
    Null(usize),
    #[error("a row that cannot be read: {0}")]
    Row(Box<dyn std::error::Error + Send + Sync>),
    #[error("{0}")]
    Other(sqlx::Error),
}

impl Cause {
    /// Takes what reading a cell's text failed with.
    pub(crate) fn row(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Row(source.into())
    }
}

impl From<sqlx::Error> for Cause {
    fn from(error: sqlx::Error) -> Self {
        from_sqlx(error)
    }
}

/// Sorts what is the same for both databases; their own codes are looked at by the backend.
pub(crate) fn from_sqlx(error: sqlx::Error) -> Cause {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            Cause::Gone(error)
        }
        sqlx::Error::Tls(_) => Cause::Tls(error),
        error => Cause::Other(error),
    }
}
