//! Passwords, for logging in and for sudo, on an account that is there for these tests only: sshd
//! runs in a mount namespace in which /etc/passwd, /etc/shadow and /etc/sudoers are files of ours.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command as Program,
    time::Duration,
};

use litemon_core::{
    exec::{Command, Exec, Exit, SshSettings, SshTarget, Sudo},
    model::FailureKind,
    secret::Secret,
};
use tempfile::TempDir;

use super::{exec, soon};
use crate::support::{
    Process, eventually, free_port, run,
    sshd::{chmod, keygen, public},
};

pub(crate) const USER: &str = "litemon-tester";
/// Looked for wherever it must not be.
pub(crate) const PASSWORD: &str = "canary-7f3a1c";

/// An sshd for one account with a password, which may use sudo with it.
pub(crate) struct Account {
    dir: TempDir,
    pub(crate) port: u16,
    _process: Process,
}

impl Account {
    /// `None` where a mount namespace cannot be made.
    pub(crate) async fn start(options: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            println!("not tried: making an account for a test needs root");
            return None;
        }
        fs::create_dir_all("/run/sshd").unwrap();
        let dir = tempfile::tempdir().unwrap();
        // The account's home and sshd's files are below it.
        chmod(dir.path(), 0o755);
        let port = free_port();
        let path = |name: &str| dir.path().join(name);
        keygen(&path("host"), &[]);
        let known = format!("[127.0.0.1]:{port} {}\n", public(&path("host.pub")));
        fs::write(path("known_hosts"), known).unwrap();
        write_account(dir.path());
        let config = format!(
            "{options}\nPort {port}\nListenAddress 127.0.0.1\nHostKey {}\nStrictModes no\n\
             PidFile none\nUsePAM no\nPubkeyAuthentication no\n",
            path("host").display()
        );
        fs::write(path("config"), config).unwrap();
        let mut command = Program::new("unshare");
        command.args(["--mount", "sh", "-c"]);
        command.arg(
            "cd \"$1\" && mount --bind passwd /etc/passwd && mount --bind shadow /etc/shadow &&
             mount --bind sudoers /etc/sudoers && exec /usr/sbin/sshd -D -e -f \"$1/config\"",
        );
        command.arg("sh").arg(dir.path());
        let mut process = Process::start(&mut command, &path("log")).unwrap();
        eventually("sshd", Duration::from_secs(10), async || {
            let log = || fs::read_to_string(path("log")).unwrap_or_default();
            assert!(process.runs(), "{}", log());
            TcpStream::connect(("127.0.0.1", port)).ok()
        })
        .await;
        Some(Self { dir, port, _process: process })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Its port on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Lets the account write into its home.
    pub fn own_home(&self) {
        std::os::unix::fs::chown(self.dir.path(), Some(64999), Some(64999)).unwrap();
    }

    fn target(&self, password: &str) -> SshTarget {
        let mut settings = SshSettings::new(USER);
        settings.known_hosts = vec![self.path("known_hosts")];
        settings.password = Some(Secret::new(password.to_owned()));
        SshTarget { host: "127.0.0.1".into(), port: self.port, settings }
    }
}

/// passwd, shadow and sudoers of this machine, and one more account in them.
fn write_account(dir: &Path) {
    // Not an argument: tests look for this word in all arguments of this machine.
    fs::write(dir.join("word"), PASSWORD).unwrap();
    let crypt = ["-ne", "print crypt($_, '$6$saltsalt$')"];
    let hash = run(Program::new("perl").args(crypt).arg(dir.join("word")));
    let mut accounts = fs::read_to_string("/etc/passwd").unwrap();
    accounts.push_str(&format!("{USER}:x:64999:64999::{}:/bin/sh\n", dir.display()));
    fs::write(dir.join("passwd"), accounts).unwrap();
    let mut shadow = fs::read_to_string("/etc/shadow").unwrap();
    shadow.push_str(&format!("{USER}:{hash}:19000:0:99999:7:::\n"));
    fs::write(dir.join("shadow"), shadow).unwrap();
    chmod(&dir.join("shadow"), 0o600);
    let rule = "Defaults timestamp_timeout=0, !lecture, !mailerpath\nroot ALL=(ALL) ALL\n";
    fs::write(dir.join("sudoers"), format!("{rule}{USER} ALL=(ALL) ALL\n")).unwrap();
    chmod(&dir.join("sudoers"), 0o440);
}

/// What a shell line prints, or how it failed.
async fn say(target: SshTarget, line: &str, sudo: Sudo) -> Result<String, FailureKind> {
    let mut command = Command::shell(line);
    command.sudo = sudo;
    let output = exec(target).run(&command, soon()).await.map_err(|failure| failure.kind)?;
    assert_eq!(output.exit, Exit::Status(0), "{output:?}");
    Ok(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[tokio::test]
async fn by_a_password_in_either_way() {
    for options in [
        "PasswordAuthentication yes\nKbdInteractiveAuthentication no",
        "PasswordAuthentication no\nKbdInteractiveAuthentication yes\nUsePAM yes",
    ] {
        let Some(account) = Account::start(options).await else { return };
        let said = say(account.target(PASSWORD), "id -un", Sudo::No).await;
        assert_eq!(said.as_deref(), Ok(USER), "{options}");
        let refused = say(account.target("wrong"), "id -un", Sudo::No).await;
        assert_eq!(refused, Err(FailureKind::Auth), "{options}");
    }
}

/// Every command line and environment on this machine, as `ps` shows them to root.
pub(crate) fn seen_by_ps() -> String {
    let mut seen = String::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        for file in ["cmdline", "environ"] {
            let bytes = fs::read(entry.path().join(file)).unwrap_or_default();
            seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    seen
}

#[tokio::test]
async fn sudo_gets_its_password_and_nobody_else_does() {
    let Some(account) = Account::start("PasswordAuthentication yes").await else { return };
    let mut target = account.target(PASSWORD);
    let without = say(target.clone(), "id -u", Sudo::Passwordless).await;
    assert_eq!(without, Err(FailureKind::Exit), "this account's sudo asks for a password");

    target.settings.sudo_password = Some(Secret::new(PASSWORD.to_owned()));
    let said = say(target.clone(), "id -u", Sudo::Passwordless).await;
    assert_eq!(said.as_deref(), Ok("0"));

    // The input behind the password reaches the command, which never sees the password.
    let mut reader = Command::argv(["cat"]);
    reader.sudo = Sudo::Passwordless;
    reader.stdin = b"for the command\n".to_vec();
    let output = exec(target.clone()).run(&reader, soon()).await.unwrap();
    assert_eq!(output.stdout, b"for the command\n");

    let marked = "sleep 0.4; id -u # marked-4b1d";
    let running = tokio::spawn(say(target.clone(), marked, Sudo::Passwordless));
    let seen = eventually("the command in ps", Duration::from_secs(20), async || {
        Some(seen_by_ps()).filter(|seen| seen.contains("marked-4b1d"))
    })
    .await;
    assert!(!seen.contains(PASSWORD));
    assert_eq!(running.await.unwrap().as_deref(), Ok("0"));

    target.settings.sudo_password = Some(Secret::new("wrong".to_owned()));
    let refused = say(target, "id -u", Sudo::Passwordless).await;
    assert_eq!(refused, Err(FailureKind::Exit));
}
