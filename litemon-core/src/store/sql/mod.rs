//! SQL, once for both databases.
//!
//! What differs between SQLite and MySQL is behind [`Backend`] and [`Sql`]: how to connect, how to
//! bind and read a cell, how an upsert is written. Tables, queries and migrations are one piece of
//! code over these. sqlx's own `Any` driver is not used, since it refuses column types of MariaDB
//! and hides which database an error came from.

mod append;
mod cause;
mod history;
mod ids;
mod marks;
mod partitions;
mod pool;
mod read;
mod roll;
mod schema;
mod tables;
mod upkeep;
mod upsert;

use std::{fmt, time::Duration};

use async_trait::async_trait;

pub(crate) use self::{
    cause::{Cause, from_sqlx},
    pool::{Pool, Work},
    tables::{Tables, store_in_tables},
    upsert::{Column, Upsert, insert},
};

/// How the two databases say the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    MySql,
}

/// A value bound to a `?`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg<'a> {
    Int(i64),
    Real(f64),
    Text(&'a str),
    /// A number that is not there.
    NoInt,
    /// A number with a fraction that is not there.
    NoReal,
    /// A text that is not there.
    NoText,
}

impl From<Option<i64>> for Arg<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::NoInt, Self::Int)
    }
}

impl From<Option<f64>> for Arg<'_> {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::NoReal, Self::Real)
    }
}

impl<'a> From<Option<&'a str>> for Arg<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Self::NoText, Self::Text)
    }
}

/// A row that was read, by column number.
pub(crate) trait Row: Send + Sync {
    fn maybe_int(&self, column: usize) -> Result<Option<i64>, Cause>;
    fn maybe_real(&self, column: usize) -> Result<Option<f64>, Cause>;
    fn maybe_text(&self, column: usize) -> Result<Option<String>, Cause>;

    fn int(&self, column: usize) -> Result<i64, Cause> {
        self.maybe_int(column)?.ok_or(Cause::Null(column))
    }
    fn real(&self, column: usize) -> Result<f64, Cause> {
        self.maybe_real(column)?.ok_or(Cause::Null(column))
    }
    fn text(&self, column: usize) -> Result<String, Cause> {
        self.maybe_text(column)?.ok_or(Cause::Null(column))
    }
}

/// A connection.
#[async_trait]
pub(crate) trait Sql: Send {
    fn dialect(&self) -> Dialect;

    /// Runs a statement without arguments that is not worth preparing.
    async fn run(&mut self, sql: &'static str) -> Result<(), Cause>;

    /// Runs a statement; how many rows it touched. `sql` is put together from constants only.
    async fn execute(&mut self, sql: String, args: &[Arg<'_>]) -> Result<u64, Cause>;

    /// Runs a query. `sql` is put together from constants only.
    async fn fetch(&mut self, sql: String, args: &[Arg<'_>]) -> Result<Vec<Box<dyn Row>>, Cause>;
}

/// Where connections come from.
#[async_trait]
pub(crate) trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Opens a connection that is ready for use. The pool bounds how long that may take.
    async fn connect(&self) -> Result<Box<dyn Sql>, Cause>;

    /// Where to, without credentials.
    fn place(&self) -> String;

    /// What begins a transaction that writes.
    fn begin(&self) -> &'static str;

    /// Whether a connection may be used again after a call on it was given up.
    ///
    /// A thread of its own serves each SQLite connection; on a disk that hangs, a new connection
    /// for each try would leave a stuck thread each time. A MySQL connection in that state would
    /// only keep the next call waiting for the answer to the last one.
    fn outlives_cancel(&self) -> bool;
}

/// The longest a call may take, connecting included.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(5);

/// Makes a type that holds a connection of sqlx in its field `0` speak [`Sql`], and the rows of that
/// database [`Row`]: the same words for every database, whose types have nothing in common.
macro_rules! sql_on_connection {
    ($sql:ty, $database:ty, $arguments:ty, $row:ty, $dialect:expr, $cause:path) => {
        #[async_trait::async_trait]
        impl $crate::store::sql::Sql for $sql {
            fn dialect(&self) -> $crate::store::sql::Dialect {
                $dialect
            }

            async fn run(&mut self, sql: &'static str) -> Result<(), $crate::store::sql::Cause> {
                sqlx::Executor::execute(&mut self.0, sqlx::raw_sql(sql)).await.map_err($cause)?;
                Ok(())
            }

            async fn execute(
                &mut self,
                sql: String,
                args: &[$crate::store::sql::Arg<'_>],
            ) -> Result<u64, $crate::store::sql::Cause> {
                let done =
                    sqlx::Executor::execute(&mut self.0, bound(sql, args)).await.map_err($cause)?;
                Ok(done.rows_affected())
            }

            async fn fetch(
                &mut self,
                sql: String,
                args: &[$crate::store::sql::Arg<'_>],
            ) -> Result<Vec<Box<dyn $crate::store::sql::Row>>, $crate::store::sql::Cause> {
                let rows = sqlx::Executor::fetch_all(&mut self.0, bound(sql, args))
                    .await
                    .map_err($cause)?;
                Ok(rows
                    .into_iter()
                    .map(|row| Box::new(row) as Box<dyn $crate::store::sql::Row>)
                    .collect())
            }
        }

        fn bound(
            sql: String,
            args: &[$crate::store::sql::Arg<'_>],
        ) -> sqlx::query::Query<'static, $database, $arguments> {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for arg in args {
                query = match *arg {
                    $crate::store::sql::Arg::Int(value) => query.bind(value),
                    $crate::store::sql::Arg::Real(value) => query.bind(value),
                    $crate::store::sql::Arg::Text(value) => query.bind(value),
                    $crate::store::sql::Arg::NoInt => query.bind(None::<i64>),
                    $crate::store::sql::Arg::NoReal => query.bind(None::<f64>),
                    $crate::store::sql::Arg::NoText => query.bind(None::<&str>),
                };
            }
            query
        }

        impl $crate::store::sql::Row for $row {
            fn maybe_int(&self, column: usize) -> Result<Option<i64>, $crate::store::sql::Cause> {
                sqlx::Row::try_get(self, column).map_err($crate::store::sql::Cause::row)
            }
            fn maybe_real(&self, column: usize) -> Result<Option<f64>, $crate::store::sql::Cause> {
                sqlx::Row::try_get(self, column).map_err($crate::store::sql::Cause::row)
            }
            fn maybe_text(
                &self,
                column: usize,
            ) -> Result<Option<String>, $crate::store::sql::Cause> {
                sqlx::Row::try_get(self, column).map_err($crate::store::sql::Cause::row)
            }
        }
    };
}
pub(crate) use sql_on_connection;
