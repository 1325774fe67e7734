//! `tcp`: an OpenSSH server that greets, and a port that nobody listens on.

use super::{Checks, one, said};
use crate::support::{free_port, servers::Servers};

#[tokio::test]
async fn a_port_of_a_server_and_of_nobody() {
    let servers = Servers::start(&["web-1"]).await;
    let configuration = servers.configuration();
    let port = configuration.rsplit(':').next().unwrap().trim().trim_matches('"').to_owned();
    let text = format!(
        r#"{configuration}
[servers.web-1.checks.greets]
kind = "tcp"
port = {port}
expect = "^SSH-2[.]0-OpenSSH"
warn = 4.5
[servers.web-1.checks.other]
kind = "tcp"
port = {port}
expect = "^220 "
[servers.web-1.checks.slow]
kind = "tcp"
port = {port}
threshold = 0
[checks.nobody]
kind = "tcp"
host = "127.0.0.1"
port = {}
"#,
        free_port()
    );
    let checks = Checks::new(&text);
    let seen = checks.probe();
    assert_eq!(said(&seen, "web-1/greets"), ("ok", ""));
    assert!(one(&seen, "web-1/greets")["value"].as_f64().unwrap() > 0.0);
    let (status, line) = said(&seen, "web-1/other");
    assert!(status == "critical" && line.starts_with("not the expected answer in 5 s: SSH-2.0"));
    assert_eq!(one(&seen, "web-1/slow")["status"], "critical");
    assert_eq!(said(&seen, "checks/nobody"), ("critical", "connection refused"));
    assert_eq!(checks.run(&["probe", "web-1/greets"]).0, Some(0));
    assert_eq!(checks.run(&["probe", "checks/nobody"]).0, Some(2));
}
