//! Private sshd instances on loopback addresses, with host keys, users' keys and known_hosts files
//! of their own.

use std::{
    fs,
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use litemon_core::exec::{SshSettings, SshTarget};
use rustix::process::Signal;
use tempfile::TempDir;

use super::{Process, eventually, free_port};

/// A running sshd. Everything it needs is in a temporary folder.
pub struct Sshd {
    dir: TempDir,
    port: u16,
    addresses: Vec<String>,
    options: String,
    process: Option<Process>,
}

impl Sshd {
    /// One on 127.0.0.1.
    pub async fn start() -> Self {
        Self::with(&["127.0.0.1"], "").await
    }

    /// One on several loopback addresses (at most 16), with more lines for its configuration.
    pub async fn with(addresses: &[&str], options: &str) -> Self {
        fs::create_dir_all("/run/sshd").unwrap();
        let dir = tempfile::tempdir().unwrap();
        keygen(&dir.path().join("host"), &[]);
        keygen(&dir.path().join("id"), &[]);
        let authorized = dir.path().join("authorized");
        fs::copy(dir.path().join("id.pub"), &authorized).unwrap();
        let mut sshd = Self {
            dir,
            port: free_port(),
            addresses: addresses.iter().map(|&text| text.to_owned()).collect(),
            options: options.to_owned(),
            process: None,
        };
        sshd.run().await;
        sshd.write_known_hosts();
        sshd
    }

    /// Starts it (again) on the same port.
    pub async fn run(&mut self) {
        let config = self.path("config");
        fs::write(&config, self.config()).unwrap();
        let mut command = Command::new("/usr/sbin/sshd");
        command.args(["-D", "-e", "-f"]).arg(&config);
        let mut process = Process::start(&mut command, &self.path("log")).unwrap();
        let address = format!("{}:{}", self.addresses[0], self.port);
        eventually("sshd", Duration::from_secs(10), async || {
            assert!(process.runs(), "{}", self.log());
            TcpStream::connect(&address).ok()
        })
        .await;
        self.process = Some(process);
    }

    fn config(&self) -> String {
        let path = |name: &str| self.path(name).display().to_string();
        // The first value of an option counts: what a test asks for stands first.
        let mut text = format!("{}\nPort {}\n", self.environment(), self.port);
        for address in &self.addresses {
            text.push_str(&format!("ListenAddress {address}\n"));
        }
        text.push_str(&format!(
            "HostKey {}\nAuthorizedKeysFile {}\n",
            path("host"),
            path("authorized")
        ));
        text.push_str("StrictModes no\nUsePAM no\nMaxStartups 1000\nPidFile none\n");
        text.push_str("PermitRootLogin yes\nPasswordAuthentication no\n");
        text
    }

    /// The options, with an empty home: what a person keeps in his .bashrc must not run before each
    /// command. All variables stand in one line, as sshd takes only the first.
    fn environment(&self) -> String {
        const SET: &str = "SetEnv ";
        let home = format!("{SET}HOME={} ", self.path("home").display());
        if self.options.contains(SET) {
            self.options.replacen(SET, &home, 1)
        } else {
            format!("{}\n{home}", self.options)
        }
    }

    /// Other lines for its configuration, from the next start on.
    pub fn set_options(&mut self, options: &str) {
        options.clone_into(&mut self.options);
    }

    /// Ends it and its connections.
    pub fn stop(&mut self) {
        if let Some(process) = &self.process {
            for child in children(process.id()) {
                end_tree(child);
            }
        }
        self.process = None;
    }

    /// Ends what listens; its connections go on.
    pub fn stop_listening(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal(Signal::TERM);
            process.wait().unwrap();
        }
    }

    /// Sends a signal to it and to all that serve its connections.
    pub fn signal_all(&self, signal: Signal) {
        let Some(process) = &self.process else { return };
        process.signal(signal);
        for child in children(process.id()) {
            signal_tree(child, signal);
        }
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// A file in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The public host key, as it stands in a known_hosts line.
    pub fn host_key(&self) -> String {
        public(&self.path("host.pub"))
    }

    /// Writes a known_hosts file with the host key for all addresses.
    pub fn write_known_hosts(&self) -> PathBuf {
        let mut text = String::new();
        for address in &self.addresses {
            text.push_str(&format!("[{address}]:{} {}\n", self.port, self.host_key()));
        }
        let path = self.path("known_hosts");
        fs::write(&path, text).unwrap();
        path
    }

    /// How to log in.
    pub fn settings(&self) -> SshSettings {
        let mut settings = SshSettings::new(user());
        settings.identities = vec![self.path("id")];
        settings.known_hosts = vec![self.path("known_hosts")];
        settings
    }

    /// Where it is and how to log in.
    pub fn target(&self) -> SshTarget {
        self.target_with(self.settings())
    }

    /// The same with other settings.
    pub fn target_with(&self, settings: SshSettings) -> SshTarget {
        SshTarget { host: self.addresses[0].clone(), port: self.port, settings }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.signal_all(Signal::CONT);
        self.stop();
    }
}

/// The user that runs the tests.
pub fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Makes a key pair (ed25519 unless told otherwise).
pub fn keygen(path: &Path, more: &[&str]) {
    let mut command = Command::new("ssh-keygen");
    command.arg("-q").arg("-f").arg(path).args(["-C", "test"]);
    if !more.contains(&"-t") {
        command.args(["-t", "ed25519"]);
    }
    if !more.contains(&"-N") {
        command.args(["-N", ""]);
    }
    assert!(command.args(more).status().unwrap().success());
}

/// Runs ssh-keygen with other arguments.
pub fn ssh_keygen(arguments: &[&str]) {
    let output = Command::new("ssh-keygen").args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Type and key of a public key file, without the comment.
pub fn public(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// Sets a file's mode.
pub fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The processes a process started.
pub fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

/// Sends a signal to a process and all below it.
pub fn signal_tree(pid: u32, signal: Signal) {
    let below = children(pid);
    if let Some(pid) = rustix::process::Pid::from_raw(pid.cast_signed()) {
        let _ = rustix::process::kill_process(pid, signal);
    }
    below.into_iter().for_each(|child| signal_tree(child, signal));
}

fn end_tree(pid: u32) {
    signal_tree(pid, Signal::KILL);
}
