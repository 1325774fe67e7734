//! Servers that are added by command: tested, enrolled, opened, and watched without a restart.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    ssh::account::{Account, PASSWORD, USER, seen_by_ps},
    support::{
        eventually,
        litemon::Litemon,
        servers::Servers,
        sshd::{Sshd, keygen, user},
        terminal::Terminal,
    },
};

const PATIENCE: Duration = Duration::from_secs(40);

/// A monitor that watches nothing but itself.
const ALONE: &str = "[ssh]\nagent = false\n[servers.here]\naddress = \"local\"\n\
    [servers.here.services.up]\ncommand = \"true\"\n[groups.web]\n";

fn run(litemon: &Litemon, arguments: &[&str], input: &str) -> Output {
    let mut command = litemon.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What a command prints, and how it ends.
fn says(litemon: &Litemon, arguments: &[&str], input: &str) -> (String, i32) {
    let output = run(litemon, arguments, input);
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code().unwrap())
}

fn good(litemon: &Litemon, arguments: &[&str], input: &str) -> String {
    let (text, code) = says(litemon, arguments, input);
    assert_eq!(code, 0, "{arguments:?}: {text}");
    text
}

fn fingerprint(public: &Path) -> String {
    let output = Command::new("ssh-keygen").arg("-lf").arg(public).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().nth(1).unwrap().to_owned()
}

async fn until_service(litemon: &Litemon, server: &str, word: &str) {
    let what = format!("{server}/up to be {word}, see the log:\n{}", litemon.log());
    eventually(&what, PATIENCE, async || {
        let all = litemon.get_json("/dashboard/get/svcstats").await;
        let status = all[server]["up"]["status"].as_str().unwrap_or("absent").to_owned();
        (status == word).then_some(())
    })
    .await;
}

/// Every file below a folder that holds a text.
fn holding(folder: &Path, text: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            holding(&path, text, found);
        } else if let Ok(bytes) = fs::read(&path)
            && bytes.windows(text.len()).any(|part| part == text.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
}

