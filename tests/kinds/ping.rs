//! `ping`: this machine, and an address that nothing leads to.

use super::{Checks, one, said};

#[test]
fn this_machine_and_nobody() {
    let checks = Checks::new(
        r#"
defaults.timeout = "2s"
[servers.here]
address = "local"
[servers.here.checks.echo]
kind = "ping"
count = 5
threshold = 0.5
[checks.slow]
kind = "ping"
host = "127.0.0.2"
threshold = 0
[checks.six]
kind = "ping"
host = "::1"
[checks.nobody]
kind = "ping"
host = "127.255.255.255"
[checks.nameless]
kind = "ping"
host = "nobody.invalid"
"#,
    );
    let seen = checks.probe();
    assert_eq!(said(&seen, "here/echo"), ("ok", ""));
    let time = one(&seen, "here/echo")["value"].as_f64().unwrap();
    assert!(time > 0.0 && time < 0.5, "{time}");
    assert_eq!(said(&seen, "checks/slow").0, "critical");
    if std::path::Path::new("/proc/net/if_inet6").exists() {
        assert_eq!(said(&seen, "checks/six"), ("ok", ""));
    }
    // Broadcast: nobody answers, or it is not permitted to ask.
    assert_eq!(one(&seen, "checks/nobody")["status"], "critical");
    assert_eq!(said(&seen, "checks/nameless"), ("critical", "name not resolved"));
}
