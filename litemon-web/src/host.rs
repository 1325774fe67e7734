//! Which `Host` is answered. A page elsewhere whose name was pointed at this machine (DNS
//! rebinding) must not be able to read the dashboard through its visitor's browser.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, StatusCode, Uri, header::HOST, uri::Authority};

/// The hosts that are answered.
#[derive(Debug)]
pub(crate) struct Hosts {
    own: IpAddr,
    names: Vec<String>,
}

impl Hosts {
    pub(crate) fn new(listen: SocketAddr, names: &[String]) -> Self {
        let names = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { own: listen.ip(), names }
    }

    /// # Errors
    /// The status to answer with: 400 when there is no single readable host, 421 when it is not
    /// one of these.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), StatusCode> {
        let mut given = headers.get_all(HOST).iter();
        let header = match (given.next(), given.next()) {
            (Some(host), None) => Some(parse(host.as_bytes())?),
            (None, _) => None,
            (Some(_), Some(_)) => return Err(StatusCode::BAD_REQUEST),
        };
        let hosts = [header.as_ref(), uri.authority()];
        if hosts.iter().all(Option::is_none) {
            return Err(StatusCode::BAD_REQUEST);
        }
        let ours = hosts.into_iter().flatten().all(|host| self.answers_to(host.host()));
        if ours { Ok(()) } else { Err(StatusCode::MISDIRECTED_REQUEST) }
    }

    /// The port is left out of account: a tunnel has another one, and a rebound name has any.
    fn answers_to(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            // An address in a URL was never looked up, so it cannot have been rebound.
            Ok(ip) => self.own.is_unspecified() || ip == self.own || both_loopback(ip, self.own),
            Err(_) => host == "localhost" || self.names.contains(&host),
        }
    }
}

fn both_loopback(a: IpAddr, b: IpAddr) -> bool {
    a.is_loopback() && b.is_loopback()
}

fn parse(host: &[u8]) -> Result<Authority, StatusCode> {
    let authority = Authority::try_from(host).map_err(|_| StatusCode::BAD_REQUEST)?;
    if authority.as_str().contains('@') { Err(StatusCode::BAD_REQUEST) } else { Ok(authority) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(listen: &str, host: Option<&str>) -> u16 {
        let hosts = Hosts::new(listen.parse().unwrap(), &["Mon.Example".into()]);
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(HOST, host.parse().unwrap());
        }
        hosts.check(&Uri::from_static("/"), &headers).err().map_or(200, |status| status.as_u16())
    }

    #[test]
    fn hosts_are_told_apart() {
        for (listen, host, expected) in [
            ("127.0.0.1:80", Some("127.0.0.1:9"), 200),
            ("127.0.0.1:80", Some("localhost:80"), 200),
            ("127.0.0.1:80", Some("LOCALHOST."), 200),
            ("127.0.0.1:80", Some("[::1]:80"), 200),
            ("127.0.0.1:80", Some("mon.example"), 200),
            ("127.0.0.1:80", Some("mon.example.evil.example"), 421),
            ("127.0.0.1:80", Some("evil.example"), 421),
            ("127.0.0.1:80", Some("localhost@evil.example"), 400),
            ("127.0.0.1:80", Some("10.0.0.1"), 421),
            ("127.0.0.1:80", Some("a b"), 400),
            ("127.0.0.1:80", Some(""), 400),
            ("127.0.0.1:80", None, 400),
            ("10.0.0.1:80", Some("10.0.0.1"), 200),
            ("0.0.0.0:80", Some("10.0.0.1"), 200),
            ("0.0.0.0:80", Some("evil.example"), 421),
        ] {
            assert_eq!(status(listen, host), expected, "{listen} {host:?}");
        }
    }

    #[test]
    fn the_target_counts_too() {
        let hosts = Hosts::new("127.0.0.1:80".parse().unwrap(), &[]);
        let mut headers = HeaderMap::new();
        headers.insert(HOST, "localhost".parse().unwrap());
        let target = Uri::from_static("http://evil.example/");
        assert_eq!(hosts.check(&target, &headers), Err(StatusCode::MISDIRECTED_REQUEST));
    }
}
