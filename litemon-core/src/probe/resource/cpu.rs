use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{garbage, read};
use crate::{
    clock::Clock,
    exec::{Command, Exec},
    model::{Failure, Observation},
    probe::{Probe, Recipe, Site},
};

/// Between the two readings of the very first run.
const FIRST_GAP: Duration = Duration::from_secs(1);

/// Processor time in use since the run before, over all processors (proc_stat(5)). Waiting for a
/// disk is idle time; time given to guests stands in user time already and is not counted twice.
///
/// The very first run takes two readings a second apart (less if the deadline is near), waiting
/// here and not on the server.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Cpu;

impl Cpu {
    /// The recipe.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Recipe for Cpu {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(CpuProbe {
            exec: site.exec.clone(),
            clock: site.clock.clone(),
            command: Command::shell("cat /proc/stat"),
            last: Mutex::default(),
        })
    }
}

#[derive(Debug)]
struct CpuProbe {
    exec: Arc<dyn Exec>,
    clock: Arc<dyn Clock>,
    command: Command,
    /// The reading of the run before.
    last: Mutex<Option<Reading>>,
}

#[async_trait]
impl Probe for CpuProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let now = self.look(deadline).await?;
        if let Some(used) = self.swap(now).and_then(|last| used(last, now)) {
            return Ok(Observation::percent(used, None));
        }
        // The first run, or the counters cannot be compared: the server was started again, or has
        // more or fewer processors.
        let left = deadline.saturating_duration_since(self.clock.instant());
        self.clock.sleep_until(self.clock.instant() + FIRST_GAP.min(left / 3)).await;
        let later = self.look(deadline).await?;
        self.swap(later);
        let used = used(now, later).ok_or_else(|| garbage("/proc/stat stands still", ""))?;
        Ok(Observation::percent(used, None))
    }
}

impl CpuProbe {
    async fn look(&self, deadline: Instant) -> Result<Reading, Failure> {
        let text = read(&*self.exec, &self.command, deadline).await?;
        Reading::parse(&text).ok_or_else(|| garbage("not /proc/stat", &text))
    }

    fn swap(&self, now: Reading) -> Option<Reading> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).replace(now)
    }
}

/// Ticks since the server was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    busy: u64,
    idle: u64,
    processors: usize,
}

impl Reading {
    fn parse(text: &str) -> Option<Self> {
        let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
        // user nice system idle iowait irq softirq steal (guest guest_nice)
        let ticks: Vec<u64> =
            line.split_whitespace().take(8).map(str::parse).collect::<Result<_, _>>().ok()?;
        let idle = ticks.get(3)?.saturating_add(ticks.get(4).copied().unwrap_or(0));
        let all = ticks.iter().fold(0, |sum: u64, tick| sum.saturating_add(*tick));
        let one = |line: &&str| {
            line.strip_prefix("cpu")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        let processors = text.lines().filter(one).count();
        Some(Self { busy: all.saturating_sub(idle), idle, processors })
    }
}

/// The share of time in use between two readings; `None` if they cannot be compared.
#[expect(clippy::cast_precision_loss, reason = "ticks between two readings are few")]
fn used(before: Reading, after: Reading) -> Option<f64> {
    if before.processors != after.processors {
        return None;
    }
    let busy = after.busy.checked_sub(before.busy)?;
    // The kernel's iowait may step back a little (proc_stat(5)).
    let slack = 100 * u64::try_from(after.processors.max(1)).unwrap_or(1);
    let idle = match after.idle.checked_sub(before.idle) {
        Some(idle) => idle,
        None if before.idle - after.idle <= slack => 0,
        None => return None,
    };
    let all = busy.checked_add(idle).filter(|all| *all > 0)?;
    Some(busy as f64 / all as f64 * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(busy: u64, idle: u64, processors: usize) -> Reading {
        Reading { busy, idle, processors }
    }

    #[test]
    fn a_reading_counts_waiting_as_idle_and_guests_once() {
        let text = "cpu  10 1 2 100 50 3 4 5 7 1\ncpu0 5 0 1 50 25 1 2 2 3 0\ncpu1 5 1 1 50 25 2 2 3 4 1\nintr 5\n";
        assert_eq!(Reading::parse(text), Some(reading(25, 150, 2)));
        assert_eq!(Reading::parse("cpu  1 2 3 4\ncpu0 1 2 3 4\n"), Some(reading(6, 4, 1)));
        for text in ["", "cpu", "cpu  a b c d", "cpu  1 2 3", "cpu0 1 2 3 4 5"] {
            assert_eq!(Reading::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_share_between_two_readings() {
        assert_eq!(used(reading(0, 0, 2), reading(30, 70, 2)), Some(30.0));
        assert_eq!(used(reading(10, 500, 2), reading(20, 490, 2)), Some(100.0));
        // Standing still, started again, a processor more.
        assert_eq!(used(reading(5, 5, 2), reading(5, 5, 2)), None);
        assert_eq!(used(reading(5000, 90_000, 2), reading(10, 20, 2)), None);
        assert_eq!(used(reading(0, 0, 2), reading(30, 70, 3)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_run_reads_twice_and_later_ones_once() {
        let exec = Arc::new(Stat::default());
        let clock = Arc::new(crate::clock::SystemClock);
        let probe = Cpu::new().build(&Site::new(exec.clone(), clock));
        for (expected, readings) in [(25.0, 2), (25.0, 3), (25.0, 4)] {
            let deadline = Instant::now() + Duration::from_secs(5);
            let seen = probe.run(deadline).await.unwrap();
            assert_eq!(seen.value(), Some(expected));
            assert_eq!(*exec.0.lock().unwrap(), readings);
        }
    }

    /// A server that is busy a quarter of the time.
    #[derive(Debug, Default)]
    struct Stat(Mutex<u64>);

    #[async_trait]
    impl Exec for Stat {
        async fn run(&self, _: &Command, _: Instant) -> Result<crate::exec::Output, Failure> {
            let mut count = self.0.lock().unwrap();
            *count += 1;
            let text = format!("cpu  {} 0 0 {} 0 0 0 0 0 0\ncpu0 1 0 0 1\n", *count, *count * 3);
            let exit = crate::exec::Exit::Status(0);
            Ok(crate::exec::Output::new(exit, text.into(), Vec::new(), false))
        }

        async fn reach(&self, _: Instant) -> Result<(), Failure> {
            Ok(())
        }
    }
}
