//! `[jobs]`: what is planned, and every mistake with its place.

use std::time::Duration;

use super::{mistakes, planned};
use crate::{config::JobWhat, model::TellOn};

const FLEET: &str = r#"
[groups.web]
[groups.empty]
[servers.web-1]
address = "192.0.2.1"
groups = "web"
labels = { city = "Bogor" }
[servers.web-2]
address = "192.0.2.2"
groups = "web"
[servers.db-1]
address = "192.0.2.3"
[actions.clean]
command = "true"
asks_password = true
groups = "web"
[actions.clean.params.days]
min = 1
max = 9
"#;

#[test]
fn a_job_is_planned_with_the_servers_that_it_means() {
    let jobs = r#"
[jobs.nightly]
action = "clean"
params = { days = 3 }
groups = "web"
confirm = true
cron = "0 3 * * SUN"
timezone = "Asia/Jakarta"
[jobs.look]
command = "df"
labels = { city = "Bogor" }
token_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
notify_on = "end"
"#;
    let plan = planned(&format!("{FLEET}{jobs}")).unwrap();
    let [nightly, look] = plan.jobs.as_slice() else { panic!("{:?}", plan.jobs) };
    let servers: Vec<&str> = nightly.servers.iter().map(AsRef::as_ref).collect();
    assert_eq!(servers, ["web-1", "web-2"]);
    assert!(matches!(&nightly.what, JobWhat::Action(name, params)
        if name.as_str() == "clean" && params["days"] == "3"));
    let times = nightly.times.as_ref().unwrap();
    assert_eq!(times.cron.to_string(), "0 3 * * SUN Asia/Jakarta");
    assert_eq!((times.catch_up, nightly.notify_on), (Duration::from_secs(3600), TellOn::Change));
    assert_eq!((look.servers.len(), look.notify_on), (1, TellOn::End));
    assert!(look.token.is_some() && look.times.is_none());
}

#[test]
fn every_mistake_is_told_at_once() {
    let jobs = r#"
[jobs.a]
action = "updat"
servers = ["web-1", "web-9"]
cron = "soon"
[jobs.b]
action = "service"
params = { verb = "kick", colour = "red" }
may_set = ["size"]
groups = "empty"
cron = "0 3 * * *"
timezone = "Mars/Base"
catch_up = "2d"
notify = "nobody"
[jobs.c]
action = "clean"
all = true
[jobs.d]
command = " "
params = { x = 1 }
token = "short"
at_once = 0
timeout = "0s"
[jobs.e]
action = "ping"
command = "true"
sudo = true
labels = { city = "Jakarta" }
cron = "0 3 * * *"
"#;
    let told = mistakes(&format!("{FLEET}{jobs}"));
    for part in [
        "jobs.a.action: no action \"updat\"",
        "no server \"web-9\"",
        "jobs.a.cron: it is no cron pattern",
        "jobs.b.params.verb: expected one of start, stop, restart",
        "jobs.b.params.colour: the action takes no such parameter",
        "no parameter \"size\"",
        "is missing: a text that",
        "jobs.b.action: is dangerous or asks for a password",
        "jobs.b: no server is meant",
        "jobs.b.timezone: no time zone is called \"Mars/Base\"",
        "jobs.b.catch_up: expected 1d at most",
        "no notifier \"nobody\"",
        "jobs.c.action: is dangerous or asks for a password",
        "jobs.c.action: may not run on db-1: only on servers of web",
        "is missing: a whole number from 1 to 9",
        "is missing: when it runs",
        "jobs.d.command: is empty",
        "jobs.d.params: a command takes no parameters",
        "jobs.d.token: expected 22 to 128",
        "jobs.d.at_once: expected 1 to 1000",
        "jobs.d.timeout: expected 1s to 1d",
        "jobs.d: no server is chosen",
        "jobs.e.command: there is an action too",
        "jobs.e: no server is meant",
    ] {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
}
