//! Commands as text for a POSIX shell.

use std::{fmt::Write, time::Duration};

use super::{Command, CommandLine, Output, Sudo};
use crate::{
    model::{Failure, FailureKind, one_line},
    secret::Secret,
};

/// One word as a POSIX shell reads it back, whatever it holds (NUL excepted, which no argument
/// can hold).
#[must_use]
pub fn quote(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_@%+:,./-".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Runs `$2` under the machine's own `timeout`, so that it ends even if nobody is left to end it.
/// An old busybox has a `timeout` without `-k`: it is asked only where there is a busybox, since
/// asking costs two processes.
const BOUNDED: &str = "if command -v timeout >/dev/null 2>&1 && \
    { [ ! -x /bin/busybox ] || timeout -k 1 1 true </dev/null >/dev/null 2>&1; }; \
    then exec timeout -k 1 \"$1\" /bin/sh -c \"$2\"; fi; exec /bin/sh -c \"$2\"";

/// Becomes root with a password that waits on standard input, if one is asked for at all. A shell's
/// `read` takes no byte behind the line, so the command finds its own input next.
pub(super) const WITH_PASSWORD: &str = "if sudo -n true </dev/null >/dev/null 2>&1; \
    then IFS= read -r x; unset x; exec sudo -n -- \"$@\"; fi; exec sudo -S -- \"$@\"";

/// Runs an argument vector as root with variables where sudo's rules allow that, and without them
/// where the rules name just this command.
const WITH_VARIABLES: &str = "n=$1; shift; if sudo -n -l \"$@\" </dev/null >/dev/null 2>&1; \
    then exec sudo -n -- \"$@\"; fi; shift \"$n\"; exec sudo -n -- \"$@\"";

/// The password that has to stand first on the standard input of [`line`].
pub(super) fn password<'a>(command: &'a Command, known: Option<&'a Secret>) -> Option<&'a Secret> {
    match &command.sudo {
        Sudo::No => None,
        Sudo::Passwordless => known,
        Sudo::Password(secret) => Some(secret),
    }
}

/// All of standard input: the password's line, if one is needed, and what the command is given.
pub(super) fn input(command: &Command, known: Option<&Secret>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(secret) = password(command, known) {
        bytes.extend_from_slice(secret.expose().as_bytes());
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(&command.stdin);
    bytes
}

/// One simple command for a login shell of any kind. `limit` is when the far side ends it by
/// itself; it is set later than the deadline here, so that an exit status of 124 is always the
/// command's own.
///
/// An argument vector that becomes root is run by sudo itself and not by a shell under it, so that
/// a sudoers rule can name just that command; it is then not bounded on the far side.
pub(super) fn line(command: &Command, known: Option<&Secret>, limit: Duration) -> String {
    let bounded = |text: &str| {
        let seconds = limit.as_secs().saturating_add(2);
        words(["/bin/sh", "-c", BOUNDED, "sh", &seconds.to_string(), text])
    };
    let asks = password(command, known).is_some();
    match (&command.line, &command.sudo) {
        (_, Sudo::No) => format!("exec {}", bounded(&body(command))),
        (CommandLine::Argv(argv), _) => as_root(&argv_as_root(command, argv, asks), asks),
        (CommandLine::Shell(_), _) => as_root(&bounded(&body(command)), asks),
    }
}

pub(super) fn as_root(run: &str, asks: bool) -> String {
    if asks {
        format!("exec /bin/sh -c {} sh {run}", quote(WITH_PASSWORD))
    } else if let Some(rest) = run.strip_prefix(VARIABLES_FIRST) {
        format!("exec /bin/sh -c {} sh {rest}", quote(WITH_VARIABLES))
    } else {
        format!("exec sudo -n -- {run}")
    }
}

/// Marks an argument vector that has variables before it; the number of words to drop follows.
const VARIABLES_FIRST: &str = "\u{1}";

pub(super) fn argv_as_root(command: &Command, argv: &[String], asks: bool) -> String {
    let argv = words(argv.iter().map(String::as_str));
    let variables: Vec<String> =
        variables(command).map(|(name, value)| quote(&format!("{name}={value}"))).collect();
    if variables.is_empty() {
        return argv;
    }
    let full = format!("env {} {argv}", variables.join(" "));
    if asks { full } else { format!("{VARIABLES_FIRST}{} {full}", variables.len() + 1) }
}

/// The command and its variables, for `sh -c`.
pub(super) fn body(command: &Command) -> String {
    let mut text = String::new();
    for (name, value) in variables(command) {
        let _ = write!(text, "export {name}={}; ", quote(value));
    }
    match &command.line {
        CommandLine::Shell(line) => text.push_str(line),
        CommandLine::Argv(argv) => text.push_str(&words(argv.iter().map(String::as_str))),
    }
    text
}

fn variables(command: &Command) -> impl Iterator<Item = (&str, &str)> {
    let good = |name: &str| {
        !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let pairs = command.env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    pairs.filter(move |(name, _)| good(name))
}

pub(super) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// Tells sudo's refusal from the command's own end: both are exit status 1.
pub(super) fn refused_by_sudo(command: &Command, output: &Output) -> Result<(), Failure> {
    let asked = !matches!(command.sudo, Sudo::No);
    if !asked || output.exit != super::Exit::Status(1) {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    match text.lines().find_map(|line| line.find("sudo: ").and_then(|at| line.get(at..))) {
        Some(line) => Err(Failure::new(FailureKind::Exit, one_line(line, Failure::MAX_MESSAGE))),
        None => Ok(()),
    }
}

/// `5 s`, `1.5 s`: a wait as told to people.
pub(crate) fn seconds(duration: Duration) -> String {
    let tenths = (duration.as_millis() + 50) / 100;
    if tenths.is_multiple_of(10) {
        format!("{} s", tenths / 10)
    } else {
        format!("{}.{} s", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(shell: &[&str], line: &str, input: &[u8]) -> (Option<i32>, String) {
        use std::io::Write as _;
        let mut child = std::process::Command::new(shell[0])
            .args(&shell[1..])
            .arg("-c")
            .arg(line)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    const LIMIT: Duration = Duration::from_secs(5);

    #[test]
    fn a_quoted_word_is_read_back() {
        for word in ["", "plain", "two words", "it's", "$HOME `id` \"x\"", "a=b", "~", "*", "\\n"] {
            let (_, out) = sh(&["sh"], &format!("printf %s {}", quote(word)), b"");
            assert_eq!(out, word);
        }
    }

    #[test]
    fn the_exit_status_and_the_input_are_the_commands_own() {
        for status in [0, 1, 3, 124, 126, 127] {
            let command = Command::shell(format!("cat; exit {status}"));
            let got = sh(&["sh"], &line(&command, None, LIMIT), b"input");
            assert_eq!(got, (Some(status), "input".into()));
        }
    }

    #[test]
    fn variables_and_arguments_survive() {
        let mut command = Command::argv(["printf", "%s|%s", "it's", "$A"]);
        command.env.push(("A".into(), "x y".into()));
        assert_eq!(sh(&["sh"], &line(&command, None, LIMIT), b"").1, "it's|$A");
        let mut command = Command::shell("printf %s \"$A\"");
        command.env.push(("A".into(), "it's".into()));
        command.env.push(("B;reboot".into(), "x".into()));
        assert_eq!(sh(&["sh"], &line(&command, None, LIMIT), b"").1, "it's");
    }

    #[test]
    fn no_password_stands_in_a_line() {
        let secret = Secret::new("hunter2".into());
        for mut command in [Command::shell("id"), Command::argv(["id"])] {
            command.sudo = Sudo::Password(secret.clone());
            assert!(!line(&command, None, LIMIT).contains("hunter2"));
            command.sudo = Sudo::Passwordless;
            assert!(!line(&command, Some(&secret), LIMIT).contains("hunter2"));
            assert_eq!(input(&command, Some(&secret)), b"hunter2\n");
            assert!(input(&command, None).is_empty());
        }
    }

    /// What sudo does with its options, as far as the scripts use them: `$ASKS` makes it ask for
    /// the password, `$ONLY` lets it run one program only.
    const SUDO: &str = r#"#!/bin/sh
    case "$1 $2" in
    '-n true') [ -z "$ASKS" ]; exit ;;
    '-n -l') [ -z "$ONLY" ] || [ "$3" = "$ONLY" ]; exit ;;
    '-n --') [ -z "$ASKS" ] || { echo 'sudo: a password is required' >&2; exit 1; }; shift 2 ;;
    '-S --') IFS= read -r word; [ "$word" = hunter2 ] || exit 1; shift 2 ;;
    esac
    exec "$@"
    "#;

    #[test]
    fn root_reads_its_own_input_whether_sudo_asks_or_not() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let sudo = dir.path().join("sudo");
        std::fs::write(&sudo, SUDO).unwrap();
        std::fs::set_permissions(&sudo, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("PATH={}:/usr/bin:/bin", dir.path().display());
        let run = |setup: &str, command: &Command, known: Option<&Secret>| {
            let text = format!("export {path} {setup}; {}", line(command, known, LIMIT));
            sh(&["sh"], &text, &input(command, known))
        };
        let secret = Secret::new("hunter2".into());
        let mut cat = Command::shell("cat; exit 3");
        cat.stdin = b"own input".to_vec();
        cat.sudo = Sudo::Passwordless;
        for setup in ["ASKS=", "ASKS=yes"] {
            assert_eq!(run(setup, &cat, Some(&secret)), (Some(3), "own input".into()), "{setup}");
        }
        assert_eq!(run("ASKS=", &cat, None), (Some(3), "own input".into()));
        assert_eq!(run("ASKS=yes", &cat, None), (Some(1), String::new()));
        let mut echo = Command::argv(["printenv", "A"]);
        echo.env.push(("A".into(), "x y".into()));
        echo.sudo = Sudo::Passwordless;
        assert_eq!(run("ONLY=", &echo, None).1, "x y\n");
        assert_eq!(run("ONLY=printenv", &echo, None), (Some(1), String::new()));
    }

    #[test]
    fn root_runs_an_argument_vector_by_itself() {
        let mut command = Command::argv(["systemctl", "restart", "nginx"]);
        command.sudo = Sudo::Passwordless;
        assert_eq!(line(&command, None, LIMIT), "exec sudo -n -- systemctl restart nginx");
    }

    #[test]
    fn waits_read_well() {
        assert_eq!(seconds(Duration::from_secs(5)), "5 s");
        assert_eq!(seconds(Duration::from_millis(4_980)), "5 s");
        assert_eq!(seconds(Duration::from_millis(1_500)), "1.5 s");
    }
}
