//! All servers together.

use std::{fs, io, net::Ipv4Addr, path::Path, sync::Arc, time::Duration};

use russh::keys::{Algorithm, PrivateKey, load_secret_key};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::server::Server;

/// Why the fleet cannot start.
#[derive(Debug)]
pub(crate) struct Error(String);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// The servers, by number.
pub(crate) struct Fleet {
    pub(crate) servers: Vec<Server>,
}

impl Fleet {
    /// Listens on every address.
    pub(crate) async fn start(key: PrivateKey, count: usize, port: u16) -> Result<Self, Error> {
        allow_many_files()?;
        let config = Arc::new(config(key));
        let mut servers = Vec::with_capacity(count);
        for number in 0..count {
            let mut server = Server::new((address(number)?, port).into(), Arc::clone(&config));
            server.listen().await?;
            servers.push(server);
        }
        Ok(Self { servers })
    }
}

/// The address of a server: 127.1.0.1 to 127.1.0.250, then 127.1.1.1, and so on.
fn address(number: usize) -> Result<Ipv4Addr, Error> {
    let third = u8::try_from(number / 250).map_err(|_| Error("at most 64000 servers".into()))?;
    let fourth = u8::try_from(number % 250 + 1)?;
    Ok(Ipv4Addr::new(127, 1, third, fourth))
}

/// Reads a private key, or makes one.
pub(crate) fn host_key(path: Option<&Path>) -> Result<PrivateKey, Error> {
    match path {
        Some(path) => Ok(load_secret_key(path, None)?),
        None => Ok(PrivateKey::random(&mut rand::rng(), Algorithm::Ed25519)?),
    }
}

/// Writes a known_hosts file that holds the key for all of the fleet, on any port.
pub(crate) fn write_known_hosts(key: &PrivateKey, path: &Path) -> Result<(), Error> {
    let public = key.public_key().to_openssh()?;
    Ok(fs::write(path, format!("127.1.*,[127.1.*]:* {public}\n"))?)
}

fn config(key: PrivateKey) -> russh::server::Config {
    russh::server::Config {
        keys: vec![key],
        inactivity_timeout: None,
        // A client first asks without a key; making it wait would measure us, not it.
        auth_rejection_time_initial: Some(Duration::ZERO),
        window_size: 128 * 1024,
        channel_buffer_size: 4,
        nodelay: true,
        ..Default::default()
    }
}

/// Two descriptors for each server do not fit into the usual 1024.
fn allow_many_files() -> io::Result<()> {
    let hard = getrlimit(Resource::Nofile).maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current: hard, maximum: hard })?)
}
