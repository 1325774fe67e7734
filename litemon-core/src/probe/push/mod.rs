//! Checks that are told instead of looking: something calls in time, or it is missed.

mod inbox;
mod token;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

pub use inbox::{Call, Inbox, Told, TooMany};
pub use token::{Token, TokenError, TokenHash};

use super::{Probe, Recipe, Site};
use crate::{
    clock::Clock,
    model::{Failure, FailureKind, Observation, Reading, Route, Status},
};

/// Has to be called with its token again and again. A call says how it is (Ok unless it says
/// otherwise), and is believed until the next one; no call for `within` is critical.
///
/// The last call survives a restart, and the time without a monitor does not count. What was never
/// called is unknown: until `within` has passed since the start nothing is said of it ([`FailureKind::Pending`]), and from then on it is unknown.
#[derive(Clone, Debug)]
pub struct Push {
    token: TokenHash,
    within: Duration,
}

impl Push {
    /// The recipe.
    #[must_use]
    pub const fn new(token: TokenHash, within: Duration) -> Self {
        Self { token, within }
    }
}

impl Recipe for Push {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        let inbox = Arc::new(Inbox::new(self.token, site.clock.instant()));
        Arc::new(PushProbe { inbox, within: self.within, clock: Arc::clone(&site.clock) })
    }

    fn route(&self, _: Route) -> Route {
        Route::Unclear
    }
}

#[derive(Debug)]
struct PushProbe {
    inbox: Arc<Inbox>,
    within: Duration,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Probe for PushProbe {
    async fn run(&self, _: Instant) -> Result<Observation, Failure> {
        let now = self.clock.instant();
        let age = |then| now.saturating_duration_since(then);
        match self.inbox.last() {
            Some(told) if told.age(now) > self.within => {
                let line = format!("not called for {}", words(told.age(now)));
                Ok(Observation::judged(Status::Critical, [], line))
            }
            Some(Told { call, .. }) => {
                let reading = call.value.map(|value| Reading {
                    name: "value".to_owned(),
                    value,
                    unit: String::new(),
                });
                Ok(Observation::judged(call.status, reading, call.message))
            }
            None if age(self.inbox.since()) > self.within => {
                let line = format!("not called for {}", words(age(self.inbox.since())));
                Ok(Observation::judged(Status::Unknown, [], format!("{line}, since the start")))
            }
            None => Err(Failure::new(FailureKind::Pending, "waits for its first call")),
        }
    }

    fn inbox(&self) -> Option<&Arc<Inbox>> {
        Some(&self.inbox)
    }
}

/// `45s`, `6m`, `3h5m`, `2d4h`: how long ago, to about a minute.
fn words(age: Duration) -> String {
    let seconds = age.as_secs();
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m"),
        3600..86_400 => format!("{hours}h{}m", minutes % 60),
        _ => format!("{}d{}h", hours / 24, hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::VirtualClock, exec::Local, model::Timestamp};

    fn seen(result: Result<Observation, Failure>) -> (Status, String) {
        match result {
            Ok(Observation::Judged { status, detail, .. }) => (status, detail.unwrap_or_default()),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => {
                assert_eq!(failure.kind, FailureKind::Pending);
                (Status::Unknown, failure.message)
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_called_in_time_is_missed() {
        let clock = Arc::new(VirtualClock::new(Timestamp::from_millis(0)));
        let site = Site::new(Arc::new(Local::default()), clock.clone());
        let hash = Token::parse("an-invented-token-of-22-letters").unwrap().hash();
        let probe = Push::new(hash, Duration::from_secs(300)).build(&site);
        let inbox = Arc::clone(probe.inbox().unwrap());
        let look = async || seen(probe.run(clock.instant()).await);
        let pass = |seconds| tokio::time::advance(Duration::from_secs(seconds));

        pass(300).await;
        assert_eq!(look().await, (Status::Unknown, "waits for its first call".into()));
        pass(60).await;
        assert_eq!(look().await, (Status::Unknown, "not called for 6m, since the start".into()));
        inbox.put(Call::default(), clock.instant(), clock.now()).unwrap();
        assert_eq!(look().await, (Status::Ok, String::new()));
        pass(299).await;
        assert_eq!(look().await.0, Status::Ok);
        pass(2).await;
        assert_eq!(look().await, (Status::Critical, "not called for 5m".into()));
        let call = Call { status: Status::Warning, message: "disk\nslow".into(), value: Some(3.5) };
        inbox.put(call, clock.instant(), clock.now()).unwrap();
        assert_eq!(look().await, (Status::Warning, "disk".into()));
        assert_eq!(probe.run(clock.instant()).await.unwrap().value(), Some(3.5));
        pass(200_000).await;
        assert_eq!(look().await, (Status::Critical, "not called for 2d7h".into()));
    }
}
