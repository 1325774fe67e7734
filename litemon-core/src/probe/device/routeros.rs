//! `/system resource print` of `RouterOS` 5 to 7: a name and a value on each line.

use super::span;
use crate::model::{Failure, one_line};

/// What it tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Resource {
    pub(crate) uptime: Option<u64>,
    pub(crate) version: Option<String>,
    pub(crate) board: Option<String>,
    pub(crate) architecture: Option<String>,
    pub(crate) cpus: Option<u32>,
    pub(crate) total_memory: Option<f64>,
    pub(super) free_memory: Option<f64>,
    pub(super) total_hdd: Option<f64>,
    pub(super) free_hdd: Option<f64>,
    pub(super) cpu_load: Option<f64>,
}

impl Resource {
    /// Lines that make no sense are passed over.
    pub(crate) fn parse(text: &str) -> Self {
        let mut found = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            let word = || Some(one_line(value, Failure::MAX_MESSAGE)).filter(|it| !it.is_empty());
            match name.trim() {
                "uptime" => found.uptime = span::seconds(value),
                "version" => found.version = word(),
                "board-name" => found.board = word(),
                "architecture-name" => found.architecture = word(),
                "cpu-count" => found.cpus = value.parse().ok(),
                "cpu-load" => found.cpu_load = percent(value),
                "free-memory" => found.free_memory = bytes(value),
                "total-memory" => found.total_memory = bytes(value),
                "free-hdd-space" => found.free_hdd = bytes(value),
                "total-hdd-space" => found.total_hdd = bytes(value),
                _ => {}
            }
        }
        found
    }

    pub(super) fn cpu(&self) -> Option<f64> {
        self.cpu_load
    }

    pub(super) fn mem(&self) -> Option<f64> {
        used(self.free_memory?, self.total_memory?)
    }

    pub(super) fn hdd(&self) -> Option<f64> {
        used(self.free_hdd?, self.total_hdd?)
    }
}

fn used(free: f64, total: f64) -> Option<f64> {
    (total > 0.0 && free <= total).then(|| (1.0 - free / total) * 100.0)
}

fn percent(text: &str) -> Option<f64> {
    let value = decimal(text.strip_suffix('%')?)?;
    (value <= 100.0).then_some(value)
}

/// `412.8MiB`, `59392KiB`, `27460kB`, `27460`.
fn bytes(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let scale = match unit.trim() {
        "" | "B" => 1.0,
        "kB" | "KB" | "KiB" => 1024.0,
        "MB" | "MiB" => 1024.0 * 1024.0,
        "GB" | "GiB" => 1024.0 * 1024.0 * 1024.0,
        "TB" | "TiB" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(decimal(number)? * scale)
}

/// A decimal number without sign or exponent; always finite.
fn decimal(text: &str) -> Option<f64> {
    let good = text.len() <= 20 && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    good.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const V7: &str = "                   uptime: 2w3d14h22m11s\n\
        \x20                 version: 7.14.3 (stable)\n\
        \x20              build-time: 2024-03-01 07:27:53\n\
        \x20             free-memory: 384.0MiB\n\
        \x20            total-memory: 512.0MiB\n\
        \x20                     cpu: Intel(R) Atom(TM)\n\
        \x20               cpu-count: 2\n\
        \x20                cpu-load: 7%\n\
        \x20          free-hdd-space: 18.6MiB\n\
        \x20         total-hdd-space: 128.0MiB\n\
        \x20       architecture-name: x86_64\n\
        \x20              board-name: CHR\n\
        \x20                platform: MikroTik\n";
    const V5: &str = "uptime: 1d02:03:04\nversion: 5.26\nfree-memory: 14000kB\n\
        total-memory: 28000kB\ncpu-load: 100%\nfree-hdd-space: 30000kB\ntotal-hdd-space: 60000kB\n";

    #[test]
    fn everything_is_read() {
        let seen = Resource::parse(V7);
        assert_eq!((seen.cpu(), seen.mem()), (Some(7.0), Some(25.0)));
        assert_eq!(seen.hdd().map(f64::round), Some(85.0));
        assert_eq!(seen.uptime, Some(1_520_531 + 2 * 60 - 120));
        assert_eq!(seen.version.as_deref(), Some("7.14.3 (stable)"));
        assert_eq!((seen.board.as_deref(), seen.cpus), (Some("CHR"), Some(2)));
        let seen = Resource::parse(V5);
        assert_eq!((seen.cpu(), seen.mem(), seen.hdd()), (Some(100.0), Some(50.0), Some(50.0)));
        assert_eq!(seen.uptime, Some(93_784));
    }

    #[test]
    fn nonsense_is_nothing() {
        for text in [
            "",
            "bad command name resource (line 1 column 9)",
            "free-memory: 5MiB\ntotal-memory: 0MiB\ncpu-load: 101%",
            "free-memory: 6MiB\ntotal-memory: 5MiB\ncpu-load: -1%",
            "free-memory: 6XiB\ntotal-memory: 1e9\ncpu-load: inf%",
        ] {
            let seen = Resource::parse(text);
            assert_eq!((seen.cpu(), seen.mem(), seen.hdd()), (None, None, None), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_printed_gives_percentages(
            text in "((uptime|cpu-load|free-memory|total-memory): [0-9.%MiBé]{0,12}\n){0,6}"
        ) {
            let seen = Resource::parse(&text);
            for value in [seen.cpu(), seen.mem(), seen.hdd()].into_iter().flatten() {
                proptest::prop_assert!((0.0..=100.0).contains(&value));
            }
        }
    }
}
