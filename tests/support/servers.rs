//! Servers to watch: a real sshd for each on a loopback address of its own, whose services are
//! files.

use std::{
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use rustix::process::Signal;
use tempfile::TempDir;

use super::{
    account::{Keys, Sshd, user},
    sshd::{children, signal_tree},
};

/// The servers. Dropping them ends them all.
#[derive(Debug)]
pub struct Servers {
    servers: Vec<Server>,
    keys: Keys,
    folder: TempDir,
}

#[derive(Debug)]
struct Server {
    name: String,
    ip: Ipv4Addr,
    address: SocketAddr,
    sshd: Option<Sshd>,
}

impl Servers {
    /// Starts one for each name, on 127.0.0.1, 127.0.0.2 and so on.
    pub async fn start(names: &[impl AsRef<str>]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::make(folder.path());
        let mut servers = Vec::new();
        for (place, name) in names.iter().enumerate() {
            let ip =
                Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + u32::try_from(place).unwrap());
            let sshd = Sshd::start(&keys, &[ip], "").await;
            let address = sshd.addresses[0];
            servers.push(Server { name: name.as_ref().to_owned(), ip, address, sshd: Some(sshd) });
        }
        Self { servers, keys, folder }
    }

    /// `[ssh]`, and `address` of each server as a dotted key.
    pub fn configuration(&self) -> String {
        let (identity, known_hosts) = (self.keys.identity(), self.keys.known_hosts());
        let mut text = format!(
            "ssh = {{ user = \"{}\", agent = false, identity = {identity:?}, known_hosts = {known_hosts:?} }}\n",
            user()
        );
        for Server { name, address, .. } in &self.servers {
            writeln!(text, "servers.{name}.address = \"{address}\"").unwrap();
        }
        text
    }

    /// A file on the servers, which all have the same disk.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("home").join(name)
    }

    /// Makes a file: a service that is On while this exists.
    pub fn touch(&self, name: &str) {
        fs::write(self.file(name), "").unwrap();
    }

    /// Takes a file away.
    pub fn remove(&self, name: &str) {
        fs::remove_file(self.file(name)).unwrap();
    }

    /// Cuts all connections to a server; new ones are refused.
    pub fn cut(&mut self, name: &str) {
        self.find(name).cut();
    }

    /// Starts a server that was cut.
    pub async fn mend(&mut self, name: &str) {
        let keys = &self.keys;
        let server = self.servers.iter_mut().find(|server| server.name == name).expect(name);
        let sshd = Sshd::start_at(keys, &[server.ip], server.address.port(), "").await;
        server.sshd = Some(sshd);
    }

    /// Holds a server and all its connections still, or lets it go on.
    pub fn hold(&mut self, name: &str, hold: bool) {
        let server = self.find(name);
        let process = server.sshd.as_ref().map(|sshd| sshd.process.id()).expect("it runs");
        signal_tree(process, if hold { Signal::STOP } else { Signal::CONT });
    }

    fn find(&mut self, name: &str) -> &mut Server {
        self.servers.iter_mut().find(|server| server.name == name).expect(name)
    }
}

impl Server {
    /// sshd gives each connection a process group of its own, so its end is not theirs.
    fn cut(&mut self) {
        let Some(sshd) = self.sshd.take() else { return };
        sshd.process.signal(Signal::STOP);
        for connection in children(sshd.process.id()) {
            signal_tree(connection, Signal::KILL);
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.servers.iter_mut().for_each(Server::cut);
    }
}
