//! Planned and rolling jobs in a browser: one is run from a phone, another is paused and goes on by
//! its buttons.

use std::{fs, time::Duration};

use litemon_core::manage::Role;
use serde_json::json;

use crate::support::{eventually, litemon::Litemon, machine::Machine, person::Person, sshd::user};

/// For what takes a moment, on a busy machine too.
const SOON: Duration = Duration::from_secs(120);

/// Who takes turns; the numbers are on no page.
const ROTA: &str = "
[rotas.ops]
people = { ann = \"+628111111111\", budi = \"+628222222222\" }
turns = [\"ann\", \"budi\"]
from = \"2026-11-02T09:00\"
turn = \"1w\"
";
/// One that failed, one that ran, one that is called and one that is switched off.
const JOBS: &str = "
[jobs.nightly]
action = \"update\"
groups = \"web\"
cron = \"0 3 * * SUN\"
timezone = \"Asia/Jakarta\"
[jobs.clean-cache]
command = \"test ! -e /nowhere/at/all && exit 3\"
servers = [\"web-1\", \"web-2\"]
cron = \"30 4 1 * *\"
[jobs.deploy]
command = \"echo deployed\"
groups = \"web\"
token_sha256 = \"4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a\"
[jobs.restart-yearly]
action = \"restart\"
servers = \"web-3\"
confirm = true
cron = \"0 0 1 1 *\"
enabled = false
";

fn config(machines: &[Machine]) -> String {
    let mut text = format!(
        "timezone = \"UTC\"\n[defaults]\ninterval = \"1s\"\nretry_interval = \"1s\"\n\
         [groups.web]\n{JOBS}{ROTA}"
    );
    for (number, machine) in (1..).zip(machines) {
        text.push_str(&format!(
            "[servers.web-{number}]\naddress = \"127.0.0.1:{}\"\ngroups = [\"web\"]\n\
             ssh = {{ user = \"{}\", identity = \"{}\", known_hosts = \"{}\" }}\n",
            machine.sshd.port(),
            user(),
            machine.sshd.path("id").display(),
            machine.sshd.path("known_hosts").display(),
        ));
    }
    text
}

/// Presses what can be seen and is large enough for a thumb, which leads to another page.
async fn tap(person: &Person, what: &str) {
    let size = format!(
        "const e = document.querySelector({}); const r = e.getBoundingClientRect();
         return e.checkVisibility() && r.right <= innerWidth ? Math.min(r.width, r.height) : 0",
        json!(what)
    );
    let size = person.browser.eval(&size).await.unwrap().as_f64().unwrap();
    assert!(size >= 44.0, "{what} is {size} px");
    person.press(what).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planned_job_is_run_from_a_phone_and_a_rolling_one_is_paused_and_goes_on() {
    let mut machines = Vec::new();
    for _ in 0..3 {
        machines.push(Machine::start().await);
    }
    let litemon = Litemon::start(&config(&machines), &[]).await;
    let ann = Person::log_in(&litemon, Role::Operator).await;
    ann.browser.resize(390, 844, false).await.unwrap();
    ann.open("/jobs").await;
    ann.says("Planned jobs 4").await;
    ann.says("switched off").await;
    tap(&ann, "[formaction='/schedules/clean-cache/run']").await;
    ann.says("Run clean-cache now?").await;
    ann.looks_at("planned-ask").await;
    ann.browser.resize(390, 844, false).await.unwrap();
    tap(&ann, "form.ask button").await;
    ann.says("2 of 2 servers did not succeed").await;
    ann.open("/jobs").await;
    tap(&ann, "[formaction='/schedules/restart-yearly/run']").await;
    ann.says("Run restart-yearly now?").await;
    ann.looks_at("planned-ask-dangerous").await;

    // The canary alone, then it waits for her.
    let go = machines[1].sshd.path("go");
    let command = format!(
        "echo begun; case $SSH_CONNECTION in *' {}') while [ ! -e {} ]; do sleep 0.1; done;; esac",
        machines[1].sshd.port(),
        go.display()
    );
    let rolling = json!({ "healthy_rounds": 1, "pause_after_canary": true, "keep_healthy": "50%" });
    let job = litemon.job(json!({ "command": command, "all": true, "rolling": rolling })).await;
    ann.browser.resize(390, 844, false).await.unwrap();
    ann.open(&format!("/jobs/{job}")).await;
    ann.says("Paused after the canary").await;
    ann.looks_at("rolling-paused").await;
    ann.browser.resize(390, 844, false).await.unwrap();
    tap(&ann, "[formaction$='/continue']").await;
    ann.says("Batch 2 of 3.").await;
    ann.looks_at("rolling-goes").await;
    ann.browser.resize(390, 844, false).await.unwrap();
    tap(&ann, "[formaction$='/pause']").await;
    ann.says("Paused by ann.").await;
    fs::write(&go, "").unwrap();
    eventually("the second to end", SOON, async || {
        let job = litemon.show(job).await;
        (job["results"][1]["outcome"] == "ok").then_some(())
    })
    .await;
    assert!(litemon.show(job).await["results"][2]["started"].is_null(), "a paused job waits");
    tap(&ann, "[formaction$='/continue']").await;
    ann.says("all 3 servers succeeded").await;
    ann.looks_at("rolling-done").await;
    ann.open("/jobs").await;
    ann.says("2 did not succeed").await;
    ann.looks_at("planned").await;
    ann.open("/").await;
    ann.says("On call").await;
    assert!(!ann.source().await.contains("+628"), "no number is shown");
    ann.looks_at("on-call").await;
    let status = litemon.command(&["status"]).output().unwrap();
    let status = String::from_utf8(status.stdout).unwrap();
    let line = status.lines().find(|line| line.starts_with("on call: ops: ")).unwrap();
    assert!(line.contains(" UTC, then ") && !line.contains("+628"), "{line}");
    assert_eq!(ann.complaints().await, Vec::<String>::new());
}
