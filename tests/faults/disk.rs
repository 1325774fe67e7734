//! A full disk: notices go out from memory and say so, the fault is told, and all is well again by
//! itself once there is room.

use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use rustix::process::Signal;
use tempfile::TempDir;

use super::switches::{Switches, starting};
use crate::support::{eventually, monitor_process::MonitorProcess, phones::Phones};

const SOON: Duration = Duration::from_secs(20);
const MARK: &str = "unsaved, may repeat";

/// A file system of its own, of 4 MiB, in memory.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// `None`, with the reason printed, where mounting is not permitted.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs"]).arg(folder.path());
        let output = mount.output().unwrap();
        if output.status.success() {
            return Some(Self { folder });
        }
        println!("skipped: no file system can be mounted here: {output:?}");
        None
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn filler(&self) -> PathBuf {
        self.folder.path().join("filler")
    }

    /// Takes all room there is.
    fn fill(&self) {
        let mut file = File::create(self.filler()).unwrap();
        loop {
            match file.write_all(&[b'x'; 1024]) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return,
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

async fn until_health(monitor: &MonitorProcess, word: &str) {
    eventually(&format!("/healthz to say {word}"), SOON, async || {
        (monitor.get("/healthz").await == word).then_some(())
    })
    .await;
}

fn monitor(switches: &Switches, phones: &Phones, state: &Path) -> MonitorProcess {
    let config = switches.config("[\"oncall\"]") + &phones.notifier("oncall");
    let mut monitor = MonitorProcess::new(&config);
    monitor.keep_state_in(state);
    monitor
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_no_notice_and_doubles_none_that_is_not_marked() {
    let Some(disk) = SmallDisk::mount() else { return };
    let (switches, phones) = (Switches::new(3), Phones::start().await);
    let mut monitor = monitor(&switches, &phones, &disk.state());
    monitor.start().await;
    until_health(&monitor, "ok").await;
    monitor.until_service("here", "s2", "On").await;

    disk.fill();
    switches.set(0, false);
    let told = phones.wait_for("PROBLEM here s0 Off since ", SOON).await;
    println!("{told:?}");
    phones.wait_for("PROBLEM litemon journal Failed since ", SOON).await;
    until_health(&monitor, "journal").await;
    // By now it is known to fail: this one is marked for certain.
    switches.set(1, false);
    let told = phones.wait_for("PROBLEM here s1 Off since ", SOON).await;
    assert!(told[0].contains(MARK), "{told:?}");

    disk.free();
    phones.wait_for("OK litemon journal works", SOON).await;
    until_health(&monitor, "ok").await;

    // What was decided meanwhile is in the journal now: an end like a power cut changes nothing.
    monitor.until_settled().await;
    monitor.kill();
    monitor.start().await;
    switches.set(2, false);
    let told = phones.wait_for("PROBLEM here s2 Off since ", SOON).await;
    assert!(!told[0].contains(MARK), "{told:?}");
    (0..3).for_each(|number| switches.set(number, true));
    for number in 0..3 {
        phones.wait_for(&format!("OK here s{number} On, was Off"), SOON).await;
    }
    let texts = phones.accepted();
    println!("{}", texts.join("\n"));
    for word in ["PROBLEM", "OK"] {
        for what in ["here s0", "here s1", "here s2", "litemon journal"] {
            let same = starting(texts.clone(), &format!("{word} {what} "));
            let certain = same.iter().filter(|text| !text.contains(MARK)).count();
            assert!(certain <= 1 && !same.is_empty(), "{same:?}");
        }
    }
    let numbers: Vec<_> = texts.iter().map(|text| text.rsplit_once('#').unwrap().1).collect();
    assert_eq!(numbers.iter().max(), Some(&"4"), "a number was used twice, or skipped");
}

/// Without its journal it would not know what it told. After a crash the journal's files are there,
/// and it starts; after an orderly end there is no room for them, it says so and ends with status 1,
/// which the service manager takes as "again in 2 s".
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_on_a_full_disk_forgets_nothing_and_says_what_is_wrong() {
    let Some(disk) = SmallDisk::mount() else { return };
    let (switches, phones) = (Switches::new(2), Phones::start().await);
    let mut monitor = monitor(&switches, &phones, &disk.state());
    monitor.start().await;
    monitor.until_service("here", "s1", "On").await;
    switches.set(0, false);
    phones.wait_for("PROBLEM here s0 Off since ", SOON).await;

    monitor.until_settled().await;
    monitor.kill();
    disk.fill();
    monitor.start().await;
    switches.set(1, false);
    phones.wait_for("PROBLEM here s1 Off since ", SOON).await;
    phones.wait_for("PROBLEM litemon journal Failed since ", SOON).await;
    disk.free();
    phones.wait_for("OK litemon journal works", SOON).await;

    monitor.signal(Signal::TERM);
    assert!(monitor.wait().await.success());
    disk.fill();
    monitor.spawn();
    // SQLite removes the journal's side files when its last connection is closed, if the end of the
    // program leaves it the time. Without them nothing can be opened; with them, it works.
    let ended = eventually("the monitor to end or to serve", SOON, async || {
        let ended = !monitor.runs();
        (ended || monitor.serves().await).then_some(ended)
    })
    .await;
    if ended {
        assert_eq!(monitor.wait().await.code(), Some(1), "{}", monitor.log());
        assert!(monitor.log().contains("the disk is full: free some space"), "{}", monitor.log());
    }
    disk.free();
    if ended {
        monitor.start().await;
    }
    (0..2).for_each(|number| switches.set(number, true));
    for number in 0..2 {
        phones.wait_for(&format!("OK here s{number} On, was Off"), SOON).await;
    }
    let problems = starting(phones.accepted(), "PROBLEM here s");
    assert_eq!(problems.len(), 2, "{problems:#?}");
}
