use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use super::HeartbeatPlan;
use crate::{
    clock::Clock,
    http::{self, ClientSettings, LazyClient},
    model::{FailureKind, one_line},
    monitor::MonitorHandle,
};

/// The name of its fault among litemon's own.
const PART: &str = "heartbeat";

/// The most of an answer that is read.
const BODY_LIMIT: usize = 4 * 1024;

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
                send(&client, &plan, by)
                    .await
                    .err()
                    .map(|text| format!("the heartbeat did not arrive: {text}"))
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
    use crate::secret::Secret;

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
}
