use async_trait::async_trait;
use serde::de::{DeserializeOwned, IntoDeserializer, value::StrDeserializer};

use super::{Arg, Cause, Row, Sql, Work};
use crate::{
    model::{
        AttemptRecord, CheckId, CloseReason, CurrentStatus, Incident, IncidentNumber, NoticeId,
        NoticeRecord, Numbers, StatusChange, Timestamp, ToldIn,
    },
    store::IncidentHistory,
};

const CURRENT: &str = "SELECT c.name, s.kind, s.status, s.since, s.at, s.last \
    FROM current_status s JOIN checks c ON c.id = s.check_id ORDER BY c.name";
const CHANGES: &str = "SELECT s.at, s.status, s.detail FROM status_changes s \
    WHERE s.check_id = (SELECT id FROM checks WHERE name = ?) AND s.at >= ? AND s.at < ? \
    ORDER BY s.at LIMIT ?";
pub(super) const INCIDENTS: &str = "SELECT i.number, c.name, i.kind, i.since, i.raised, i.status, i.worst, \
    i.last, i.closed_at, i.close_reason FROM incidents i JOIN checks c ON c.id = i.check_id";
const NOTICES: &str = "SELECT n.id, n.incident, c.name, n.notifier, n.recipient, n.reason, n.at, \
    n.state, n.state_at, d.digest, d.told, d.numbers FROM notices n \
    JOIN checks c ON c.id = n.check_id LEFT JOIN notice_digests d ON d.notice = n.id \
    WHERE n.incident = ? ORDER BY n.id";
const ATTEMPTS: &str = "SELECT a.notice, a.attempt, a.at, a.took_ms, a.result, a.detail \
    FROM notice_attempts a JOIN notices n ON n.id = a.notice \
    WHERE n.incident = ? ORDER BY a.notice, a.attempt";

/// What every check is now.
pub(super) struct Current;

#[async_trait]
impl Work for Current {
    type Out = Vec<CurrentStatus>;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let rows = sql.fetch(CURRENT.into(), &[]).await?;
        rows.iter().map(|row| current(&**row)).collect()
    }
}

fn current(row: &dyn Row) -> Result<CurrentStatus, Cause> {
    Ok(CurrentStatus {
        check: check(row, 0)?,
        kind: word(row, 1)?,
        status: word(row, 2)?,
        since: time(row, 3)?,
        at: time(row, 4)?,
        last: json(row, 5)?,
    })
}

/// Some time of a check.
pub(super) struct Span<'a> {
    pub(super) check: &'a CheckId,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) most: usize,
}

impl Span<'_> {
    pub(super) fn args(&self) -> [Arg<'_>; 4] {
        [
            Arg::Text(self.check.as_str()),
            Arg::Int(self.from.as_millis()),
            Arg::Int(self.to.as_millis()),
            limit(self.most),
        ]
    }
}

/// The changes in a span.
pub(super) struct Changes<'a>(pub(super) Span<'a>);

#[async_trait]
impl Work for Changes<'_> {
    type Out = Vec<StatusChange>;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let rows = sql.fetch(CHANGES.into(), &self.0.args()).await?;
        let change = |row: &dyn Row| {
            let check = self.0.check.clone();
            let at = time(row, 0)?;
            Ok(StatusChange { check, at, status: word(row, 1)?, detail: row.text(2)? })
        };
        rows.iter().map(|row| change(&**row)).collect()
    }
}

/// Incidents, newest first.
pub(super) struct Incidents {
    pub(super) before: Option<IncidentNumber>,
    pub(super) most: usize,
}

#[async_trait]
impl Work for Incidents {
    type Out = Vec<Incident>;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let query = format!("{INCIDENTS} WHERE i.number < ? ORDER BY i.number DESC LIMIT ?");
        let before = self.before.unwrap_or(IncidentNumber::MAX);
        let rows = sql.fetch(query, &[Arg::Int(before), limit(self.most)]).await?;
        rows.iter().map(|row| incident(&**row)).collect()
    }
}

/// One incident with its notices and their attempts.
pub(super) struct OneIncident(pub(super) IncidentNumber);

