use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{garbage, read};
use crate::{
    exec::{Command, Exec},
    model::{Failure, Observation},
    probe::{Probe, Recipe, Site},
};

/// Memory in use: 1 − MemAvailable/MemTotal (proc_meminfo(5)). Kernels before 3.14 do not say what
/// is available: free memory, buffers and cache stand for it there.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Mem;

impl Mem {
    /// The recipe.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Recipe for Mem {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(MemProbe { exec: site.exec.clone(), command: Command::shell("cat /proc/meminfo") })
    }
}

#[derive(Debug)]
struct MemProbe {
    exec: Arc<dyn Exec>,
    command: Command,
}

#[async_trait]
impl Probe for MemProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let text = read(&*self.exec, &self.command, deadline).await?;
        let used = used(&text).ok_or_else(|| garbage("not /proc/meminfo", &text))?;
        Ok(Observation::percent(used, None))
    }
}

#[expect(clippy::cast_precision_loss, reason = "memory is counted in fewer than 2^53 KiB")]
fn used(text: &str) -> Option<f64> {
    let field = |name: &str| -> Option<u64> {
        let mut words = text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace();
        words.next()?.parse().ok()
    };
    let total = field("MemTotal:")?;
    let available = field("MemAvailable:").or_else(|| {
        let rest = [field("Buffers:"), field("Cached:"), field("SReclaimable:")];
        Some(rest.into_iter().flatten().fold(field("MemFree:")?, u64::saturating_add))
    })?;
    (total > 0).then(|| (1.0 - available.min(total) as f64 / total as f64) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::used;

    #[test]
    fn what_is_available_counts() {
        let new = "MemTotal: 1000 kB\nMemFree: 10 kB\nMemAvailable: 250 kB\nCached: 500 kB\n";
        assert_eq!(used(new), Some(75.0));
    }

    #[test]
    fn old_kernels_are_reckoned() {
        let old = "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 100 kB\nCached: 300 kB\n";
        assert_eq!(used(old), Some(50.0));
    }

    #[test]
    fn nonsense_is_none() {
        for text in ["", "MemTotal: 0 kB\nMemAvailable: 0 kB", "MemTotal: x kB", "MemTotal: 5 kB"] {
            assert_eq!(used(text), None, "{text:?}");
        }
        assert_eq!(used("MemTotal: 5 kB\nMemAvailable: 9 kB"), Some(0.0));
    }
}
