//! The end of a job of another process reaches the phones through the running monitor.

use super::PATIENCE;
use crate::support::{litemon::Litemon, phones::Phones};

#[tokio::test]
async fn the_end_of_a_job_is_told_to_whom_the_job_names() {
    let phones = Phones::start().await;
    let configuration =
        format!("[servers.here]\naddress = \"local\"\n{}", phones.notifier("oncall"));
    let litemon = Litemon::start(&configuration, &[]).await;
    let exec = |more: &[&str], line: &str| {
        let words = [&["exec", "-s", "here"], more, &["--", line]].concat();
        litemon.command(&words).output().unwrap()
    };
    let done = exec(&["--notify", "oncall"], "true");
    assert!(done.status.success(), "{done:?}");
    let told = phones.wait_for("JOB ", PATIENCE).await;
    assert_eq!(told, ["JOB true ended: 1 ok job 1"]);
    // What succeeds is no failure; and what comes after it is told, so it would have been.
    exec(&["--notify", "oncall", "--notify-on", "failure"], "true");
    exec(&["--notify", "oncall", "--notify-on", "failure"], "exit 3");
    let failed = phones.wait_for("JOB exit 3 ", PATIENCE).await;
    assert_eq!(failed, ["JOB exit 3 ended: 1 failed (here exit 3) job 3"]);
    assert_eq!(phones.accepted().len(), 2, "{:?}", phones.accepted());
    let wrong = exec(&["--notify", "nobody"], "true");
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
}
