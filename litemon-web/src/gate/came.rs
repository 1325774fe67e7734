//! By which way a request came: its address, and whether others could read it on the way.

use std::net::IpAddr;

use http::{HeaderMap, request::Parts};
use ipnet::IpNet;

use crate::settings::Settings;

/// Where a connection comes from: put on requests by [`serve()`](crate::serve()). An application
/// that mounts the dashboard puts it there itself, or litemon does not know addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer {
    /// The other end of the connection.
    pub address: IpAddr,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

impl Peer {
    /// The other end of a connection.
    #[must_use]
    pub const fn new(address: IpAddr, encrypted: bool) -> Self {
        Self { address, encrypted }
    }
}

/// By which way a request came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Came {
    /// The reader's address, as far as it is known.
    pub(crate) from: Option<IpAddr>,
    /// The reader's browser speaks HTTPS.
    pub(crate) https: bool,
    /// Nobody on the way could read a password: TLS, a proxy that is believed, or this machine.
    pub(crate) private: bool,
}

impl Came {
    pub(crate) fn of(head: &Parts, settings: &Settings) -> Self {
        let loopback = settings.listen.ip().is_loopback();
        let Some(peer) = head.extensions.get::<Peer>() else {
            return Self { private: loopback, ..Self::default() };
        };
        let address = peer.address.to_canonical();
        if !trusted(&settings.trusted_proxies, address) {
            return Self {
                from: Some(address),
                https: peer.encrypted,
                private: peer.encrypted || loopback,
            };
        }
        let reader = forwarded_for(&head.headers, &settings.trusted_proxies);
        let https = peer.encrypted || forwarded_https(&head.headers);
        Self { from: Some(reader.unwrap_or(address)), https, private: true }
    }
}

fn trusted(proxies: &[IpNet], address: IpAddr) -> bool {
    proxies.iter().any(|net| net.contains(&address))
}

/// The nearest address that no proxy of ours has: what stands before it anybody may have written.
fn forwarded_for(headers: &HeaderMap, proxies: &[IpNet]) -> Option<IpAddr> {
    let values: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    let hops = values.iter().rev().flat_map(|value| value.to_str().unwrap_or("?").rsplit(','));
    let mut nearest = None;
    for hop in hops {
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        nearest = Some(address.to_canonical());
        if !trusted(proxies, address.to_canonical()) {
            break;
        }
    }
    nearest
}

/// What the nearest proxy says.
fn forwarded_https(headers: &HeaderMap) -> bool {
    let last = headers.get_all("x-forwarded-proto").iter().next_back();
    let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    last.is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn came(listen: &str, peer: Option<(&str, bool)>, headers: &[(&str, &str)]) -> Came {
        let mut settings = Settings::new(listen.parse().unwrap());
        settings.trusted_proxies = vec!["10.1.0.0/16".parse().unwrap()];
        let mut request = Request::new(());
        if let Some((address, encrypted)) = peer {
            request.extensions_mut().insert(Peer::new(address.parse().unwrap(), encrypted));
        }
        for (name, value) in headers {
            let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        Came::of(&request.into_parts().0, &settings)
    }

    #[test]
    fn only_proxies_that_are_trusted_are_believed() {
        let forged = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https")];
        for (peer, headers, from, https, private) in [
            (("9.9.9.9", false), &forged[..], "9.9.9.9", false, false),
            (("9.9.9.9", true), &forged[..], "9.9.9.9", true, true),
            (("10.1.0.1", false), &forged[..], "1.2.3.4", true, true),
            (("::ffff:10.1.0.1", false), &forged[..], "1.2.3.4", true, true),
            (("10.1.0.1", false), &[][..], "10.1.0.1", false, true),
            (
                ("10.1.0.1", false),
                &[("x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.1.0.2")][..],
                "1.2.3.4",
                false,
                true,
            ),
            (
                ("10.1.0.1", false),
                &[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.2.3.4")][..],
                "1.2.3.4",
                false,
                true,
            ),
            (("10.1.0.1", false), &[("x-forwarded-for", "evil, ?")][..], "10.1.0.1", false, true),
            (
                ("10.1.0.1", false),
                &[("x-forwarded-proto", "https, http")][..],
                "10.1.0.1",
                false,
                true,
            ),
        ] {
            let expected = Came { from: Some(from.parse().unwrap()), https, private };
            assert_eq!(came("0.0.0.0:80", Some(peer), headers), expected, "{peer:?} {headers:?}");
        }
        assert!(came("127.0.0.1:80", Some(("127.0.0.1", false)), &[]).private);
        assert_eq!(came("127.0.0.1:80", None, &forged).from, None);
        assert!(!came("0.0.0.0:80", None, &forged).private);
    }
}
