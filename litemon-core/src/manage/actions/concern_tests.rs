use std::collections::BTreeSet;

use super::{
    built_in,
    tests::{name, plan},
    *,
};
use crate::{
    hold::Planned,
    model::{CheckKind, Failure, FailureKind, Observation, Status, Timestamp},
    monitor::{CheckView, Snapshot},
    testing::snapshot::{CheckBuilder, SnapshotBuilder},
};

const NOW: Timestamp = Timestamp::from_millis(1_447_000_000_000);

/// web-1 to web-3, the last one down; db-1 alone in its group, behind bastion; litemon on `here`.
const FILE: &str = r#"
[groups.web]
[groups.db]
[servers.here]
address = "local"
[servers.bastion]
address = "192.0.2.9:2222"
[servers.web-1]
address = "192.0.2.1"
groups = ["web"]
[servers.web-2]
address = "192.0.2.2"
groups = ["web"]
[servers.web-3]
address = "192.0.2.3"
groups = ["web"]
[servers.db-1]
address = "10.9.9.9"
groups = ["db"]
ssh.jump = "bastion"
"#;

fn ssh(server: &str, up: bool) -> CheckView {
    let seen = if up {
        Ok(Observation::Switch { on: true, detail: None })
    } else {
        Err(Failure::new(FailureKind::Refused, "connection refused"))
    };
    let status = if up { Status::Ok } else { Status::Critical };
    let check = CheckBuilder::new(&format!("{server}/ssh"), CheckKind::Ssh).unwrap();
    check.seen(status, NOW, NOW, seen).build()
}

fn hdd(server: &str, used: f64) -> CheckView {
    let check = CheckBuilder::new(&format!("{server}/hdd"), CheckKind::Resource).unwrap();
    check.seen(Status::Ok, NOW, NOW, Ok(Observation::percent(used, None))).build()
}

fn snapshot() -> Snapshot {
    let with = |builder: SnapshotBuilder, server: &str, up, used, groups: &[&str]| {
        let checks = vec![ssh(server, up), hdd(server, used)];
        builder.server(server, "192.0.2.1", checks).unwrap().groups(groups).unwrap()
    };
    let builder = SnapshotBuilder::new(NOW);
    let builder = with(builder, "here", true, 10.0, &[]);
    let builder = with(builder, "bastion", true, 10.0, &[]);
    let builder = with(builder, "web-1", true, 10.0, &["web"]);
    let builder = with(builder, "web-2", true, 95.0, &["web"]);
    let builder = with(builder, "web-3", false, 10.0, &["web"]);
    let planned = Planned::restart("ann", std::time::Duration::from_secs(600));
    with(builder, "db-1", true, 10.0, &["db"]).planned(planned).build()
}

fn told(action: &str, servers: &[&str]) -> Vec<String> {
    let plan = plan(FILE);
    let snapshot = snapshot();
    let own = BTreeSet::from([name("here")]);
    let around = Around::new(&plan.servers, &own).snapshot(Some(&snapshot));
    let action =
        built_in::all().into_iter().find(|one| one.action.name.as_str() == action).unwrap().action;
    let servers: Vec<_> = servers.iter().map(|server| name(server)).collect();
    let found = concerns(&action, &servers, &around);
    found.iter().map(|concern| format!("{} {}", concern.server, concern.why)).collect()
}

#[test]
fn what_speaks_against_an_order() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("ping", &["here", "web-3", "bastion"], &[]),
        ("restart", &["web-1"], &[]),
        ("restart", &["here"], &["here litemon itself runs there"]),
        ("restart", &["bastion"], &["bastion db-1 can be reached only through it"]),
        ("shutdown", &["web-3"], &["web-3 is down already"]),
        (
            "restart",
            &["web-1", "web-2"],
            &[
                "web-1 no other server of web would be left",
                "web-2 no other server of web would be left",
            ],
        ),
        ("restart", &["db-1"], &["db-1 is being restarted or was shut down by ann"]),
        ("update", &["web-2", "web-1", "here"], &["web-2 its disk is 95% full"]),
        (
            "service",
            &["web-1", "web-2", "web-3"],
            &[
                "web-1 no other server of web would be left",
                "web-2 no other server of web would be left",
                "web-3 is down already",
            ],
        ),
        ("restart", &["unknown"], &[]),
    ];
    for (action, servers, expected) in cases {
        assert_eq!(told(action, servers), *expected, "{action} {servers:?}");
    }
}

#[test]
fn without_a_monitor_only_what_is_configured_speaks_against_it() {
    let plan = plan(FILE);
    let own = BTreeSet::new();
    let restart = built_in::all().into_iter().find(|one| one.action.one_by_one).unwrap().action;
    let servers = [name("web-3"), name("bastion")];
    let found = concerns(&restart, &servers, &Around::new(&plan.servers, &own));
    assert_eq!(found.len(), 1);
}

#[test]
fn what_others_depend_on_goes_last() {
    let plan = plan(FILE);
    let own = BTreeSet::from([name("here")]);
    let mut order: Vec<_> = plan.servers.iter().map(|server| server.name.clone()).collect();
    order.sort_by_key(|server| turn(server, &plan.servers, &own));
    let order: Vec<&str> = order.iter().map(crate::model::Name::as_str).collect();
    assert_eq!(order, ["web-1", "web-2", "web-3", "db-1", "bastion", "here"]);
}

#[tokio::test]
async fn this_machine_is_known_by_its_addresses() {
    let text = "[servers.a]\naddress = \"local\"\n[servers.b]\naddress = \"127.0.0.5:2222\"\n\
                [servers.c]\naddress = \"localhost\"\n[servers.d]\naddress = \"192.0.2.1\"\n\
                [servers.e]\naddress = \"[::1]:22\"\n";
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    let own = own_hosts(&plan(text).servers, deadline).await;
    let own: Vec<&str> = own.iter().map(crate::model::Name::as_str).collect();
    assert_eq!(own, ["a", "b", "c", "e"]);
}
