//! SQLite files: how they are made, opened and spoken to.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use sqlx::{
    ConnectOptions, Connection, Sqlite, SqliteConnection,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous,
    },
};

use super::sql::{Backend, Cause, Dialect, Sql, from_sqlx, sql_on_connection};

/// How long a statement waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(3);

/// What a commit is worth once it returned.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Durability {
    /// It is on the disk, whatever happens: one fsync of the log.
    PowerLoss,
    /// It outlives the end of the process. The loss of power may take the last commits, in their
    /// order, and harms nothing else; the disk waits only at checkpoints.
    Crash,
}

/// SQLITE_IOERR_SHMSIZE: there is no room for the file `-shm`, which is made when the first
/// connection is opened.
const NO_ROOM_TO_SHARE: i32 = 4874;

/// A SQLite file, 0600, in a folder that is made 0700 if there is none.
#[derive(Debug)]
pub(crate) struct SqliteFile {
    path: PathBuf,
    durability: Durability,
}

impl SqliteFile {
    pub(crate) const fn new(path: PathBuf, durability: Durability) -> Self {
        Self { path, durability }
    }

    /// SQLite gives the -wal and -shm beside it the same mode.
    fn make(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent().filter(|folder| *folder != Path::new("")) {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
        Ok(())
    }
}

#[async_trait]
impl Backend for SqliteFile {
    async fn connect(&self) -> Result<Box<dyn Sql>, Cause> {
        self.make().map_err(Cause::File)?;
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(match self.durability {
                Durability::PowerLoss => SqliteSynchronous::Full,
                Durability::Crash => SqliteSynchronous::Normal,
            })
            .busy_timeout(BUSY)
            .pragma("journal_size_limit", "67108864")
            .disable_statement_logging();
        let connection = SqliteConnection::connect_with(&options).await.map_err(cause)?;
        Ok(Box::new(SqliteSql(connection)))
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn begin(&self) -> &'static str {
        // A transaction that reads first and then writes would fail at once beside another one.
        "BEGIN IMMEDIATE"
    }

    fn outlives_cancel(&self) -> bool {
        true
    }
}

struct SqliteSql(SqliteConnection);

sql_on_connection!(SqliteSql, Sqlite, SqliteArguments, SqliteRow, Dialect::Sqlite, cause);

/// Codes: <https://www.sqlite.org/rescode.html>; the low byte is the primary one.
fn cause(error: sqlx::Error) -> Cause {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
    match code.map(|code| code & 0xff) {
        _ if code == Some(NO_ROOM_TO_SHARE) => Cause::Full,
        Some(5 | 6) => Cause::Contended(error.to_string()),
        Some(11 | 26) => Cause::Corrupt(error.to_string()),
        Some(13) => Cause::Full,
        Some(18..=20) => Cause::Refused(error.to_string()),
        _ => from_sqlx(error),
    }
}
