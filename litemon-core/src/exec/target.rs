use std::{fmt, path::PathBuf, str::FromStr};

use crate::{model::Device, secret::Secret};

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// `local`: this machine, without SSH.
    Local,
    /// A host name or address, and a port.
    Host {
        /// Name, IPv4 or IPv6 address, without brackets.
        host: String,
        /// TCP port; 22 when not written.
        port: u16,
    },
}

/// The text is not an [`Address`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address: write host, host:port, [IPv6]:port, or local")]
pub struct AddressError(pub String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError(text.to_owned());
        if text == "local" {
            return Ok(Self::Local);
        }
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, tail) = rest.split_once(']').ok_or_else(wrong)?;
            let _: std::net::Ipv6Addr = host.parse().map_err(|_| wrong())?;
            (host, tail.strip_prefix(':').or(tail.is_empty().then_some("22")).ok_or_else(wrong)?)
        } else if text.parse::<std::net::Ipv6Addr>().is_ok() {
            (text, "22")
        } else {
            text.split_once(':').unwrap_or((text, "22"))
        };
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
        if host.is_empty() || host.starts_with('-') || !host.chars().all(plain) {
            return Err(wrong());
        }
        Ok(Self::Host { host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Host { host, port: 22 } => f.write_str(host),
            Self::Host { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Host { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

/// What to do about a host whose key nothing vouches for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostKeyPolicy {
    /// Refuse it.
    #[default]
    Strict,
    /// Pin the first key seen (in litemon's own file) and refuse any other from then on.
    AcceptNew,
}

/// A host to log in to, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshTarget {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How to log in.
    pub settings: SshSettings,
}

/// How to log in to a host: what stands under `[ssh]`, resolved for one server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SshSettings {
    /// The far user.
    pub user: String,
    /// Private keys, tried in order. A file `KEY-cert.pub` beside one is its certificate.
    pub identities: Vec<PathBuf>,
    /// Whether identities that do not exist are passed over: true for the default ones. One that
    /// was named and is missing is an error at login.
    pub skip_missing_identities: bool,
    /// Private keys themselves, tried after the files.
    pub keys: Vec<Secret>,
    /// litemon's own key, which it installs on servers; tried after the others, if it is there.
    pub own_identity: Option<PathBuf>,
    /// The passphrase of encrypted keys.
    pub passphrase: Option<Secret>,
    /// The agent's socket.
    pub agent: Option<PathBuf>,
    /// Log in by password (tried last).
    pub password: Option<Secret>,
    /// The password sudo asks for.
    pub sudo_password: Option<Secret>,
    /// Files in OpenSSH's known_hosts format; read, never written.
    pub known_hosts: Vec<PathBuf>,
    /// litemon's own pins, same format; written under [`HostKeyPolicy::AcceptNew`].
    pub pins: Option<PathBuf>,
    /// What to do about unknown hosts.
    pub host_key_policy: HostKeyPolicy,
    /// The host to go through.
    pub jump: Option<Box<SshTarget>>,
    /// How it is spoken to once logged in.
    pub device: Device,
    /// Algorithms that are weak are offered too, behind the good ones: for devices that have no
    /// others.
    pub legacy: bool,
    /// Commands at once on one connection; below the server's MaxSessions (OpenSSH's default: 10).
    pub max_sessions: usize,
}

impl SshSettings {
    /// A login as `user`, with nothing to prove it yet.
    #[must_use]
    pub fn new(user: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            identities: Vec::new(),
            skip_missing_identities: false,
            keys: Vec::new(),
            own_identity: None,
            passphrase: None,
            agent: None,
            password: None,
            sudo_password: None,
            known_hosts: Vec::new(),
            pins: None,
            host_key_policy: HostKeyPolicy::Strict,
            jump: None,
            device: Device::Linux,
            legacy: false,
            max_sessions: 6,
        }
    }
}
