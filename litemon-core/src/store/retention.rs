use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// How long history is kept, from finest to coarsest. What is coarser is kept at least as long as
/// what is finer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// Every measured value.
    pub raw: Duration,
    /// Lowest, mean and highest value of each minute.
    pub minute: Duration,
    /// The same of each hour; and status changes, closed incidents and what was told of them.
    pub hour: Duration,
}

/// 3 days, 30 days, 2 years.
impl Default for Retention {
    fn default() -> Self {
        Self { raw: 3 * DAY, minute: 30 * DAY, hour: 730 * DAY }
    }
}

impl Retention {
    /// So long each; what is coarser is kept at least as long as what is finer.
    #[must_use]
    pub fn new(raw: Duration, minute: Duration, hour: Duration) -> Self {
        let minute = minute.max(raw);
        Self { raw, minute, hour: hour.max(minute) }
    }

    /// About how many bytes the history of checks takes on disk that give a number each of these
    /// intervals, once the longest retention is over. Statuses and incidents come on top: a few
    /// hundred bytes for each check and each change.
    pub fn bytes(&self, each: RowBytes, intervals: impl IntoIterator<Item = Duration>) -> u64 {
        let rows = |kept: Duration, every: Duration| kept.as_secs_f64() / every.as_secs_f64();
        let of_check = |interval: Duration| {
            let every = |row: Duration| interval.max(row).max(Duration::from_millis(1));
            rows(self.raw, every(Duration::ZERO)) * each.raw
                + rows(self.minute, every(Duration::from_secs(60))) * each.minute
                + rows(self.hour, every(Duration::from_secs(3600))) * each.hour
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let bytes = intervals.into_iter().map(of_check).sum::<f64>() as u64;
        bytes
    }
}

/// What a row takes on disk, indexes and free space within pages included, as measured; see
/// docs/BENCHMARKS.md.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowBytes {
    /// A raw value.
    pub raw: f64,
    /// A minute.
    pub minute: f64,
    /// An hour.
    pub hour: f64,
}

impl RowBytes {
    /// In SQLite.
    pub const SQLITE: Self = Self { raw: 31.0, minute: 50.0, hour: 50.0 };
    /// In MySQL and MariaDB.
    pub const MYSQL: Self = Self { raw: 55.0, minute: 80.0, hour: 80.0 };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_checks_fast_and_slow() {
        let each = RowBytes { raw: 1.0, minute: 1000.0, hour: 1_000_000.0 };
        let kept = Retention::new(DAY, DAY, DAY);
        let of = |seconds| kept.bytes(each, [Duration::from_secs(seconds)]);
        assert_eq!(of(10), 8640 + 1_440_000 + 24_000_000);
        assert_eq!(of(86_400), 1 + 1000 + 1_000_000, "no more rows than values");
        assert_eq!(kept.bytes(each, []), 0);
    }

    #[test]
    fn coarser_is_kept_longer() {
        let kept = Retention::new(2 * DAY, DAY, DAY);
        assert_eq!((kept.minute, kept.hour), (2 * DAY, 2 * DAY));
    }
}
