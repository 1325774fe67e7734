//! Which servers others depend on: litemon's own machine and jump hosts.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr, UdpSocket},
};

use tokio::time::Instant;

use crate::{
    config::ServerPlan,
    exec::{Address, SshTarget},
    model::Name,
};

/// In which turn servers are acted on: those that nothing depends on first, jump hosts behind them,
/// the machine that litemon runs on last. To sort by; the order is kept otherwise.
#[must_use]
pub fn turn(server: &Name, servers: &[ServerPlan], own: &BTreeSet<Name>) -> u8 {
    match (own.contains(server), behind(server, servers).is_empty()) {
        (true, _) => 2,
        (false, false) => 1,
        (false, true) => 0,
    }
}

/// The servers that are reached through this one.
pub(super) fn behind(server: &Name, servers: &[ServerPlan]) -> Vec<Name> {
    let Some(Address::Host { host, port }) =
        servers.iter().find(|known| known.name == *server).map(|known| &known.address)
    else {
        return Vec::new();
    };
    let through = |other: &&ServerPlan| {
        jumps(other.ssh.jump.as_deref()).any(|jump| jump.host == *host && jump.port == *port)
    };
    servers.iter().filter(through).map(|other| other.name.clone()).collect()
}

/// A jump host, the one before it, and so on.
fn jumps(first: Option<&SshTarget>) -> impl Iterator<Item = &SshTarget> {
    std::iter::successors(first, |jump| jump.settings.jump.as_deref())
}

/// Those servers that are the machine this runs on: `local`, and those whose address is one of this
/// machine's. Names that have no address by the deadline are not among them.
///
/// Cancel safety: nothing is left behind.
pub async fn own_hosts(servers: &[ServerPlan], deadline: Instant) -> BTreeSet<Name> {
    let mut own = BTreeSet::new();
    for server in servers {
        let is_own = match &server.address {
            Address::Local => true,
            Address::Host { host, port } => resolves_here(host, *port, deadline).await,
        };
        if is_own {
            own.insert(server.name.clone());
        }
    }
    own
}

async fn resolves_here(host: &str, port: u16, deadline: Instant) -> bool {
    if let Ok(ip) = host.parse() {
        return is_here(ip);
    }
    let found = tokio::time::timeout_at(deadline, tokio::net::lookup_host((host, port))).await;
    found.is_ok_and(|found| found.is_ok_and(|mut all| all.any(|address| is_here(address.ip()))))
}

/// Whether packets to an address would come from it: then it is this machine's. Nothing is sent.
fn is_here(ip: IpAddr) -> bool {
    let any: IpAddr = if ip.is_ipv4() { [0; 4].into() } else { [0; 16].into() };
    let from = || {
        let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
        socket.connect(SocketAddr::new(ip, 9))?;
        socket.local_addr()
    };
    let from: std::io::Result<SocketAddr> = from();
    ip.is_loopback() || from.is_ok_and(|from| from.ip() == ip)
}
