//! Measures over a time: from rows that were worked out already, and from raw ones for what is too
//! new for that.

use std::{iter, time::Duration};

use async_trait::async_trait;

use super::{
    Arg, Cause, Sql, Work,
    marks::Marks,
    read::{INCIDENTS, Span, incident, limit, time, word},
    roll::{SLOT, slot},
};
use crate::{
    model::{
        CheckId, Incident, Resolution, Sample, Series, Status, Timestamp, Uptime, ValueRecord,
    },
    store::derive::{Tally, known_until, samples},
};

/// Slots that are looked up in one query.
const SLOTS: usize = 256;

/// Rows of a series, values of it, changes: beyond any that a chart or a report needs.
const MOST: usize = 200_000;

/// The number of a check; `None` when nothing was ever kept of it.
async fn number(sql: &mut dyn Sql, check: &CheckId) -> Result<Option<i64>, Cause> {
    let query = "SELECT id FROM checks WHERE name = ?";
    let rows = sql.fetch(query.into(), &[Arg::Text(check.as_str())]).await?;
    rows.first().map(|row| row.int(0)).transpose()
}

/// The values in a span.
pub(super) struct Values<'a>(pub(super) Span<'a>);

#[async_trait]
impl Work for Values<'_> {
    type Out = Vec<ValueRecord>;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let Some(id) = number(sql, self.0.check).await? else { return Ok(Vec::new()) };
        values(sql, id, &self.0).await
    }
}

/// Raw values, a piece of slots at a time: each slot is one search in the index.
async fn values(sql: &mut dyn Sql, id: i64, span: &Span<'_>) -> Result<Vec<ValueRecord>, Cause> {
    let [from, to] = [span.from, span.to].map(|at| Arg::Int(at.as_millis()));
    let last = slot(Timestamp::from_millis(span.to.as_millis().saturating_sub(1)));
    let marks = vec!["?"; SLOTS].join(", ");
    let query = format!(
        "SELECT at, value FROM raw_values WHERE slot IN ({marks}) AND check_id = ? \
         AND at >= ? AND at < ? ORDER BY at LIMIT ?"
    );
    let mut found = Vec::new();
    let mut next = slot(span.from);
    while let Some(first) = first_slot(sql, next, last).await? {
        let end = first.saturating_add(i64::try_from(SLOTS).unwrap_or(i64::MAX));
        let rest = span.most.saturating_sub(found.len());
        let args: Vec<_> =
            (first..end).map(Arg::Int).chain([Arg::Int(id), from, to, limit(rest)]).collect();
        for row in sql.fetch(query.clone(), &args).await? {
            let check = span.check.clone();
            found.push(ValueRecord { check, at: time(&*row, 0)?, value: row.real(1)? });
        }
        if found.len() >= span.most {
            break;
        }
        next = end;
    }
    Ok(found)
}

/// The first slot in `from <= slot <= to` in which there is anything, of whichever check.
async fn first_slot(sql: &mut dyn Sql, from: i64, to: i64) -> Result<Option<i64>, Cause> {
    let query = "SELECT MIN(slot) FROM raw_values WHERE slot >= ? AND slot <= ?";
    let rows = sql.fetch(query.into(), &[Arg::Int(from), Arg::Int(to)]).await?;
    rows.first().map_or(Ok(None), |row| row.maybe_int(0))
}

/// A series, as fine as is wanted and kept.
pub(super) struct Rows<'a> {
    pub(super) check: &'a CheckId,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) points: usize,
}

#[async_trait]
impl Work for Rows<'_> {
    type Out = Series;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Series, Cause> {
        // Read first: rows below a mark stay where they are while the mark moves on.
        let marks = Marks::read(sql).await?;
        let wanted = Resolution::for_span(self.to.since(self.from), self.points);
        let resolution = kept(&marks, wanted, self.from);
        let Some(id) = number(sql, self.check).await? else {
            return Ok(Series::new(resolution, Vec::new()));
        };
        let (from, to) = (resolution.floor(self.from), resolution.ceil(self.to));
        let hours = marks.hours_rolled();
        let rolled = marks.rolled.unwrap_or_default();
        let mut rows = Vec::new();
        if resolution == Resolution::Hour {
            rows.extend(worked_out(sql, HOURS, id, from, to.min(hours)).await?);
        }
        if resolution != Resolution::Raw {
            let from = if resolution == Resolution::Hour { from.max(hours) } else { from };
            rows.extend(worked_out(sql, MINUTES, id, from, to.min(rolled)).await?);
        }
        let from = if resolution == Resolution::Raw { from } else { from.max(rolled) };
        let span = Span { check: self.check, from, to, most: MOST };
        let raw = if from < to { values(sql, id, &span).await? } else { Vec::new() };
        rows.extend(raw.iter().map(Sample::of));
        Ok(Series::new(resolution, samples(resolution, rows)))
    }
}

/// The wanted resolution, or the next one that still reaches so far back.
fn kept(marks: &Marks, wanted: Resolution, from: Timestamp) -> Resolution {
    let finest = [Resolution::Raw, Resolution::Minute]
        .into_iter()
        .find(|resolution| *resolution >= wanted && marks.kept_since(*resolution) <= from);
    finest.unwrap_or(Resolution::Hour)
}

const MINUTES: &str = "SELECT at, min_value, avg_value, max_value, samples FROM minute_values \
    WHERE check_id = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?";
