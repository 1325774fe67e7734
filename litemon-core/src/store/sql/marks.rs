//! How far history was worked out and how far it was removed: one row each in the table `marks`.

use super::{Arg, Cause, Dialect, Sql};
use crate::model::{Resolution, Timestamp};

/// The rows of `marks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// Minutes before it have their rows, and so have hours that end before it or with it. What is
    /// later is in raw rows only. `None` before the first record.
    pub(super) rolled: Option<Timestamp>,
    /// When the newest result came. `None` before the first.
    pub(super) seen: Option<Timestamp>,
    /// Rows before these were removed: raw, minute, hour.
    kept: [Timestamp; 3],
}

impl Marks {
    /// Reads them. Within a transaction that writes nobody else moves them until its end: on MySQL
    /// the rows are locked, SQLite has one writer anyway.
    pub(super) async fn locked(sql: &mut dyn Sql) -> Result<Self, Cause> {
        let lock = match sql.dialect() {
            Dialect::Sqlite => "",
            Dialect::MySql => " FOR UPDATE",
        };
        Self::fetch(sql, lock).await
    }

    /// Reads them as they are now.
    pub(super) async fn read(sql: &mut dyn Sql) -> Result<Self, Cause> {
        Self::fetch(sql, "").await
    }

    async fn fetch(sql: &mut dyn Sql, lock: &str) -> Result<Self, Cause> {
        let query = format!("SELECT name, at FROM marks ORDER BY name{lock}");
        let mut marks = Self { rolled: None, seen: None, kept: [Timestamp::default(); 3] };
        for row in sql.fetch(query, &[]).await? {
            let at = row.int(1)?;
            let time = Timestamp::from_millis(at);
            let maybe = (at >= 0).then_some(time);
            let [raw, minute, hour] = &mut marks.kept;
            match row.text(0)?.as_str() {
                "rolled" => marks.rolled = maybe,
                "seen" => marks.seen = maybe,
                "raw" => *raw = time,
                "minute" => *minute = time,
                "hour" => *hour = time,
                _ => {}
            }
        }
        Ok(marks)
    }

    /// Hours that end before it or with it have their rows.
    pub(super) fn hours_rolled(&self) -> Timestamp {
        self.rolled.map_or(Timestamp::default(), |rolled| Resolution::Hour.floor(rolled))
    }

    /// Since when rows of a resolution are kept.
    pub(super) fn kept_since(&self, resolution: Resolution) -> Timestamp {
        let [raw, minute, hour] = self.kept;
        match resolution {
            Resolution::Raw => raw,
            Resolution::Minute => minute,
            Resolution::Hour => hour,
        }
    }
}

/// Moves a mark on; never back.
pub(super) async fn advance(
    sql: &mut dyn Sql,
    name: &'static str,
    to: Timestamp,
) -> Result<(), Cause> {
    let update = "UPDATE marks SET at = ? WHERE name = ? AND at < ?";
    let to = Arg::Int(to.as_millis());
    sql.execute(update.into(), &[to, Arg::Text(name), to]).await?;
    Ok(())
}
