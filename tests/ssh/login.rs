//! Every way to log in.

use std::{fs, process::Command as Process};

use litemon_core::{
    exec::{Command, Exec, SshSettings},
    model::FailureKind,
    secret::Secret,
};

use super::{exec, reach, soon};
use crate::support::sshd::{Sshd, chmod, keygen, public, ssh_keygen, user};

fn authorize(sshd: &Sshd, key: &str) {
    fs::write(sshd.path("authorized"), public(&sshd.path(&format!("{key}.pub")))).unwrap();
}

#[tokio::test]
async fn by_keys_of_every_type() {
    let sshd = Sshd::start().await;
    for (name, kind) in [("rsa", "rsa"), ("ec", "ecdsa"), ("ed", "ed25519")] {
        keygen(&sshd.path(name), &["-t", kind]);
        authorize(&sshd, name);
        let mut settings = sshd.settings();
        settings.identities = vec![sshd.path("missing"), sshd.path(name)];
        exec(sshd.target_with(settings)).reach(soon()).await.unwrap();
    }
}

#[tokio::test]
async fn by_an_encrypted_key() {
    let sshd = Sshd::start().await;
    keygen(&sshd.path("locked"), &["-N", "open sesame"]);
    authorize(&sshd, "locked");
    for (passphrase, message) in [
        (Some("open sesame"), None),
        (Some("wrong"), Some("wrong passphrase")),
        (None, Some("encrypted, and there is no passphrase")),
    ] {
        let mut settings = sshd.settings();
        settings.identities = vec![sshd.path("locked")];
        settings.passphrase = passphrase.map(|text| Secret::new(text.into()));
        let result = exec(sshd.target_with(settings)).reach(soon()).await;
        match message {
            None => result.unwrap(),
            Some(message) => {
                let failure = result.unwrap_err();
                assert_eq!(failure.kind, FailureKind::Auth);
                assert!(failure.message.ends_with(message), "{failure}");
            }
        }
    }
}

#[tokio::test]
async fn by_a_certificate() {
    let ca_dir = tempfile::tempdir().unwrap();
    let ca = ca_dir.path().join("ca");
    keygen(&ca, &[]);
    let line = format!("TrustedUserCAKeys {}.pub", ca.display());
    let sshd = Sshd::with(&["127.0.0.1"], &line).await;
    fs::write(sshd.path("authorized"), "").unwrap();
    assert_eq!(reach(sshd.target()).await, Err(FailureKind::Auth));
    let (ca, id) = (ca.display().to_string(), sshd.path("id.pub").display().to_string());
    ssh_keygen(&["-q", "-s", &ca, "-I", "test", "-n", &user(), &id]);
    reach(sshd.target()).await.unwrap();
}

#[tokio::test]
async fn by_the_agent() {
    let sshd = Sshd::start().await;
    let socket = sshd.path("agent");
    let mut agent = Process::new("ssh-agent");
    let _agent = crate::support::Process::start(
        agent.arg("-D").arg("-a").arg(&socket),
        &sshd.path("agent.log"),
    )
    .unwrap();
    crate::support::eventually("the agent", std::time::Duration::from_secs(20), async || {
        socket.exists().then_some(())
    })
    .await;
    keygen(&sshd.path("other"), &["-t", "ecdsa"]);
    let mut settings = sshd.settings();
    settings.identities.clear();
    settings.agent = Some(socket.clone());
    assert_eq!(reach(sshd.target_with(settings.clone())).await, Err(FailureKind::Auth));
    for key in ["other", "id"] {
        let mut add = Process::new("ssh-add");
        let add = add.arg("-q").arg(sshd.path(key)).env("SSH_AUTH_SOCK", &socket);
        assert!(add.status().unwrap().success());
    }
    reach(sshd.target_with(settings)).await.unwrap();
}

#[tokio::test]
async fn through_a_jump_host() {
    let jump = Sshd::start().await;
    let inner = Sshd::start().await;
    let mut settings = inner.settings();
    settings.jump = Some(Box::new(jump.target()));
    let through = exec(inner.target_with(settings.clone()));
    let output = through.run(&Command::shell("echo inside"), soon()).await.unwrap();
    assert_eq!(output.stdout, b"inside\n");
    assert_eq!(through.stats().connections, 2);
    let mut bad = jump.settings();
    bad.known_hosts.clear();
    settings.jump = Some(Box::new(jump.target_with(bad)));
    let failure = exec(inner.target_with(settings)).reach(soon()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::HostKey);
    assert!(failure.message.starts_with("jump host 127.0.0.1: host key not known"), "{failure}");
}

#[tokio::test]
async fn refused_logins_say_why() {
    let sshd = Sshd::start().await;
    fs::write(sshd.path("authorized"), "").unwrap();
    let failure = exec(sshd.target()).reach(soon()).await.unwrap_err();
    assert_eq!((failure.kind, &*failure.message), (FailureKind::Auth, "login refused"));
    chmod(&sshd.path("id"), 0o644);
    let failure = exec(sshd.target()).reach(soon()).await.unwrap_err();
    assert!(failure.message.ends_with("id: readable by others (chmod 600)"), "{failure}");
    let mut nothing = SshSettings::new("root");
    nothing.known_hosts = sshd.settings().known_hosts;
    let failure = exec(sshd.target_with(nothing)).reach(soon()).await.unwrap_err();
    assert_eq!(failure.message, "no login possible: no key, agent or password");
}
