//! `probe`: on this machine, over SSH, and how it ends.

use std::net::Ipv4Addr;

use super::{Place, plain, steady};
use crate::support::{
    account::{Keys, Sshd, user},
    free_port,
};

const HERE: &str = r#"
[servers.here]
address = "local"
groups = ["near"]
[servers.here.services.on]
command = "true"
[servers.here.services.off]
command = "echo nothing there; exit 1"
[servers.here.services.lost]
command = "exit 127"
[servers.here.services.rude]
command = "printf 'a\\033[31mred\\n'; exit 1"
[servers.here.resources.full]
command = "echo 93"
warn = 40
threshold = 50
[servers.here.resources.warm]
command = "echo 45.5"
warn = 40
threshold = 50
for = "5m"
[groups.near]
"#;

#[test]
fn each_state_has_its_exit_status() {
    let place = Place::with(HERE);
    for (names, code) in [
        ("here/on", 0),
        ("here/warm", 1),
        ("here/off", 2),
        ("here/full", 2),
        ("here/lost", 3),
        ("here/on here/warm", 1),
        ("here/lost here/warm", 3),
        ("near", 2),
        ("here", 2),
        ("", 2),
    ] {
        let ran = place.run(&format!("probe {names}"));
        assert_eq!(ran.code, code, "{names}: {ran}");
        assert!(ran.err.is_empty(), "{ran}");
    }
    assert!(!place.path("litemon-data").exists(), "it writes nothing");
}

#[test]
fn a_table_for_people_and_json_for_programs() {
    let place = Place::with(HERE);
    let ran = place.run("check");
    plain(&ran);
    insta::with_settings!({ snapshot_path => "snapshots" }, {
        insta::assert_snapshot!("table", ran);
        insta::assert_snapshot!("json", place.run("probe --json here/full here/lost here/off"));
    });
}

#[test]
fn unknown_names_are_an_error_that_helps() {
    let place = Place::with(HERE);
    for (name, help) in [
        ("here/onn", r#"no check, server or group is called "here/onn"; did you mean "here/on"?"#),
        ("warm", r#"did you mean "here/warm"?"#),
        ("elsewhere", "there are here, near, here/full, here/warm, here/on"),
    ] {
        let ran = place.run(&format!("probe here {name}"));
        assert!(ran.code == 3 && ran.line().contains(help), "{ran}");
    }
    let place = Place::with("timezone = \"UTC\"\n");
    let ran = place.run("probe");
    assert_eq!(
        (ran.code, ran.line()),
        (3, "litemon: the configuration has no checks; add a server to it")
    );
}

#[tokio::test]
async fn over_ssh_and_where_nothing_listens() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let sshd = Sshd::start(&keys, &[Ipv4Addr::LOCALHOST], "").await;
    let place = Place::with(&format!(
        "[ssh]\nuser = \"{}\"\nidentity = \"{}\"\nknown_hosts = \"{}\"\n\
         [servers.far]\naddress = \"127.0.0.1:{}\"\nservices.on = {{ command = \"true\" }}\n\
         resources.mem = {{}}\n\
         [servers.gone]\naddress = \"127.0.0.1:{}\"\nservices.on = {{ command = \"true\" }}\n",
        user(),
        keys.identity().display(),
        keys.known_hosts().display(),
        sshd.addresses[0].port(),
        free_port(),
    ));
    let ran = place.run("probe");
    let text = steady(&ran.to_string(), &[(r"\d+(\.\d+)?%", "N%")]);
    insta::with_settings!({ snapshot_path => "snapshots" }, { insta::assert_snapshot!("over_ssh", text) });
    // Nobody vouches for the key: it says so, and what to do.
    place.write("none", "");
    let place = place.set("LITEMON__SSH__KNOWN_HOSTS", "none");
    let ran = place.run("probe far/on");
    assert!(ran.code >= 2 && ran.out.contains("host key not known (SHA256:"), "{ran}");
    assert!(ran.out.contains("host_key_policy = \"accept-new\""), "{ran}");
}
