//! `ping`: this machine, and an address that nothing leads to; without any rights, too.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use serde_json::Value;

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
host = "nobody..invalid"
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

/// Makes a network of its own, in which groups `$1` may ping, and runs the rest in it as nobody.
const AS_NOBODY: &str = "\
    { busybox ip link set lo up && echo \"$1\" > /proc/sys/net/ipv4/ping_group_range; } || exit 99\n\
    shift\n\
    exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \"$@\"";

fn as_nobody(groups: &str, command: &[&str]) -> Command {
    let mut all = Command::new("unshare");
    all.args(["--net", "sh", "-c", AS_NOBODY, "sh", groups]).args(command);
    all
}

/// What a check saw of this machine when the program ran as nobody and groups `groups` might ping.
fn seen_as_nobody(groups: &str) -> Vec<Value> {
    let checks = Checks::new(
        "defaults.timeout = \"2s\"\n[checks.four]\nkind = \"ping\"\nhost = \"127.0.0.1\"\n\
         [checks.six]\nkind = \"ping\"\nhost = \"::1\"\n",
    );
    // Where it was built nobody may be allowed to go.
    let program = checks.path("litemon");
    fs::copy(env!("CARGO_BIN_EXE_litemon"), &program).unwrap();
    for open in [checks.path(""), program.clone()] {
        fs::set_permissions(open, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let line = [program.to_str().unwrap(), "-c", "litemon.toml", "probe", "--json"];
    let mut command = as_nobody(groups, &line);
    command.env("HOME", checks.path("")).current_dir(checks.path(""));
    let output = command.output().unwrap();
    let all: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    all["checks"].as_array().unwrap().clone()
}

#[test]
fn without_rights_where_the_system_lets_groups_ping() {
    let trial = as_nobody("1 0", &["true"]).output();
    if let Some(reason) = match trial {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Some(error.to_string()),
    } {
        println!("SKIPPED: no network of its own, or nobody to be: {reason}");
        return;
    }
    let six = std::path::Path::new("/proc/net/if_inet6").exists();
    for allowed in ["0 2147483647", "65534 65534"] {
        let seen = seen_as_nobody(allowed);
        assert_eq!(said(&seen, "checks/four"), ("ok", ""), "{allowed}");
        assert!(!six || said(&seen, "checks/six") == ("ok", ""), "{allowed}: {seen:?}");
    }
    let seen = seen_as_nobody("1 0");
    let (status, why) = said(&seen, "checks/four");
    assert_eq!(status, "unknown", "{why}");
    assert!(why.starts_with("no right to ping: let net.ipv4.ping_group_range hold "), "{why}");
}
