//! Removes what is older than its retention, in pieces that lock nobody out for long.
//!
//! On MySQL value rows go by partitions; on SQLite raw values by the slots that they stand in, and
//! rows of minutes and hours check by check, along their key.

use async_trait::async_trait;

use super::{
    Arg, Cause, Dialect, Sql, Work,
    marks::{Marks, advance},
    partitions::Partitions,
    roll::{self, Touched, slot},
    upsert::{Column::Data, Column::Key, Upsert},
};
use crate::{
    model::{Resolution, Timestamp},
    store::{Retention, UpkeepPlace},
};

/// About so many rows are removed in one piece.
const ROWS: u64 = 20_000;

/// So many checks are looked at in one piece.
const CHECKS: i64 = 100;

/// So many incidents, notices or rows of an earlier form in one.
const FEW: i64 = 200;
const MOVED: i64 = 2000;

/// The part in which removing begins.
const FIRST: u8 = 0;
/// The last one.
const LAST: u8 = 7;

/// A piece of it.
#[derive(Debug)]
pub(super) struct Piece {
    dialect: Dialect,
    now: Timestamp,
    retention: Retention,
    place: UpkeepPlace,
}

impl Piece {
    pub(super) const fn new(
        dialect: Dialect,
        now: Timestamp,
        retention: Retention,
        place: UpkeepPlace,
    ) -> Self {
        Self { dialect, now, retention, place }
    }

    /// On MySQL a piece may be a matter of partitions, which is no transaction.
    pub(super) fn partitions(&self) -> Option<Partitions> {
        if self.dialect == Dialect::Sqlite {
            return None;
        }
        let (table, kept) = match self.place.part {
            2 => ("raw_values", self.retention.raw),
            3 => ("minute_values", self.retention.minute),
            4 => ("hour_values", self.retention.hour),
            _ => return None,
        };
        // What was not worked out yet is not dropped: `after` holds how far it was.
        let cutoff = Timestamp::from_millis(self.place.after).min(self.now.minus(kept));
        Some(Partitions { table, now: self.now, kept, cutoff })
    }

    /// The next part; `None` after the last.
    pub(super) fn next_part(&self) -> Option<UpkeepPlace> {
        // Along the parts that partitions are for, how far rows were worked out is passed on.
        let keeps = self.dialect == Dialect::MySql && matches!(self.place.part, 2 | 3);
        let after = if keeps { self.place.after } else { 0 };
        (self.place.part < LAST).then(|| UpkeepPlace { part: self.place.part + 1, after })
    }

    const fn at(&self, after: i64) -> Option<UpkeepPlace> {
        Some(UpkeepPlace { part: self.place.part, after })
    }

    /// Rows of a resolution before this are to go: only what the next coarser rows were made of.
    fn cutoff(&self, marks: &Marks, resolution: Resolution) -> Timestamp {
        let rolled = marks.rolled.unwrap_or_default();
        match resolution {
            Resolution::Raw => self.now.minus(self.retention.raw).min(rolled),
            Resolution::Minute => self.now.minus(self.retention.minute).min(marks.hours_rolled()),
            Resolution::Hour => self.now.minus(self.retention.hour),
        }
    }
}

#[async_trait]
impl Work for Piece {
    type Out = Option<UpkeepPlace>;
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let marks = Marks::locked(sql).await?;
        let cutoff = |resolution: Resolution| resolution.floor(self.cutoff(&marks, resolution));
        match self.place.part {
            FIRST => self.mark(sql, &marks).await,
            1 => self.move_in(sql, &marks).await,
            2 => self.raw(sql, cutoff(Resolution::Raw)).await,
            3 => self.values(sql, "minute_values", 60_000, cutoff(Resolution::Minute)).await,
            4 => self.values(sql, "hour_values", 3_600_000, cutoff(Resolution::Hour)).await,
            5 => self.statuses(sql, cutoff(Resolution::Hour)).await,
            6 => self.incidents(sql, cutoff(Resolution::Hour)).await,
            LAST => self.tests(sql, cutoff(Resolution::Hour)).await,
            _ => Ok(None),
        }
    }
}

