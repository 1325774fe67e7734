/// What a check's results come over, so that it is known what the loss of the monitor's own network
/// does to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// Nothing that can be lost: it looks at the monitor's own machine.
    Local,
    /// The monitor's network. What is seen over it proves that it works.
    Network,
    /// It cannot be told: a program of one's own, or calls that may come from elsewhere. A good result
    /// proves nothing, and a bad one may be the network's fault.
    #[default]
    Unclear,
}

impl Route {
    /// To a host that is named: over the network, unless it is this machine by its name.
    #[must_use]
    pub fn to_host(host: &str) -> Self {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let address = host.parse::<std::net::IpAddr>();
        let local = address.map_or_else(
            |_| host.eq_ignore_ascii_case("localhost"),
            |address| address.to_canonical().is_loopback(),
        );
        if local { Self::Local } else { Self::Network }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_needs_no_network() {
        for host in ["127.0.0.1", "127.0.0.60", "::1", "[::1]", "::ffff:127.0.0.1", "LocalHost"] {
            assert_eq!(Route::to_host(host), Route::Local, "{host}");
        }
        for host in ["192.0.2.1", "web-1", "2001:db8::1", "localhost.example", ""] {
            assert_eq!(Route::to_host(host), Route::Network, "{host}");
        }
    }
}
