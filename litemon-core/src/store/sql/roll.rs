//! Minute rows from raw values, hour rows from minute rows, sums of an hour from status changes.
//!
//! A row is always worked out anew from the rows below it and never added to: so a batch that is
//! handed over twice counts once. A row that stands for more values than are left below it (they
//! were removed since) stays as it is.
//!
//! A minute gets its rows when it is over, all checks at once ([`Close`]). A value that comes later
//! than that has its minute and its hour worked out again, in the transaction that keeps it
//! ([`late`]).

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{
    Arg, Cause, Dialect, Sql, Work,
    marks::{Marks, advance},
};
use crate::model::{Resolution, Timestamp};

/// Raw values of so many milliseconds stand together, check by check: so that what comes at one
/// time is written to few pages, and what a chart needs of one check is found with few reads.
pub(super) const SLOT: i64 = 10_000;

pub(super) const fn slot(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(SLOT)
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;

/// How long a minute stays open for results that were under way when it ended, in milliseconds.
const OPEN: i64 = 10_000;

/// A sum of the largest numbers there are would be none, which MySQL refuses.
const WITHIN: [(&str, &str); 2] =
    [("MIN(MAX(", ", -1e300), 1e300)"), ("LEAST(GREATEST(", ", -1e300), 1e300)")];

fn bounded(dialect: Dialect, number: &str) -> String {
    let [sqlite, mysql] = WITHIN;
    let (before, behind) = if dialect == Dialect::Sqlite { sqlite } else { mysql };
    format!("{before}{number}{behind}")
}

/// Behind an INSERT of value rows.
fn on_conflict(dialect: Dialect, table: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!(
            " ON CONFLICT (check_id, at) DO UPDATE SET min_value = excluded.min_value, \
             avg_value = excluded.avg_value, max_value = excluded.max_value, \
             samples = excluded.samples WHERE excluded.samples >= {table}.samples"
        ),
        Dialect::MySql => {
            // `samples` last: the others still have to see its old value.
            let sets = ["min_value", "avg_value", "max_value", "samples"].map(|name| {
                format!("{name} = IF(VALUES(samples) >= samples, VALUES({name}), {name})")
            });
            format!(" ON DUPLICATE KEY UPDATE {}", sets.join(", "))
        }
    }
}

const INTO: &str = "(check_id, at, min_value, avg_value, max_value, samples)";

/// Minute rows from raw values with slots in `? <= slot < ?`, which are whole minutes.
fn minutes(dialect: Dialect, of_check: bool) -> String {
    let only = if of_check { " AND check_id = ?" } else { "" };
    let value = bounded(dialect, "value");
    // The inner sums come in the order of the key, without sorting every value.
    format!(
        "INSERT INTO minute_values {INTO} \
         SELECT check_id, start, MIN(low), SUM(total) / SUM(number), MAX(high), SUM(number) FROM \
         (SELECT check_id, slot * {SLOT} - (slot * {SLOT}) % {MINUTE} AS start, MIN(value) AS low, \
         SUM({value}) AS total, MAX(value) AS high, COUNT(*) AS number \
         FROM raw_values WHERE slot >= ? AND slot < ?{only} GROUP BY slot, check_id) AS parts \
         GROUP BY check_id, start{}",
        on_conflict(dialect, "minute_values")
    )
}

/// Hour rows from minute rows in `? <= at < ?`, which are whole hours.
fn hours(dialect: Dialect, of_check: bool) -> String {
    let only = if of_check { " AND c.id = ?" } else { "" };
    let (join, value) = (join(dialect), bounded(dialect, "m.avg_value"));
    format!(
        "INSERT INTO hour_values {INTO} \
         SELECT m.check_id, m.at - m.at % {HOUR} AS start, MIN(m.min_value), \
         SUM({value} * m.samples) / SUM(m.samples), MAX(m.max_value), SUM(m.samples) \
         FROM checks c {join} minute_values m ON m.check_id = c.id AND m.at >= ? AND m.at < ?{only} \
         GROUP BY m.check_id, start{}",
        on_conflict(dialect, "hour_values")
    )
}

/// Check by check: a time alone would have to look at the rows of all times.
const fn join(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "CROSS JOIN",
        Dialect::MySql => "STRAIGHT_JOIN",
    }
}