const HOURS: &str = "SELECT at, min_value, avg_value, max_value, samples FROM hour_values \
    WHERE check_id = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?";

async fn worked_out(
    sql: &mut dyn Sql,
    query: &'static str,
    id: i64,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Sample>, Cause> {
    if from >= to {
        return Ok(Vec::new());
    }
    let args = [id, from.as_millis(), to.as_millis()].map(Arg::Int);
    let args: Vec<_> = args.into_iter().chain(iter::once(limit(MOST))).collect();
    let rows = sql.fetch(query.into(), &args).await?;
    let sample = |row: &dyn super::Row| {
        let (min, max) = (row.real(1)?, row.real(3)?);
        // The mean was rounded, and cut when it was beyond what can be added up.
        let avg = row.real(2)?.max(min).min(max);
        let count = u64::try_from(row.int(4)?).unwrap_or(0);
        Ok(Sample { at: time(row, 0)?, min, avg, max, count })
    };
    rows.iter().map(|row| sample(&**row)).collect()
}

/// How long a check was what.
pub(super) struct UptimeOf<'a> {
    pub(super) check: &'a CheckId,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

const HELD: &str = "SELECT at, status FROM status_changes WHERE check_id = ? AND at <= ? \
    ORDER BY at DESC LIMIT 1";
const CHANGES: &str = "SELECT at, status FROM status_changes \
    WHERE check_id = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?";
const SUMS: &str = "SELECT at, first_at, up_ms, down_ms, unknown_ms, status FROM status_hours \
    WHERE check_id = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?";

#[async_trait]
impl Work for UptimeOf<'_> {
    type Out = Uptime;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Uptime, Cause> {
        let marks = Marks::read(sql).await?;
        let (from, to) = (self.from, self.to.max(self.from));
        let known = known_until(marks.seen, from, to);
        let mut tally = Tally::new(from);
        if let Some(id) = number(sql, self.check).await? {
            let held = sql.fetch(HELD.into(), &[id, from.as_millis()].map(Arg::Int)).await?;
            if let Some(row) = held.first() {
                tally.change(from, word(&**row, 1)?);
            }
            let first = Resolution::Hour.ceil(from).min(known);
            let last = Resolution::Hour.floor(known).min(marks.hours_rolled()).max(first);
            changes(sql, id, from, first, &mut tally).await?;
            hours(sql, id, first, last, &mut tally).await?;
            changes(sql, id, last, known, &mut tally).await?;
        }
        Ok(tally.end(known, to))
    }
}

async fn changes(
    sql: &mut dyn Sql,
    id: i64,
    from: Timestamp,
    to: Timestamp,
    tally: &mut Tally,
) -> Result<(), Cause> {
    let Some(args) = span_of(id, from, to) else { return Ok(()) };
    for row in sql.fetch(CHANGES.into(), &args).await? {
        tally.change(time(&*row, 0)?, word(&*row, 1)?);
    }
    Ok(())
}

/// Hours without a change have no row: what held before holds on.
async fn hours(
    sql: &mut dyn Sql,
    id: i64,
    from: Timestamp,
    to: Timestamp,
    tally: &mut Tally,
) -> Result<(), Cause> {
    let Some(args) = span_of(id, from, to) else { return Ok(()) };
    for row in sql.fetch(SUMS.into(), &args).await? {
        let time_of = |column| {
            let millis = u64::try_from(row.int(column)?).map_err(Cause::row)?;
            Ok::<_, Cause>(Duration::from_millis(millis))
        };
        let sums = Uptime { up: time_of(2)?, down: time_of(3)?, unknown: time_of(4)? };
        let end = time(&*row, 0)?.plus(Resolution::Hour.span());
        let last: Status = word(&*row, 5)?;
        tally.sums(time(&*row, 1)?, &sums, end, last);
    }
    Ok(())
}

fn span_of(id: i64, from: Timestamp, to: Timestamp) -> Option<[Arg<'static>; 4]> {
    let [from_ms, to_ms] = [from, to].map(|at| Arg::Int(at.as_millis()));
    (from < to).then(|| [Arg::Int(id), from_ms, to_ms, limit(MOST)])
}

/// The incidents of a check, the newest first in the query and last in the answer.
pub(super) struct IncidentsOf<'a>(pub(super) Span<'a>);

#[async_trait]
impl Work for IncidentsOf<'_> {
    type Out = Vec<Incident>;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let query = format!(
            "{INCIDENTS} WHERE i.check_id = (SELECT id FROM checks WHERE name = ?) \
             AND (i.closed_at IS NULL OR i.closed_at >= ?) AND i.since < ? \
             ORDER BY i.number DESC LIMIT ?"
        );
        let rows = sql.fetch(query, &self.0.args()).await?;
        let mut found: Vec<_> =
            rows.iter().map(|row| incident(&**row)).collect::<Result<_, _>>()?;
        found.reverse();
        Ok(found)
    }
}

const _: () = assert!(60_000 % SLOT == 0, "a minute is whole slots");

impl Tally {
    /// What is known of a time in sum, and what holds at its end.
    fn sums(&mut self, from: Timestamp, sums: &Uptime, to: Timestamp, last: Status) {
        self.until(from);
        self.sum.up += sums.up;
        self.sum.down += sums.down;
        self.sum.unknown += sums.unknown;
        self.since = self.since.max(to);
        self.held = Some(last);
    }
}
