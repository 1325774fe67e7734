//! Which resources were busiest.

use super::{Busy, availability::Window};
use crate::model::{CheckId, Sample, Series};

/// The mean and the highest value of a series in a window; `None` where nothing was measured.
///
/// A row that the window cuts counts whole: what is kept of an hour cannot be divided.
pub(super) fn busy(check: &CheckId, unit: &str, series: &Series, window: Window) -> Option<Busy> {
    let mut within = series.samples.iter().filter(|row| {
        let end = row.at.plus(series.resolution.span());
        row.at < window.1 && (end > window.0 || row.at >= window.0)
    });
    let first = within.next()?;
    let mut sum = *first;
    let mut top: &Sample = first;
    for row in within {
        sum.merge(row);
        if row.max > top.max {
            top = row;
        }
    }
    Some(Busy {
        check: check.clone(),
        unit: unit.to_owned(),
        mean: sum.avg,
        max: sum.max,
        max_at: top.at,
        count: sum.count,
    })
}

/// By the name of the check, the busiest first; what is equally busy, by server.
pub(super) fn sort(resources: &mut [Busy]) {
    resources.sort_by(|a, b| {
        let names = a.check.name().cmp(b.check.name());
        names.then(b.mean.total_cmp(&a.mean)).then_with(|| a.check.cmp(&b.check))
    });
}