/// What the changes in `? <= at < ?`, which are whole hours, say of each hour: from its first
/// change on. What held before that is the last status of an earlier hour.
fn status_hours(dialect: Dialect, of_check: bool) -> String {
    let only = if of_check { " AND c.id = ?" } else { "" };
    let join = join(dialect);
    let sum = |which: &str| format!("SUM(CASE WHEN {which} THEN until - at ELSE 0 END)");
    let (up, down) = (sum("status IN ('ok', 'warning')"), sum("status = 'critical'"));
    let unknown = sum("status NOT IN ('ok', 'warning', 'critical')");
    let columns = ["first_at", "up_ms", "down_ms", "unknown_ms", "status"];
    let replace = match dialect {
        Dialect::Sqlite => {
            let sets = columns.map(|name| format!("{name} = excluded.{name}"));
            format!(" ON CONFLICT (check_id, at) DO UPDATE SET {}", sets.join(", "))
        }
        Dialect::MySql => {
            let sets = columns.map(|name| format!("{name} = VALUES({name})"));
            format!(" ON DUPLICATE KEY UPDATE {}", sets.join(", "))
        }
    };
    format!(
        "INSERT INTO status_hours (check_id, at, first_at, up_ms, down_ms, unknown_ms, status) \
         SELECT check_id, start, MIN(at), {up}, {down}, {unknown}, \
         MAX(CASE WHEN until = start + {HOUR} THEN status END) FROM \
         (SELECT s.check_id AS check_id, s.at - s.at % {HOUR} AS start, s.at AS at, \
         s.status AS status, COALESCE(LEAD(s.at) OVER \
         (PARTITION BY s.check_id, s.at - s.at % {HOUR} ORDER BY s.at), \
         s.at - s.at % {HOUR} + {HOUR}) AS until \
         FROM checks c {join} status_changes s \
         ON s.check_id = c.id AND s.at >= ? AND s.at < ?{only}) AS spans \
         WHERE true GROUP BY check_id, start{replace}"
    )
}

/// What a batch touched.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Checks by number, with the times of their values.
    pub(super) values: Vec<(i64, Timestamp)>,
    /// The same of their status changes.
    pub(super) changes: Vec<(i64, Timestamp)>,
}

/// Works out again what was worked out before these came. To be called after they were written, in
/// the same transaction, with the marks as they were read in it.
pub(super) async fn late(sql: &mut dyn Sql, marks: &Marks, touched: &Touched) -> Result<(), Cause> {
    let Some(rolled) = marks.rolled else { return Ok(()) };
    let hours_rolled = marks.hours_rolled();
    let dialect = sql.dialect();
    let before = |times: &[(i64, Timestamp)], end: Timestamp, row: Resolution| {
        let late = times.iter().filter(|(_, at)| *at < end);
        late.map(|(check, at)| (*check, row.floor(*at).as_millis())).collect::<BTreeSet<_>>()
    };
    for (check, at) in before(&touched.values, rolled, Resolution::Minute) {
        let slots = [at / SLOT, (at + MINUTE) / SLOT].map(Arg::Int);
        let [from, to] = slots;
        sql.execute(minutes(dialect, true), &[from, to, Arg::Int(check)]).await?;
    }
    for (check, at) in before(&touched.values, hours_rolled, Resolution::Hour) {
        let args = [at, at + HOUR, check].map(Arg::Int);
        sql.execute(hours(dialect, true), &args).await?;
    }
    for (check, at) in before(&touched.changes, hours_rolled, Resolution::Hour) {
        let args = [at, at + HOUR, check].map(Arg::Int);
        sql.execute(status_hours(dialect, true), &args).await?;
    }
    Ok(())
}

/// The end of the last minute that is over when a record of this time has come.
pub(super) fn closable(newest: Timestamp) -> Timestamp {
    Resolution::Minute.floor(Timestamp::from_millis(newest.as_millis().saturating_sub(OPEN)))
}

/// Gives the next minute that has values its rows, if it ends before or with `until`, and the hour
/// if that ends with it. `false` when there is nothing more to do.
#[derive(Debug)]
pub(super) struct Close {
    pub(super) until: Timestamp,
}

#[async_trait]
impl Work for Close {
    type Out = bool;
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<bool, Cause> {
        let marks = Marks::locked(sql).await?;
        let Some(rolled) = marks.rolled.filter(|rolled| *rolled < self.until) else {
            return Ok(false);
        };
        let query = "SELECT MIN(slot) FROM raw_values WHERE slot >= ? AND slot < ?";
        let span = [rolled, self.until].map(|at| Arg::Int(slot(at)));
        let found = sql.fetch(query.into(), &span).await?;
        let first = found.first().map(|row| row.maybe_int(0)).transpose()?.flatten();
        let end = match first {
            Some(first) => {
                let start = Resolution::Minute.floor(Timestamp::from_millis(first * SLOT));
                let end = start.plus(Resolution::Minute.span());
                let slots = [start, end].map(|at| Arg::Int(slot(at)));
                sql.execute(minutes(sql.dialect(), false), &slots).await?;
                end
            }
            None => self.until,
        };
        let full = [marks.hours_rolled(), Resolution::Hour.floor(end)];
        if let [from, to] = full.map(Timestamp::as_millis)
            && from < to
        {
            let args = [from, to].map(Arg::Int);
            sql.execute(hours(sql.dialect(), false), &args).await?;
            sql.execute(status_hours(sql.dialect(), false), &args).await?;
        }
        advance(sql, "rolled", end).await?;
        Ok(end < self.until)
    }
}
