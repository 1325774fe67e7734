//! A private SMS gateway with a phone network behind it: Kannel's bearerbox and smsbox, and its
//! fakesmsc, which prints every SMS it gets.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use tempfile::TempDir;

use super::{Process, eventually, free_port};

/// How long each of its parts may take to be ready.
const READY: Duration = Duration::from_secs(20);

/// Nobody is told what phones write, and they are not answered.
const SILENT: &str = "keyword = default\ntext = nop\nmax-messages = 0\n";

/// An SMS as the phone network got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sms {
    /// When it came.
    pub at: SystemTime,
    /// To which number.
    pub to: String,
    /// Its text.
    pub text: String,
}

/// The gateway. Dropping it ends all its processes.
#[derive(Debug)]
pub struct Kannel {
    folder: TempDir,
    ports: Ports,
    received: Arc<Mutex<Vec<Sms>>>,
    phones: Option<Process>,
    /// The phone that wrote last, and how many did.
    writer: (Option<Process>, usize),
    smsbox: Option<Process>,
    bearerbox: Option<Process>,
    starts: usize,
}

#[derive(Debug)]
struct Ports {
    admin: u16,
    smsbox: u16,
    phones: u16,
    /// Where a phone that writes something connects.
    senders: u16,
    http: u16,
}

impl Kannel {
    /// The user that may send.
    pub const USER: &str = "litemon";
    /// That user's password.
    pub const PASSWORD: &str = "kannel-s3cret";

    /// The gateway with its phone network.
    pub async fn start() -> Self {
        let mut kannel = Self::start_without_phones().await;
        kannel.start_phones().await;
        kannel
    }

    /// The gateway alone: it answers `3: Queued` until there are phones.
    pub async fn start_without_phones() -> Self {
        let ports = Ports {
            admin: free_port(),
            smsbox: free_port(),
            phones: free_port(),
            senders: free_port(),
            http: free_port(),
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("kannel.conf"), ports.configuration(SILENT)).unwrap();
        let received = Arc::default();
        let mut kannel = Self {
            folder,
            ports,
            received,
            phones: None,
            writer: (None, 0),
            smsbox: None,
            bearerbox: None,
            starts: 0,
        };
        kannel.start_gateway().await;
        kannel
    }

