use std::{path::PathBuf, sync::Arc};

use super::{
    sql::{Dialect, Tables, store_in_tables},
    sqlite_file::SqliteFile,
};

/// History in a SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    tables: Tables,
}

impl SqliteStore {
    /// A store in this file. Nothing is opened yet: the first call does that, and makes the file
    /// (0600) and its folder (0700) if there are none.
    #[must_use]
    pub fn open(path: impl Into<PathBuf>) -> Self {
        let file = Arc::new(SqliteFile::new(path.into()));
        Self { tables: Tables::new(Dialect::Sqlite, file) }
    }
}

store_in_tables!(SqliteStore);
