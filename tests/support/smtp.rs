//! A private mail server (Python's aiosmtpd) on a free port: plain, with STARTTLS or with TLS, with a
//! login or without; it keeps each mail in a file.

use std::{path::PathBuf, process::Command, time::Duration};

use tempfile::TempDir;

use super::{Process, eventually, free_port};

/// How the way to it is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Not at all; no login.
    Plain,
    /// STARTTLS, and a login.
    StartTls,
    /// TLS from the first byte on, and a login.
    Tls,
}

/// The mail server; it ends when it is dropped.
pub struct MailServer {
    folder: TempDir,
    port: u16,
    _process: Process,
}

const READY: Duration = Duration::from_secs(20);

// `temporary@…` is refused for now as long as the file `full` is there, `nobody@…` for good.
const PROGRAM: &str = r#"
import os, ssl, sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

folder, port, door = sys.argv[1], int(sys.argv[2]), sys.argv[3]

class Handler:
    count = 0
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user here"
        if address.startswith("temporary@") and os.path.exists(folder + "/full"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        Handler.count += 1
        name = "%s/mail.%03d" % (folder, Handler.count)
        with open(name + ".part", "wb") as file:
            file.write(b"X-To: " + ",".join(envelope.rcpt_tos).encode() + b"\n")
            file.write(envelope.content)
        os.rename(name + ".part", name)
        return "250 Queued as %03d" % Handler.count

def login(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"litemon", b"m4il-s3cret"))

options = {}
if door != "plain":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/cert.pem", folder + "/key.pem")
    options = {"authenticator": login, "auth_required": True}
    if door == "starttls":
        options.update(tls_context=context, require_starttls=True)
    else:
        options.update(ssl_context=context, auth_require_tls=False)
Controller(Handler(), hostname="127.0.0.1", port=port, **options).start()
open(folder + "/ready", "w").close()
while True:
    time.sleep(3600)
"#;

impl MailServer {
    /// The user that may send.
    pub const USER: &str = "litemon";
    /// That user's password.
    pub const PASSWORD: &str = "m4il-s3cret";

    /// Starts one.
    pub async fn start(door: Door) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let file = |name: &str| folder.path().join(name);
        std::fs::write(file("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(file("key.pem"), made.signing_key.serialize_pem()).unwrap();
        std::fs::write(file("program.py"), PROGRAM).unwrap();
        let port = free_port();
        let word = match door {
            Door::Plain => "plain",
            Door::StartTls => "starttls",
            Door::Tls => "tls",
        };
        let mut command = Command::new("/usr/bin/python3");
        command.arg(file("program.py")).arg(folder.path()).arg(port.to_string()).arg(word);
        let log = file("log");
        let mut process = Process::start(&mut command, &log).unwrap();
        let ready = file("ready");
        eventually("the mail server", READY, async || {
            let said = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(process.runs(), "the mail server ended: {}", said());
            ready.exists().then_some(())
        })
        .await;
        Self { folder, port, _process: process }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A file of its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Whether `temporary@…` is refused for now.
    pub fn full(&self, full: bool) {
        let file = self.file("full");
        if full {
            std::fs::write(file, "").unwrap();
        } else {
            std::fs::remove_file(file).unwrap();
        }
    }

    /// Waits for so many mails; all that there are, oldest first.
    pub async fn wait_for(&self, count: usize, limit: Duration) -> Vec<String> {
        eventually(&format!("{count} mails"), limit, async || {
            let all = self.mails();
            (all.len() >= count).then_some(all)
        })
        .await
    }

    /// All mails, oldest first.
    pub fn mails(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        names.retain(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with("mail.") && !name.ends_with(".part")
        });
        names.sort();
        let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
        names.iter().map(read).collect()
    }
}
