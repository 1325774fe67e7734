use std::collections::{BTreeSet, HashMap, hash_map};

use async_trait::async_trait;

use super::{
    Arg, Cause, Sql, Work,
    marks::{Marks, advance},
    roll::{self, Touched, closable, slot},
    upsert::{Column::Data, Column::Key, Guard, Upsert},
};
use crate::model::{
    AttemptRecord, CheckId, CurrentStatus, Failure, HistoryRecord, Incident, NoticeRecord,
    Observation, Resolution, StatusChange, Timestamp, ValueRecord,
};

const VALUES: Upsert = Upsert {
    table: "raw_values",
    columns: &[Key("slot"), Key("check_id"), Key("at"), Data("value")],
    guard: None,
};

const CURRENT: Upsert = Upsert {
    table: "current_status",
    columns: &[
        Key("check_id"),
        Data("kind"),
        Data("status"),
        Data("since"),
        Data("value"),
        Data("failure"),
        Data("detail"),
        Data("last"),
        Data("at"),
    ],
    guard: Some(Guard { sqlite: "excluded.at >= current_status.at", mysql: "VALUES(at) >= at" }),
};

const CHANGES: Upsert = Upsert {
    table: "status_changes",
    columns: &[Key("check_id"), Key("at"), Data("status"), Data("detail")],
    guard: None,
};

const INCIDENTS: Upsert = Upsert {
    table: "incidents",
    columns: &[
        Key("number"),
        Data("check_id"),
        Data("kind"),
        Data("since"),
        Data("raised"),
        Data("status"),
        Data("worst"),
        Data("detail"),
        Data("last"),
        Data("close_reason"),
        Data("closed_at"),
    ],
    // An incident never opens again: an open form that comes behind a closed one is old.
    guard: Some(Guard {
        sqlite: "incidents.closed_at IS NULL OR excluded.closed_at IS NOT NULL",
        mysql: "closed_at IS NULL OR VALUES(closed_at) IS NOT NULL",
    }),
};

const NOTICES: Upsert = Upsert {
    table: "notices",
    columns: &[
        Key("id"),
        Data("incident"),
        Data("check_id"),
        Data("notifier"),
        Data("recipient"),
        Data("reason"),
        Data("at"),
        Data("state"),
        Data("state_at"),
    ],
    guard: None,
};

const ATTEMPTS: Upsert = Upsert {
    table: "notice_attempts",
    columns: &[
        Key("notice"),
        Key("attempt"),
        Data("at"),
        Data("took_ms"),
        Data("result"),
        Data("detail"),
    ],
    guard: None,
};

const DIGESTS: Upsert = Upsert {
    table: "notice_digests",
    columns: &[Key("notice"), Data("digest"), Data("told"), Data("numbers")],
    guard: None,
};

/// Records, sorted by table; the order within a table is that in which they came.
#[derive(Debug, Default)]
pub(super) struct Sorted<'a> {
    values: Vec<&'a ValueRecord>,
    current: Vec<(&'a CurrentStatus, String)>,
    changes: Vec<&'a StatusChange>,
    incidents: Vec<(&'a Incident, String)>,
    notices: Vec<&'a NoticeRecord>,
    attempts: Vec<&'a AttemptRecord>,
}

impl<'a> Sorted<'a> {
    pub(super) fn new(records: &'a [HistoryRecord]) -> Result<Self, Cause> {
        let mut sorted = Self::default();
        let mut current = HashMap::new();
        for record in records {
            match record {
                // No database keeps one, and a batch must not fail over it for ever.
                HistoryRecord::Value(value) if !value.value.is_finite() => {}
                HistoryRecord::Value(value) => sorted.values.push(value),
                HistoryRecord::Current(status) => newest(&mut current, status),
                HistoryRecord::Change(change) => sorted.changes.push(change),
                HistoryRecord::Incident(incident) => {
                    sorted.incidents.push((incident, json(&incident.last)?));
                }
                HistoryRecord::Notice(notice) => sorted.notices.push(notice),
                HistoryRecord::Attempt(attempt) => sorted.attempts.push(attempt),
            }
        }
        for status in current.into_values() {
            sorted.current.push((status, json(&status.last)?));
        }
        Ok(sorted)
    }

    /// The earliest and the latest time of what was measured and what changed.
    fn times(&self) -> Option<(Timestamp, Timestamp)> {
        let values = self.values.iter().map(|record| record.at);
        let changes = self.changes.iter().map(|record| record.at);
        let current = self.current.iter().map(|(record, _)| record.at);
        let mut times = values.chain(changes).chain(current);
        let first = times.next()?;
        Some(times.fold((first, first), |(min, max), at| (min.min(at), max.max(at))))
    }

    /// The checks that need a number.
    pub(super) fn checks(&self) -> BTreeSet<&'a CheckId> {
        let values = self.values.iter().map(|record| &record.check);
        let current = self.current.iter().map(|(record, _)| &record.check);
        let changes = self.changes.iter().map(|record| &record.check);
        let incidents = self.incidents.iter().map(|(record, _)| &record.check);
        let notices = self.notices.iter().map(|record| &record.check);
        values.chain(current).chain(changes).chain(incidents).chain(notices).collect()
    }
}

