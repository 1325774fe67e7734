//! Real OpenSSH servers on loopback addresses.

use std::{
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{Process, eventually, free_port, run};

/// What one sshd process takes at most.
const ADDRESSES_OF_A_PROCESS: usize = 16;

/// The folder of the files that clients and servers share: keys, known hosts, the target's home.
#[derive(Debug)]
pub struct Keys {
    folder: PathBuf,
}

impl Keys {
    /// Makes a key for the servers and one for the client, without passphrase.
    pub fn make(folder: &Path) -> Self {
        for name in ["host_key", "client_key"] {
            run(Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
                .arg(folder.join(name)));
        }
        fs::copy(folder.join("client_key.pub"), folder.join("authorized_keys")).unwrap();
        fs::create_dir(folder.join("home")).unwrap();
        Self { folder: folder.into() }
    }

    /// The private key that may log in.
    pub fn identity(&self) -> PathBuf {
        self.folder.join("client_key")
    }

    /// The private key of the servers.
    pub fn host_key(&self) -> PathBuf {
        self.folder.join("host_key")
    }

    /// Writes a known_hosts file that holds the servers' key for all of loopback, on any port.
    pub fn known_hosts(&self) -> PathBuf {
        let path = self.folder.join("known_hosts");
        let key = fs::read_to_string(self.folder.join("host_key.pub")).unwrap();
        fs::write(&path, format!("127.*,[127.*]:* {key}")).unwrap();
        path
    }
}

/// One sshd process that listens on up to 16 addresses and one port.
#[derive(Debug)]
pub struct Sshd {
    /// The running server: ending it makes the addresses refuse connections.
    pub process: Process,
    /// Its addresses.
    pub addresses: Vec<SocketAddr>,
}

impl Sshd {
    /// Starts one on each address, at a port that is free, and waits until it answers.
    ///
    /// `options` are more lines of its configuration.
    pub async fn start(keys: &Keys, addresses: &[Ipv4Addr], options: &str) -> Self {
        Self::start_at(keys, addresses, free_port(), options).await
    }

    /// The same at a given port, as after an outage.
    pub async fn start_at(keys: &Keys, addresses: &[Ipv4Addr], port: u16, options: &str) -> Self {
        assert!(addresses.len() <= ADDRESSES_OF_A_PROCESS, "sshd takes no more addresses");
        let first = addresses.first().expect("an address");
        let config = keys.folder.join(format!("sshd-{first}-{port}.conf"));
        fs::write(&config, configuration(keys, addresses, port, options)).unwrap();
        let log = config.with_extension("log");
        let process = Process::start(&mut server(keys, &config), &log).unwrap();
        let addresses: Vec<_> = addresses.iter().map(|ip| SocketAddr::from((*ip, port))).collect();
        for address in &addresses {
            answers(*address, &log).await;
        }
        Self { process, addresses }
    }
}

/// The name to log in with.
pub fn user() -> String {
    if is_root() { "monitor".to_owned() } else { run(Command::new("id").arg("-un")).trim().into() }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn configuration(keys: &Keys, addresses: &[Ipv4Addr], port: u16, options: &str) -> String {
    let folder = keys.folder.display();
    let mut text = format!(
        "Port {port}\nHostKey {folder}/host_key\nAuthorizedKeysFile {folder}/authorized_keys\n\
         PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPrintMotd no\n\
         UseDNS no\nMaxStartups 1000\nLogLevel ERROR\n"
    );
    for address in addresses {
        writeln!(text, "ListenAddress {address}").unwrap();
    }
    // sshd takes the first of two values.
    format!("{options}\n{text}")
}

/// As root the server runs in a mount namespace with an account `monitor`, whose shell is /bin/sh
/// and whose home is empty: what a person keeps in root's .bashrc must not run before each command.
fn server(keys: &Keys, config: &Path) -> Command {
    const SSHD: &str = "/usr/sbin/sshd";
    if !is_root() {
        let mut command = Command::new(SSHD);
        command.args(["-D", "-e", "-f"]).arg(config);
        return command;
    }
    fs::create_dir_all("/run/sshd").unwrap();
    let mut accounts = fs::read_to_string("/etc/passwd").unwrap();
    writeln!(accounts, "monitor:x:0:0::{}:/bin/sh", keys.folder.join("home").display()).unwrap();
    let passwd = keys.folder.join("passwd");
    fs::write(&passwd, accounts).unwrap();
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c"]);
    command.arg("mount --bind \"$1\" /etc/passwd && exec \"$2\" -D -e -f \"$3\"");
    command.arg("sh").arg(passwd).arg(SSHD).arg(config);
    command
}

async fn answers(address: SocketAddr, log: &Path) {
    let what = format!("sshd at {address}, see {}", log.display());
    eventually(&what, Duration::from_secs(10), async || TcpStream::connect(address).ok()).await;
}
