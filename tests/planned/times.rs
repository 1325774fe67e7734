//! Jobs at their times, over kill -9, and people who are told of changes only.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use serde_json::{Value, json};

use super::PATIENCE;
use crate::support::{eventually, litemon::Litemon, phones::Phones};

/// Each second, with what it does; it is told when what failed changes.
fn configuration(folder: &Path, more: &str) -> String {
    // Commands of this machine run in `/`.
    let (ran, good) = (folder.join("ran"), folder.join("good"));
    let line = format!("echo ran >> {}; test -e {}", ran.display(), good.display());
    format!(
        "timezone = \"UTC\"\n[servers.here]\naddress = \"local\"\n\
         [jobs.tick]\ncommand = \"{line}\"\nservers = \"here\"\n\
         cron = \"* * * * * *\"\nnotify = \"oncall\"\n{more}\n"
    )
}

async fn planned(litemon: &Litemon) -> Value {
    let (status, text) = litemon.control("GET", "/api/v1/schedules", None).await;
    assert_eq!(status, 200, "{text}");
    let list: Value = serde_json::from_str(&text).unwrap();
    list["jobs"][0].clone()
}

/// All jobs, as the program lists them.
async fn jobs(litemon: &Litemon) -> Vec<Value> {
    let (_, text) = litemon.control("GET", "/api/v1/jobs?limit=200", None).await;
    let list: Value = serde_json::from_str(&text).unwrap();
    list["jobs"].as_array().unwrap().clone()
}

/// Waits for so many more runs that ended.
async fn more_runs(litemon: &Litemon, more: usize) {
    let before = jobs(litemon).await.len();
    eventually("runs", PATIENCE, async || {
        let all = jobs(litemon).await;
        let ended = all.iter().filter(|job| !job["ended"].is_null()).count();
        (ended >= before + more).then_some(())
    })
    .await;
}

/// No two in a row say the same of what failed. One may come twice after kill -9.
fn only_changes(phones: &Phones) {
    let mut told = phones.accepted();
    told.dedup();
    let what: Vec<&str> =
        told.iter().filter_map(|text| Some(text.rsplit_once(" job ")?.0)).collect();
    assert!(what.windows(2).all(|pair| pair[0] != pair[1]), "{told:?}");
}

#[tokio::test]
async fn a_job_runs_at_its_times_once_each_and_only_a_change_is_told() {
    let phones = Phones::start().await;
    let folder = tempfile::tempdir().unwrap();
    let text = configuration(folder.path(), &phones.notifier("oncall"));
    let mut litemon = Litemon::start(&text, &[]).await;
    phones.wait_for("JOB tick ended: 1 failed (here exit 1) job ", PATIENCE).await;
    more_runs(&litemon, 2).await;
    only_changes(&phones);
    litemon.kill9();
    litemon.run();
    litemon.healthy().await;
    more_runs(&litemon, 2).await;
    fs::write(folder.path().join("good"), "").unwrap();
    phones.wait_for("JOB tick ended: 1 ok job ", PATIENCE).await;
    more_runs(&litemon, 2).await;
    only_changes(&phones);
    let tick = planned(&litemon).await;
    assert_eq!((&tick["enabled"], &tick["cron"]), (&json!(true), &json!("* * * * * *")), "{tick}");
    assert!(!tick["next"].is_null() && tick["last"]["ok"] == 1, "{tick}");
    let listed = litemon.command(&["job", "planned"]).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("tick") && listed.contains("* * * * * * UTC"), "{listed}");
    // Switched off, nothing more runs.
    assert!(litemon.reload(&text.replace("notify =", "enabled = false\nnotify =")).await);
    let last = eventually("the last run to end", PATIENCE, async || {
        let all = jobs(&litemon).await;
        all.iter().all(|job| !job["ended"].is_null()).then_some(all)
    })
    .await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(jobs(&litemon).await.len(), last.len());
    // Each run was one job, and no second had two.
    let ran = fs::read_to_string(folder.path().join("ran")).unwrap();
    let begun = last.iter().filter(|job| !job["results"][0]["started"].is_null());
    assert!(ran.lines().count() <= begun.count(), "{} {last:?}", ran.lines().count());
    let by: BTreeSet<_> = last.iter().map(|job| job["by"].as_str().unwrap()).collect();
    assert_eq!(by.into_iter().collect::<Vec<_>>(), ["schedule:tick"]);
}

#[tokio::test]
async fn a_run_that_goes_on_is_not_joined_by_another_and_that_is_said() {
    let text = "timezone = \"UTC\"\n[servers.here]\naddress = \"local\"\n\
        [jobs.tick]\ncommand = \"sleep 5\"\nservers = \"here\"\ncron = \"* * * * * *\"\n";
    let litemon = Litemon::start(text, &[]).await;
    let skipped = eventually("a time that is skipped", PATIENCE, async || {
        let tick = planned(&litemon).await;
        (!tick["skipped"].is_null()).then_some(tick)
    })
    .await;
    let number = skipped["running"].as_i64().unwrap();
    assert_eq!(skipped["skipped"]["why"], format!("job {number} had not ended"));
    let running = jobs(&litemon).await;
    let open = running.iter().filter(|job| job["ended"].is_null()).count();
    assert!(open <= 1, "{running:?}");
    let run = litemon.control("POST", "/api/v1/schedules/tick/run", None).await;
    assert_eq!(run.0, 409, "{run:?}");
    let check = litemon.control("POST", "/api/v1/schedules/tick/check", None).await;
    let would: Value = serde_json::from_str(&check.1).unwrap();
    assert_eq!((check.0, &would["servers"][0]["server"]), (200, &json!("here")), "{would}");
}
