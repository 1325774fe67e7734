//! What a store works out of raw rows when it keeps no others: right for any store, and slow for a
//! long time.

use std::time::Duration;

use super::{Store, StoreError};
use crate::model::{
    CheckId, Incident, Resolution, Sample, Series, Status, StatusChange, Timestamp, Uptime,
    ValueRecord,
};

/// At most so many raw rows are looked at.
const MOST: usize = 200_000;

/// How far back a change is looked for that says what held when a time began.
const BEFORE: Duration = Duration::from_secs(366 * 86_400);

pub(super) async fn series<S: Store + ?Sized>(
    store: &S,
    check: &CheckId,
    from: Timestamp,
    to: Timestamp,
    points: usize,
) -> Result<Series, StoreError> {
    let resolution = Resolution::for_span(to.since(from), points);
    let values = store.values(check, resolution.floor(from), to, MOST).await?;
    Ok(Series::new(resolution, samples(resolution, &values)))
}

/// Puts values, oldest first, into rows.
fn samples(resolution: Resolution, values: &[ValueRecord]) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for value in values {
        let one = Sample { at: resolution.floor(value.at), ..Sample::of(value) };
        match samples.last_mut() {
            Some(last) if last.at == one.at && resolution != Resolution::Raw => last.merge(&one),
            _ => samples.push(one),
        }
    }
    samples
}

pub(super) async fn uptime<S: Store + ?Sized>(
    store: &S,
    check: &CheckId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Uptime, StoreError> {
    let changes = store.changes(check, from.minus(BEFORE), to, MOST).await?;
    Ok(uptime_of(&changes, from, to))
}

/// Adds up what changes, oldest first, say of a time.
pub(super) fn uptime_of(changes: &[StatusChange], from: Timestamp, to: Timestamp) -> Uptime {
    let mut sum = Uptime::default();
    let mut held = None;
    let mut since = from;
    for change in changes.iter().filter(|change| change.at < to) {
        if change.at > since {
            add(&mut sum, held, change.at.since(since));
            since = change.at;
        }
        held = Some(change.status);
    }
    add(&mut sum, held, to.since(since));
    sum
}

fn add(sum: &mut Uptime, status: Option<Status>, time: Duration) {
    *match status {
        Some(Status::Ok | Status::Warning) => &mut sum.up,
        Some(Status::Critical) => &mut sum.down,
        Some(Status::Unknown) | None => &mut sum.unknown,
    } += time;
}

pub(super) async fn incidents_of<S: Store + ?Sized>(
    store: &S,
    check: &CheckId,
    from: Timestamp,
    to: Timestamp,
    most: usize,
) -> Result<Vec<Incident>, StoreError> {
    let within = |one: &Incident| {
        one.check == *check && one.since < to && one.closed.is_none_or(|(end, _)| end >= from)
    };
    let all = store.incidents(None, MOST).await?;
    let mut found: Vec<_> = all.into_iter().filter(within).take(most).collect();
    found.reverse();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_coarsest_rows_that_fill_the_points() {
        for (span, points, expected) in [
            (3_600, 300, Resolution::Raw),
            (86_400, 300, Resolution::Minute),
            (7 * 86_400, 300, Resolution::Minute),
            (30 * 86_400, 300, Resolution::Hour),
            (60, 0, Resolution::Hour),
        ] {
            assert_eq!(Resolution::for_span(s(span), points), expected, "{span} s, {points}");
        }
    }

    #[test]
    fn values_of_a_minute_make_one_row() {
        let check = CheckId::parse("a/cpu").unwrap();
        let value = |at_s, value| ValueRecord { check: check.clone(), at: at(at_s), value };
        let values = [value(59, 9.0), value(60, 1.0), value(119, 2.0), value(240, 4.0)];
        let rows = samples(Resolution::Minute, &values);
        let seen: Vec<_> =
            rows.iter().map(|row| (row.at, row.min, row.avg, row.max, row.count)).collect();
        assert_eq!(
            seen,
            [(at(0), 9.0, 9.0, 9.0, 1), (at(60), 1.0, 1.5, 2.0, 2), (at(240), 4.0, 4.0, 4.0, 1)]
        );
        assert_eq!(samples(Resolution::Raw, &values).len(), 4);
    }

    #[test]
    fn uptime_knows_what_is_not_known() {
        let check = CheckId::parse("a/cpu").unwrap();
        let change = |at_s, status| StatusChange {
            check: check.clone(),
            at: at(at_s),
            status,
            detail: String::new(),
        };
        let changes = [
            change(10, Status::Ok),
            change(20, Status::Critical),
            change(25, Status::Warning),
            change(40, Status::Unknown),
        ];
        let of = |from, to| uptime_of(&changes, at(from), at(to));
        assert_eq!(of(0, 50), Uptime { up: s(25), down: s(5), unknown: s(20) });
        assert_eq!(of(22, 24), Uptime { up: s(0), down: s(2), unknown: s(0) });
        assert_eq!(of(0, 5), Uptime { unknown: s(5), ..Uptime::default() });
        assert_eq!(of(10, 20).share(), Some(1.0));
        assert_eq!(of(0, 5).share(), None);
    }
}
