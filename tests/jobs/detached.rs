//! What changes a server goes on without a connection and without litemon.

use std::{collections::BTreeMap, fs, net::Ipv4Addr, path::Path};

use litemon_core::manage::jobs::{Order, Outcome, What};

use super::{Desk, lives, name, outcome};
use crate::support::{
    account::{Keys, Sshd, user},
    eventually,
    sshd::{children, chmod, signal_tree},
};
use rustix::process::Signal;

/// A server whose `apt-get` waits for the file `go`, and whose sudo lets everybody.
pub(super) struct Debian {
    folder: tempfile::TempDir,
    keys: Keys,
    sshd: Option<Sshd>,
}

impl Debian {
    pub(super) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::make(folder.path());
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let program = |name: &str, text: &str| {
            fs::write(bin.join(name), format!("#!/bin/sh\n{text}\n")).unwrap();
            chmod(&bin.join(name), 0o755);
        };
        program("sudo", "while :; do case $1 in -*) shift;; *) break;; esac; done; exec \"$@\"");
        let (go, begun) = (folder.path().join("go"), folder.path().join("begun"));
        program(
            "apt-get",
            &format!(
                // Asking what could be changed changes nothing.
                "case \" $* \" in *' -s '*) exit;; esac\necho \"$*\" >>{begun:?}; echo pid $$; echo begins\nwhile [ ! -e {go:?} ]; do sleep 0.1; done\n\
                 echo ends; exit \"$(cat {go:?})\""
            ),
        );
        let mut debian = Self { folder, keys, sshd: None };
        debian.sshd = Some(debian.sshd(None).await);
        debian
    }

    async fn sshd(&self, port: Option<u16>) -> Sshd {
        let bin = self.folder.path().join("bin");
        let options = format!("SetEnv PATH={}:/usr/bin:/bin", bin.display());
        let ip = [Ipv4Addr::LOCALHOST];
        match port {
            None => Sshd::start(&self.keys, &ip, &options).await,
            Some(port) => Sshd::start_at(&self.keys, &ip, port, &options).await,
        }
    }

    pub(super) fn configuration(&self) -> String {
        format!(
            "ssh = {{ user = \"{}\", agent = false, identity = {:?}, known_hosts = {:?} }}\n\
             servers.a.address = \"{}\"\n",
            user(),
            self.keys.identity(),
            self.keys.known_hosts(),
            self.sshd.as_ref().unwrap().addresses[0],
        )
    }

    /// Kills sshd with all its connections, and starts it again.
    async fn break_off(&mut self) {
        let sshd = self.sshd.take().unwrap();
        let port = sshd.addresses[0].port();
        sshd.process.signal(Signal::STOP);
        for connection in children(sshd.process.id()) {
            signal_tree(connection, Signal::KILL);
        }
        drop(sshd);
        self.sshd = Some(self.sshd(Some(port)).await);
    }

    /// How often apt-get was run to change something.
    pub(super) fn begun(&self) -> usize {
        fs::read_to_string(self.path("begun")).unwrap_or_default().lines().count()
    }

    /// A file of its own.
    pub(super) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Makes apt-get wait again.
    pub(super) fn hold(&self) {
        let _ = fs::remove_file(self.path("go"));
    }

    /// Lets apt-get end with this status.
    pub(super) fn go(&self, status: i32) {
        let (new, go) = (self.folder.path().join("new"), self.folder.path().join("go"));
        fs::write(&new, status.to_string()).unwrap();
        fs::rename(new, go).unwrap();
    }
}

fn refresh() -> Order {
    Order::new(What::Action { name: name("refresh"), params: BTreeMap::new() }, vec![name("a")])
}

fn left_behind(since: &[String]) -> Vec<String> {
    runs().into_iter().filter(|run| !since.contains(run)).collect()
}

/// The folders of detached runs on this machine.
fn runs() -> Vec<String> {
    let entries = fs::read_dir(Path::new("/var/tmp")).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("litemon-")).collect()
}

#[tokio::test]
async fn it_survives_its_connection_and_a_restart_of_litemon() {
    let mut debian = Debian::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path(), &debian.configuration()).await;
    let job = desk.submit(refresh()).await;
    desk.says(job.id, "a", "begins").await;
    let pid = desk.pid(job.id, "a").await;
    debian.break_off().await;
    assert!(lives(pid), "it goes on");

    desk.jobs.shutdown(super::PATIENCE).await;
    drop(desk);
    assert!(lives(pid), "it goes on without litemon");
    let desk = Desk::open(folder.path(), &debian.configuration()).await;
    assert!(desk.job(job.id).await.ended.is_none());
    desk.jobs.take_over();
    debian.go(0);
    let job = desk.ended(job.id).await;
    assert_eq!(outcome(&job, "a"), &Outcome::Ok);
    let said = desk.output(job.id, "a").await;
    assert_eq!(said, format!("pid {pid}\nbegins\nends\n"));
}

#[tokio::test]
async fn its_end_is_known_and_cancelling_ends_it() {
    let debian = Debian::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path(), &debian.configuration()).await;
    let before = runs();
    let job = desk.submit(refresh()).await;
    let pid = desk.pid(job.id, "a").await;
    desk.jobs.cancel(&desk.by, job.id, None).await.unwrap();
    let job = desk.ended(job.id).await;
    assert_eq!(outcome(&job, "a"), &Outcome::Cancelled);
    assert!(!lives(pid));

    debian.go(100);
    let job = desk.submit(refresh()).await;
    assert_eq!(outcome(&desk.ended(job.id).await, "a"), &Outcome::Failed(100));
    // Other tests may be at work at the same time; theirs go away too.
    eventually("nothing to be left behind", super::PATIENCE, async || {
        left_behind(&before).is_empty().then_some(())
    })
    .await;
}

/// Beyond its limit it goes on, as it may be in the middle of something. Once it was seen to end,
/// nothing of it is left on the server, and its outcome says so.
#[tokio::test]
async fn what_is_left_beyond_the_limit_is_removed_once_it_ended() {
    let debian = Debian::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path(), &debian.configuration()).await;
    let before = runs();
    let mut order = refresh();
    order.limit = Some(std::time::Duration::from_secs(2));
    let job = desk.submit(order).await;
    let pid = desk.pid(job.id, "a").await;
    let job = desk.ended(job.id).await;
    assert_eq!(outcome(&job, "a"), &Outcome::TimedOut { ended: false });
    assert!(lives(pid) && !left_behind(&before).is_empty());
    debian.go(0);
    eventually("its end", super::PATIENCE, async || (!lives(pid)).then_some(())).await;
    desk.jobs.take_over();
    eventually("nothing to be left behind", super::PATIENCE, async || {
        let seen = outcome(&desk.job(job.id).await, "a") == &Outcome::TimedOut { ended: true };
        (seen && left_behind(&before).is_empty()).then_some(())
    })
    .await;
}