#[async_trait]
impl Work for OneIncident {
    type Out = Option<IncidentHistory>;
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let number = [Arg::Int(self.0)];
        let rows = sql.fetch(format!("{INCIDENTS} WHERE i.number = ?"), &number).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let incident = incident(&**row)?;
        let rows = sql.fetch(NOTICES.into(), &number).await?;
        let notices: Vec<_> = rows.iter().map(|row| notice(&**row)).collect::<Result<_, _>>()?;
        let rows = sql.fetch(ATTEMPTS.into(), &number).await?;
        let attempts: Vec<_> = rows.iter().map(|row| attempt(&**row)).collect::<Result<_, _>>()?;
        Ok(Some(IncidentHistory::new(incident, notices, attempts)))
    }
}

/// The highest numbers that are kept.
pub(super) struct LastNumbers;

#[async_trait]
impl Work for LastNumbers {
    type Out = (IncidentNumber, NoticeId);
    const WRITES: bool = false;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let incident = sql.fetch("SELECT MAX(number) FROM incidents".into(), &[]).await?;
        let notice = sql.fetch("SELECT MAX(id) FROM notices".into(), &[]).await?;
        let number = |rows: &[Box<dyn Row>]| {
            rows.first().map_or(Ok(None), |row| row.maybe_int(0)).map(Option::unwrap_or_default)
        };
        Ok((number(&incident)?, number(&notice)?))
    }
}

pub(super) fn incident(row: &dyn Row) -> Result<Incident, Cause> {
    Ok(Incident {
        number: row.int(0)?,
        check: check(row, 1)?,
        kind: word(row, 2)?,
        since: time(row, 3)?,
        raised: time(row, 4)?,
        status: word(row, 5)?,
        worst: word(row, 6)?,
        last: json(row, 7)?,
        limit: None,
        closed: closed(row)?,
    })
}

fn closed(row: &dyn Row) -> Result<Option<(Timestamp, CloseReason)>, Cause> {
    let Some(at) = row.maybe_int(8)? else { return Ok(None) };
    Ok(Some((Timestamp::from_millis(at), word(row, 9)?)))
}

fn notice(row: &dyn Row) -> Result<NoticeRecord, Cause> {
    Ok(NoticeRecord {
        id: row.int(0)?,
        incident: row.maybe_int(1)?,
        check: check(row, 2)?,
        notifier: row.text(3)?,
        recipient: row.text(4)?,
        reason: word(row, 5)?,
        at: time(row, 6)?,
        state: word(row, 7)?,
        state_at: time(row, 8)?,
        told_in: told_in(row)?,
    })
}

fn told_in(row: &dyn Row) -> Result<Option<ToldIn>, Cause> {
    let Some(digest) = row.maybe_int(9)? else { return Ok(None) };
    let count = usize::try_from(row.int(10)?).map_err(Cause::row)?;
    // What cannot be read is no reason to show nothing of the incident.
    let numbers = Numbers::read(&row.text(11)?).unwrap_or_default();
    Ok(Some(ToldIn::new(digest, count, numbers)))
}

fn attempt(row: &dyn Row) -> Result<AttemptRecord, Cause> {
    Ok(AttemptRecord {
        notice: row.int(0)?,
        attempt: u32::try_from(row.int(1)?).map_err(Cause::row)?,
        at: time(row, 2)?,
        took_ms: row.int(3)?,
        result: word(row, 4)?,
        detail: row.text(5)?,
    })
}

pub(super) fn limit(most: usize) -> Arg<'static> {
    Arg::Int(i64::try_from(most).unwrap_or(i64::MAX))
}

pub(super) fn time(row: &dyn Row, column: usize) -> Result<Timestamp, Cause> {
    row.int(column).map(Timestamp::from_millis)
}

fn check(row: &dyn Row, column: usize) -> Result<CheckId, Cause> {
    CheckId::parse(&row.text(column)?).map_err(Cause::row)
}

/// A word of an enumeration, as serde and `as_str` write it.
pub(super) fn word<T: DeserializeOwned>(row: &dyn Row, column: usize) -> Result<T, Cause> {
    let text = row.text(column)?;
    let word: StrDeserializer<'_, serde_json::Error> = text.as_str().into_deserializer();
    T::deserialize(word).map_err(Cause::row)
}

fn json<T: DeserializeOwned>(row: &dyn Row, column: usize) -> Result<T, Cause> {
    serde_json::from_str(&row.text(column)?).map_err(Cause::row)
}
