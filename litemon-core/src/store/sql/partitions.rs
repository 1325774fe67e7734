//! Partitions of MySQL's value tables: to drop one is at once and locks nobody out.

use std::time::Duration;

use async_trait::async_trait;

use super::{Arg, Cause, Sql, Work};
use crate::model::Timestamp;

/// A retention is so many partitions.
const PARTS: u32 = 8;

/// So many are made ahead.
const AHEAD: u32 = 3;

/// Makes partitions of a table ahead, and drops those that are too old.
#[derive(Debug)]
pub(super) struct Partitions {
    pub(super) table: &'static str,
    pub(super) now: Timestamp,
    /// How long its rows are kept.
    pub(super) kept: Duration,
    /// Rows before this may go.
    pub(super) cutoff: Timestamp,
}

#[async_trait]
impl Work for Partitions {
    type Out = ();
    // Each of these statements commits by itself.
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<(), Cause> {
        let bounds = self.bounds(sql).await?;
        let new = ahead(bounds.last().copied(), self.now.as_millis(), self.width());
        if !new.is_empty() {
            sql.execute(split(self.table, &new), &[]).await?;
        }
        let cutoff = self.cutoff.as_millis();
        let old: Vec<_> = bounds.into_iter().filter(|bound| *bound <= cutoff).map(name).collect();
        if !old.is_empty() {
            let drop = format!("ALTER TABLE {} DROP PARTITION {}", self.table, old.join(", "));
            sql.execute(drop, &[]).await?;
        }
        Ok(())
    }
}

impl Partitions {
    /// In whole hours.
    fn width(&self) -> i64 {
        let hours = (self.kept / PARTS).as_secs().div_ceil(3600).max(1);
        i64::try_from(hours).unwrap_or(i64::MAX).saturating_mul(3_600_000)
    }

    /// Where partitions end, in order, without the last one, which has no end.
    async fn bounds(&self, sql: &mut dyn Sql) -> Result<Vec<i64>, Cause> {
        let query = "SELECT CAST(partition_description AS CHAR) FROM \
            information_schema.partitions WHERE table_schema = DATABASE() AND table_name = ? \
            ORDER BY partition_ordinal_position";
        let rows = sql.fetch(query.into(), &[Arg::Text(self.table)]).await?;
        let texts = rows.iter().map(|row| row.maybe_text(0));
        let numbers = texts.map(|text| Ok(text?.and_then(|text| text.parse().ok())));
        let numbers: Vec<Option<i64>> = numbers.collect::<Result<_, Cause>>()?;
        Ok(numbers.into_iter().flatten().collect())
    }
}

/// The ends of partitions that are to be made, so that some lie ahead.
fn ahead(last: Option<i64>, now: i64, width: i64) -> Vec<i64> {
    let present = (now.div_euclid(width) + 1).saturating_mul(width);
    let ends = (0..=AHEAD).map(|n| present.saturating_add(width.saturating_mul(i64::from(n))));
    // A retention that was changed has another width: the next one is then shorter or longer. One
    // that is much shorter than the others is left out.
    let least = last.map_or(i64::MIN, |last| last.saturating_add(width / 2));
    ends.filter(|end| *end > least).collect()
}

fn name(bound: i64) -> String {
    format!("to_{bound}")
}

/// Numbers and names of our own only.
fn split(table: &str, ends: &[i64]) -> String {
    let parts: Vec<_> = ends
        .iter()
        .map(|end| format!("PARTITION {} VALUES LESS THAN ({end})", name(*end)))
        .collect();
    format!(
        "ALTER TABLE {table} REORGANIZE PARTITION later INTO ({}, \
         PARTITION later VALUES LESS THAN MAXVALUE)",
        parts.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_lie_ahead_and_none_twice() {
        assert_eq!(ahead(None, 105, 10), [110, 120, 130, 140]);
        assert_eq!(ahead(Some(140), 105, 10), [0; 0]);
        assert_eq!(ahead(Some(140), 121, 10), [150, 160]);
        assert_eq!(ahead(Some(110), 1_000_000, 10), [1_000_010, 1_000_020, 1_000_030, 1_000_040]);
        assert_eq!(ahead(Some(140), 105, 30), [180, 210], "wider from now on");
    }
}
