//! The dead man's switch: a sign of life to a service elsewhere, which raises the alarm when none
//! comes.
//!
//! It is given only while litemon would notice a problem and could tell it: its scheduler keeps up, its
//! journal can be written, and no notice waits for long. A monitor that merely runs is silent.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    http::{self, ClientSettings, LazyClient},
    model::{FailureKind, one_line},
    monitor::MonitorHandle,
    secret::Secret,
};

/// The name of its fault among litemon's own.
const PART: &str = "heartbeat";

/// The most of an answer that is read.
const BODY_LIMIT: usize = 4 * 1024;

/// What stands under `[heartbeat]`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeartbeatPlan {
    /// Where to. All but its scheme and host is kept from sight.
    pub url: Secret,
    /// By POST instead of GET.
    pub post: bool,
    /// From one sign to the next.
    pub interval: Duration,
    /// How long one may take.
    pub timeout: Duration,
    /// How late checks may be.
    pub max_lag: Duration,
    /// How long a notice may wait.
    pub max_outbox_age: Duration,
}

impl HeartbeatPlan {
    /// A GET each minute, within 10 s, while checks are at most 30 s late and no notice is older
    /// than 5 min.
    #[must_use]
    pub const fn new(url: Secret) -> Self {
        Self {
            url,
            post: false,
            interval: Duration::from_secs(60),
            timeout: Duration::from_secs(10),
            max_lag: Duration::from_secs(30),
            max_outbox_age: Duration::from_secs(300),
        }
    }

    /// What is wrong with it, by key; without secrets.
    #[must_use]
    pub fn mistakes(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        if let Err(text) = http::parse_url(&self.url) {
            wrong.push(("url", text));
        }
        for (key, span) in [("interval", self.interval), ("timeout", self.timeout)] {
            if span < Duration::from_secs(1) {
                wrong.push((key, "is too short; expected at least 1s".to_owned()));
            }
        }
        if self.timeout > self.interval {
            wrong.push(("timeout", "is longer than the interval".to_owned()));
        }
        wrong
    }
}

impl fmt::Debug for HeartbeatPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = http::parse_url(&self.url).map(|url| http::shown(&url));
        write!(f, "{} each {:?}", url.unwrap_or_default(), self.interval)
    }
}

/// What of a monitor says whether it works.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Vitals {
    lag: Duration,
    journal: Option<String>,
    /// How long the oldest notice waits.
    waits: Option<Duration>,
}

impl Vitals {
    fn of(monitor: &MonitorHandle, clock: &dyn Clock) -> Self {
        let now = clock.now();
        Self {
            lag: monitor.lag(),
            journal: monitor.journal_fault(),
            waits: monitor.delivery().oldest.map(|oldest| now.since(oldest)),
        }
    }

    /// Why no sign of life is given.
    fn reason(&self, plan: &HeartbeatPlan) -> Option<String> {
        let seconds = |span: Duration| format!("{} s", span.as_secs());
        if self.lag > plan.max_lag {
            return Some(format!("checks are {} late", seconds(self.lag)));
        }
        if let Some(fault) = &self.journal {
            return Some(format!("the journal fails: {fault}"));
        }
        let waits = self.waits.filter(|waits| *waits > plan.max_outbox_age)?;
        Some(format!("a notice has waited for {}", seconds(waits)))
    }
}

/// Gives signs of life until `end`, as the latest plan says; none while there is no plan. Why none is
/// given, or that it did not arrive, is one of the monitor's own faults.
///
/// Cancel safety: dropping the future ends it.
pub async fn keep(
    monitor: MonitorHandle,
    mut plan: watch::Receiver<Option<HeartbeatPlan>>,
    clock: Arc<dyn Clock>,
    end: CancellationToken,
) {
    loop {
        let now = plan.borrow_and_update().clone();
        let beating = async {
            match now {
                Some(plan) => beat(&monitor, plan, &*clock).await,
                None => {
                    monitor.own_fault(PART, None).await;
                    std::future::pending().await
                }
            }
        };
        tokio::select! {
            () = end.cancelled() => return,
            changed = plan.changed() => if changed.is_err() { return },
            () = beating => return,
        }
    }
}

async fn beat(monitor: &MonitorHandle, plan: HeartbeatPlan, clock: &dyn Clock) {
    let client = LazyClient::new(ClientSettings { keep: false, ..ClientSettings::default() });
    let mut due = clock.instant();
    let mut told: Option<Option<String>> = None;
    loop {
        let reason = match Vitals::of(monitor, clock).reason(&plan) {
            Some(reason) => Some(format!("no heartbeat is sent: {reason}")),
            None => {
                let by = clock.instant() + plan.timeout;
                send(&client, &plan, by).await.err().map(|text| {
                    format!("the heartbeat did not arrive: {text}")
                })
            }
        };
        if told.as_ref() != Some(&reason) {
            if let Some(line) = &reason {
                tracing::warn!("{line}");
            }
            monitor.own_fault(PART, reason.clone()).await;
            told = Some(reason);
        }
        // Ones that were missed are not made up for.
        while due <= clock.instant() {
            due += plan.interval;
        }
        clock.sleep_until(due).await;
    }
}

async fn send(client: &LazyClient, plan: &HeartbeatPlan, by: Instant) -> Result<(), String> {
    let url = http::parse_url(&plan.url)?;
    let client = client.get().await.map_err(|fault| fault.text)?;
    let request = if plan.post { client.post(url) } else { client.get(url) };
    let answer = http::exchange_by(request, BODY_LIMIT, by).await;
    let answer = answer.map_err(|fault| match fault.kind {
        FailureKind::Timeout => format!("no answer within {:?}", plan.timeout),
        _ => one_line(&fault.text, 200),
    })?;
    let status = answer.status;
    if status.is_success() { Ok(()) } else { Err(format!("HTTP {status}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_given_only_while_a_problem_would_be_told() {
        let s = Duration::from_secs;
        let plan = HeartbeatPlan::new(Secret::new("https://h/x".into()));
        let reason = |lag, journal: Option<&str>, waits: Option<u64>| {
            let journal = journal.map(str::to_owned);
            Vitals { lag: s(lag), journal, waits: waits.map(s) }.reason(&plan)
        };
        assert_eq!(reason(30, None, Some(300)), None);
        assert_eq!(reason(31, None, None).unwrap(), "checks are 31 s late");
        assert_eq!(reason(0, Some("disk full"), None).unwrap(), "the journal fails: disk full");
        assert_eq!(reason(0, None, Some(301)).unwrap(), "a notice has waited for 301 s");
    }

    #[test]
    fn mistakes_hold_no_secret() {
        let mut plan = HeartbeatPlan::new(Secret::new("ftp://h/hunter22".into()));
        plan.interval = Duration::from_secs(5);
        let wrong = plan.mistakes();
        let keys: Vec<_> = wrong.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, ["url", "timeout"]);
        assert!(!format!("{wrong:?} {plan:?}").contains("hunter22"));
    }
}
