//! The built-in `linux` profile in the shells that servers have.

use std::{process::Command as Program, sync::Arc, time::Duration};

use async_trait::async_trait;
use litemon_core::{
    clock::SystemClock,
    exec::{Command, CommandLine, Exec, Local, Output},
    model::{Failure, Observation},
    probe::{
        Recipe, Site,
        resource::{Cpu, Hdd, Mem},
    },
};
use tokio::time::Instant;

use crate::support::run;

/// A shell of this machine in the place of a server's.
#[derive(Debug)]
struct Shell {
    words: Vec<String>,
    path: String,
}

#[async_trait]
impl Exec for Shell {
    async fn run(&self, command: &Command, deadline: Instant) -> Result<Output, Failure> {
        let CommandLine::Shell(line) = &command.line else { panic!("the profile is shell lines") };
        let words = self.words.iter().cloned().chain(["-c".to_owned(), line.clone()]);
        let mut inner = Command::argv(words);
        inner.env = vec![("PATH".to_owned(), self.path.clone())];
        Local::default().run(&inner, deadline).await
    }

    async fn reach(&self, _: Instant) -> Result<(), Failure> {
        Ok(())
    }
}

/// dash and bash with Debian's tools, and busybox with nothing but itself.
fn shells(applets: &std::path::Path) -> Vec<Shell> {
    run(Program::new("busybox").args(["--install", "-s"]).arg(applets));
    let shell = |words: &[&str], path: &str| Shell {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        path: path.to_owned(),
    };
    let busybox = applets.join("sh").display().to_string();
    vec![
        shell(&["/bin/dash"], "/usr/bin:/bin"),
        shell(&["/bin/bash", "--posix"], "/usr/bin:/bin"),
        shell(&[&busybox], &applets.display().to_string()),
    ]
}

async fn look(recipe: &dyn Recipe, site: &Site) -> (f64, Option<String>) {
    let probe = recipe.build(site);
    let seen = probe.run(Instant::now() + Duration::from_secs(10)).await;
    match seen.unwrap_or_else(|failure| panic!("{failure}: {recipe:?} on {:?}", site.exec)) {
        Observation::Value { value, unit, detail } => {
            assert_eq!(unit, "%");
            (value, detail)
        }
        other => panic!("{other:?}"),
    }
}

/// 1 − MemAvailable / MemTotal, in percent.
fn memory_used() -> f64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap();
    let field = |name: &str| -> f64 {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    100.0 * (1.0 - field("MemAvailable:") / field("MemTotal:"))
}

/// What `df` says of a mount point, from the kernel's own numbers.
fn disk_used(mount: &str) -> f64 {
    let stat = rustix::fs::statvfs(mount).unwrap();
    let used = (stat.f_blocks - stat.f_bfree) as f64;
    100.0 * used / (used + stat.f_bavail as f64)
}

#[tokio::test]
async fn the_linux_profile_works_in_every_shell() {
    let applets = tempfile::tempdir().unwrap();
    for shell in shells(applets.path()) {
        let site = Site::new(Arc::new(shell), Arc::new(SystemClock));
        let (cpu, _) = look(&Cpu::new(), &site).await;
        assert!((0.0..=100.0).contains(&cpu), "{cpu}");
        let (mem, _) = look(&Mem::new(), &site).await;
        assert!((mem - memory_used()).abs() < 10.0, "{mem} beside {}", memory_used());
        let (hdd, mount) = look(&Hdd::new(Vec::new()), &site).await;
        let mount = mount.expect("the fullest file system is named");
        assert!((hdd - disk_used(&mount)).abs() < 2.0, "{hdd} on {mount}");
    }
}

#[tokio::test]
async fn a_busy_processor_is_seen_over_the_interval() {
    let site = Site::new(Arc::new(Local::default()), Arc::new(SystemClock));
    let cpu = Cpu::new().build(&site);
    let soon = || Instant::now() + Duration::from_secs(10);
    cpu.run(soon()).await.unwrap();
    let before = processor_line();
    let work = std::thread::spawn(|| {
        let mut sum = 0_u64;
        let until = Instant::now() + Duration::from_secs(1);
        while Instant::now() < until {
            sum = sum.wrapping_mul(31).wrapping_add(1);
        }
        sum
    });
    tokio::task::spawn_blocking(|| work.join().unwrap()).await.unwrap();
    let seen = cpu.run(soon()).await.unwrap().value().unwrap();
    // One of the machine's processors was busy all the time, whatever the others did.
    let least = 80.0 / std::thread::available_parallelism().unwrap().get() as f64;
    assert!(seen >= least, "{seen} % although one processor was busy (idle before: {before:?})");
}

/// The first line of /proc/stat, for the message of a failure.
fn processor_line() -> Option<String> {
    std::fs::read_to_string("/proc/stat").ok()?.lines().next().map(str::to_owned)
}
