//! The scene of the original paper, and what is read from it.

use std::time::Duration;

use litemon_core::{
    model::{NoticeState, Reason},
    monitor::Told,
    testing::snapshot::{CheckBuilder, SnapshotBuilder},
};

use super::*;
use crate::words::ENGLISH;

/// 2016-04-14 05:33:14 in Jakarta.
pub(crate) const AT: Timestamp = Timestamp::from_millis(1_460_586_794_000);

pub(crate) fn before(seconds: u64) -> Timestamp {
    AT.minus(Duration::from_secs(seconds))
}

pub(crate) fn ssh(server: &str) -> CheckView {
    let ok = Ok(Observation::Switch { on: true, detail: None });
    let id = format!("{server}/ssh");
    let check = CheckBuilder::new(&id, CheckKind::Ssh).unwrap();
    check.seen(Status::Ok, before(90_000), before(2), ok).build()
}

pub(crate) fn resource(id: &str, value: f64, threshold: f64) -> CheckView {
    let status = if value > threshold { Status::Critical } else { Status::Ok };
    let since = if value > threshold { before(74) } else { before(90_000) };
    CheckBuilder::new(id, CheckKind::Resource)
        .unwrap()
        .limits(Some(threshold), None)
        .seen(status, since, before(2), Ok(Observation::percent(value, None)))
        .build()
}

pub(crate) fn service(id: &str, on: bool) -> CheckView {
    let (status, since) = if on { (Status::Ok, 90_000) } else { (Status::Critical, 240) };
    let detail = (!on).then(|| "exit 3: inactive".to_owned());
    CheckBuilder::new(id, CheckKind::Service)
        .unwrap()
        .seen(status, before(since), before(3), Ok(Observation::Switch { on, detail }))
        .build()
}

fn blocked(check: &CheckView) -> CheckView {
    CheckBuilder::new(check.id.as_str(), check.kind)
        .unwrap()
        .limits(check.threshold, None)
        .seen(
            Status::Unknown,
            before(110),
            before(4),
            Err(Failure::new(FailureKind::Refused, "connection refused")),
        )
        .last_value(before(120), 7.0)
        .blocked()
        .build()
}

fn unreachable(server: &str) -> CheckView {
    let refused = Err(Failure::new(FailureKind::Refused, "connection refused"));
    CheckBuilder::new(&format!("{server}/ssh"), CheckKind::Ssh)
        .unwrap()
        .seen(Status::Critical, before(113), before(2), refused)
        .build()
}

pub(crate) fn told(state: NoticeState, seconds: u64) -> Vec<Told> {
    vec![Told {
        notifier: "oncall".into(),
        recipient: "+628123456789".into(),
        reason: Reason::Raised,
        state,
        at: before(seconds),
    }]
}

fn resources(server: &str, cpu: f64, mem: f64, hdd: f64) -> Vec<CheckView> {
    vec![
        ssh(server),
        resource(&format!("{server}/cpu"), cpu, 50.0),
        resource(&format!("{server}/mem"), mem, 80.0),
        resource(&format!("{server}/hdd"), hdd, 90.0),
    ]
}

fn with_services(mut checks: Vec<CheckView>, server: &str, on: &[&str]) -> Vec<CheckView> {
    checks.extend(on.iter().map(|name| service(&format!("{server}/{name}"), true)));
    checks
}

/// Six servers: number 4 cannot be reached, chat is Off on number 3, number 5 is over its limit.
pub(crate) fn paper() -> SnapshotBuilder {
    let server1 =
        with_services(resources("server1", 0.4, 23.0, 11.0), "server1", &["chat", "push", "nginx"]);
    let server2 =
        with_services(resources("server2", 1.0, 25.0, 11.0), "server2", &["chat", "push"]);
    let mut server3 = resources("server3", 0.2, 28.0, 4.0);
    server3.push(service("server3/chat", false));
    let server3 = with_services(server3, "server3", &["push", "mysql"]);
    let mut server4: Vec<_> =
        with_services(resources("server4", 1.0, 1.0, 1.0), "server4", &["chat", "push"])
            .iter()
            .map(blocked)
            .collect();
    server4[0] = unreachable("server4");
    let server5 =
        with_services(resources("server5", 63.2, 39.0, 8.0), "server5", &["chat", "nginx"]);
    let gateway =
        with_services(resources("gateway", 4.0, 17.0, 31.0), "gateway", &["kannel", "rabbitmq"]);
    let mut builder = SnapshotBuilder::new(AT);
    for (name, checks) in [
        ("server1", server1),
        ("server2", server2),
        ("server3", server3),
        ("server4", server4),
        ("server5", server5),
        ("gateway", gateway),
    ] {
        builder = builder.server(name, "10.0.0.1:22", checks).unwrap();
    }
    builder
        .incident(17, "server3/chat", told(NoticeState::Accepted, 233))
        .incident(18, "server4/ssh", told(NoticeState::Accepted, 108))
        .incident(19, "server5/cpu", told(NoticeState::Pending, 70))
}

pub(crate) fn scene(snapshot: Snapshot) -> Scene {
    Scene {
        snapshot: Arc::new(snapshot),
        now: AT,
        zone: Zone::named("Asia/Jakarta").unwrap(),
        words: &ENGLISH,
        detail: true,
        strips: Arc::default(),
    }
}

#[test]
fn the_worst_comes_first_and_the_rest_as_configured() {
    let scene = scene(paper().build());
    let problems: Vec<_> = scene.problems().iter().map(|p| p.check.id.as_str()).collect();
    assert_eq!(problems, ["server4/ssh", "server3/chat", "server5/cpu"]);
    let servers: Vec<_> = scene.servers().iter().map(|server| server.name.as_str()).collect();
    assert_eq!(servers, ["server4", "server3", "server5", "server1", "server2", "gateway"]);
    assert_eq!(scene.worst(), Status::Critical);
}

#[test]
fn a_reader_without_a_right_is_told_no_reason() {
    let mut scene = scene(paper().build());
    let refused = Err(Failure::new(FailureKind::Refused, "connect to 10.0.0.4: refused"));
    assert_eq!(scene.reason(&refused).as_deref(), Some("connection refused"));
    scene.detail = false;
    assert_eq!(scene.reason(&refused), None);
}
