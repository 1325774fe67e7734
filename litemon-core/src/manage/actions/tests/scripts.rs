//! The scripts, under dash and busybox, with stand-ins for what they call.

use std::{fmt::Write as _, os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use super::super::definition::How;
use super::*;

const SHELLS: [&[&str]; 2] = [&["/usr/bin/dash"], &["/usr/bin/busybox", "sh"]];
/// What scripts may call besides the stand-ins.
const TOOLS: [&str; 5] = ["sed", "awk", "cat", "env", "grep"];

/// A machine that has nothing but some tools and these stand-ins.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new(stand_ins: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for tool in TOOLS {
            let real = ["/usr/bin", "/bin"].map(|dir| Path::new(dir).join(tool));
            let real = real.iter().find(|path| path.exists()).unwrap();
            std::os::unix::fs::symlink(real, folder.path().join(tool)).unwrap();
        }
        let uname = ("uname", "echo Linux");
        for (name, script) in std::iter::once(&uname).chain(stand_ins) {
            let path = folder.path().join(name);
            // Each tells how it was called.
            let text = format!("#!/bin/sh\necho \"{name}${{*:+ $*}}\" >>\"$CALLS\"\n{script}\n");
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { folder }
    }

    /// What a shell makes of a script: exit status, what it printed, which stand-ins it called.
    fn run(&self, shell: &[&str], script: &str, env: &[(&str, &str)]) -> (i32, String, String) {
        let calls = self.folder.path().join("calls");
        std::fs::write(&calls, "").unwrap();
        let output = std::process::Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", script])
            .env_clear()
            .env("PATH", self.folder.path())
            .env("CALLS", &calls)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let mut text = String::from_utf8(output.stdout).unwrap();
        text.push_str(&String::from_utf8(output.stderr).unwrap());
        let calls: String = std::fs::read_to_string(&calls).unwrap();
        let calls = calls.lines().filter(|call| *call != "uname -s").collect::<Vec<_>>();
        (output.status.code().unwrap_or(-1), text, calls.join("\n"))
    }

    /// The same in every shell, which have to agree.
    fn agreed(&self, action: &str, env: &[(&str, &str)]) -> (i32, String, String) {
        let mut answers = SHELLS.map(|shell| self.run(shell, script(action), env)).into_iter();
        let first = answers.next().unwrap();
        for other in answers {
            assert_eq!(other, first, "{action}");
        }
        first
    }
}

fn script(action: &str) -> &'static str {
    let found = built_in::all().into_iter().find(|one| one.action.name.as_str() == action);
    match found.unwrap().how {
        How::Script(script)
        | How::Restart(script)
        | How::Shutdown(script)
        | How::Cancel(script)
        | How::Ping(script) => script,
        How::Own { .. } => unreachable!(),
    }
}

const APT: &str = r#"case "$*" in
*' -s upgrade') echo 'Inst libc6 [2.36-9] (2.36-10 Debian:12 [amd64])' ;;
*' -s dist-upgrade') printf '%s\n' 'Inst libc6 [2.36-9]' 'Remv oldlib [1.0]' 'Conf libc6' ;;
*' update') echo 'Hit:1 http://deb.debian.org bookworm' ;;
*) echo "set up as $DEBIAN_FRONTEND" ;;
esac"#;

#[test]
fn debian_is_refreshed_shown_updated_and_looked_at() {
    let machine = Machine::new(&[("apt-get", APT), ("needrestart", "echo 'nginx restarted'")]);
    let mut text = String::new();
    for (action, only_show) in
        [("refresh", "no"), ("update", "yes"), ("update", "no"), ("full-upgrade", "no")]
    {
        let env = [("LITEMON_PARAM_ONLY_SHOW", only_show)];
        let (status, output, calls) = machine.agreed(action, &env);
        let _ = write!(text, "# {action} {only_show}: {status}\n{output}--\n{calls}\n\n");
    }
    let options = "-y -q -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
                   -o DPkg::Lock::Timeout=60";
    assert_eq!(text.matches(options).count(), 1 + 2 + 3 + 3, "{text}");
    insta::assert_snapshot!(text.replace(options, "OPTIONS"));
}

const DNF: &str = r#"case "$*" in
*check-update) echo 'openssl.x86_64 1:3.0.7-25 baseos'; exit 100 ;;
*) echo Complete! ;;
esac"#;
const NEEDS: &str = r#"case "$1" in
-s) printf '%s\n' dbus.service nginx.service 'not a unit' ;;
-r) exit 1 ;;
esac"#;

#[test]
fn a_red_hat_is_updated_too() {
    let machine =
        Machine::new(&[("dnf", DNF), ("needs-restarting", NEEDS), ("systemctl", "exit 0")]);
    let (status, output, calls) = machine.agreed("full-upgrade", &[]);
    insta::assert_snapshot!(format!("{status}\n{output}--\n{calls}"));
    let machine = Machine::new(&[("yum", "exit 1")]);
    assert_eq!(machine.agreed("update", &[]).0, 1, "what fails is not gone on with");
}