    /// Where messages are handed in, without parameters.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/cgi-bin/sendsms", self.ports.http)
    }

    /// A notifier that sends through it: a table of litemon's configuration. The password is in the
    /// variable `SMS_KEY`.
    pub fn notifier(&self, name: &str, to: &str) -> String {
        format!(
            "[notifiers.sms.{name}]\ngather = false\nbudget = false\nurl = \"{}\"\nsuccess = \"^0: \"\nqueued = \"^3: \"\n\
             recipients = [\"{to}\"]\n\
             query = {{ username = \"{}\", password = {{ env = \"SMS_KEY\" }}, \
             to = \"{{{{ to }}}}\", text = \"{{{{ text }}}}\" }}\n",
            self.url(),
            Self::USER
        )
    }

    /// Hands in an SMS; the gateway's answer.
    pub async fn send(&self, to: &str, text: &str) -> String {
        let query =
            [("username", Self::USER), ("password", Self::PASSWORD), ("to", to), ("text", text)];
        let request = super::chromium::client().get(self.url()).query(&query);
        request.send().await.unwrap().text().await.unwrap()
    }

    /// From now on what phones write is handed to this URL, and its answer goes back. Parameters as
    /// docs/ALERTING.md has them.
    pub async fn hand_over_to(&mut self, url: &str) {
        let service = format!(
            "keyword = default\ncatch-all = true\nmax-messages = 1\nomit-empty = true\n\
             assume-plain-text = true\nget-url = \"{url}?from=%p&text=%a&id=%I&at=%T\"\n"
        );
        let conf = self.folder.path().join("kannel.conf");
        std::fs::write(conf, self.ports.configuration(&service)).unwrap();
        self.smsbox = None;
        self.starts += 1;
        let log = self.log("smsbox");
        self.smsbox = Some(self.run("/usr/sbin/smsbox", &log));
        until_logged(&log, "Connected to bearerbox").await;
    }

    /// A phone writes an SMS; what it is answered is [received](Self::received) like any other.
    pub fn write(&mut self, from: &str, text: &str) {
        let pipe = self.folder.path().join(format!("writer.{}", self.writer.1));
        self.read(&pipe, &pipe.with_extension(format!("{}.log", self.writer.1)));
        let mut phone = Command::new("/usr/lib/kannel/test/fakesmsc");
        phone.args(["-H", "127.0.0.1", "-r", &self.ports.senders.to_string()]);
        phone.args(["-i", "0.1", "-m", "1", &format!("{from} 100 text {text}")]);
        // There is one line for those who write: the one before hangs up.
        self.writer.0 = None;
        self.writer = (Some(Process::start(&mut phone, &pipe).unwrap()), self.writer.1 + 1);
    }

    /// Every SMS so far.
    pub fn received(&self) -> Vec<Sms> {
        self.received.lock().unwrap().clone()
    }

    /// The texts of every SMS so far.
    pub fn texts(&self) -> Vec<String> {
        self.received().into_iter().map(|sms| sms.text).collect()
    }

    /// Waits until that many SMS are there.
    pub async fn wait_for(&self, count: usize, limit: Duration) -> Vec<Sms> {
        eventually(&format!("{count} SMS"), limit, async || {
            let all = self.received();
            (all.len() >= count).then_some(all)
        })
        .await
    }

    /// Kills all of it: connections are refused. (Without its bearerbox smsbox ends by itself.)
    pub fn stop(&mut self) {
        self.phones = None;
        self.bearerbox = None;
        self.smsbox = None;
    }

    /// All of it again, on the same ports.
    pub async fn restart(&mut self) {
        self.stop();
        self.start_gateway().await;
        self.start_phones().await;
    }

    /// Holds bearerbox still (SIGSTOP), or lets it go on (SIGCONT).
    pub fn hold(&self, hold: bool) {
        use rustix::process::Signal;
        let bearerbox = self.bearerbox.as_ref().expect("bearerbox runs");
        bearerbox.signal(if hold { Signal::STOP } else { Signal::CONT });
    }

    async fn start_gateway(&mut self) {
        self.starts += 1;
        let log = self.log("bearerbox");
        self.bearerbox = Some(self.run("/usr/sbin/bearerbox", &log));
        until_logged(&log, "starting smsbox connection module").await;
        let log = self.log("smsbox");
        self.smsbox = Some(self.run("/usr/sbin/smsbox", &log));
        until_logged(&log, "Connected to bearerbox").await;
        let http = self.ports.http;
        eventually("smsbox's HTTP port", READY, async || {
            tokio::net::TcpStream::connect(("127.0.0.1", http)).await.ok()
        })
        .await;
    }

    /// Connects the phone network.
    pub async fn start_phones(&mut self) {
        let pipe = self.log("phones");
        self.read(&pipe, &self.log("phones-log"));
        let mut phones = Command::new("/usr/lib/kannel/test/fakesmsc");
        phones.args(["-H", "127.0.0.1", "-r", &self.ports.phones.to_string()]);
        // It sends nothing by itself: no message at an interval of 100,000 s.
        phones.args(["-i", "100000", "-m", "0", "628999 100 text nop"]);
        self.phones = Some(Process::start(&mut phones, &pipe).unwrap());
        until_logged(&self.log("bearerbox"), "Fakesmsc client connected").await;
    }

    /// Reads what phones print into a pipe.
    fn read(&self, pipe: &Path, log: &Path) {
        assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success(), "mkfifo");
        let received = Arc::clone(&self.received);
        let (from, to) = (pipe.to_owned(), log.to_owned());
        // Ends with the pipe, when the phones end.
        std::thread::spawn(move || listen(&from, &to, &received));
    }

    fn run(&self, program: &str, log: &Path) -> Process {
        let mut command = Command::new(program);
        command.arg(self.folder.path().join("kannel.conf")).current_dir(self.folder.path());
        Process::start(&mut command, log).unwrap()
    }

    /// A log for each start, so that waiting never sees an older one.
    fn log(&self, what: &str) -> PathBuf {
        self.folder.path().join(format!("{what}.{}", self.starts))
    }
}

async fn until_logged(log: &Path, line: &str) {
    eventually(&format!("{line:?} in {}", log.display()), READY, async || {
        std::fs::read_to_string(log).ok()?.contains(line).then_some(())
    })
    .await;
}

/// `… Got message 1: <litemon +628123456789 text PROBLEM web-1 …>`
fn listen(pipe: &Path, log: &Path, received: &Mutex<Vec<Sms>>) {
    use std::io::Write;
    let mut log = File::create(log).unwrap();
    for line in BufReader::new(File::open(pipe).unwrap()).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        let _ = writeln!(log, "{line}");
        received.lock().unwrap().extend(parse(&line));
    }
}

#[expect(clippy::disallowed_methods, reason = "when a phone rings is a matter of the wall clock")]
fn parse(line: &str) -> Option<Sms> {
    let (_, message) = line.split_once("Got message ")?;
    let (_, message) = message.split_once(": <")?;
    let mut words = message.rsplit_once('>')?.0.splitn(4, ' ');
    let (_from, to, _kind, text) = (words.next()?, words.next()?, words.next()?, words.next()?);
    Some(Sms { at: SystemTime::now(), to: to.to_owned(), text: text.to_owned() })
}

impl Ports {
    fn configuration(&self, service: &str) -> String {
        let Self { admin, smsbox, phones, senders, http } = self;
        let (user, password) = (Kannel::USER, Kannel::PASSWORD);
        format!(
            "group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = admin
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-level = 0

group = smsc
smsc = fake
smsc-id = phones
port = {phones}
connect-allow-ip = 127.0.0.1

group = smsc
smsc = fake
smsc-id = senders
port = {senders}
connect-allow-ip = 127.0.0.1
allowed-smsc-id = senders

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {smsbox}
sendsms-port = {http}
sendsms-interface = 127.0.0.1
log-level = 0

group = sendsms-user
username = {user}
password = {password}
default-sender = litemon

group = sms-service
{service}"
        )
    }
}
