//! The other tools, each told to do the same with as little of its own as it can.

use std::{fmt::Write as _, fs, net::SocketAddr, process::Command};

use crate::{LINE, Scene, support::account::user};

/// Their names, and what runs [`LINE`] on all servers at once.
pub fn all(scene: &Scene, addresses: &[SocketAddr]) -> [(&'static str, Command); 3] {
    [
        ("parallel-ssh", parallel_ssh(scene, addresses)),
        ("clush", clush(scene, addresses)),
        ("ansible", ansible(scene, addresses)),
    ]
}

fn options(scene: &Scene) -> [String; 4] {
    [
        format!("IdentityFile={}", scene.identity.display()),
        format!("UserKnownHostsFile={}", scene.known_hosts.display()),
        "GlobalKnownHostsFile=none".to_owned(),
        "BatchMode=yes".to_owned(),
    ]
}

fn parallel_ssh(scene: &Scene, addresses: &[SocketAddr]) -> Command {
    let list = scene.folder.join("parallel-ssh-hosts");
    let lines: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    fs::write(&list, lines.join("\n") + "\n").unwrap();
    let mut command = Command::new("parallel-ssh");
    command.arg("-h").arg(list).args(["-l", &user(), "-p", &addresses.len().to_string()]);
    for option in options(scene) {
        command.args(["-O", &option]);
    }
    command.args(["-t", "60", LINE]);
    command
}

fn clush(scene: &Scene, addresses: &[SocketAddr]) -> Command {
    let hosts: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
    let more: Vec<_> = options(scene).iter().map(|option| format!("-o {option}")).collect();
    let mut command = Command::new("clush");
    command.args(["-w", &hosts.join(","), "-f", &addresses.len().to_string(), "-l", &user()]);
    command.args(["-o", &format!("-p {} {}", addresses[0].port(), more.join(" "))]);
    command.args(["-S", LINE]);
    command
}

/// Its module `raw`, which needs no Python on the server and is the quickest.
fn ansible(scene: &Scene, addresses: &[SocketAddr]) -> Command {
    let inventory = scene.folder.join("inventory");
    let mut text = String::new();
    for address in addresses {
        let (ip, port) = (address.ip(), address.port());
        writeln!(text, "{ip} ansible_port={port} ansible_user={}", user()).unwrap();
    }
    fs::write(&inventory, text).unwrap();
    let more: Vec<_> = options(scene).iter().map(|option| format!("-o {option}")).collect();
    let mut command = Command::new("ansible");
    command.args(["all", "-f", &addresses.len().to_string(), "-m", "raw", "-a", LINE, "-i"]);
    command.arg(inventory).arg(format!("--ssh-common-args={}", more.join(" ")));
    command.env("HOME", &scene.folder).env("ANSIBLE_NOCOLOR", "1");
    command
}
