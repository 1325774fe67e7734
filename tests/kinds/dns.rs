//! `dns`: a private dnsmasq.

use std::{process::Command, time::Duration};

use super::{Checks, one, said};
use crate::support::{Process, eventually, free_port};

#[tokio::test]
async fn names_of_a_real_server() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut command = Command::new("dnsmasq");
    command.args(["--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null"]);
    command.args(["--bind-interfaces", "--listen-address=127.0.0.1", "--user=", "--pid-file="]);
    command.args(["--address=/www.example/10.1.2.3", "--host-record=two.example,10.0.0.1,fd00::1"]);
    command.args(["--host-record=mail.example,10.0.0.9", "--local=/example/"]);
    command.args(["--mx-host=example,mail.example,10", "--txt-record=example,v=spf1 -all"]);
    command.args(["--cname=alias.example,two.example", &format!("--port={port}")]);
    let log = folder.path().join("log");
    let mut process = Process::start(&mut command, &log).unwrap();
    eventually("dnsmasq", Duration::from_secs(10), async || {
        assert!(process.runs(), "{}", std::fs::read_to_string(&log).unwrap());
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    })
    .await;
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    let check = |name: &str, rest: &str| {
        format!("[checks.{name}]\nkind = \"dns\"\nresolver = \"127.0.0.1:{port}\"\n{rest}\n")
    };
    let mut text = String::from("defaults.timeout = \"3s\"\n");
    for (name, rest) in [
        ("a", "name = \"www.example\"\nexpect = [\"10.1.2.3\"]\nthreshold = 2.5"),
        ("slow", "name = \"www.example\"\nthreshold = 0"),
        ("aaaa", "name = \"two.example.\"\nrecord = \"AAAA\"\nexpect = \"^fd00:\""),
        ("mx", "name = \"example\"\nrecord = \"MX\"\nexpect = [\"10 mail.example\"]"),
        ("txt", "name = \"example\"\nrecord = \"TXT\"\nexpect = \"^v=spf1\""),
        ("cname", "name = \"alias.example\"\nrecord = \"CNAME\"\nexpect = [\"two.example.\"]"),
        ("other", "name = \"www.example\"\nexpect = \"^192[.]\""),
        ("missing", "name = \"two.example\"\nexpect = [\"10.0.0.1\", \"10.0.0.2\"]"),
        ("nobody", "name = \"nobody.example\""),
        ("no-mx", "name = \"two.example\"\nrecord = \"MX\""),
    ] {
        text.push_str(&check(name, rest));
    }
    text.push_str(
        &check("silent", "name = \"x.example\"")
            .replace(&format!("127.0.0.1:{port}"), &silent.to_string()),
    );
    let seen = Checks::new(&text).probe();
    for (name, status, line) in [
        ("a", "ok", "10.1.2.3"),
        ("slow", "critical", "10.1.2.3"),
        ("aaaa", "ok", "fd00::1"),
        ("mx", "ok", "10 mail.example"),
        ("txt", "ok", "v=spf1 -all"),
        ("cname", "ok", "two.example"),
        ("other", "critical", "unexpected answer: 10.1.2.3"),
        ("missing", "critical", "10.0.0.2 is missing: 10.0.0.1"),
        ("nobody", "critical", "there is no such name"),
        ("no-mx", "critical", "the name has no MX record"),
    ] {
        assert_eq!(said(&seen, &format!("checks/{name}")), (status, line), "{name}");
    }
    assert!(one(&seen, "checks/a")["value"].as_f64().unwrap() > 0.0);
    let (status, line) = said(&seen, "checks/silent");
    assert!(status == "critical" && line.contains("refused") || line.starts_with("no answer in "));
}