/// Of several that say what a check is now only the newest counts; of equals the later.
fn newest<'a>(known: &mut HashMap<&'a CheckId, &'a CurrentStatus>, status: &'a CurrentStatus) {
    match known.entry(&status.check) {
        hash_map::Entry::Occupied(mut old) if status.at >= old.get().at => *old.get_mut() = status,
        hash_map::Entry::Occupied(_) => {}
        hash_map::Entry::Vacant(place) => {
            place.insert(status);
        }
    }
}

fn json(last: &Result<Observation, Failure>) -> Result<String, Cause> {
    serde_json::to_string(last).map_err(Cause::row)
}

/// Writes records, whose checks have their numbers, as one.
pub(super) struct Append<'a> {
    pub(super) sorted: &'a Sorted<'a>,
    pub(super) ids: &'a HashMap<CheckId, i64>,
}

#[async_trait]
impl Work for Append<'_> {
    /// Until when minutes are over that have no rows yet; `None` when there are none.
    type Out = Option<Timestamp>;
    const WRITES: bool = true;

    async fn on(&self, sql: &mut dyn Sql) -> Result<Self::Out, Cause> {
        let Sorted { incidents, notices, attempts, .. } = self.sorted;
        let closable = self.measured(sql).await?;
        INCIDENTS
            .rows(sql, incidents.iter().map(|(record, last)| self.incident(record, last)))
            .await?;
        NOTICES.rows(sql, notices.iter().map(|record| self.notice(record))).await?;
        let digests: Vec<_> = notices.iter().filter_map(|record| digest(record)).collect();
        DIGESTS.rows(sql, digests.iter().map(digest_args)).await?;
        ATTEMPTS.rows(sql, attempts.iter().map(|record| attempt(record))).await?;
        Ok(closable)
    }
}

