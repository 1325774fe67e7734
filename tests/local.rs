//! Commands on this machine.

use std::{sync::Arc, time::Duration};

use litemon_core::{
    exec::{Command, Exec, Exit, Local},
    model::FailureKind,
};
use tokio::time::Instant;

use crate::support::eventually;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

#[tokio::test]
async fn a_command_runs_with_a_cleared_environment() {
    let mut command = Command::shell("env; cat; echo oops >&2; exit 3");
    command.env.push(("GREETING".into(), "hello world".into()));
    command.stdin = b"input".to_vec();
    let output = Local::default().run(&command, soon()).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("GREETING=hello world\n"), "{text}");
    assert!(text.contains("LANG=C.UTF-8\n") && text.ends_with("input"), "{text}");
    assert!(!text.contains("CARGO"), "{text}");
    assert_eq!((output.exit, &*output.stderr), (Exit::Status(3), &b"oops\n"[..]));
}

#[tokio::test]
async fn ends_are_told_apart() {
    let local = Local::default();
    let argv = |word: &str| Command::argv([word]);
    for (command, exit) in [
        (argv("true"), Exit::Status(0)),
        (argv("/no/such/program"), Exit::Status(127)),
        (argv("/etc/passwd"), Exit::Status(126)),
        (Command::shell("no-such-program"), Exit::Status(127)),
        (Command::shell("kill -KILL $$"), Exit::Signal("KILL".into())),
    ] {
        assert_eq!(local.run(&command, soon()).await.unwrap().exit, exit, "{command:?}");
    }
}

#[tokio::test]
async fn output_is_capped_and_the_writer_is_not_stuck() {
    let mut command = Command::shell("head -c 3000000 /dev/zero");
    command.output_limit = 1000;
    let output = Local::default().run(&command, soon()).await.unwrap();
    assert_eq!((output.stdout.len(), output.truncated), (1000, true));
    assert_eq!(output.exit, Exit::Status(0));
}

/// The processes whose command line holds a word.
fn processes(word: &str) -> usize {
    let list = std::fs::read_dir("/proc").unwrap().flatten();
    list.filter(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(word)
    })
    .count()
}

#[tokio::test]
async fn the_whole_group_is_gone_after_the_deadline() {
    for line in ["sleep 7101 & sleep 7101", "trap '' TERM; sleep 7101; sleep 7101"] {
        let begun = Instant::now();
        let command = Command::shell(line);
        let deadline = begun + Duration::from_millis(600);
        let failure = Local::default().run(&command, deadline).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Timeout);
        assert!(begun.elapsed() < Duration::from_secs(20));
        let gone = async || (processes("sleep\u{0}7101") == 0).then_some(());
        eventually("the processes to end", Duration::from_secs(20), gone).await;
    }
}

#[tokio::test]
async fn dropping_a_run_ends_its_group() {
    let command = Command::shell("sleep 7102 & sleep 7102");
    let local = Local::default();
    {
        let run = local.run(&command, soon());
        let started = eventually("the processes", Duration::from_secs(20), async || {
            (processes("sleep\u{0}7102") == 2).then_some(())
        });
        tokio::select! { _ = run => panic!("it ended"), () = started => {} }
    }
    let gone = async || (processes("sleep\u{0}7102") == 0).then_some(());
    eventually("the processes to end", Duration::from_secs(20), gone).await;
}

#[tokio::test]
async fn a_child_in_the_background_does_not_hold_the_run() {
    let begun = Instant::now();
    let command = Command::shell("echo done; sleep 7103 &");
    let output = Local::default().run(&command, soon()).await.unwrap();
    assert_eq!((output.exit, &*output.stdout), (Exit::Status(0), &b"done\n"[..]));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn the_built_in_resources_and_services_work_here() {
    use litemon_core::{
        clock::SystemClock,
        probe::{
            Recipe, Site,
            reach::Reach,
            resource::{CommandResource, Cpu, Hdd, Mem},
            service::CommandService,
        },
    };
    let site = Site::new(Arc::new(Local::default()), Arc::new(SystemClock));
    let resources: [Box<dyn Recipe>; 4] = [
        Box::new(Cpu::new()),
        Box::new(Mem::new()),
        Box::new(Hdd::new(Vec::new())),
        Box::new(CommandResource::new("echo 37 %".into(), false)),
    ];
    for recipe in resources {
        let seen = recipe.build(&site).run(soon()).await;
        let value = seen.as_ref().ok().and_then(litemon_core::model::Observation::value);
        assert!(value.is_some_and(|value| (0.0..=100.0).contains(&value)), "{recipe:?} {seen:?}");
    }
    let service = CommandService::new("echo up".into(), false, Some("(?m)^up$".into())).unwrap();
    for recipe in [&service as &dyn Recipe, &Reach::new()] {
        let seen = recipe.build(&site).run(soon()).await.unwrap();
        assert!(matches!(seen, litemon_core::model::Observation::Switch { on: true, .. }));
    }
}
