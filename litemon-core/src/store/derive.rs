//! What a store works out of raw rows when it keeps no others: right for any store, and slow for a
//! long time.

use std::time::Duration;

use super::{Store, StoreError};
use crate::model::{
    CheckId, Incident, Resolution, Sample, Series, Status, StatusChange, Timestamp, Uptime,
};

/// At most so many raw rows are looked at.
const MOST: usize = 1_000_000;

/// How long after the newest result what was known is taken to hold on.
const GRACE: Duration = Duration::from_secs(60);

pub(super) async fn series<S: Store + ?Sized>(
    store: &S,
    check: &CheckId,
    from: Timestamp,
    to: Timestamp,
    points: usize,
) -> Result<Series, StoreError> {
    let resolution = Resolution::for_span(to.since(from), points);
    let (from, to) = (resolution.floor(from), resolution.ceil(to));
    let values = store.values(check, from, to, MOST).await?;
    Ok(Series::new(resolution, samples(resolution, values.iter().map(Sample::of))))
}

/// Puts samples, oldest first, into rows.
pub(super) fn samples(
    resolution: Resolution,
    from: impl IntoIterator<Item = Sample>,
) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for one in from {
        let one = Sample { at: resolution.floor(one.at), ..one };
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
    let changes = store.changes(check, Timestamp::default(), to, MOST).await?;
    let seen = store.current().await?.iter().map(|status| status.at).max();
    Ok(uptime_of(&changes, from, to, seen))
}

/// Adds up what changes, oldest first, say of a time; `seen` is when the newest result came, of any
/// check.
fn uptime_of(
    changes: &[StatusChange],
    from: Timestamp,
    to: Timestamp,
    seen: Option<Timestamp>,
) -> Uptime {
    let known = known_until(seen, from, to);
    let mut tally = Tally::new(from);
    for change in changes.iter().filter(|change| change.at < known || change.at <= from) {
        tally.change(change.at, change.status);
    }
    tally.end(known, to)
}

/// Until when anything is known in `from <= at < to`: a minute after the newest result nobody
/// looks any more.
pub(super) fn known_until(seen: Option<Timestamp>, from: Timestamp, to: Timestamp) -> Timestamp {
    seen.map_or(to, |seen| to.min(seen.plus(GRACE)).max(from))
}

/// Adds up how long a check was what.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) sum: Uptime,
    pub(super) held: Option<Status>,
    pub(super) since: Timestamp,
}

impl Tally {
    pub(super) fn new(from: Timestamp) -> Self {
        Self { sum: Uptime::default(), held: None, since: from }
    }

    /// The next change; one before the beginning says what held then.
    pub(super) fn change(&mut self, at: Timestamp, status: Status) {
        self.until(at);
        self.held = Some(status);
    }

    /// The sum up to `to`, when nothing is known from `known` on.
    pub(super) fn end(mut self, known: Timestamp, to: Timestamp) -> Uptime {
        self.until(known);
        self.held = None;
        self.until(to);
        self.sum
    }

    pub(super) fn until(&mut self, at: Timestamp) {
        add(&mut self.sum, self.held, at.since(self.since));
        self.since = self.since.max(at);
    }
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
    use crate::model::ValueRecord;

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
        let rows = samples(Resolution::Minute, values.iter().map(Sample::of));
        let seen: Vec<_> =
            rows.iter().map(|row| (row.at, row.min, row.avg, row.max, row.count)).collect();
        assert_eq!(
            seen,
            [(at(0), 9.0, 9.0, 9.0, 1), (at(60), 1.0, 1.5, 2.0, 2), (at(240), 4.0, 4.0, 4.0, 1)]
        );
        assert_eq!(samples(Resolution::Raw, values.iter().map(Sample::of)).len(), 4);
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
        let of = |from, to| uptime_of(&changes, at(from), at(to), None);
        assert_eq!(of(0, 50), Uptime { up: s(25), down: s(5), unknown: s(20) });
        assert_eq!(of(22, 24), Uptime { up: s(0), down: s(2), unknown: s(0) });
        assert_eq!(of(0, 5), Uptime { unknown: s(5), ..Uptime::default() });
        assert_eq!(of(10, 20).share(), Some(1.0));
        assert_eq!(of(0, 5).share(), None);
        let stopped = uptime_of(&changes[..3], at(30), at(200), Some(at(40)));
        assert_eq!(stopped, Uptime { up: s(70), down: s(0), unknown: s(100) });
        let before = uptime_of(&changes[..3], at(300), at(400), Some(at(40)));
        assert_eq!(before, Uptime { unknown: s(100), ..Uptime::default() });
    }
}
