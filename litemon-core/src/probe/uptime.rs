//! Since when a server runs.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{
    Probe, Recipe, Site,
    device::{IOS_UPTIME, ROUTEROS, Resource, in_words, ios_uptime},
    resource::{garbage, read},
};
use crate::{
    exec::{Command, Exec},
    model::{Device, Failure, Observation, Reading, Status},
};

const DAY: f64 = 24.0 * 60.0 * 60.0;

/// Reads seconds out of what was printed.
type Parse = fn(&str) -> Option<u64>;

/// How long a server has been running, in days. One that has run for less than `least` was restarted,
/// and that is critical, whether or not anybody saw it go.
#[derive(Clone, Copy, Debug)]
pub struct Uptime {
    command: &'static str,
    parse: Parse,
    least: Duration,
}

impl Uptime {
    /// The recipe; `None` where a device does not tell it.
    #[must_use]
    pub fn new(device: Device, least: Duration) -> Option<Self> {
        let (command, parse): (_, Parse) = match device {
            Device::Linux => ("cat /proc/uptime", linux),
            Device::RouterOs => (ROUTEROS, |text| Resource::parse(text).uptime),
            Device::Ios => (IOS_UPTIME, ios_uptime),
            Device::FreeBsd => return None,
        };
        Some(Self { command, parse, least })
    }

    /// What to ask for, and how to read the answer in seconds.
    pub(crate) const fn question(self) -> (&'static str, fn(&str) -> Option<u64>) {
        (self.command, self.parse)
    }
}

/// `1520531.12 2994321.03` (proc_uptime(5)).
fn linux(text: &str) -> Option<u64> {
    text.split('.').next()?.parse().ok()
}

impl Recipe for Uptime {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        let (exec, command) = (Arc::clone(&site.exec), Command::shell(self.command));
        Arc::new(UptimeProbe { exec, command, recipe: *self })
    }
}

#[derive(Debug)]
struct UptimeProbe {
    exec: Arc<dyn Exec>,
    command: Command,
    recipe: Uptime,
}

#[async_trait]
impl Probe for UptimeProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let text = read(&*self.exec, &self.command, deadline).await?;
        let seconds = (self.recipe.parse)(&text);
        let seconds = seconds.ok_or_else(|| garbage("no uptime", &text))?;
        Ok(judge(seconds, self.recipe.least))
    }
}

#[expect(clippy::cast_precision_loss, reason = "nothing runs for 2^53 seconds")]
fn judge(seconds: u64, least: Duration) -> Observation {
    let value = (seconds as f64 / DAY * 100.0).round() / 100.0;
    let reading = Reading { name: String::new(), value, unit: "d".to_owned() };
    let words = in_words(seconds);
    if seconds < least.as_secs() {
        let detail = format!("was restarted {words} ago");
        Observation::judged(Status::Critical, [reading], detail)
    } else {
        Observation::judged(Status::Ok, [reading], format!("up {words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_young_server_was_restarted() {
        let least = Duration::from_secs(600);
        let young = judge(185, least);
        assert_eq!(young.detail(), Some("was restarted 3m 5s ago"));
        assert!(matches!(young, Observation::Judged { status: Status::Critical, .. }));
        let old = judge(86_400 * 3 / 2, least);
        assert_eq!((old.value(), old.unit(), old.detail()), (Some(1.5), "d", Some("up 1d 12h")));
        assert!(matches!(judge(600, least), Observation::Judged { status: Status::Ok, .. }));
        assert!(matches!(judge(0, Duration::ZERO), Observation::Judged { status: Status::Ok, .. }));
    }

    #[test]
    fn linux_tells_it_in_seconds() {
        assert_eq!(linux("1520531.12 2994321.03\n"), Some(1_520_531));
        assert_eq!(linux(""), None);
        assert_eq!(linux("up 3 days"), None);
    }
}
