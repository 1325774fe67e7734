//! `tls`: a real OpenSSL server with certificates of an authority of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use litemon_core::{
    clock::{Clock, SystemClock},
    model::{Timestamp, Zone},
};

use super::{Checks, one, said};
use crate::support::{Process, eventually, free_port, run};

/// An authority, whose certificates end when they are told to.
struct Authority {
    folder: PathBuf,
}

impl Authority {
    fn new(folder: &Path) -> Self {
        let authority = Self { folder: folder.into() };
        let config = "[ca]\ndefault_ca = d\n[d]\nnew_certs_dir = .\ndatabase = index.txt\nrand_serial = yes\n\
                      default_md = sha256\npolicy = p\nunique_subject = no\ncopy_extensions = copy\n\
                      [p]\ncommonName = supplied\n[v3]\nbasicConstraints = critical, CA:TRUE\n";
        fs::write(folder.join("ca.cnf"), config).unwrap();
        fs::write(folder.join("index.txt"), "").unwrap();
        authority.key("root", "/CN=root");
        let days = |days| date(days);
        authority.openssl(&format!(
            "ca -batch -config ca.cnf -extensions v3 -selfsign -keyfile root.key -in root.csr -notext \
             -startdate {} -enddate {} -out root.pem",
            days(-400),
            days(4000)
        ));
        authority
    }

    fn openssl(&self, line: &str) {
        run(Command::new("openssl").args(line.split_whitespace()).current_dir(&self.folder));
    }

    fn key(&self, name: &str, subject: &str) {
        self.openssl(&format!(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -subj {subject} \
             -addext subjectAltName=DNS:{name}.example,IP:127.0.0.1 -out {name}.csr"
        ));
    }

    /// A certificate for NAME.example and 127.0.0.1 that ends in so many days, on a server.
    async fn serve(&self, name: &str, ends: i64) -> (u16, Process) {
        self.key(name, &format!("/CN={name}.example"));
        self.openssl(&format!(
            "ca -batch -config ca.cnf -cert root.pem -keyfile root.key -in {name}.csr -notext \
             -startdate {} -enddate {} -out {name}.pem",
            date(-400),
            date(ends)
        ));
        let port = free_port();
        let mut command = Command::new("openssl");
        command.args(["s_server", "-quiet", "-www", "-accept"]).arg(format!("127.0.0.1:{port}"));
        command.args(["-cert", &format!("{name}.pem"), "-key", &format!("{name}.key")]);
        command.current_dir(&self.folder);
        let process = Process::start(&mut command, &self.folder.join("log")).unwrap();
        eventually("openssl to listen", Duration::from_secs(10), async || {
            std::net::TcpStream::connect(("127.0.0.1", port)).ok()
        })
        .await;
        (port, process)
    }
}

/// A moment so many days, and some hours, from now as OpenSSL writes it.
fn date(days: i64) -> String {
    let now = SystemClock.now().as_millis();
    let at = Timestamp::from_millis(now + days * 86_400_000 + 3_600_000);
    Zone::utc().format("%Y%m%d%H%M%SZ", at)
}

#[tokio::test]
async fn certificates_good_bad_and_near_their_end() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let roots = folder.path().join("root.pem");
    let mut text = String::new();
    let mut servers = Vec::new();
    for (name, ends) in [("good", 90), ("soon", 20), ("late", 3), ("over", -2)] {
        let (port, process) = authority.serve(name, ends).await;
        servers.push(process);
        text.push_str(&format!(
            "[checks.{name}]\nkind = \"tls\"\nhost = \"127.0.0.1\"\nport = {port}\nroots = {roots:?}\n"
        ));
        if name == "good" {
            let at = format!("kind = \"tls\"\nhost = \"127.0.0.1\"\nport = {port}\n");
            text.push_str(&format!(
                "[checks.named]\n{at}roots = {roots:?}\nserver_name = \"good.example\"\n\
                 [checks.misnamed]\n{at}roots = {roots:?}\nserver_name = \"bad.example\"\n\
                 [checks.untrusted]\n{at}\n[checks.anybody]\n{at}verify = false\n\
                 [checks.nofile]\n{at}roots = \"/nowhere.pem\"\n"
            ));
        }
    }
    let closed = free_port();
    text.push_str(&format!(
        "[checks.closed]\nkind = \"tls\"\nhost = \"127.0.0.1\"\nport = {closed}\n"
    ));
    let seen = Checks::new(&text).probe();
    for (name, status, start) in [
        ("good", "ok", "expires in 90 days, on "),
        ("named", "ok", "expires in 90 days, on "),
        ("anybody", "ok", "expires in 90 days, on "),
        ("soon", "warning", "expires in 20 days, on "),
        ("late", "critical", "expires in 3 days, on "),
        ("over", "critical", "expired 1 day ago, on "),
        ("misnamed", "critical", "the certificate is for another name"),
        ("untrusted", "critical", "the certificate is signed by nobody who is trusted here"),
        ("nofile", "unknown", "the roots in /nowhere.pem cannot be read: "),
        ("closed", "critical", "connection refused"),
    ] {
        let (found, line) = said(&seen, &format!("checks/{name}"));
        assert!(found == status && line.starts_with(start), "{name}: {found} {line}");
    }
    assert_eq!(one(&seen, "checks/soon")["value"], 20.0);
    assert_eq!(one(&seen, "checks/over")["value"], -2.0);
}