#[test]
fn what_a_server_does_not_have_is_said() {
    let machine = Machine::new(&[]);
    let env = [
        ("LITEMON_PARAM_VERB", "stop"),
        ("LITEMON_PARAM_UNIT", "x"),
        ("LITEMON_PARAM_TARGET", "main"),
        ("LITEMON_TARGET", ""),
    ];
    for action in ["refresh", "update", "service", "restart", "shutdown", "cancel-shutdown", "ping"]
    {
        let (status, output, _) = machine.agreed(action, &env);
        assert_eq!(status, 69, "{action}: {output}");
        assert!(output.contains("found on this server") || output.contains("is known"), "{output}");
    }
}

const SYSTEMCTL: &str = r#"case "$*" in
is-active*) echo "${STATE:-active}" ;;
*broken) echo 'Job for broken.service failed.' >&2; exit 1 ;;
esac"#;

#[test]
fn a_service_is_what_was_asked_for_or_it_failed() {
    let machine = Machine::new(&[("systemctl", SYSTEMCTL)]);
    for (verb, unit, state, status) in [
        ("restart", "nginx", "active", 0),
        ("start", "once@1.service", "inactive", 0),
        ("stop", "nginx", "inactive", 0),
        ("stop", "nginx", "active", 1),
        ("start", "nginx", "failed", 1),
        ("start", "broken", "active", 1),
    ] {
        let env = [("LITEMON_PARAM_VERB", verb), ("LITEMON_PARAM_UNIT", unit), ("STATE", state)];
        let (got, _, calls) = machine.agreed("service", &env);
        assert_eq!(got, status, "{verb} {unit} {state}");
        assert!(calls.starts_with(&format!("systemctl --no-ask-password {verb} -- {unit}")));
    }
    let bsd = Machine::new(&[("uname", "echo FreeBSD"), ("service", "exit 0")]);
    let env = [("LITEMON_PARAM_VERB", "restart"), ("LITEMON_PARAM_UNIT", "nginx")];
    assert_eq!(bsd.agreed("service", &env).2, "service nginx onerestart");
}

#[test]
fn a_server_is_restarted_shut_down_and_kept() {
    for (system, action, minutes, call) in [
        ("Linux", "restart", "0", "shutdown -r now"),
        ("Linux", "shutdown", "0", "shutdown -P now"),
        ("Linux", "shutdown", "5", "shutdown -P +5"),
        ("FreeBSD", "shutdown", "5", "shutdown -p +5"),
        ("Linux", "cancel-shutdown", "0", "shutdown -c"),
        ("FreeBSD", "cancel-shutdown", "0", "pkill -x shutdown"),
    ] {
        let uname = format!("echo {system}");
        let machine =
            Machine::new(&[("uname", &uname), ("shutdown", "exit 0"), ("pkill", "exit 0")]);
        let (status, _, calls) = machine.agreed(action, &[("LITEMON_PARAM_IN", minutes)]);
        assert_eq!((status, calls.as_str()), (0, call), "{system} {action}");
    }
}

#[test]
fn the_gateway_is_found() {
    let ip = "echo 'default via 192.0.2.254 dev eth0 proto dhcp'";
    let machine = Machine::new(&[("ip", ip), ("ping", "exit 0")]);
    let env = [("LITEMON_PARAM_TARGET", "gateway"), ("LITEMON_TARGET", "")];
    let (status, _, calls) = machine.agreed("ping", &env);
    assert_eq!((status, calls.as_str()), (0, "ip route show default\nping -c 3 192.0.2.254"));
    let env = [("LITEMON_PARAM_TARGET", "main"), ("LITEMON_TARGET", "db-1.example")];
    assert_eq!(machine.agreed("ping", &env).2, "ping -c 3 db-1.example");
    let env = [("LITEMON_PARAM_TARGET", "main"), ("LITEMON_TARGET", "-f")];
    assert_eq!(machine.agreed("ping", &env).0, 64);
}

/// A command of one's own reads a value as it was given, whatever it holds, in both ways, and
/// nothing of it is run.
#[tokio::test]
async fn a_value_is_never_text_of_the_command() {
    let office = Office::open().await;
    let machine = Machine::new(&[("canary", "exit 0")]);
    for value in [
        "plain",
        "",
        "two words",
        "it's",
        "$(canary)",
        "`canary`",
        "'; canary; '",
        "\"; canary; \"",
        "a\ncanary\n",
        "$HOME ~ * \\ | & canary",
        "-n",
        "%s%n",
    ] {
        let how = office.runnable("log-level", &[("free-text", value)]).await;
        let CommandLine::Shell(line) = &how.command.line else { panic!() };
        let env: Vec<(&str, &str)> =
            how.command.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for shell in SHELLS {
            let (status, output, calls) = machine.run(shell, line, &env);
            assert_eq!(output, format!("info|{value}|info|{value}|"), "{shell:?}");
            assert_eq!((status, calls.as_str()), (0, ""), "{value:?}");
        }
    }
}
