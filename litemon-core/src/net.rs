//! From a host and a port to a TCP stream, and what can go wrong on the way, as a [`Failure`].

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

use crate::{
    exec::seconds,
    model::{Failure, FailureKind},
};

/// Connects to the first address of the host that takes a connection. Each gets an equal share of
/// the time that is left.
pub(crate) async fn connect(
    host: &str,
    port: u16,
    deadline: Instant,
) -> Result<TcpStream, Failure> {
    let begun = Instant::now();
    let addresses = resolve(host, port, deadline).await?;
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
            Ok(Err(error)) => failure = from_io(&error, begun.elapsed()),
            Err(_) => failure = silent(begun.elapsed()),
        }
    }
    Err(failure)
}

/// The addresses of a host, at most 8 and at least one; no question is asked about one that is an
/// address itself.
pub(crate) async fn resolve(
    host: &str,
    port: u16,
    deadline: Instant,
) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let found: Result<io::Result<Vec<SocketAddr>>, _> = timeout_at(deadline, async {
        let found = tokio::net::lookup_host((host, port)).await?;
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

/// Nothing answered.
pub(crate) fn silent(waited: Duration) -> Failure {
    Failure::new(FailureKind::Silent, format!("no answer in {}", seconds(waited)))
}

/// A socket's error.
pub(crate) fn from_io(error: &io::Error, waited: Duration) -> Failure {
    use io::ErrorKind as E;
    match error.kind() {
        E::ConnectionRefused => Failure::new(FailureKind::Refused, "connection refused"),
        E::HostUnreachable | E::NetworkUnreachable | E::NetworkDown | E::AddrNotAvailable => {
            Failure::new(FailureKind::NoRoute, "no route to host")
        }
        E::TimedOut => silent(waited),
        E::InvalidData => Failure::new(FailureKind::Protocol, error.to_string()),
        E::PermissionDenied => Failure::new(FailureKind::NoRoute, "connecting is not permitted"),
        // EMFILE and the like: nothing that the server did.
        E::ConnectionReset
        | E::ConnectionAborted
        | E::BrokenPipe
        | E::UnexpectedEof
        | E::NotConnected => dropped(),
        _ => Failure::internal(error),
    }
}

/// An established connection broke.
pub(crate) fn dropped() -> Failure {
    Failure::new(FailureKind::Dropped, "connection lost")
}
