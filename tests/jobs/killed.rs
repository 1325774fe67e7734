//! The end of the monitor in the middle of jobs: kill -9, and another one on the same state.

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{PATIENCE, detached::Debian, lives};
use crate::support::{eventually, litemon::Litemon, sshd::signal_tree};

fn result(job: &Value) -> (&str, Option<&str>, Option<&str>) {
    let result = &job["results"][0];
    (result["stage"].as_str().unwrap(), result["outcome"].as_str(), result["detail"].as_str())
}

fn pid(said: &str) -> u32 {
    let line = said.lines().find_map(|line| line.strip_prefix("pid ")).unwrap();
    line.parse().unwrap()
}

async fn killed_and_started_again(litemon: &mut Litemon) {
    litemon.kill9();
    litemon.run();
    litemon.healthy().await;
}

/// What is detached is found again, with all that it put out; what ran over a connection is not
/// known; what waited for its turn has not begun. Nothing is run a second time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_job_gets_the_outcome_that_is_known() {
    let debian = Debian::start().await;
    let mut litemon = Litemon::start(&debian.configuration(), &[]).await;
    let refresh = json!({ "action": "refresh", "servers": ["a"] });
    let detached = litemon.job(refresh.clone()).await;
    let apt = pid(&litemon.puts_out(detached, "a", "begins").await);
    let asked = "echo looked >>LOOKED; echo pid $$; sleep 600";
    let asked = asked.replace("LOOKED", &debian.path("looked").display().to_string());
    let asked = litemon.job(json!({ "command": asked, "servers": ["a"] })).await;
    let looker = pid(&litemon.puts_out(asked, "a", "pid ").await);
    let never = format!("touch {}", debian.path("never").display());
    let waiting = litemon.job(json!({ "command": never, "sudo": true, "servers": ["a"] })).await;
    let why = format!("job {detached} is at work there");
    eventually("the third to wait", PATIENCE, async || {
        let job = litemon.show(waiting).await;
        (result(&job) == ("waiting", None, Some(&why))).then_some(())
    })
    .await;

    killed_and_started_again(&mut litemon).await;
    assert!(lives(apt), "it goes on");
    let job = litemon.ended(asked).await;
    assert_eq!(result(&job), ("done", Some("unknown"), Some("litemon ended while it ran")));
    let job = litemon.ended(waiting).await;
    assert_eq!(result(&job), ("done", Some("cancelled"), None));
    assert_eq!(result(&litemon.show(detached).await), ("running", None, None));
    debian.go(0);
    let job = litemon.ended(detached).await;
    assert_eq!(result(&job), ("done", Some("ok"), None));
    assert_eq!(litemon.output(detached, "a").await, format!("pid {apt}\nbegins\nends\n"));

    // One that ends while nobody looks.
    debian.hold();
    let detached = litemon.job(refresh).await;
    let apt = pid(&litemon.puts_out(detached, "a", "begins").await);
    litemon.kill9();
    debian.go(100);
    eventually("its end", PATIENCE, async || (!lives(apt)).then_some(())).await;
    litemon.run();
    litemon.healthy().await;
    let job = litemon.ended(detached).await;
    assert_eq!(result(&job), ("done", Some("failed"), None));
    assert_eq!(job["results"][0]["exit"], 100);
    assert_eq!(litemon.output(detached, "a").await, format!("pid {apt}\nbegins\nends\n"));

    assert_eq!(debian.begun(), 2, "each once");
    let looked = std::fs::read_to_string(debian.path("looked")).unwrap();
    assert_eq!(looked, "looked\n");
    assert!(!debian.path("never").exists());
    let (_, jobs) = litemon.control("GET", "/api/v1/jobs", None).await;
    let jobs: Value = serde_json::from_str(&jobs).unwrap();
    assert_eq!(jobs["jobs"].as_array().unwrap().len(), 4, "no job that nobody asked for");
    signal_tree(looker, Signal::KILL);
}
