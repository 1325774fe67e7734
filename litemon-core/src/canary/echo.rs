//! ICMP echo, where this program may send one.

use std::{net::IpAddr, time::Duration};

use surge_ping::{Client, Config, ICMP, PingIdentifier, PingSequence};
use tokio::time::Instant;

use super::gateway::Gateway;
use crate::probe::ping::is_reply;

/// What is sent, and comes back.
const PAYLOAD: [u8; 8] = *b"litemon.";
/// How long each of them is waited for; one may be lost.
const EACH: Duration = Duration::from_millis(230);

/// Whether an echo comes back.
pub(super) async fn answers((address, scope): Gateway, deadline: Instant) -> bool {
    let (kind, scope) = match address {
        IpAddr::V4(_) => (ICMP::V4, None),
        IpAddr::V6(_) => (ICMP::V6, Some(scope)),
    };
    let Ok(client) = Client::new(&Config::builder().kind(kind).build()) else { return false };
    let mut pinger = client.pinger(address, PingIdentifier(rand::random())).await;
    pinger.timeout(EACH);
    if let Some(scope) = scope {
        pinger.scope_id(scope);
    }
    let mut sequence = 0;
    while Instant::now() < deadline {
        let answer = pinger.ping(PingSequence(sequence), &PAYLOAD).await;
        if answer.is_ok_and(|(packet, _)| is_reply(&packet)) {
            return true;
        }
        sequence += 1;
        if sequence >= 3 {
            break;
        }
        // What fails at once is not tried all the time.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}
