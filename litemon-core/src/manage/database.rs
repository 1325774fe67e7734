//! The file all of it stands in.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;

use super::ManageError;
use crate::store::{
    sql::{Arg, Cause, Pool, Row, Sql, Work},
    sqlite_file::{Durability, SqliteFile},
};

/// The tables, each part's own beside its code.
const TABLES: &[&str] = &[
    super::accounts::TABLES,
    super::actions::TABLES,
    super::actions::ANNOUNCED,
    super::audit::TABLES,
    super::inventory::TABLES,
    super::jobs::TABLES,
];

/// What came to version 1 since, each step a version.
const STEPS: &[&[&str]] = &[&[super::jobs::SINCE_2], &[super::jobs::SINCE_3]];

/// The version of all of it, kept as the file's `user_version`.
const VERSION: i64 = 1 + STEPS.len() as i64;

/// A statement and what is bound to it.
pub(super) type Statement<'a> = (&'static str, &'a [Arg<'a>]);

/// `manage.db`: one connection, so calls wait for each other; each returns within a few seconds, and
/// what was written survives a loss of power.
#[derive(Debug)]
pub(super) struct Database {
    pool: Pool,
}

impl Database {
    pub(super) async fn open(path: PathBuf) -> Result<Self, ManageError> {
        let database =
            Self { pool: Pool::new(Arc::new(SqliteFile::new(path, Durability::PowerLoss)), 1) };
        database.call("opened", &Prepare).await?;
        Ok(database)
    }

    /// Reads rows.
    pub(super) async fn rows(
        &self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Box<dyn Row>>, ManageError> {
        self.call("read", &Fetch(sql, args)).await
    }

    /// Runs statements as one: all of them or none. How many rows each touched.
    pub(super) async fn write(
        &self,
        statements: &[Statement<'_>],
    ) -> Result<Vec<u64>, ManageError> {
        self.call("written", &Write(statements)).await
    }

    /// Does something that needs to look before it writes, in one transaction.
    pub(super) async fn work<W: Work>(&self, work: &W) -> Result<W::Out, ManageError> {
        self.call(if W::WRITES { "written" } else { "read" }, work).await
    }

    /// What a failed read of a cell or row becomes.
    pub(super) fn unreadable(&self, cause: Cause) -> ManageError {
        ManageError::database(self.pool.place(), "read", cause)
    }

    async fn call<W: Work>(&self, doing: &'static str, work: &W) -> Result<W::Out, ManageError> {
        let done = self.pool.run(work).await;
        done.map_err(|cause| ManageError::database(self.pool.place(), doing, cause))
    }
}

struct Fetch<'a>(&'static str, &'a [Arg<'a>]);

#[async_trait]
impl Work for Fetch<'_> {
    type Out = Vec<Box<dyn Row>>;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        sql.fetch(self.0.to_owned(), self.1).await
    }
}

struct Write<'a>(&'a [Statement<'a>]);

#[async_trait]
impl Work for Write<'_> {
    type Out = Vec<u64>;
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let mut touched = Vec::with_capacity(self.0.len());
        for (text, args) in self.0 {
            touched.push(sql.execute((*text).to_owned(), args).await?);
        }
        Ok(touched)
    }
}

/// Makes the tables in a new file, and those that one of an older version lacks.
struct Prepare;

#[async_trait]
impl Work for Prepare {
    type Out = ();
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<(), Cause> {
        let rows = sql.fetch("PRAGMA user_version".into(), &[]).await?;
        let found = rows.first().map_or(Ok(0), |row| row.int(0))?;
        if found > VERSION {
            return Err(Cause::Newer { found, known: VERSION });
        }
        if found == 0 {
            for tables in TABLES {
                sql.run(tables).await?;
            }
        }
        let behind = usize::try_from(found.saturating_sub(1)).unwrap_or_default();
        for step in STEPS.iter().skip(behind) {
            for tables in *step {
                sql.run(tables).await?;
            }
        }
        if found < VERSION {
            sql.execute(format!("PRAGMA user_version = {VERSION}"), &[]).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_of_an_older_version_gets_what_it_lacks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manage.db");
        let pool = Pool::new(Arc::new(SqliteFile::new(path.clone(), Durability::PowerLoss)), 1);
        pool.run(&First).await.unwrap();
        drop(pool);
        for _ in 0..2 {
            let database = Database::open(path.clone()).await.unwrap();
            let version = database.rows("PRAGMA user_version", &[]).await.unwrap();
            assert_eq!(version[0].int(0).unwrap(), VERSION);
            assert!(database.rows("SELECT job FROM job_ends", &[]).await.unwrap().is_empty());
            assert!(database.rows("SELECT job FROM job_rolls", &[]).await.unwrap().is_empty());
        }
    }

    /// As the first version made it.
    struct First;

    #[async_trait]
    impl Work for First {
        type Out = ();
        const WRITES: bool = true;

        async fn on(&self, sql: &mut dyn Sql) -> Result<(), Cause> {
            for tables in TABLES {
                sql.run(tables).await?;
            }
            sql.run("PRAGMA user_version = 1").await
        }
    }
}
