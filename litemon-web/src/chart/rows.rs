//! Measured values put into points that a chart has room for.

use std::time::Duration;

use litemon_core::model::Sample;

use super::{Window, axis};

/// Samples merged into rows of `width`, oldest first. Rows begin at whole widths of a time that is
/// `offset` milliseconds ahead of UTC. What is not finite or lies outside is left out.
pub(crate) fn fold(
    samples: &[Sample],
    window: Window,
    width: Duration,
    offset: i64,
) -> Vec<Sample> {
    let width = i64::try_from(width.as_millis()).unwrap_or(i64::MAX).max(1);
    let mut rows: Vec<Sample> = Vec::new();
    for sample in samples.iter().filter(|sample| fits(sample, window)) {
        let local = sample.at.as_millis().saturating_add(offset);
        let start = local.div_euclid(width).saturating_mul(width).saturating_sub(offset);
        let one = Sample { at: litemon_core::model::Timestamp::from_millis(start), ..*sample };
        match rows.last_mut() {
            Some(last) if last.at >= one.at => last.merge(&one),
            _ => rows.push(one),
        }
    }
    rows
}

fn fits(sample: &Sample, window: Window) -> bool {
    // Beyond the axis nothing can be shown, and sums could overflow.
    let finite = [sample.min, sample.avg, sample.max].iter().all(|value| value.abs() <= axis::MOST);
    // A row that began before the window reaches into it.
    let near = sample.at.plus(Duration::from_secs(3600)) > window.from && sample.at <= window.to;
    finite && near && sample.min <= sample.max
}

/// Rows that belong together: between two runs nothing was measured for longer than `patience`.
pub(crate) fn runs(rows: &[Sample], width: Duration, patience: Duration) -> Vec<&[Sample]> {
    let most = width.saturating_add(patience);
    rows.chunk_by(|a, b| b.at.since(a.at) <= most).collect()
}

/// The lowest, the mean and the highest of all.
pub(crate) fn total(samples: &[Sample]) -> Option<Sample> {
    let (first, rest) = samples.split_first()?;
    let mut total = *first;
    rest.iter().for_each(|sample| total.merge(sample));
    Some(total)
}