impl Piece {
    /// Before anything is removed, readers are told not to look for it.
    async fn mark(&self, sql: &mut dyn Sql, marks: &Marks) -> Result<Option<UpkeepPlace>, Cause> {
        for (name, resolution) in
            [("raw", Resolution::Raw), ("minute", Resolution::Minute), ("hour", Resolution::Hour)]
        {
            advance(sql, name, resolution.floor(self.cutoff(marks, resolution))).await?;
        }
        Ok(self.next_part())
    }

    /// Values that an earlier version kept in another table.
    async fn move_in(
        &self,
        sql: &mut dyn Sql,
        marks: &Marks,
    ) -> Result<Option<UpkeepPlace>, Cause> {
        const RAW: Upsert = Upsert {
            table: "raw_values",
            columns: &[Key("slot"), Key("check_id"), Key("at"), Data("value")],
            guard: None,
        };
        let query = "SELECT check_id, at, value FROM check_values ORDER BY check_id, at LIMIT ?";
        let mut rows = Vec::new();
        for row in sql.fetch(query.into(), &[Arg::Int(MOVED)]).await? {
            rows.push((row.int(0)?, row.int(1)?, row.real(2)?));
        }
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            let rolled = marks.rolled.unwrap_or_default().as_millis();
            return Ok(self.next_part().map(|place| UpkeepPlace { after: rolled, ..place }));
        };
        let args = |(check, at, value): &(i64, i64, f64)| {
            let slot = slot(Timestamp::from_millis(*at));
            [Arg::Int(slot), Arg::Int(*check), Arg::Int(*at), Arg::Real(*value)]
        };
        RAW.rows(sql, rows.iter().map(args)).await?;
        // What is older than the first new record has its rows made at once, as what comes late.
        if marks.rolled.is_none() {
            advance(sql, "rolled", Resolution::Minute.floor(self.now)).await?;
        }
        let values = rows.iter().map(|(check, at, _)| (*check, Timestamp::from_millis(*at)));
        let touched = Touched { values: values.collect(), changes: Vec::new() };
        let marks = Marks::read(sql).await?;
        roll::late(sql, &marks, &touched).await?;
        let delete = "DELETE FROM check_values WHERE check_id >= ? AND check_id < ?";
        sql.execute(delete.into(), &[first.0, last.0].map(Arg::Int)).await?;
        let delete = "DELETE FROM check_values WHERE check_id = ? AND at <= ?";
        sql.execute(delete.into(), &[last.0, last.1].map(Arg::Int)).await?;
        Ok(self.at(0))
    }

    /// Raw values, some slots at a time; `after` is how many.
    async fn raw(
        &self,
        sql: &mut dyn Sql,
        cutoff: Timestamp,
    ) -> Result<Option<UpkeepPlace>, Cause> {
        let end = slot(cutoff);
        let query = "SELECT MIN(slot) FROM raw_values WHERE slot < ?";
        let found = sql.fetch(query.into(), &[Arg::Int(end)]).await?;
        let first = found.first().map(|row| row.maybe_int(0)).transpose()?.flatten();
        let Some(first) = first else { return Ok(self.next_part()) };
        let slots = self.first_slots();
        let to = first.saturating_add(slots).min(end);
        let delete = "DELETE FROM raw_values WHERE slot < ?";
        let gone = sql.execute(delete.into(), &[Arg::Int(to)]).await?;
        let slots = match gone {
            0..ROWS if gone < ROWS / 4 => slots * 2,
            0..ROWS => slots,
            _ => slots / 2,
        };
        Ok(self.at(slots.clamp(1, 8640)))
    }

    /// `after` is what the part before left there when this one begins.
    fn first_slots(&self) -> i64 {
        if (1..=8640).contains(&self.place.after) { self.place.after } else { 1 }
    }

    /// Rows of minutes or hours; `after` is the check that was last looked at.
    async fn values(
        &self,
        sql: &mut dyn Sql,
        table: &'static str,
        row: i64,
        cutoff: Timestamp,
    ) -> Result<Option<UpkeepPlace>, Cause> {
        let delete = format!(
            "DELETE FROM {table} WHERE check_id = ? AND at < ? AND at < \
             (SELECT COALESCE(MIN(at), 0) + ? FROM {table} WHERE check_id = ?)"
        );
        let most = row.saturating_mul(i64::try_from(ROWS).unwrap_or(i64::MAX));
        let (mut gone, mut last) = (0, None);
        for check in self.checks(sql).await? {
            let args = [check, cutoff.as_millis(), most, check].map(Arg::Int);
            gone += sql.execute(delete.clone(), &args).await?;
            last = Some(check);
            if gone >= ROWS {
                break;
            }
        }
        Ok(last.map_or_else(|| self.next_part(), |check| self.at(check)))
    }

    async fn checks(&self, sql: &mut dyn Sql) -> Result<Vec<i64>, Cause> {
        let query = "SELECT id FROM checks WHERE id > ? ORDER BY id LIMIT ?";
        let rows = sql.fetch(query.into(), &[self.place.after, CHECKS].map(Arg::Int)).await?;
        rows.iter().map(|row| row.int(0)).collect()
    }

    /// Status changes: the one that says what held at the cutoff stays.
    async fn statuses(
        &self,
        sql: &mut dyn Sql,
        cutoff: Timestamp,
    ) -> Result<Option<UpkeepPlace>, Cause> {
        let newest = "SELECT MAX(at) FROM status_changes WHERE check_id = ? AND at <= ?";
        let sums = "DELETE FROM status_hours WHERE check_id = ? AND at < ?";
        let changes = "DELETE FROM status_changes WHERE check_id = ? AND at < ?";
        let (mut gone, mut last) = (0, None);
        for check in self.checks(sql).await? {
            last = Some(check);
            let args = [check, cutoff.as_millis()].map(Arg::Int);
            let rows = sql.fetch(newest.into(), &args).await?;
            let held = rows.first().map(|row| row.maybe_int(0)).transpose()?.flatten();
            let Some(held) = held else { continue };
            gone += sql.execute(changes.into(), &[check, held].map(Arg::Int)).await?;
            gone += sql.execute(sums.into(), &args).await?;
            if gone >= ROWS {
                break;
            }
        }
        Ok(last.map_or_else(|| self.next_part(), |check| self.at(check)))
    }

    /// Incidents that ended, with their notices and attempts. The newest stays: numbers are counted
    /// on from it when the journal is lost.
    async fn incidents(
        &self,
        sql: &mut dyn Sql,
        cutoff: Timestamp,
    ) -> Result<Option<UpkeepPlace>, Cause> {
        let cutoff = cutoff.as_millis();
        let query = "SELECT number FROM incidents WHERE since < ? AND closed_at < ? \
            AND number < (SELECT MAX(number) FROM incidents) ORDER BY since LIMIT ?";
        let found = sql.fetch(query.into(), &[cutoff, cutoff, FEW].map(Arg::Int)).await?;
        for row in &found {
            let number = [Arg::Int(row.int(0)?)];
            for delete in [
                "DELETE FROM notice_attempts WHERE notice IN \
                 (SELECT id FROM notices WHERE incident = ?)",
                "DELETE FROM notice_digests WHERE notice IN \
                 (SELECT id FROM notices WHERE incident = ?)",
                "DELETE FROM notices WHERE incident = ?",
                "DELETE FROM incidents WHERE number = ?",
            ] {
                sql.execute(delete.into(), &number).await?;
            }
        }
        Ok(if found.is_empty() { self.next_part() } else { self.at(0) })
    }

    /// Notices of no incident, as tests are. The newest stays, as above.
    async fn tests(
        &self,
        sql: &mut dyn Sql,
        cutoff: Timestamp,
    ) -> Result<Option<UpkeepPlace>, Cause> {
        let query = "SELECT id FROM notices WHERE at < ? AND incident IS NULL \
            AND id < (SELECT MAX(id) FROM notices) ORDER BY at LIMIT ?";
        let found = sql.fetch(query.into(), &[cutoff.as_millis(), FEW].map(Arg::Int)).await?;
        for row in &found {
            let id = [Arg::Int(row.int(0)?)];
            for delete in
                ["DELETE FROM notice_attempts WHERE notice = ?", "DELETE FROM notices WHERE id = ?"]
            {
                sql.execute(delete.into(), &id).await?;
            }
        }
        Ok(if found.is_empty() { None } else { self.at(0) })
    }
}
