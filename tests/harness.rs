//! The harness itself: what the other areas stand on works.

use std::{net::Ipv4Addr, process::Command};

use crate::support::{
    account::{Keys, Sshd, user},
    run,
};

#[tokio::test]
async fn a_private_sshd_lets_its_key_in_on_every_address() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let addresses = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 0, 2)];
    let server = Sshd::start(&keys, &addresses, "").await;
    for address in &server.addresses {
        let answer = run(Command::new("ssh")
            .args(["-F", "none", "-o", "BatchMode=yes", "-o", "GlobalKnownHostsFile=none"])
            .arg("-o")
            .arg(format!("UserKnownHostsFile={}", keys.known_hosts().display()))
            .arg("-i")
            .arg(keys.identity())
            .args(["-l", &user(), "-p", &address.port().to_string()])
            .arg(address.ip().to_string())
            .arg("echo $0 $((6*7))"));
        assert!(answer.ends_with("sh 42\n"), "{answer}");
    }
}
