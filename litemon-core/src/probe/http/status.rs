//! Which statuses are good. Pure.

use std::ops::RangeInclusive;

/// Statuses, as `200` or `200-299`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statuses(Vec<RangeInclusive<u16>>);

impl Default for Statuses {
    fn default() -> Self {
        Self(vec![200..=399])
    }
}

impl Statuses {
    /// The usual ones when none are written; the error is the one that is wrong.
    pub(super) fn read(written: &[String]) -> Result<Self, usize> {
        if written.is_empty() {
            return Ok(Self::default());
        }
        let ranges = written.iter().enumerate().map(|(i, text)| range(text).ok_or(i));
        ranges.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn contain(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.contains(&status))
    }
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let status = |text: &str| text.trim().parse().ok().filter(|n| (100..=599).contains(n));
    let range = status(first)?..=status(last)?;
    (!range.is_empty()).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(written: &[&str], status: u16) -> Result<bool, usize> {
        let written: Vec<String> = written.iter().map(|text| (*text).to_owned()).collect();
        Statuses::read(&written).map(|statuses| statuses.contain(status))
    }

    #[test]
    fn single_ones_and_ranges() {
        for (written, status, expected) in [
            (&[][..], 200, Ok(true)),
            (&[], 399, Ok(true)),
            (&[], 404, Ok(false)),
            (&["200"], 204, Ok(false)),
            (&["200-299", "401"], 204, Ok(true)),
            (&["200-299", "401"], 401, Ok(true)),
            (&["200-299", "401"], 400, Ok(false)),
            (&[" 500 - 599 "], 503, Ok(true)),
            (&["200", "299-200"], 200, Err(1)),
            (&["2xx"], 200, Err(0)),
            (&["99"], 200, Err(0)),
            (&["200-"], 200, Err(0)),
            (&["-200"], 200, Err(0)),
            (&["600"], 200, Err(0)),
        ] {
            assert_eq!(good(written, status), expected, "{written:?} {status}");
        }
    }
}
