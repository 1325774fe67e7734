//! Host keys: whom litemon believes.

use std::fs;

use litemon_core::{
    exec::{Exec, HostKeyPolicy, SshTarget},
    model::FailureKind,
};

use super::{exec, reach, soon};
use crate::support::sshd::{Sshd, keygen, public, ssh_keygen};

/// The target, known by these lines only.
fn known(sshd: &Sshd, lines: &str) -> SshTarget {
    fs::write(sshd.path("known_hosts"), lines).unwrap();
    sshd.target()
}

#[tokio::test]
async fn known_hosts_are_read_as_openssh_reads_them() {
    let sshd = Sshd::start().await;
    let (port, key) = (sshd.port(), sshd.host_key());
    keygen(&sshd.path("other"), &[]);
    keygen(&sshd.path("ec"), &["-t", "ecdsa"]);
    let (other, ec) = (public(&sshd.path("other.pub")), public(&sshd.path("ec.pub")));
    let no = Err(FailureKind::HostKey);
    for (lines, expected) in [
        (format!("[127.0.0.1]:{port} {key}"), Ok(())),
        (format!("[127.0.0.1]:{port} {other}\n[127.0.0.1]:{port} {key} a comment"), Ok(())),
        (format!("127.0.0.1 {key}"), Ok(())),
        (format!("[127.0.0.*]:{port} {key}"), Ok(())),
        (format!("*,![127.0.0.1]:{port} {key}"), no),
        (format!("[127.0.0.1]:{port} {other}"), no),
        (format!("[127.0.0.1]:{port} {ec}"), no),
        (format!("* {key}\n@revoked * {key}"), no),
        (format!("[127.0.0.2]:{port} {key}"), no),
        (String::new(), no),
    ] {
        assert_eq!(reach(known(&sshd, &lines)).await, expected, "{lines}");
    }
    let path = sshd.write_known_hosts().display().to_string();
    ssh_keygen(&["-H", "-f", &path]);
    assert!(fs::read_to_string(&path).unwrap().starts_with("|1|"));
    reach(sshd.target()).await.unwrap();
}

#[tokio::test]
async fn a_changed_key_is_shown_and_gets_no_credential() {
    let sshd = Sshd::start().await;
    keygen(&sshd.path("other"), &["-t", "ecdsa"]);
    let line = format!("[127.0.0.1]:{} {}", sshd.port(), public(&sshd.path("other.pub")));
    let failure = exec(known(&sshd, &line)).reach(soon()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::HostKey);
    assert!(failure.message.starts_with("host key changed (SHA256:"), "{failure}");
    assert!(!sshd.log().contains("userauth") && !sshd.log().contains("Accepted"), "{}", sshd.log());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_stops_the_login() {
    let sshd = Sshd::start().await;
    let mut settings = sshd.settings();
    // A folder in its place: permissions do not stop root.
    settings.known_hosts.push(sshd.path(""));
    let failure = exec(sshd.target_with(settings)).reach(soon()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::HostKey);
    assert!(failure.message.contains("cannot be used"), "{failure}");
}

#[tokio::test]
async fn an_authority_vouches_for_its_hosts_only() {
    let ca_dir = tempfile::tempdir().unwrap();
    let ca = ca_dir.path().join("ca");
    keygen(&ca, &[]);
    let authority = public(&ca.with_extension("pub"));
    let mut sshd = Sshd::start().await;
    for (name, expected) in [("127.0.0.1", Ok(())), ("10.0.0.1", Err(FailureKind::HostKey))] {
        let (ca, key) = (ca.display().to_string(), sshd.path("host.pub").display().to_string());
        ssh_keygen(&["-q", "-s", &ca, "-I", "host", "-h", "-n", name, &key]);
        sshd.stop();
        let line = format!("HostCertificate {}", sshd.path("host-cert.pub").display());
        sshd.set_options(&line);
        sshd.run().await;
        let target = known(&sshd, &format!("@cert-authority * {authority}"));
        assert_eq!(reach(target).await, expected, "{name}");
    }
    let lines = format!("@cert-authority * {authority}\n@revoked * {authority}");
    assert_eq!(reach(known(&sshd, &lines)).await, Err(FailureKind::HostKey));
}

#[tokio::test]
async fn a_first_key_is_pinned_once_and_held_from_then_on() {
    let sshd = Sshd::start().await;
    let pins = sshd.path("pins");
    let mut settings = sshd.settings();
    settings.known_hosts.clear();
    settings.pins = Some(pins.clone());
    assert_eq!(reach(sshd.target_with(settings.clone())).await, Err(FailureKind::HostKey));
    assert!(!pins.exists());
    settings.host_key_policy = HostKeyPolicy::AcceptNew;
    let all = (0..8).map(|_| reach(sshd.target_with(settings.clone())));
    for result in futures_util::future::join_all(all).await {
        result.unwrap();
    }
    let text = fs::read_to_string(&pins).unwrap();
    assert_eq!(text, format!("[127.0.0.1]:{} {}\n", sshd.port(), sshd.host_key()));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&pins).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    settings.host_key_policy = HostKeyPolicy::Strict;
    reach(sshd.target_with(settings.clone())).await.unwrap();
    keygen(&sshd.path("other"), &["-t", "ecdsa"]);
    let line = format!("[127.0.0.1]:{} {}\n", sshd.port(), public(&sshd.path("other.pub")));
    fs::write(&pins, line).unwrap();
    settings.host_key_policy = HostKeyPolicy::AcceptNew;
    assert_eq!(reach(sshd.target_with(settings)).await, Err(FailureKind::HostKey));
}
