//! Rolling jobs: a restart of ten servers, one after the other, of which the third breaks its own
//! check; pausing and going on; the end of litemon in the middle.

use std::{fs, process::Stdio, time::Duration};

use litemon_core::manage::Role;
use serde_json::{Value, json};

use crate::support::{
    eventually, litemon::Litemon, machine::Machine, person::Person, phones::Phones, sshd::user,
};

/// For what takes a moment, on a busy machine too.
const SOON: Duration = Duration::from_secs(120);

const CHECKS: &str = "[defaults]\ninterval = \"1s\"\ntimeout = \"5s\"\nattempts = 2\n\
                      retry_interval = \"1s\"\nnotify = [\"oncall\"]\n";

/// Each with a check of its own, which is On unless a file of its folder says that it broke.
fn config(machines: &[Machine], more: &str) -> String {
    let mut text = format!("timezone = \"UTC\"\n{more}\n{CHECKS}\n[groups.web]\n");
    for (number, machine) in (1..).zip(machines) {
        text.push_str(&format!(
            "[servers.web-{number}]\naddress = \"127.0.0.1:{}\"\ngroups = [\"web\"]\n\
             ssh = {{ user = \"{}\", identity = \"{}\", known_hosts = \"{}\" }}\n\
             [servers.web-{number}.services.door]\ncommand = \"test ! -e {}\"\n",
            machine.sshd.port(),
            user(),
            machine.sshd.path("id").display(),
            machine.sshd.path("known_hosts").display(),
            machine.sshd.path("broken").display(),
        ));
    }
    text
}

async fn machines(count: usize) -> Vec<Machine> {
    let mut machines = Vec::new();
    for _ in 0..count {
        machines.push(Machine::start().await);
    }
    machines
}

async fn until_well(litemon: &Litemon, count: usize) {
    for number in 1..=count {
        for check in ["door", "ssh"] {
            let path = format!("/api/v1/checks/web-{number}/{check}");
            eventually(&format!("{path}:\n{}", litemon.log()), SOON, async || {
                (litemon.get_json(&path).await["status"] == "ok").then_some(())
            })
            .await;
        }
    }
}

/// Restarts a server whose turn it is: its sshd ends, and comes back with another boot id.
async fn restarts(machine: &mut Machine) {
    machine.has("shutdown").await;
    machine.sshd.stop();
    machine.boots("two");
    machine.sshd.run().await;
}

fn untouched(machine: &Machine) -> bool {
    !machine.sshd.path("shutdown").exists()
}

fn outcomes(job: &Value) -> Vec<&str> {
    let results = job["results"].as_array().unwrap().iter();
    results.map(|result| result["outcome"].as_str().unwrap_or("none")).collect()
}

/// The job's page says where and why it stopped; what asks before the next one offers the same.
async fn looked_at(litemon: &Litemon) {
    let ann = Person::log_in(litemon, Role::Operator).await;
    ann.open("/jobs/1").await;
    ann.says("Stopped: web-3 did not succeed.").await;
    ann.says("7 not begun").await;
    ann.looks_at("rolling-stopped").await;
    ann.open("/servers").await;
    ann.says("Select servers to run something on them.").await;
    ann.run("document.querySelector('#choose').click()").await;
    ann.says("10 servers selected").await;
    ann.press("button[value=restart]").await;
    ann.says("Restart: 10 servers?").await;
    ann.run("document.querySelector('form.ask details').open = true").await;
    ann.looks_at("rolling-ask").await;
}

