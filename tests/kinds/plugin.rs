//! `plugin`: those of Debian's package monitoring-plugins-basic, here and over a real sshd.

use std::fs;

use super::{Checks, PATIENCE, one, said};
use crate::support::{litemon::Litemon, phones::Phones, servers::Servers};

const PLUGINS: &str = "/usr/lib/nagios/plugins";

#[tokio::test]
async fn real_plugins_here_and_over_ssh() {
    let servers = Servers::start(&["web-1"]).await;
    let mut text = servers.configuration();
    text.push_str("servers.here.address = \"local\"\n");
    for server in ["here", "web-1"] {
        text.push_str(&format!(
            r#"
[servers.{server}.checks.disk]
kind = "plugin"
command = ["{PLUGINS}/check_disk", "-w", "0%", "-c", "0%", "-p", "/"]
[servers.{server}.checks.full]
kind = "plugin"
command = "{PLUGINS}/check_disk -w 100% -c 100% -p /"
[servers.{server}.checks.procs]
kind = "plugin"
command = "{PLUGINS}/check_procs -w 0:0"
[servers.{server}.checks.lost]
kind = "plugin"
command = ["{PLUGINS}/check_dummy", "3", "nobody knows"]
[servers.{server}.checks.absent]
kind = "plugin"
command = ["{PLUGINS}/check_that_is_not_there"]
"#
        ));
    }
    text.push_str(&format!(
        "[servers.web-1.checks.outside]\nkind = \"plugin\"\non = \"monitor\"\n\
         command = [\"{PLUGINS}/check_tcp\", \"-H\", \"127.0.0.1\", \"-p\", \"1\"]\n"
    ));
    let seen = Checks::new(&text).probe();
    for server in ["here", "web-1"] {
        let of = |name: &str| said(&seen, &format!("{server}/{name}"));
        let (status, line) = of("disk");
        assert!(status == "ok" && line.starts_with("DISK OK - free space: / "), "{line}");
        assert!(!line.contains('|'), "{line}");
        let used = one(&seen, &format!("{server}/disk"))["value"].as_f64().unwrap();
        let stat = rustix::fs::statvfs("/").unwrap();
        let known = ((stat.f_blocks - stat.f_bfree) * stat.f_frsize) as f64;
        // Bytes of the version on Debian 12; other versions say MB.
        assert!((used - known).abs() < known / 10.0, "{used} beside {known}");
        let (status, line) = of("full");
        assert!(status == "critical" && line.starts_with("DISK CRITICAL - free space"), "{line}");
        let (status, line) = of("procs");
        assert!(status == "warning" && line.starts_with("PROCS WARNING: "), "{line}");
        assert!(one(&seen, &format!("{server}/procs"))["value"].as_f64().unwrap() >= 1.0);
        assert_eq!(of("lost"), ("unknown", "UNKNOWN: nobody knows"));
        let (status, line) = of("absent");
        assert!(status == "unknown" && line.starts_with("exit 127: "), "{line}");
    }
    let (status, line) = said(&seen, "web-1/outside");
    assert!(status == "critical" && line.contains("127.0.0.1"), "{line}");
}

#[tokio::test]
async fn its_verdict_is_told_with_its_own_words() {
    let phones = Phones::start().await;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    fs::write(&state, "2 \"free space 3%\"").unwrap();
    let configuration = format!(
        r#"
[defaults]
interval = "500ms"
retry_interval = "200ms"
attempts = 1
notify = "oncall"
[servers.here]
address = "local"
[servers.here.checks.disk]
kind = "plugin"
command = "eval {PLUGINS}/check_dummy $(cat {})"
{}
"#,
        state.display(),
        phones.notifier("oncall")
    );
    let litemon = Litemon::start(&configuration, &[]).await;
    let told = phones.wait_for("PROBLEM here disk critical since ", PATIENCE).await;
    assert!(told[0].ends_with(" (CRITICAL: free space 3%) #1"), "{told:?}");
    litemon.says("here/disk is critical</a></b> — CRITICAL: free space 3%", PATIENCE).await;
    fs::write(&state, "0 \"all is well\"").unwrap();
    let told = phones.wait_for("OK here disk normal, was critical ", PATIENCE).await;
    assert!(told[0].ends_with(" #1"), "{told:?}");
    litemon.says("The server runs", PATIENCE).await;
}
