//! Every end has its own name.

use std::{fs, net::TcpListener};

use litemon_core::manage::jobs::{Difference, Outcome};

use super::{Desk, command, name, outcome};
use crate::{
    ssh::account::{Account, PASSWORD, USER, seen_by_ps},
    support::{
        eventually, free_port,
        servers::Servers,
        sshd::{chmod, keygen, public},
    },
};

#[tokio::test]
async fn each_end_is_called_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let servers = Servers::start(&["a", "b"]).await;
    let path = |name: &str| folder.path().join(name);
    keygen(&path("other"), &[]);
    let key = public(&path("other.pub"));
    fs::write(path("changed"), format!("127.*,[127.*]:* {key}\n")).unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let configuration = servers.configuration();
    let address = configuration.split_once("servers.a.address = \"").unwrap().1;
    let address = address.split_once('"').unwrap().0.to_owned();
    let configuration = format!(
        "{configuration}
servers.closed.address = \"127.0.0.1:{}\"
servers.silent.address = \"{}\"
servers.changed = {{ address = \"{address}\", ssh = {{ known_hosts = {:?} }} }}
servers.stranger = {{ address = \"{address}\", ssh = {{ identity = {:?} }} }}
",
        free_port(),
        silent.local_addr().unwrap(),
        path("changed"),
        path("other"),
    );
    let desk = Desk::open(folder.path(), &configuration).await;
    let all = ["a", "b", "closed", "silent", "changed", "stranger"];
    let job = desk.run("echo hello; echo there >&2", &all).await;
    assert_eq!(outcome(&job, "a"), &Outcome::Ok);
    assert_eq!(outcome(&job, "b"), &Outcome::Ok);
    assert!(
        matches!(outcome(&job, "closed"), Outcome::Unreachable(why) if why.contains("refused"))
    );
    assert!(matches!(outcome(&job, "silent"), Outcome::Unreachable(_)), "{job:?}");
    assert!(matches!(outcome(&job, "changed"), Outcome::HostKey(_)), "{job:?}");
    assert!(matches!(outcome(&job, "stranger"), Outcome::Auth(_)), "{job:?}");
    let said = desk.output(job.id, "a").await;
    assert!(said == "hello\nthere\n" || said == "there\nhello\n", "{said:?}");

    // Those that failed, and only those, are tried again when somebody asks for it.
    let again = desk.jobs.retry(&desk.by, job.id).await.unwrap();
    let names: Vec<_> = again.order.servers.iter().map(|name| name.as_str()).collect();
    assert_eq!(names, ["closed", "silent", "changed", "stranger"]);
    desk.jobs.cancel(&desk.by, again.id, None).await.unwrap();
    let again = desk.ended(again.id).await;
    assert_eq!(outcome(&again, "silent"), &Outcome::Cancelled, "nothing was connected");

    let job = desk.run("exit 3", &["a"]).await;
    assert_eq!(outcome(&job, "a"), &Outcome::Failed(3));
    let job = desk.run("kill -9 $$", &["a"]).await;
    assert_eq!(outcome(&job, "a"), &Outcome::Signalled("KILL".to_owned()));
    let mut order = command("test -t 0 && test -t 1 && tty", &["a"]);
    order.pty = true;
    let job = desk.submit(order).await;
    assert_eq!(outcome(&desk.ended(job.id).await, "a"), &Outcome::Ok);
    assert!(desk.output(job.id, "a").await.starts_with("/dev/"));
}

#[tokio::test]
async fn equal_outputs_are_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let servers = Servers::start(&["a", "b", "c"]).await;
    let desk = Desk::open(folder.path(), &servers.configuration()).await;
    let line = "echo one; case $SSH_CONNECTION in *127.0.0.2*) echo odd;; *) echo two;; esac";
    let job = desk.run(line, &["a", "b", "c"]).await;
    assert!(job.all_ok(), "{job:?}");
    let folds = desk.jobs.folded(&desk.by, job.id).await.unwrap();
    let names = |nth: usize| folds[nth].servers.iter().map(|n| n.as_str()).collect::<Vec<_>>();
    assert_eq!((folds.len(), names(0), names(1)), (2, vec!["a", "c"], vec!["b"]));
    let (missing, added) = (Difference::Missing("two".into()), Difference::Added("odd".into()));
    assert_eq!(folds[1].difference, [missing, added]);
    assert!(desk.jobs.output(&desk.by, job.id, &name("x"), 0).await.is_err());
}

/// With its password sudo works, on a terminal too; with a wrong one it is tried once. The password
/// is in nobody's `ps`, output or file.
#[tokio::test]
async fn sudo_is_believed() {
    let Some(account) = Account::start("PasswordAuthentication yes").await else { return };
    let folder = tempfile::tempdir().unwrap();
    for (file, word) in [("good", PASSWORD), ("wrong", "canary-wrong-55")] {
        fs::write(folder.path().join(file), word).unwrap();
        chmod(&folder.path().join(file), 0o600);
    }
    let server = |server: &str, sudo: &str| {
        format!(
            "servers.{server} = {{ address = \"127.0.0.1:{}\", ssh = {{ user = \"{USER}\", \
             agent = false, known_hosts = {:?}, password = {{ file = {:?} }}{sudo} }} }}\n",
            account.port,
            account.path("known_hosts"),
            folder.path().join("good"),
        )
    };
    let file =
        |name: &str| format!(", sudo_password = {{ file = {:?} }}", folder.path().join(name));
    let configuration =
        [server("good", &file("good")), server("wrong", &file("wrong")), server("without", "")]
            .concat();
    let desk = Desk::open(folder.path(), &configuration).await;
    for pty in [false, true] {
        let mut order = command("id -u; echo marked-9c2e; sleep 1", &["good", "wrong", "without"]);
        (order.sudo, order.pty) = (true, pty);
        let job = desk.submit(order).await;
        let seen = eventually("the command in ps", super::PATIENCE, async || {
            Some(seen_by_ps()).filter(|seen| seen.contains("marked-9c2e"))
        })
        .await;
        assert!(!seen.contains(PASSWORD) && !seen.contains("canary-wrong-55"));
        let job = desk.ended(job.id).await;
        assert_eq!(outcome(&job, "good"), &Outcome::Ok, "{}", desk.output(job.id, "good").await);
        assert_eq!(desk.output(job.id, "good").await.replace('\r', ""), "0\nmarked-9c2e\n");
        let refused = |server: &str| match outcome(&job, server) {
            Outcome::SudoRefused(words) => words.clone(),
            other => panic!("{server}: {other:?}"),
        };
        assert_eq!(refused("wrong"), "sudo: 1 incorrect password attempt");
        assert_eq!(refused("without"), "sudo: a password is required");
    }
    for file in super::files_below(&folder.path().join("state")) {
        let bytes = fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("canary-"), "{}", file.display());
    }
}
