//! From an address to a TCP stream.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

use super::fault;
use crate::{
    exec::SshTarget,
    model::{Failure, FailureKind},
};

/// Connects to the first address of the host that takes a connection. Each gets an equal share of
/// the time that is left.
pub(super) async fn tcp(target: &SshTarget, deadline: Instant) -> Result<TcpStream, Failure> {
    let begun = Instant::now();
    let addresses = resolve(target, deadline).await?;
    let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    let mut failure = not_resolved();
    for address in addresses {
        let now = Instant::now();
        let share = deadline.saturating_duration_since(now) / left.max(1);
        left -= 1;
        match timeout_at(now + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => failure = fault::from_io(&error, begun.elapsed()),
            Err(_) => failure = fault::silent(begun.elapsed()),
        }
    }
    Err(failure)
}

async fn resolve(target: &SshTarget, deadline: Instant) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(ip) = target.host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, target.port)]);
    }
    let found: Result<io::Result<Vec<SocketAddr>>, _> = timeout_at(deadline, async {
        let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await?;
        Ok(found.take(8).collect())
    })
    .await;
    match found {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        _ => Err(not_resolved()),
    }
}

fn not_resolved() -> Failure {
    Failure::new(FailureKind::NotResolved, "name not resolved")
}
