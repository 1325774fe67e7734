//! Whether the monitor's own network works: things that answer as long as it does.

mod address;
#[cfg(feature = "ping")]
mod echo;
#[cfg(not(feature = "ping"))]
#[path = "echo_off.rs"]
mod echo;
mod gateway;
mod resolver;

use std::{fmt, net::SocketAddr, pin::Pin, str::FromStr, sync::Arc};

use async_trait::async_trait;
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{io::AsyncReadExt, time::Instant};

pub use address::PortCanary;
pub use gateway::GatewayCanary;
pub use resolver::ResolverCanary;

/// The most of a file of the system that is read.
const FILE: u64 = 64 * 1024;

/// Something near that answers as long as the monitor's network works, whatever it answers.
///
/// # Contract
/// - `answers` returns by `deadline`; the monitor drops it shortly after.
/// - One question at a time.
///
/// Cancel safety: dropping the future must free all it held.
#[async_trait]
pub trait Canary: fmt::Debug + Send + Sync + 'static {
    /// What people read: `gateway`, `192.0.2.1:53`. What is known of a canary is kept over a reload as
    /// long as its name stays.
    fn name(&self) -> String;

    /// Whether it answers now.
    async fn answers(&self, deadline: Instant) -> bool;
}

/// A canary as it is written: `gateway`, `resolver`, `192.0.2.1:53`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CanaryPlan {
    /// See [`GatewayCanary`].
    Gateway,
    /// See [`ResolverCanary`].
    Resolver,
    /// See [`PortCanary`].
    Port(SocketAddr),
}

/// The text is no canary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is none of gateway, resolver, ADDRESS:PORT (a name would need the network to be found)"
)]
pub struct NoCanary(String);

impl CanaryPlan {
    /// Those that there are where nobody says so.
    pub const USUAL: [Self; 2] = [Self::Gateway, Self::Resolver];

    /// Brings it to life. No I/O.
    #[must_use]
    pub fn build(self) -> Arc<dyn Canary> {
        match self {
            Self::Gateway => Arc::new(GatewayCanary),
            Self::Resolver => Arc::new(ResolverCanary),
            Self::Port(address) => Arc::new(PortCanary::new(address)),
        }
    }
}

impl FromStr for CanaryPlan {
    type Err = NoCanary;

    fn from_str(text: &str) -> Result<Self, NoCanary> {
        match text {
            "gateway" => Ok(Self::Gateway),
            "resolver" => Ok(Self::Resolver),
            address => match address.parse::<SocketAddr>() {
                Ok(address) if address.port() != 0 => Ok(Self::Port(address)),
                _ => Err(NoCanary(text.to_owned())),
            },
        }
    }
}

impl fmt::Display for CanaryPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway => f.write_str("gateway"),
            Self::Resolver => f.write_str("resolver"),
            Self::Port(address) => address.fmt(f),
        }
    }
}

/// One of several that are asked at once.
type Asked<'a> = Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

/// Whether any of them answers; the others are not waited for.
async fn any<'a>(asked: impl Iterator<Item = Asked<'a>>) -> bool {
    let mut asked: FuturesUnordered<Asked<'a>> = asked.collect();
    while let Some(answered) = asked.next().await {
        if answered {
            return true;
        }
    }
    false
}

/// A file of the system, or its beginning.
async fn read(path: &str) -> Option<String> {
    let file = tokio::fs::File::open(path).await.ok()?;
    let mut text = Vec::new();
    file.take(FILE).read_to_end(&mut text).await.ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canaries_are_read_as_they_are_written() {
        for text in ["gateway", "resolver", "192.0.2.1:53", "[2001:db8::1]:443"] {
            let plan: CanaryPlan = text.parse().unwrap();
            assert_eq!((plan.to_string(), plan.build().name()), (text.to_owned(), text.to_owned()));
        }
        for text in ["", "Gateway", "192.0.2.1", "192.0.2.1:0", "host:53", "1.1.1.1:99999"] {
            assert!(text.parse::<CanaryPlan>().is_err(), "{text}");
        }
    }
}