/// The scene: it stops at the third, alerts for exactly that one, and says what was and was not done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_stops_at_the_server_that_breaks_its_own_check() {
    let mut machines = machines(10).await;
    let phones = Phones::start().await;
    let litemon = Litemon::start(&config(&machines, &phones.notifier("oncall")), &[]).await;
    until_well(&litemon, 10).await;
    let line = "action run restart -g web --yes --rolling --healthy-rounds 2 --settle-within 8s \
                --keep-healthy 80%";
    let mut command = litemon.command(&line.split_whitespace().collect::<Vec<_>>());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = tokio::task::spawn_blocking(move || command.output().unwrap());
    for number in 0..3 {
        assert!(machines[number + 1..].iter().all(untouched), "one after the other");
        machines[number].has("shutdown").await;
        if number == 2 {
            fs::write(machines[number].sshd.path("broken"), "").unwrap();
        }
        restarts(&mut machines[number]).await;
    }
    let told = phones.wait_for("PROBLEM web-3 door Off", SOON).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let output = running.await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("stopped: web-3 did not succeed; 2 done, 7 not begun"), "{said}");
    assert!(said.contains("not well after it (web-3/door is Off"), "{said}");
    assert!(machines[3..].iter().all(untouched), "the others were not touched");
    assert_eq!(phones.accepted().len(), 1, "exactly one: {:?}", phones.accepted());

    let job = litemon.show(1).await;
    let expected = [["ok", "ok", "unwell"].as_slice(), &["not_started"; 7]].concat();
    assert_eq!(outcomes(&job), expected, "{job}");
    assert_eq!(job["rolled"]["state"], "stopped", "{job}");
    assert_eq!(job["rolled"]["why"], "web-3 did not succeed", "{job}");
    let batches: Vec<u64> = job["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["batch"].as_u64().unwrap())
        .collect();
    assert_eq!(batches, (1..=10).collect::<Vec<_>>());
    let incidents = litemon.get_json("/api/v1/incidents").await;
    let open = incidents["incidents"].as_array().unwrap();
    assert_eq!(open.len(), 1, "{incidents}");
    assert_eq!(open[0]["check"], "web-3/door", "{incidents}");

    looked_at(&litemon).await;

    // Once it is repaired, what failed and what was not begun is run again.
    fs::remove_file(machines[2].sshd.path("broken")).unwrap();
    phones.wait_for("OK web-3 door On", SOON).await;
    fs::remove_file(machines[2].sshd.path("shutdown")).unwrap();
    let mut again = litemon.command(&["job", "retry", "1"]);
    let mut again = again.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    machines[2].has("shutdown").await;
    let job = litemon.show(2).await;
    let names: Vec<_> =
        job["results"].as_array().unwrap().iter().map(|one| &one["server"]).collect();
    assert_eq!(names.len(), 8, "{job}");
    assert_eq!(job["rolling"]["keep_healthy"], "80%", "{job}");
    let (status, _) = litemon.control("POST", "/api/v1/jobs/2/cancel", None).await;
    assert_eq!(status, 202);
    again.wait().unwrap();
}

/// Waits until a rolling job is like this, and gives it.
async fn until(litemon: &Litemon, job: i64, state: &str) -> Value {
    eventually(&format!("job {job} to be {state}:\n{}", litemon.log()), SOON, async || {
        Some(litemon.show(job).await).filter(|job| job["rolled"]["state"] == state)
    })
    .await
}

fn lines(machine: &Machine, file: &str) -> usize {
    fs::read_to_string(machine.sshd.path(file)).unwrap_or_default().lines().count()
}