#[tokio::test]
async fn a_server_is_added_enrolled_and_watched_while_it_runs() {
    let options = "PasswordAuthentication yes\nPubkeyAuthentication yes";
    let Some(account) = Account::start(options).await else { return };
    account.own_home();
    let litemon = Litemon::start(ALONE, &[("LITEMON_LOG", "trace")]).await;
    let address = format!("127.0.0.1:{}", account.port());
    let secrets = format!("{PASSWORD}\n{PASSWORD}\n");
    let add = [
        &["server", "add", "far", &address, "--user", USER, "--service", "up=true"][..],
        &["--group", "web", "--label", "city=Bogor"],
        &["--password", "--sudo-password", "--password-stdin"],
    ]
    .concat();
    assert!(good(&litemon, &add, &secrets).contains("far is added"));
    let (text, code) = says(&litemon, &add, &secrets);
    assert!(code == 2 && text.contains("there already"), "{text}");

    let print = fingerprint(&account.path("host.pub"));
    let (text, code) = says(&litemon, &["server", "test", "far"], "");
    assert_eq!(code, 1);
    assert!(text.contains(&format!("unknown, ssh-ed25519 {print}")), "{text}");
    let (text, code) = says(&litemon, &["enroll", "far", "--yes-fingerprint", "SHA256:no"], "");
    assert!(code == 1 && text.contains(&print), "{text}");
    let enroll = ["enroll", "far", "--yes-fingerprint", &print];
    assert!(good(&litemon, &enroll, "").contains("the key is installed"));
    assert!(good(&litemon, &enroll, "").contains("opens it already"));
    let keys = fs::read_to_string(account.path(".ssh/authorized_keys")).unwrap();
    assert_eq!(keys.lines().count(), 1, "{keys}");

    until_service(&litemon, "far", "On").await;
    assert!(!seen_by_ps().contains(PASSWORD));
    // From now on the key alone opens it; sudo still has its password.
    good(&litemon, &["server", "edit", "far", "--clear", "password"], "");
    let text = good(&litemon, &["server", "test", "far"], "");
    assert!(text.contains("login      works") && text.contains("sudo       works"), "{text}");
    let text = good(&litemon, &["server", "show", "far", "--ask"], "");
    assert!(text.contains("kernel           Linux") && text.contains("sudo password"), "{text}");
    let list = good(&litemon, &["server", "list"], "");
    assert!(list.contains("file (locked)") && list.contains("added"), "{list}");
    let (text, code) = says(&litemon, &["server", "remove", "here"], "");
    assert!(code != 0 && text.contains("change it there"), "{text}");
    good(&litemon, &["server", "rekey"], "");
    good(&litemon, &["server", "test", "far"], "");

    good(&litemon, &["server", "remove", "far"], "");
    until_service(&litemon, "far", "absent").await;
    let mut found = Vec::new();
    holding(&litemon.path(""), PASSWORD, &mut found);
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn a_password_is_asked_for_once_and_not_kept() {
    let options = "PasswordAuthentication yes\nPubkeyAuthentication yes";
    let Some(account) = Account::start(options).await else { return };
    account.own_home();
    let litemon = Litemon::prepare(ALONE, &[]);
    let address = format!("127.0.0.1:{}", account.port());
    good(&litemon, &["server", "add", "far", &address, "--user", USER], "");
    let shown = good(&litemon, &["config", "show"], "");
    assert!(shown.ends_with("# Added beside these, see `litemon server list`: far\n"), "{shown}");
    let print = fingerprint(&account.path("host.pub"));
    let enroll = ["enroll", "far", "--yes-fingerprint", &print, "--password-stdin"];
    let (text, code) = says(&litemon, &enroll, "wrong\n");
    assert!(code == 2 && text.contains("password: login refused"), "{text}");
    let text = good(&litemon, &enroll, &format!("{PASSWORD}\n"));
    assert!(text.contains("the key is installed"), "{text}");
    good(&litemon, &["server", "test", "far"], "");
}

#[tokio::test]
async fn a_changed_host_key_is_told_and_trusted_only_by_word() {
    let mut sshd = Sshd::start().await;
    let litemon = Litemon::prepare(ALONE, &[]);
    let address = format!("127.0.0.1:{}", sshd.port());
    let identity = sshd.path("id").display().to_string();
    let add = ["server", "add", "far", &address, "--user", &user(), "--identity", &identity];
    good(&litemon, &add, "");
    let first = fingerprint(&sshd.path("host.pub"));
    let text = good(&litemon, &["enroll", "far", "--yes-fingerprint", &first], "");
    assert!(text.contains("opens it already"), "{text}");

    sshd.stop();
    fs::remove_file(sshd.path("host")).unwrap();
    keygen(&sshd.path("host"), &[]);
    sshd.run().await;
    let second = fingerprint(&sshd.path("host.pub"));
    let (text, code) = says(&litemon, &["server", "test", "far"], "");
    assert!(code == 1 && text.contains(&format!("changed, ssh-ed25519 {second}")), "{text}");
    let (_, code) = says(&litemon, &["enroll", "far", "--yes-fingerprint", &first], "");
    assert_eq!(code, 1);
    good(&litemon, &["enroll", "far", "--yes-fingerprint", &second], "");
    good(&litemon, &["server", "test", "far"], "");
    let pins = fs::read_to_string(litemon.state_dir().join("known_hosts")).unwrap();
    assert_eq!(pins.lines().count(), 1, "{pins}");
}

#[tokio::test]
async fn a_file_of_servers_is_imported_wholly_or_not_at_all() {
    let litemon = Litemon::prepare(ALONE, &[]);
    let file = litemon.path("hosts");
    let shown = file.display().to_string();
    fs::write(&file, "[web]\nweb-[1:2] ansible_host=10.0.0.1\n[nowhere]\nx\n").unwrap();
    let (text, code) = says(&litemon, &["server", "import", &shown], "");
    assert!(code == 2 && text.contains("no group \"nowhere\""), "{text}");
    fs::write(&file, "[web]\nweb-[1:2] ansible_host=10.0.0.1 ansible_user=ops\n").unwrap();
    let text = good(&litemon, &["server", "import", &shown, "--dry-run"], "");
    assert!(text.contains("web-2") && text.contains("Nothing was added"), "{text}");
    assert!(!good(&litemon, &["server", "list"], "").contains("web-1"));
    good(&litemon, &["server", "import", &shown], "");
    assert!(good(&litemon, &["config", "check"], "").contains("3 servers"));
    let (text, code) = says(&litemon, &["server", "import", &shown], "");
    assert!(code == 2 && text.contains("there already"), "{text}");

    let both = format!("{ALONE}[servers.web-1]\naddress = \"10.0.0.9\"\n");
    fs::write(litemon.path("litemon.toml"), both).unwrap();
    let (text, code) = says(&litemon, &["config", "check"], "");
    assert!(code == 2 && text.contains("servers.web-1: is the name of a managed"), "{text}");
    good(&litemon, &["server", "remove", "web-1"], "");
}

#[tokio::test]
async fn a_shell_on_a_server() {
    let servers = Servers::start(&["web-1"]).await;
    let litemon = Litemon::prepare(&servers.configuration(), &[]);
    let mut terminal = Terminal::start(&mut litemon.command(&["ssh", "web-1"]));
    terminal.press("echo a$((40+2))b; stty size\r");
    terminal.shows("a42b").await;
    terminal.shows("24 100").await;
    assert!(terminal.is_taken());
    terminal.press("exit 7\r");
    assert_eq!(terminal.ended().await, Some(7));
    assert!(!terminal.is_taken());
    let (text, code) = says(&litemon, &["ssh", "web-2"], "");
    assert!(code == 2 && text.contains("did you mean \"web-1\"?"), "{text}");
}

#[tokio::test]
async fn a_program_adds_a_server_trusts_its_key_and_removes_it() {
    let sshd = Sshd::start().await;
    let litemon = Litemon::start(ALONE, &[]).await;
    let ask = async |method: &str, path: &str, body: Option<Value>| {
        let path = format!("/api/v1/inventory{path}");
        let (status, text) = litemon.control(method, &path, body.as_ref()).await;
        (status, serde_json::from_str::<Value>(&text).unwrap_or_default())
    };
    let body = json!({
        "name": "far", "address": format!("127.0.0.1:{}", sshd.port()), "user": user(),
        "identity": sshd.path("id"), "groups": ["web"], "services": { "up": { "command": "true" } },
    });
    assert_eq!(ask("POST", "", Some(body)).await.0, 201);
    let (_, test) = ask("POST", "/far/test", None).await;
    assert_eq!(test["host_key"]["trust"], "unknown", "{test}");
    assert_eq!(test["login"]["result"], "not_tried");
    let (status, _) = ask("POST", "/far/pin", Some(json!({ "fingerprint": "SHA256:no" }))).await;
    assert_eq!(status, 409);
    let print = fingerprint(&sshd.path("host.pub"));
    let (status, key) = ask("POST", "/far/pin", Some(json!({ "fingerprint": print }))).await;
    assert_eq!((status, &key["trust"]), (200, &json!("trusted")), "{key}");
    let (_, test) = ask("POST", "/far/test", None).await;
    assert!(test["good"] == true && test["sudo"]["result"] == "works", "{test}");
    until_service(&litemon, "far", "On").await;
    assert_eq!(ask("DELETE", "/far", None).await.0, 204);
    until_service(&litemon, "far", "absent").await;
}
