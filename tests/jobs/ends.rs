//! What is ended really ends; what cannot be seen to end is not said to have.

use std::time::Duration;

use litemon_core::manage::jobs::{Outcome, Stage};

use super::{Desk, command, lives, name, outcome};
use crate::support::{eventually, servers::Servers};

/// Names its process, leaves a child behind, and does not listen to TERM.
const STUBBORN: &str = "trap '' TERM; echo pid $$; sleep 600 & sleep 601; sleep 602";

#[tokio::test]
async fn cancel_and_the_time_limit_end_the_processes() {
    let folder = tempfile::tempdir().unwrap();
    let servers = Servers::start(&["a", "b"]).await;
    let desk = Desk::open(folder.path(), &servers.configuration()).await;
    for pty in [false, true] {
        let mut order = command(STUBBORN, &["a", "b"]);
        order.pty = pty;
        let job = desk.submit(order).await;
        let (a, b) = (desk.pid(job.id, "a").await, desk.pid(job.id, "b").await);
        assert!(lives(a) && lives(b));
        desk.jobs.cancel(&desk.by, job.id, Some(&name("a"))).await.unwrap();
        eventually("the end on a", super::PATIENCE, async || {
            let job = desk.job(job.id).await;
            matches!(job.results[0].stage, Stage::Done(_)).then_some(())
        })
        .await;
        assert!(!lives(a) && lives(b), "only one was to end");
        // From another process on the same state folder, as `litemon job cancel` does.
        let other = Desk::open(folder.path(), &servers.configuration()).await;
        other.jobs.cancel(&other.by, job.id, None).await.unwrap();
        let job = desk.ended(job.id).await;
        assert_eq!(outcome(&job, "a"), &Outcome::Cancelled);
        assert_eq!(outcome(&job, "b"), &Outcome::Cancelled);
        assert!(!lives(b));
    }

    let mut order = command(STUBBORN, &["a"]);
    order.limit = Some(Duration::from_secs(2));
    let job = desk.submit(order).await;
    let pid = desk.pid(job.id, "a").await;
    let job = desk.ended(job.id).await;
    assert_eq!(outcome(&job, "a"), &Outcome::TimedOut { ended: true });
    assert!(!lives(pid));
}

#[tokio::test]
async fn a_server_that_dies_or_falls_silent_is_not_said_to_be_done() {
    let folder = tempfile::tempdir().unwrap();
    let mut servers = Servers::start(&["dies", "silent"]).await;
    let desk = Desk::open(folder.path(), &servers.configuration()).await;
    let mut order = command("echo pid $$; sleep 600", &["dies", "silent"]);
    order.limit = Some(Duration::from_secs(8));
    let job = desk.submit(order).await;
    desk.pid(job.id, "dies").await;
    desk.pid(job.id, "silent").await;
    servers.cut("dies");
    servers.hold("silent", true);
    let job = desk.ended(job.id).await;
    servers.hold("silent", false);
    assert!(matches!(outcome(&job, "dies"), Outcome::Dropped(_)), "{job:?}");
    assert_eq!(outcome(&job, "silent"), &Outcome::TimedOut { ended: false });
}

/// One job at a time changes a server, whichever process runs it; who waits says so.
#[tokio::test]
async fn changing_jobs_queue_up() {
    let folder = tempfile::tempdir().unwrap();
    let servers = Servers::start(&["a"]).await;
    let configuration = servers.configuration();
    let (one, two) = (
        Desk::open(folder.path(), &configuration).await,
        Desk::open(folder.path(), &configuration).await,
    );
    let root = |line: &str| {
        let mut order = command(line, &["a"]);
        order.sudo = true;
        order
    };
    let first = one.submit(root("echo pid $$; sleep 600")).await;
    one.pid(first.id, "a").await;
    let second = two.submit(root("echo second")).await;
    let why = format!("job {} is at work there", first.id);
    eventually("the second to wait", super::PATIENCE, async || {
        let job = one.job(second.id).await;
        (job.results[0].stage == Stage::Waiting(Some(why.clone()))).then_some(())
    })
    .await;
    // What only looks need not wait.
    assert!(two.run("echo look", &["a"]).await.all_ok());
    one.jobs.cancel(&one.by, first.id, None).await.unwrap();
    assert!(two.ended(second.id).await.all_ok());
    assert_eq!(outcome(&one.ended(first.id).await, "a"), &Outcome::Cancelled);
}