impl Append<'_> {
    /// What was measured and how statuses changed.
    async fn measured(&self, sql: &mut dyn Sql) -> Result<Option<Timestamp>, Cause> {
        let Some((first, last)) = self.sorted.times() else { return Ok(None) };
        let Sorted { values, current, changes, .. } = self.sorted;
        let marks = Marks::locked(sql).await?;
        // In the order of their keys, neighbours are written to the same page; of the same key the
        // later one stays the later one.
        let mut rows: Vec<_> = values.iter().map(|record| self.value(record)).collect();
        rows.sort_by_key(|row| (row.0, row.1, row.2));
        VALUES.rows(sql, rows.iter().map(|row| value_args(*row))).await?;
        CHANGES.rows(sql, changes.iter().map(|record| self.change(record))).await?;
        let mut current: Vec<_> = current.iter().collect();
        current.sort_by_key(|(record, _)| self.ids.get(&record.check));
        CURRENT.rows(sql, current.iter().map(|(record, last)| self.current(record, last))).await?;
        self.note(sql, &marks, first).await?;
        let closable = closable(last);
        Ok(marks.rolled.is_none_or(|rolled| rolled < closable).then_some(closable))
    }

    /// Brings what is worked out of these up to date.
    async fn note(&self, sql: &mut dyn Sql, marks: &Marks, first: Timestamp) -> Result<(), Cause> {
        let Sorted { values, current, changes, .. } = self.sorted;
        if marks.rolled.is_none() {
            let begin = Resolution::Minute.floor(first.max(Timestamp::default()));
            advance(sql, "rolled", begin).await?;
        }
        if let Some(seen) = current.iter().map(|(record, _)| record.at).max() {
            advance(sql, "seen", seen).await?;
        }
        let of = |check: &CheckId, at| self.ids.get(check).map(|id| (*id, at));
        let touched = Touched {
            values: values.iter().filter_map(|one| of(&one.check, one.at)).collect(),
            changes: changes.iter().filter_map(|one| of(&one.check, one.at)).collect(),
        };
        roll::late(sql, marks, &touched).await
    }

    /// Every check of a batch has its number by now; NULL would be refused by the table.
    fn id(&self, check: &CheckId) -> Arg<'static> {
        self.ids.get(check).copied().into()
    }

    fn value(&self, record: &ValueRecord) -> (i64, Option<i64>, i64, f64) {
        let id = self.ids.get(&record.check).copied();
        (slot(record.at), id, record.at.as_millis(), record.value)
    }

    fn change<'a>(&self, record: &'a StatusChange) -> [Arg<'a>; 4] {
        [
            self.id(&record.check),
            Arg::Int(record.at.as_millis()),
            Arg::Text(record.status.as_str()),
            Arg::Text(&record.detail),
        ]
    }

    fn current<'a>(&self, record: &'a CurrentStatus, last: &'a str) -> [Arg<'a>; 9] {
        let value = record.last.as_ref().ok().and_then(Observation::value);
        let failure = record.last.as_ref().err().map(|failure| failure.kind.as_str());
        [
            self.id(&record.check),
            Arg::Text(record.kind.as_str()),
            Arg::Text(record.status.as_str()),
            Arg::Int(record.since.as_millis()),
            value.filter(|value| value.is_finite()).into(),
            failure.into(),
            detail(&record.last).into(),
            Arg::Text(last),
            Arg::Int(record.at.as_millis()),
        ]
    }

    fn incident<'a>(&self, record: &'a Incident, last: &'a str) -> [Arg<'a>; 11] {
        [
            Arg::Int(record.number),
            self.id(&record.check),
            Arg::Text(record.kind.as_str()),
            Arg::Int(record.since.as_millis()),
            Arg::Int(record.raised.as_millis()),
            Arg::Text(record.status.as_str()),
            Arg::Text(record.worst.as_str()),
            detail(&record.last).into(),
            Arg::Text(last),
            record.closed.map(|(_, reason)| reason.as_str()).into(),
            record.closed.map(|(at, _)| at.as_millis()).into(),
        ]
    }

    fn notice<'a>(&self, record: &'a NoticeRecord) -> [Arg<'a>; 9] {
        [
            Arg::Int(record.id),
            record.incident.into(),
            self.id(&record.check),
            Arg::Text(&record.notifier),
            Arg::Text(&record.recipient),
            Arg::Text(record.reason.as_str()),
            Arg::Int(record.at.as_millis()),
            Arg::Text(record.state.as_str()),
            Arg::Int(record.state_at.as_millis()),
        ]
    }
}

fn value_args((slot, id, at, value): (i64, Option<i64>, i64, f64)) -> [Arg<'static>; 4] {
    [Arg::Int(slot), id.into(), Arg::Int(at), Arg::Real(value)]
}

/// The message in which a notice was told: of which notice, which one, how many it tells, and the
/// numbers of their incidents.
fn digest(record: &NoticeRecord) -> Option<(i64, i64, i64, String)> {
    let told = record.told_in.as_ref()?;
    let count = i64::try_from(told.count).unwrap_or(i64::MAX);
    Some((record.id, told.entry, count, told.numbers.to_string()))
}

fn digest_args((notice, digest, told, numbers): &(i64, i64, i64, String)) -> [Arg<'_>; 4] {
    [Arg::Int(*notice), Arg::Int(*digest), Arg::Int(*told), Arg::Text(numbers)]
}

fn attempt(record: &AttemptRecord) -> [Arg<'_>; 6] {
    [
        Arg::Int(record.notice),
        Arg::Int(i64::from(record.attempt)),
        Arg::Int(record.at.as_millis()),
        Arg::Int(record.took_ms),
        Arg::Text(record.result.as_str()),
        Arg::Text(&record.detail),
    ]
}

fn detail(last: &Result<Observation, Failure>) -> Option<&str> {
    match last {
        Ok(seen) => seen.detail(),
        Err(failure) => Some(&failure.message),
    }
}
