//! The way out of the network: the machine of the default route.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use async_trait::async_trait;
use tokio::time::{Instant, timeout_at};

use super::{Canary, address::connects, any, echo, read};

/// Ports that gateways take or refuse connections on: DNS, and their own pages.
const PORTS: [u16; 3] = [53, 80, 443];
/// A route is usable, and leads over a gateway (RTF_UP, RTF_GATEWAY of Linux's `route.h`).
const UP_AND_GATEWAY: u32 = 0x3;

/// The gateway of the default route. It is looked up each time, so that another network has another.
/// It answers by ICMP echo, where this program may send one, or by taking or refusing a connection.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct GatewayCanary;

#[async_trait]
impl Canary for GatewayCanary {
    fn name(&self) -> String {
        "gateway".to_owned()
    }

    async fn answers(&self, deadline: Instant) -> bool {
        let asked = async {
            let Some(gateway) = gateway().await else { return false };
            let ports =
                PORTS.map(|port| Box::pin(connects(with_port(gateway, port))) as super::Asked<'_>);
            let echo = Box::pin(echo::answers(gateway, deadline)) as super::Asked<'_>;
            any(ports.into_iter().chain([echo])).await
        };
        timeout_at(deadline, asked).await.unwrap_or(false)
    }
}

/// An address; one of a link has the link's number.
pub(super) type Gateway = (IpAddr, u32);

fn with_port((address, scope): Gateway, port: u16) -> SocketAddr {
    match address {
        IpAddr::V4(address) => SocketAddr::from((address, port)),
        IpAddr::V6(address) => SocketAddrV6::new(address, port, 0, scope).into(),
    }
}

/// What the kernel says, IPv4 first.
async fn gateway() -> Option<Gateway> {
    if let Some(address) = read("/proc/net/route").await.as_deref().and_then(of_ipv4) {
        return Some((address.into(), 0));
    }
    let table = read("/proc/net/ipv6_route").await?;
    let (address, link) = of_ipv6(&table)?;
    let link = link.rsplit('/').next()?;
    let scope = read(&format!("/sys/class/net/{link}/ifindex")).await?;
    Some((address.into(), scope.trim().parse().ok()?))
}

/// Of `/proc/net/route`: interface, destination, gateway, flags, two counts, metric, mask; addresses
/// in hexadecimal, in the machine's own order of bytes.
fn of_ipv4(table: &str) -> Option<Ipv4Addr> {
    let route = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let number = |field: usize| u32::from_str_radix(fields.get(field)?, 16).ok();
        let metric: u32 = fields.get(6)?.parse().ok()?;
        let is_default = number(1)? == 0 && number(7)? == 0;
        let usable = number(3)? & UP_AND_GATEWAY == UP_AND_GATEWAY;
        (is_default && usable).then_some((metric, Ipv4Addr::from(number(2)?.to_ne_bytes())))
    };
    table.lines().filter_map(route).min().map(|(_, gateway)| gateway)
}

/// Of `/proc/net/ipv6_route`: destination and length of its prefix, the same of the source, next hop,
/// metric, two counts, flags, interface; all in hexadecimal.
fn of_ipv6(table: &str) -> Option<(Ipv6Addr, &str)> {
    let route = |line| -> Option<(u32, Ipv6Addr, &str)> {
        let line: &str = line;
        let fields: Vec<&str> = line.split_whitespace().collect();
        let number = |field: usize| u32::from_str_radix(fields.get(field)?, 16).ok();
        let address =
            |field: usize| u128::from_str_radix(fields.get(field)?, 16).ok().map(Ipv6Addr::from);
        let is_default = address(0)?.is_unspecified() && number(1)? == 0;
        let usable = number(8)? & UP_AND_GATEWAY == UP_AND_GATEWAY;
        (is_default && usable).then_some((number(5)?, address(4)?, fields.get(9).copied()?))
    };
    table.lines().filter_map(route).min().map(|(_, gateway, link)| (gateway, link))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_route_with_the_lowest_metric_that_is_up() {
        let head =
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
        let line = |destination: &str, gateway: [u8; 4], flags: &str, metric: u32, mask: &str| {
            let gateway = u32::from_ne_bytes(gateway);
            format!(
                "eth0\t{destination}\t{gateway:08X}\t{flags}\t0\t0\t{metric}\t{mask}\t0\t0\t0\n"
            )
        };
        let far = line("00000000", [192, 0, 2, 254], "0003", 600, "00000000");
        let near = line("00000000", [192, 0, 2, 1], "0003", 100, "00000000");
        let down = line("00000000", [192, 0, 2, 7], "0002", 0, "00000000");
        let link = line("000200C0", [0, 0, 0, 0], "0001", 0, "00FFFFFF");
        let table = [head, &far, &near, &down, &link].concat();
        assert_eq!(of_ipv4(&table), Some(Ipv4Addr::new(192, 0, 2, 1)));
        assert_eq!(of_ipv4(&[head, &link, "cut", "off line"].concat()), None);
    }

    #[test]
    fn the_default_route_of_ipv6() {
        let zero = "0".repeat(32);
        let next = "fe800000000000000000000000000001";
        let line = |to: &str, length: &str, hop: &str, flags: &str| {
            format!("{to} {length} {zero} 00 {hop} 00000400 00000001 00000000 {flags}     eth0\n")
        };
        let here = line("fe800000000000000000000000000000", "40", &zero, "00000001");
        let none = line(&zero, "00", &zero, "00200200");
        let default = line(&zero, "00", next, "00450003");
        let found = of_ipv6(&default).map(|(address, link)| (address.to_string(), link.to_owned()));
        assert_eq!(found, Some(("fe80::1".to_owned(), "eth0".to_owned())));
        assert_eq!(of_ipv6(&[here, none].concat()), None);
    }
}
