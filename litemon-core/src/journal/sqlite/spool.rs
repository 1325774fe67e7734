use async_trait::async_trait;

use crate::{
    journal::{SpoolBound, SpoolMark},
    model::HistoryRecord,
    store::sql::{Arg, Cause, Sql, Work, insert},
};

/// Puts records behind those that are kept, and drops the oldest when there are too many.
///
/// `id` counts without gaps and `upto` is the sum of all lengths so far: both bounds are a
/// difference of the newest row and the oldest, and nothing has to be counted.
pub(super) struct Spool {
    bodies: Vec<String>,
    bound: SpoolBound,
}

impl Spool {
    pub(super) fn new(records: &[HistoryRecord], bound: SpoolBound) -> Result<Self, Cause> {
        let bodies = records.iter().map(serde_json::to_string).collect::<Result<_, _>>();
        Ok(Self { bodies: bodies.map_err(Cause::row)?, bound })
    }
}

#[async_trait]
impl Work for Spool {
    type Out = u64;
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<u64, Cause> {
        let mut upto = newest(sql).await?.map_or(0, |(_, upto)| upto);
        let rows = self.bodies.iter().map(|body| {
            upto = upto.saturating_add(int(body.len()));
            [Arg::Int(upto), Arg::Text(body)]
        });
        insert(sql, "INSERT INTO spool (upto, body)", rows).await?;
        drop_oldest(sql, self.bound).await
    }
}

/// The newest row's `id` and `upto`.
async fn newest(sql: &mut dyn Sql) -> Result<Option<(i64, i64)>, Cause> {
    let query = "SELECT id, upto FROM spool ORDER BY id DESC LIMIT 1";
    let rows = sql.fetch(query.into(), &[]).await?;
    rows.first().map(|row| Ok((row.int(0)?, row.int(1)?))).transpose()
}

async fn drop_oldest(sql: &mut dyn Sql, bound: SpoolBound) -> Result<u64, Cause> {
    let Some((id, upto)) = newest(sql).await? else { return Ok(0) };
    let too_long = upto.saturating_sub(int(bound.bytes));
    // From the oldest on, so it stops at the first that stays. (LENGTH of a text counts
    // characters.)
    let query = "SELECT id FROM spool WHERE upto - LENGTH(CAST(body AS BLOB)) >= ? \
        ORDER BY id LIMIT 1";
    let first = sql.fetch(query.into(), &[Arg::Int(too_long)]).await?;
    let first = first.first().map_or(Ok(id.saturating_add(1)), |row| row.int(0))?;
    let cut = first.saturating_sub(1).max(id.saturating_sub(int(bound.records)));
    sql.execute("DELETE FROM spool WHERE id <= ?".into(), &[Arg::Int(cut)]).await
}

/// The oldest records.
pub(super) struct Oldest(pub(super) usize);

#[async_trait]
impl Work for Oldest {
    type Out = (Vec<HistoryRecord>, SpoolMark);
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let query = "SELECT id, body FROM spool ORDER BY id LIMIT ?";
        let rows = sql.fetch(query.into(), &[Arg::Int(int(self.0))]).await?;
        let mut records = Vec::with_capacity(rows.len());
        let mut mark = SpoolMark::default();
        for row in rows {
            mark = SpoolMark(row.int(0)?);
            // One that cannot be read would otherwise keep back all behind it, for ever.
            match serde_json::from_str(&row.text(1)?) {
                Ok(record) => records.push(record),
                Err(error) => tracing::warn!(%error, "a record of kept history is left out"),
            }
        }
        Ok((records, mark))
    }
}

/// How many records are kept.
pub(super) struct Count;

#[async_trait]
impl Work for Count {
    type Out = u64;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<u64, Cause> {
        let query = "SELECT COALESCE(MAX(id) - MIN(id) + 1, 0) FROM spool";
        let rows = sql.fetch(query.into(), &[]).await?;
        let count = rows.first().map_or(Ok(0), |row| row.int(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

/// Forgets records up to a mark.
pub(super) struct Unspool(pub(super) SpoolMark);

#[async_trait]
impl Work for Unspool {
    type Out = ();
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<(), Cause> {
        let delete = "DELETE FROM spool WHERE id <= ?";
        sql.execute(delete.into(), &[Arg::Int(self.0.0)]).await?;
        Ok(())
    }
}

fn int(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