async fn says(litemon: &Litemon, words: &[&str]) -> (Option<i32>, String) {
    let mut command = litemon.command(words);
    command.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// A canary alone, then a pause that outlives kill -9; what is under way when a job is paused ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_paused_and_goes_on_when_somebody_says_so() {
    let machines = machines(3).await;
    let phones = Phones::start().await;
    let mut litemon = Litemon::start(&config(&machines, &phones.notifier("oncall")), &[]).await;
    until_well(&litemon, 3).await;
    let (ran, go) = (machines[0].sshd.path("ran"), machines[0].sshd.path("go"));
    let command = format!("echo x >>{}", ran.display());
    let rolling = json!({ "batch": 2, "healthy_rounds": 1, "pause_after_canary": true });
    let order = json!({ "command": command, "all": true, "rolling": rolling });
    let job = litemon.job(order).await;
    let shown = until(&litemon, job, "paused").await;
    assert_eq!(shown["rolled"]["why"], "paused after the canary");
    assert_eq!(lines(&machines[0], "ran"), 1, "the canary alone");

    litemon.kill9();
    litemon.run();
    litemon.healthy().await;
    until_well(&litemon, 3).await;
    eventually("it to be known why", SOON, async || {
        let why = &litemon.show(job).await["rolled"]["why"];
        (why == "paused since litemon was restarted").then_some(())
    })
    .await;
    let (code, said) = says(&litemon, &["job", "show", &job.to_string()]).await;
    assert!(code == Some(0) && said.contains("1 done, 2 not begun"), "{said}");
    assert_eq!(lines(&machines[0], "ran"), 1, "nothing begins by itself");
    let (code, said) = says(&litemon, &["job", "continue", &job.to_string()]).await;
    assert!(code == Some(0) && said.contains("goes on"), "{said}");
    assert_eq!(outcomes(&litemon.ended(job).await), ["ok"; 3]);
    assert_eq!(lines(&machines[0], "ran"), 3);
    let (code, said) = says(&litemon, &["job", "pause", &job.to_string()]).await;
    assert!(code == Some(1) && said.contains("has ended already"), "{said}");

    let waits =
        format!("echo x >>{}; while [ ! -e {} ]; do sleep 0.1; done", ran.display(), go.display());
    let order = json!({ "command": waits, "all": true, "rolling": { "healthy_rounds": 1 } });
    let job = litemon.job(order.clone()).await;
    eventually("the canary to begin", SOON, async || {
        (lines(&machines[0], "ran") == 4).then_some(())
    })
    .await;
    let (code, said) = says(&litemon, &["job", "pause", &job.to_string()]).await;
    assert!(code == Some(0) && said.contains("begins nothing more"), "{said}");
    until(&litemon, job, "paused").await;
    fs::write(&go, "").unwrap();
    eventually("the canary to end", SOON, async || {
        (outcomes(&litemon.show(job).await) == ["ok", "none", "none"]).then_some(())
    })
    .await;
    let (code, _) = says(&litemon, &["job", "cancel", &job.to_string()]).await;
    assert_eq!(code, Some(0));
    assert_eq!(outcomes(&litemon.ended(job).await), ["ok", "cancelled", "cancelled"]);
    assert_eq!(lines(&machines[0], "ran"), 4, "a paused job begins nothing");

    // How the canary ended is not known after kill -9: nothing more of it begins.
    fs::remove_file(&go).unwrap();
    let job = litemon.job(order).await;
    eventually("the canary to begin", SOON, async || {
        (lines(&machines[0], "ran") == 5).then_some(())
    })
    .await;
    litemon.kill9();
    litemon.run();
    litemon.healthy().await;
    let ended = litemon.ended(job).await;
    assert_eq!(outcomes(&ended), ["unknown", "not_started", "not_started"], "{ended}");
    assert_eq!(ended["rolled"]["state"], "stopped", "{ended}");
    fs::write(&go, "").unwrap();
    assert_eq!(lines(&machines[0], "ran"), 5);
}

/// How servers are is known to a running monitor only; without that, batches alone are had.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_monitor_only_what_needs_none_is_run() {
    let machines = machines(3).await;
    let phones = Phones::start().await;
    let litemon = Litemon::prepare(&config(&machines, &phones.notifier("oncall")), &[]);
    let rolling = ["action", "run", "restart", "--all", "--yes", "--rolling"];
    let (code, said) = says(&litemon, &rolling).await;
    assert!(code == Some(1) && said.contains("no monitor is running here"), "{said}");
    assert!(said.contains("--healthy-rounds 0"), "{said}");
    let (code, said) =
        says(&litemon, &[&rolling[..], &["--dry-run", "--batch", "50%"]].concat()).await;
    let batches = " batch 1, the canary\n  web-1: litemon itself runs there\n batch 2\n  web-2";
    assert!(code == Some(0) && said.contains(batches), "{said}");
    assert!(machines.iter().all(untouched));
    let command = format!("echo x >>{}; exit 3", machines[0].sshd.path("ran").display());
    let words = [
        "exec",
        "--all",
        "--rolling",
        "--healthy-rounds",
        "0",
        "--max-failures",
        "1",
        "--",
        &command,
    ];
    let (code, said) = says(&litemon, &words).await;
    assert!(code == Some(1) && said.contains("0 done, 1 not begun"), "{said}");
    assert_eq!(lines(&machines[0], "ran"), 2, "two may fail, at the second it stops");
    for (words, why) in [
        (vec!["exec", "--all", "--batch", "2", "--", "true"], "--rolling"),
        (vec!["exec", "--all", "--rolling", "--at-once", "2", "--", "true"], "cannot be used with"),
        (vec!["exec", "--all", "--rolling", "--batch", "0%", "--", "true"], "percentage as 25%"),
    ] {
        let (code, said) = says(&litemon, &words).await;
        assert!(code == Some(2) && said.contains(why), "{words:?}: {said}");
    }
}
