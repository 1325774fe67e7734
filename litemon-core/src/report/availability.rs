//! How long something was what, with planned times apart.

use std::time::Duration;

use super::{Availability, Planned};
use crate::{
    model::{CheckId, CheckKind, Status, StatusChange, Timestamp, Uptime},
    store::{Store, StoreError},
};

/// A part of a time.
pub(super) type Window = (Timestamp, Timestamp);

/// How long a check was what in a window, of which some parts were planned.
pub(super) async fn availability(
    store: &dyn Store,
    check: &CheckId,
    kind: CheckKind,
    window: Window,
    planned: &[Window],
) -> Result<Availability, StoreError> {
    let whole = store.uptime(check, window.0, window.1).await?;
    let mut parts = Vec::with_capacity(planned.len());
    for (from, to) in planned {
        parts.push(store.uptime(check, *from, *to).await?);
    }
    Ok(apart(check, kind, &whole, &parts))
}

/// What did not run while that was planned goes from what is not planned to what is. The sum stays.
pub(super) fn apart(
    check: &CheckId,
    kind: CheckKind,
    whole: &Uptime,
    planned: &[Uptime],
) -> Availability {
    let sum = |which: fn(&Uptime) -> Duration| planned.iter().map(which).sum::<Duration>();
    // A later look may find more than the first one did.
    let down = sum(|part| part.down).min(whole.down);
    let unknown = sum(|part| part.unknown).min(whole.unknown);
    Availability {
        check: check.clone(),
        kind,
        up: whole.up,
        down: whole.down - down,
        unknown: whole.unknown - unknown,
        planned: down + unknown,
    }
}

/// A server that is to go away does so within this time, or what comes later has another reason.
const GOES_WITHIN: Duration = Duration::from_secs(15 * 60);

/// The planned parts of a window for a server's checks, in order, none of them over another.
/// `changes` are those of the server's `ssh`, oldest first.
pub(super) fn windows<'a>(
    planned: impl IntoIterator<Item = &'a Planned>,
    window: Window,
    changes: &[StatusChange],
) -> Vec<Window> {
    let within = |one: &Planned| {
        let last = one.to.unwrap_or(window.1);
        let end = if one.until_back { last.min(back(one.from, last, changes)) } else { last };
        let (from, to) = (one.from.max(window.0), end.min(window.1));
        (from < to).then_some((from, to))
    };
    let mut parts: Vec<Window> = planned.into_iter().filter_map(within).collect();
    parts.sort_unstable();
    let mut apart: Vec<Window> = Vec::with_capacity(parts.len());
    for (from, to) in parts {
        match apart.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => apart.push((from, to)),
        }
    }
    apart
}

/// When a server that was to go away at `from` was seen again: at once if it stayed, `last` if it
/// was not.
fn back(from: Timestamp, last: Timestamp, changes: &[StatusChange]) -> Timestamp {
    let runs = |change: &StatusChange| matches!(change.status, Status::Ok | Status::Warning);
    let later = || changes.iter().filter(|change| change.at > from);
    let gone = later().find(|change| !runs(change)).map(|change| change.at);
    match gone.filter(|gone| gone.since(from) <= GOES_WITHIN) {
        Some(gone) => later().find(|c| c.at > gone && runs(c)).map_or(last, |change| change.at),
        None => from,
    }
}

/// The share of the known time in which all of these ran, taken together.
#[must_use]
pub fn share_of(list: &[Availability]) -> Option<f64> {
    let sum = |which: fn(&Availability) -> Duration| list.iter().map(which).sum::<Duration>();
    let (up, down) = (sum(|one| one.up), sum(|one| one.down));
    let known = up + down;
    (!known.is_zero()).then(|| up.as_secs_f64() / known.as_secs_f64())
}

/// A share as percent: two decimals, more where they would hide the last outage or the last moment
/// of running; `100` only when it is all.
///
/// Always rounded down: 99.999 % of a month is an outage, and a report that says 100 hides it.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share.clamp(0.0, 1.0) * 100.0;
    if share >= 1.0 {
        return "100".to_owned();
    }
    let decimals = if (99.99..100.0).contains(&percent) { 4 } else { 2 };
    let scale = 10_f64.powi(decimals);
    // What is a hair below its number only because of binary fractions is that number.
    let down = (percent * scale + 1e-7).floor() / scale;
    let least = 100.0 - 1.0 / scale;
    format!("{:.*}", usize::try_from(decimals).unwrap_or(2), down.min(least))
}
