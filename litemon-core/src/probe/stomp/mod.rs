//! The round trip through a messaging server over STOMP: a message is sent, and has to come back.

mod frame;
#[cfg(feature = "testing")]
pub mod fuzz;
mod link;
mod session;
mod stream;
#[cfg(test)]
mod tests;
mod trips;

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{
    sync::{Mutex, oneshot},
    time::{Instant, timeout_at},
};

use super::{Probe, Recipe, RunLimit, Site};
use crate::{
    exec::script::seconds,
    model::{Failure, FailureKind, Observation, Route},
    secret::Secret,
};
use link::{Link, Order};
use stream::Dialer;
use trips::Trips;

/// What the round trip goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StompSettings {
    /// Name or address of the broker.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether it is spoken to over TLS, and whom that trusts.
    pub tls: StompTls,
    /// The user; no login without one.
    pub login: Option<String>,
    /// Its password.
    pub passcode: Option<Secret>,
    /// The broker's virtual host (`/`).
    pub vhost: String,
    /// Where the message is sent to and received from.
    pub destination: String,
    /// The longest that connecting and logging in may take (5 s).
    pub timeout: Duration,
    /// A message that is not back by then, counted from the start of the run, is a failure (10 s).
    pub expired: Duration,
}

/// Whether a broker is spoken to over TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StompTls {
    /// No.
    #[default]
    Off,
    /// Yes, and its certificate has to be signed by a root that this machine trusts.
    System,
    /// Yes, and by one of the roots in this PEM file.
    Roots(PathBuf),
}

impl StompSettings {
    /// A broker without TLS and login. Line ends have no place in any of the texts.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16, destination: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port,
            tls: StompTls::Off,
            login: None,
            passcode: None,
            vhost: "/".to_owned(),
            destination: destination.into(),
            timeout: Duration::from_secs(5),
            expired: Duration::from_secs(10),
        }
    }
}

/// The round trip: sends a message with a random token and waits for that very one. The value is the
/// delay in seconds, to the millisecond.
///
/// The connection is kept between runs. A message that is late is listened for on for once more
/// `expired`, and the next result says when it came.
#[derive(Clone, Debug)]
pub struct StompRoundTrip(Arc<StompSettings>);

impl StompRoundTrip {
    /// The recipe.
    #[must_use]
    pub fn new(settings: StompSettings) -> Self {
        Self(Arc::new(settings))
    }
}

impl Recipe for StompRoundTrip {
    fn build(&self, _: &Site) -> Arc<dyn Probe> {
        Arc::new(StompProbe {
            dialer: Dialer::new(Arc::clone(&self.0)),
            settings: Arc::clone(&self.0),
            links: Mutex::default(),
            trips: Arc::default(),
        })
    }

    fn run_limit(&self) -> Option<RunLimit> {
        Some(RunLimit::new("expired", self.0.expired))
    }

    fn usual_attempts(&self) -> Option<u32> {
        Some(1)
    }

    fn route(&self, _: Route) -> Route {
        Route::to_host(&self.0.host)
    }
}

#[derive(Debug)]
struct StompProbe {
    settings: Arc<StompSettings>,
    dialer: Dialer,
    links: Mutex<Links>,
    /// Shared by all links: a message may come back through an older one.
    trips: Arc<Trips>,
}

/// The connections of a probe: at most two.
#[derive(Debug, Default)]
struct Links {
    current: Option<Link>,
    /// It did not bring a message back in time. It is only listened to any more, and replaced by the
    /// next one that fails so.
    doubtful: Option<Link>,
}

#[async_trait]
impl Probe for StompProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let mut links = self.links.lock().await;
        self.let_go(&mut links).await;
        let result = match self.trip_by_kept(&mut links, deadline).await {
            Some(result) => result,
            None => self.trip_by_fresh(&mut links, deadline).await,
        };
        self.told(result)
    }
}

impl StompProbe {
    /// Ends what was put aside, once it brought its message or nobody listens for that any more.
    async fn let_go(&self, links: &mut Links) {
        let Some(old) = links.doubtful.take() else { return };
        if old.is_owing(Instant::now(), self.listen()) {
            links.doubtful = Some(old);
        } else {
            old.close().await;
        }
    }

    /// How long a message is listened for.
    fn listen(&self) -> Duration {
        self.settings.expired.saturating_mul(2)
    }

    /// One trip over the connection of an earlier run; `None` when there is none, or it broke.
    async fn trip_by_kept(
        &self,
        links: &mut Links,
        deadline: Instant,
    ) -> Option<Result<Duration, Failure>> {
        let mut link = links.current.take()?;
        if !link.is_good(Instant::now()) {
            self.put_aside(links, link).await;
            return None;
        }
        let result = self.trip(&mut link, deadline).await;
        if link.has_ended() && Instant::now() < deadline {
            return None;
        }
        links.current = Some(link);
        Some(result)
    }

    async fn trip_by_fresh(
        &self,
        links: &mut Links,
        deadline: Instant,
    ) -> Result<Duration, Failure> {
        let limit = deadline.min(Instant::now() + self.settings.timeout);
        let link = Link::open(&self.dialer, Arc::clone(&self.trips), limit).await?;
        let link = links.current.insert(link);
        self.trip(link, deadline).await
    }

    /// What is not used for sending any more: a silent one is listened to for a while.
    async fn put_aside(&self, links: &mut Links, link: Link) {
        if link.is_owing(Instant::now(), self.listen()) {
            links.doubtful = Some(link);
        } else {
            // Two consumers of one queue would share its messages.
            link.close().await;
        }
    }

    async fn trip(&self, link: &mut Link, deadline: Instant) -> Result<Duration, Failure> {
        let token = self.trips.token();
        let (back, came) = oneshot::channel();
        let order = Order { token: token.clone(), back, listen: self.listen() };
        let result = timeout_at(deadline, async {
            link.send(order).await?;
            tokio::select! {
                biased;
                Ok(delay) = came => Ok(delay),
                failure = link.ended() => Err(failure),
            }
        })
        .await;
        match result {
            Ok(Ok(delay)) => Ok(delay),
            Ok(Err(failure)) => {
                self.trips.forget(&token);
                Err(phase("receive", &failure))
            }
            Err(_) => {
                link.doubt();
                Err(self.expired())
            }
        }
    }

    fn expired(&self) -> Failure {
        let waited = seconds(self.settings.expired);
        let mut line = format!("receive: no message back in {waited}");
        if self.trips.take_strangers() {
            line.push_str("; another litemon uses this destination");
        }
        Failure::new(FailureKind::Timeout, line)
    }

    /// The result, with what became of the trip before.
    fn told(&self, result: Result<Duration, Failure>) -> Result<Observation, Failure> {
        let late = self
            .trips
            .take_late()
            .map(|delay| format!("the one before came after {:.1} s", delay.as_secs_f64()));
        match result {
            Ok(delay) => {
                let value = (delay.as_secs_f64() * 1000.0).round() / 1000.0;
                Ok(Observation::Value { value, unit: "s".to_owned(), detail: late })
            }
            Err(failure) => Err(match late {
                Some(late) => Failure::new(failure.kind, format!("{}; {late}", failure.message)),
                None => failure,
            }),
        }
    }
}

/// A failure with the phase of the trip that it happened in.
fn phase(name: &str, failure: &Failure) -> Failure {
    Failure::new(failure.kind, format!("{name}: {}", failure.message))
}
