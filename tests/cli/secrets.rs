//! Secrets by canary: put everywhere a secret may stand, looked for everywhere the program writes.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
};

use rustix::process::Signal;

use super::{PATIENCE, Place, end, files_below, free_port};
use crate::support::{
    account::{Keys, Sshd, user},
    eventually,
};

/// Every secret holds it.
const CANARY: &str = "c4n4ry";
/// What may hold it: where the tests themselves wrote it.
const WRITTEN_BY_US: [&str; 3] = ["litemon.toml", "secret", "key"];

/// A gateway that refuses everything and quotes the request, as some do.
struct Gateway {
    port: u16,
    asked: Arc<std::sync::atomic::AtomicUsize>,
}

impl Gateway {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                std::thread::spawn(move || refuse(stream));
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(std::sync::atomic::Ordering::Relaxed)
    }
}

fn refuse(mut stream: TcpStream) {
    let mut request = vec![0; 8192];
    let length = stream.read(&mut request).unwrap_or(0);
    let body = String::from_utf8_lossy(&request[..length]).into_owned();
    let _ = write!(
        stream,
        "HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

/// A configuration with secrets in every form: in the file, in a URL, from a file, from the environment.
fn place(keys: &Keys, sshd: &Sshd, gateway: &Gateway) -> Place {
    let text = format!(
        r#"
[store]
url = "mysql://litemon:{CANARY}-db@127.0.0.1:{nobody}/history"
[web]
listen = "127.0.0.1:0"
[ssh]
user = "{user}"
identity = "key"
passphrase = "{CANARY}-passphrase"
known_hosts = "{known}"
password = {{ env = "LITEMON_TEST_SSH_PASSWORD" }}
sudo_password = {{ file = "secret" }}
[defaults]
interval = "1s"
timeout = "1s"
retry_interval = "500ms"
attempts = 1
notify = ["oncall"]
[servers.refuses]
address = "127.0.0.1:{ssh}"
services.root = {{ command = "true", sudo = true }}
[servers.lets-in]
address = "127.0.0.1:{ssh}"
ssh.identity = "{good}"
services.root = {{ command = "true", sudo = true }}
[servers.here]
address = "local"
services.off = {{ command = "false" }}
[messaging.msg1]
url = "stomp://guest:{CANARY}-stomp@127.0.0.1:{nobody}"
passcode = "{CANARY}-passcode"
destination = "/queue/x"
[notifiers.sms.oncall]
url = "http://user:{CANARY}-user@127.0.0.1:{sms}/services/T0/{CANARY}-path?key={CANARY}-key"
query = {{ password = {{ file = "secret" }}, login = {{ env = "LITEMON_TEST_SMS" }}, to = "{{{{ to }}}}" }}
headers = {{ Authorization = "Bearer {CANARY}-token" }}
recipients = ["+628123456789"]
"#,
        nobody = free_port(),
        user = user(),
        known = keys.known_hosts().display(),
        good = keys.identity().display(),
        ssh = sshd.addresses[0].port(),
        sms = gateway.port,
    );
    let place = Place::with(&text)
        .set("LITEMON_TEST_SSH_PASSWORD", &format!("{CANARY}-ssh"))
        .set("LITEMON_TEST_SMS", &format!("{CANARY}-sms"));
    place.write("secret", &format!("{CANARY}-file\n"));
    let phrase = format!("{CANARY}-passphrase");
    crate::support::sshd::keygen(&place.path("key"), &["-N", &phrase]);
    place
}

#[track_caller]
fn silent(what: &str, text: &[u8]) {
    let found = text.windows(CANARY.len()).position(|window| window == CANARY.as_bytes());
    if let Some(at) = found {
        let around = &text[at.saturating_sub(200)..text.len().min(at + 60)];
        panic!("{what} says a secret: {}", String::from_utf8_lossy(around));
    }
}

fn nothing_written(place: &Place) {
    for path in files_below(place.dir.path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !WRITTEN_BY_US.contains(&name.as_str()) {
            silent(&path.display().to_string(), &fs::read(&path).unwrap());
        }
    }
}

#[tokio::test]
async fn commands_never_say_one() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let sshd = Sshd::start(&keys, &[Ipv4Addr::LOCALHOST], "PasswordAuthentication yes").await;
    let gateway = Gateway::start();
    let place = place(&keys, &sshd, &gateway);
    for command in [
        "config check",
        "config show",
        "probe",
        "probe --json",
        "notify test oncall",
        "db migrate",
        "notify test nosuch",
        "probe nosuch",
    ] {
        let ran = place.run(&format!("--log trace --verbose {command}"));
        silent(command, ran.out.as_bytes());
        silent(command, ran.err.as_bytes());
        let wrong = ["show", "check"].iter().all(|good| !command.ends_with(good));
        assert_eq!(ran.code != 0, wrong, "{command} was to be refused: {ran}");
    }
    assert!(gateway.asked() >= 1, "the gateway was asked");
    nothing_written(&place);
}

#[tokio::test]
async fn a_mistake_never_says_one() {
    let text = format!(
        "[store]\nurl = \"mysql://u:{CANARY}@h:port/x\"\npasword = \"{CANARY}\"\n\
         [ssh]\npassword = [\"{CANARY}\"]\n\
         [notifiers.sms.a]\nurl = \"http://{CANARY}@:{CANARY}/\"\nquery = {{ key = {{ fil = \"{CANARY}\" }} }}\n\
         recipients = [\"{CANARY}\"]\n"
    );
    let place = Place::with(&text).set("LITEMON__SSH__SUDO_PASSWORD", &format!("[\"{CANARY}\"]"));
    for command in ["config check", "config show", "run", "probe"] {
        let ran = place.run(&format!("--verbose --log trace {command}"));
        assert!(ran.code >= 2, "{ran}");
        let err = ran.err.lines().filter(|line| !line.contains("recipients")).collect::<String>();
        silent(command, err.as_bytes());
        silent(command, ran.out.as_bytes());
    }
}

#[tokio::test]
async fn a_running_monitor_never_says_one() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let sshd = Sshd::start(&keys, &[Ipv4Addr::LOCALHOST], "PasswordAuthentication yes").await;
    let gateway = Gateway::start();
    let place = place(&keys, &sshd, &gateway);
    let run = place.start("--log trace run");
    // The problem on this machine is told, and refused; the servers were logged in to.
    eventually("notices and logins", PATIENCE, async || {
        (gateway.asked() >= 2 && place.read("out").contains("the dashboard is at")).then_some(())
    })
    .await;
    let out = place.read("out");
    let address = out.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
    for page in
        ["/", "/servers/refuses", "/servers/lets-in", "/servers/here", "/dashboard/get/svcstats"]
    {
        let url = format!("http://{address}{page}");
        let answer = crate::support::chromium::client().get(url).send().await.unwrap();
        silent(page, &answer.bytes().await.unwrap());
    }
    // Arguments and environment of what it started are its own affair, but not of its command line.
    let line = fs::read(format!("/proc/{}/cmdline", run.id())).unwrap();
    silent("the command line", &line);
    end(run, Signal::TERM).await;
    nothing_written(&place);
}
