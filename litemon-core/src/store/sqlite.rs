use std::{path::PathBuf, sync::Arc};

use super::{
    sql::{Dialect, Tables, store_in_tables},
    sqlite_file::{Durability, SqliteFile},
};

/// History in a SQLite file: WAL; what was appended outlives the end of the process. The loss of
/// power may take the last moments of history, which the journal does not need.
#[derive(Debug)]
pub struct SqliteStore {
    tables: Tables,
}

impl SqliteStore {
    /// A store in this file. Nothing is opened yet: the first call does that, and makes the file
    /// (0600) and its folder (0700) if there are none.
    #[must_use]
    pub fn open(path: impl Into<PathBuf>) -> Self {
        let file = Arc::new(SqliteFile::new(path.into(), Durability::Crash));
        Self { tables: Tables::new(Dialect::Sqlite, file) }
    }
}

store_in_tables!(SqliteStore);
