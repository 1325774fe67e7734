use std::time::Duration;

use super::*;
use crate::exec::HostKeyPolicy;

fn check<'p>(plan: &'p Plan, id: &str) -> &'p CheckPlan {
    plan.checks.iter().find(|check| check.id.as_str() == id).unwrap_or_else(|| panic!("{id}"))
}

#[test]
fn defaults_profile_group_server_check() {
    let text = r#"
        [defaults]
        interval = "1m"
        timeout = "9s"
        attempts = 7
        retry_interval = "8s"
        [profiles.app]
        timeout = "1s"
        attempts = 3
        [profiles.app.services.java]
        command = "pgrep -x java"
        interval = "2m"
        [profiles.app.services.old]
        command = "pgrep -x old"
        [groups.web]
        profiles = ["app", "linux"]
        attempts = 4
        [groups.web.resources.cpu]
        threshold = 70
        warn = 60
        [servers.a]
        address = "h"
        groups = "web"
        recover_attempts = 2
        [servers.a.services.java]
        retry_interval = "5s"
        [servers.a.services.old]
        enabled = false
        [servers.a.resources.cpu]
        threshold = 80
    "#;
    let plan = planned(text).unwrap();
    let java = &check(&plan, "a/java").schedule;
    assert_eq!(java.interval, Duration::from_secs(120));
    assert_eq!(java.timeout, Duration::from_secs(1));
    assert_eq!(java.attempts, 4);
    assert_eq!(java.retry_interval, Duration::from_secs(5));
    assert_eq!(java.recover_attempts, 2);
    assert!(plan.checks.iter().all(|check| check.id.as_str() != "a/old"));
    let crate::model::Criteria::Threshold(limits) = &check(&plan, "a/cpu").criteria else {
        panic!()
    };
    assert_eq!((limits.critical, limits.warn), (Some(80.0), Some(60.0)));
    assert_eq!(check(&plan, "a/ssh").schedule.attempts, 4);
    assert_eq!(check(&plan, "a/mem").worst_case, None);
}

#[test]
fn ssh_of_all_group_and_server() {
    let text = r#"
        [ssh]
        user = "monitor"
        host_key_policy = "accept-new"
        [groups.web.ssh]
        jump = "bastion"
        identity = ["key-a", "/abs/key-b"]
        [servers.bastion]
        address = "b:2222"
        groups = ["web"]
        [servers.a]
        address = "h"
        groups = ["web"]
        ssh.user = "root"
        ssh.password = { file = "secret" }
        [servers.c]
        address = "local"
        [servers.d]
        address = "d"
        ssh.jump = "you@out.example:23"
    "#;
    let plan = planned(text).unwrap();
    let [bastion, a, c, d] = &plan.servers[..] else { panic!("{:?}", plan.servers) };
    assert_eq!(bastion.ssh.jump, None);
    assert_eq!(a.ssh.user, "root");
    assert_eq!(a.ssh.identities, [PathBuf::from("/srv/key-a"), PathBuf::from("/abs/key-b")]);
    assert_eq!(a.ssh.password.as_ref().unwrap().expose(), "content of /srv/secret");
    assert_eq!(a.ssh.host_key_policy, HostKeyPolicy::AcceptNew);
    let jump = a.ssh.jump.as_ref().unwrap();
    assert_eq!(
        (jump.host.as_str(), jump.port, jump.settings.user.as_str()),
        ("b", 2222, "monitor")
    );
    assert_eq!(jump.settings.password, None);
    assert_eq!(d.ssh.identities.len(), 3);
    assert!(d.ssh.skip_missing_identities);
    assert_eq!(d.ssh.known_hosts, [PathBuf::from("/home/ops/.ssh/known_hosts")]);
    let jump = d.ssh.jump.as_ref().unwrap();
    assert_eq!(
        (jump.host.as_str(), jump.port, jump.settings.user.as_str()),
        ("out.example", 23, "you")
    );
    assert!(!plan.checks.iter().any(|check| check.server == Some(c.name.clone())));
}

#[test]
fn a_device_has_the_checks_of_its_own() {
    let text = r#"
        [servers.r]
        address = "h"
        device = "routeros"
        profiles = ["routeros"]
        [servers.r.ssh]
        legacy = true
        [servers.s]
        address = "h"
        device = "ios"
        profiles = ["ios"]
        [servers.s.checks.uptime]
        least = "10m"
    "#;
    let plan = planned(text).unwrap();
    let ids: Vec<&str> = plan.checks.iter().map(|check| check.id.as_str()).collect();
    assert_eq!(
        ids,
        ["r/ssh", "r/cpu", "r/mem", "r/hdd", "r/uptime", "s/ssh", "s/cpu", "s/mem", "s/uptime"]
    );
    let of = |name: &str| &plan.servers.iter().find(|s| s.name.as_str() == name).unwrap().ssh;
    assert!(of("r").legacy && !of("s").legacy);
    assert_eq!(of("s").device, crate::model::Device::Ios);
}
