//! ICMP echo: whether a host answers, and how fast.

use std::{net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::time::Instant;

use super::{Probe, Recipe, Site};
use crate::{
    clock::Clock,
    model::{Failure, FailureKind, Observation, Reading, Route, Status},
    net,
};

/// What is sent, and comes back.
const PAYLOAD: [u8; 56] = [0x6c; 56];

/// Sends echo requests from the monitor, one after the other. The value is the median of the times
/// that the answers took, in seconds; more lost than allowed is critical, and all lost a failure.
///
/// On Linux it needs no rights where `net.ipv4.ping_group_range` holds the group that the program
/// runs as (for IPv6 too), else the right to use raw sockets.
#[derive(Clone, Debug)]
pub struct Ping {
    host: String,
    count: u16,
    loss: f64,
}

impl Ping {
    /// Three, of which none may be lost.
    #[must_use]
    pub fn new(host: impl Into<String>) -> Self {
        Self { host: host.into(), count: 3, loss: 0.0 }
    }

    /// Sends so many; at least one.
    #[must_use]
    pub fn count(mut self, count: u16) -> Self {
        self.count = count.max(1);
        self
    }

    /// So many percent may be lost.
    #[must_use]
    pub fn loss(mut self, percent: f64) -> Self {
        self.loss = percent;
        self
    }

    /// What the answers that came say.
    fn judge(&self, mut times: Vec<f64>, waited: Duration) -> Result<Observation, Failure> {
        times.sort_by(f64::total_cmp);
        let came = u16::try_from(times.len()).unwrap_or(u16::MAX);
        let lost = self.count.saturating_sub(came);
        let Some(median) = median(&times) else { return Err(net::silent(waited)) };
        let detail = (lost > 0).then(|| format!("{lost} of {} lost", self.count));
        match detail {
            Some(line) if 100.0 * f64::from(lost) / f64::from(self.count) > self.loss => {
                let reading =
                    Reading { name: "time".to_owned(), value: median, unit: "s".to_owned() };
                Ok(Observation::judged(Status::Critical, [reading], line))
            }
            detail => Ok(Observation::Value { value: median, unit: "s".into(), detail }),
        }
    }
}

fn median(sorted: &[f64]) -> Option<f64> {
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get(sorted.len().saturating_sub(1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

impl Recipe for Ping {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(PingProbe { recipe: self.clone(), clock: Arc::clone(&site.clock) })
    }

    fn route(&self, _: Route) -> Route {
        Route::to_host(&self.host)
    }
}

#[derive(Debug)]
struct PingProbe {
    recipe: Ping,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Probe for PingProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let begun = self.clock.instant();
        let addresses = net::resolve(&self.recipe.host, 0, deadline).await?;
        let address = addresses.first().map(std::net::SocketAddr::ip);
        let address =
            address.ok_or_else(|| Failure::new(FailureKind::NotResolved, "name not resolved"))?;
        let config = Config::builder().kind(family(address)).build();
        // Its receiver ends with it.
        let client = match Client::new(&config) {
            Ok(client) => client,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                // Somebody has to mend that, so it is told.
                return Ok(Observation::judged(Status::Unknown, [], NO_RIGHT));
            }
            Err(error) => return Err(net::from_io(&error, Duration::ZERO)),
        };
        let mut pinger = client.pinger(address, PingIdentifier(rand::random())).await;
        let mut times = Vec::new();
        let mut unreachable = false;
        for n in 0..self.recipe.count {
            let left = deadline.saturating_duration_since(self.clock.instant());
            // A lost one leaves the others their time.
            pinger.timeout(left * 9 / 10 / u32::from(self.recipe.count - n));
            let sent = self.clock.instant();
            match pinger.ping(PingSequence(n), &PAYLOAD).await {
                // The library's own time begins only after the sending, which a near host outruns.
                Ok((packet, _)) if is_reply(&packet) => {
                    times.push((self.clock.instant() - sent).as_secs_f64());
                }
                Ok(_) => unreachable = true,
                Err(SurgeError::IOError(error)) => {
                    return Err(net::from_io(&error, self.clock.instant() - begun));
                }
                Err(_) => {}
            }
        }
        if times.is_empty() && unreachable {
            return Err(Failure::new(FailureKind::NoRoute, "no route to host"));
        }
        self.recipe.judge(times, self.clock.instant().saturating_duration_since(begun))
    }
}

/// Whether it is an echo reply (RFC 792, RFC 4443). The library gives errors as answers too, such as
/// that a router, or this machine, finds no way to the host.
pub(crate) fn is_reply(packet: &IcmpPacket) -> bool {
    match packet {
        IcmpPacket::V4(packet) => packet.get_icmp_type().0 == 0,
        IcmpPacket::V6(packet) => packet.get_icmpv6_type().0 == 129,
    }
}

const NO_RIGHT: &str = "no right to ping: let net.ipv4.ping_group_range hold litemon's group, as in \
                        `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"`, or give it CAP_NET_RAW";

const fn family(address: IpAddr) -> ICMP {
    match address {
        IpAddr::V4(_) => ICMP::V4,
        IpAddr::V6(_) => ICMP::V6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_what_was_lost() {
        let ping = Ping::new("h").count(4).loss(25.0);
        let judged = |times: &[f64]| ping.judge(times.to_vec(), Duration::from_secs(5));
        let seen = judged(&[0.4, 0.1, 0.2, 0.3]).unwrap();
        assert_eq!((seen.value(), seen.unit(), seen.detail()), (Some(0.25), "s", None));
        let seen = judged(&[0.3, 0.1, 0.2]).unwrap();
        assert_eq!((seen.value(), seen.detail()), (Some(0.2), Some("1 of 4 lost")));
        assert!(matches!(seen, Observation::Value { .. }));
        let seen = judged(&[0.3, 0.1]).unwrap();
        assert_eq!(seen.detail(), Some("2 of 4 lost"));
        assert!(matches!(seen, Observation::Judged { status: Status::Critical, .. }));
        let failure = judged(&[]).unwrap_err();
        assert_eq!((failure.kind, &*failure.message), (FailureKind::Silent, "no answer in 5 s"));
    }
}
