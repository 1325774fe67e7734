use async_trait::async_trait;

use crate::store::sql::{Cause, Sql, Work};

/// The file's `user_version`: how many of [`STEPS`] were made.
const STEPS: &[&str] = &[
    "CREATE TABLE states (check_name TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE incidents (number INTEGER NOT NULL PRIMARY KEY, closed INTEGER,
        body TEXT NOT NULL);
    CREATE TABLE outbox (id INTEGER NOT NULL PRIMARY KEY, settled INTEGER NOT NULL,
        at INTEGER NOT NULL, incident INTEGER NOT NULL, body TEXT NOT NULL);
    CREATE INDEX outbox_by_settled ON outbox (settled, at);
    CREATE TABLE numbers (name TEXT NOT NULL PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE spool (id INTEGER PRIMARY KEY AUTOINCREMENT, upto INTEGER NOT NULL,
        body TEXT NOT NULL);
    PRAGMA user_version = 1",
    "CREATE TABLE holds (server TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
    PRAGMA user_version = 2",
    "CREATE TABLE tellings (incident INTEGER NOT NULL PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE windows (id INTEGER NOT NULL PRIMARY KEY, body TEXT NOT NULL);
    PRAGMA user_version = 3",
    "CREATE TABLE flows (notifier TEXT NOT NULL, recipient TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (notifier, recipient)) WITHOUT ROWID;
    PRAGMA user_version = 4",
];

/// Brings the file up to date, in one transaction.
pub(super) struct Prepare;

#[async_trait]
impl Work for Prepare {
    type Out = ();
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<(), Cause> {
        let rows = sql.fetch("PRAGMA user_version".into(), &[]).await?;
        let made = rows.first().map_or(Ok(0), |row| row.int(0))?;
        let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
        if made > known {
            return Err(Cause::Newer { found: made, known });
        }
        for step in STEPS.iter().skip(usize::try_from(made).unwrap_or(0)) {
            sql.run(step).await?;
        }
        Ok(())
    }
}
