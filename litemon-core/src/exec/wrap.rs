//! Lines for a far POSIX shell that tell which session they run in, so that all of it can be ended,
//! and that they came as far as the command itself, past sudo.

use std::time::Duration;

use super::{
    Command, CommandLine, Streamed, Sudo,
    script::{self, WITH_PASSWORD, quote, words},
    stream::Input,
};
use crate::secret::Secret;

/// Prints the mark `$1` and its session on each stream, and becomes the command `$3`, bounded by the
/// machine's own `timeout` of `$2` seconds unless that is 0. `$4` says whether it has a
/// terminal, or both streams are one.
const BEGIN: &str = "m=$1 t=$2 c=$3 y=$4; \
    if [ -r /proc/$$/stat ]; then IFS= read -r s </proc/$$/stat; s=${s##*) }; set -- $s; s=$4; \
    else s=$(ps -o sid= -p $$); fi; \
    case $y in terminal) exec </dev/tty;; merged) ;; *) printf '%s %s\\n' \"$m\" \"$s\" >&2;; esac; \
    printf '%s %s\\n' \"$m\" \"$s\"; unset m s y; \
    if [ \"$t\" != 0 ] && command -v timeout >/dev/null 2>&1 && \
    { [ ! -x /bin/busybox ] || timeout -k 1 1 true </dev/null >/dev/null 2>&1; }; \
    then exec timeout -k 5 \"$t\" /bin/sh -c \"$c\"; fi; exec /bin/sh -c \"$c\"";

/// [`WITH_PASSWORD`] on a terminal: the password comes as a line of it and goes on through a pipe,
/// which ends behind it, so that a wrong one is tried once.
const WITH_PASSWORD_ON_TERMINAL: &str = "IFS= read -r p; \
    if sudo -n true </dev/null >/dev/null 2>&1; then unset p; exec sudo -n -- \"$@\"; fi; \
    printf '%s\\n' \"$p\" | sudo -S -- \"$@\"";

/// How long the far machine waits beyond the limit before it ends a command by itself: it is asked
/// to end from here first.
const GRACE: Duration = Duration::from_secs(15);

/// A command and its mark.
#[derive(Debug)]
pub(crate) struct Wrap<'a> {
    pub(crate) command: &'a Command,
    /// The password that sudo asks for, where the command has none of its own.
    pub(crate) password: Option<&'a Secret>,
    /// A word that nothing else prints.
    pub(crate) mark: &'a str,
    /// When the far machine ends it by itself; `None`: never.
    pub(crate) limit: Option<Duration>,
    pub(crate) pty: bool,
    /// Whether both streams come as one, with one mark.
    pub(crate) merged: bool,
}

impl Wrap<'_> {
    /// What is run and handed on as it comes.
    pub(crate) fn streamed(&self, connect_by: tokio::time::Instant) -> Streamed {
        let mut streamed = Streamed::new(format!("exec {}", self.words()), connect_by);
        streamed.input = Input(self.input());
        streamed.pty = self.pty;
        streamed
    }

    /// All of standard input.
    pub(crate) fn input(&self) -> Vec<u8> {
        script::input(self.command, self.password)
    }

    /// Whether a password stands first on standard input.
    pub(crate) fn asks(&self) -> bool {
        script::password(self.command, self.password).is_some()
    }

    /// Whether the mark is printed behind sudo: without it, sudo refused.
    pub(crate) const fn marks_behind_sudo(&self) -> bool {
        !matches!(self.command.sudo, Sudo::No) && !self.names_its_program()
    }

    /// An argument vector is run by sudo itself, so that a sudoers rule can name just that.
    const fn names_its_program(&self) -> bool {
        matches!(self.command.line, CommandLine::Argv(_))
    }

    /// One simple command, as words for a shell.
    pub(crate) fn words(&self) -> String {
        let limit = self.limit.map_or(0, |limit| limit.saturating_add(GRACE).as_secs().max(1));
        let limit = limit.to_string();
        let tty = match (self.pty, self.merged) {
            (true, _) => "terminal",
            (false, true) => "merged",
            (false, false) => "",
        };
        let begin =
            |text: &str| words(["/bin/sh", "-c", BEGIN, "sh", self.mark, &limit, text, tty]);
        match (&self.command.line, &self.command.sudo) {
            (_, Sudo::No) => begin(&script::body(self.command)),
            (CommandLine::Argv(argv), _) => {
                let run = script::argv_as_root(self.command, argv, self.asks());
                begin(&script::as_root(&run, self.asks()))
            }
            (CommandLine::Shell(_), _) => {
                let run = begin(&script::body(self.command));
                match (self.asks(), self.pty) {
                    (false, _) => format!("sudo -n -- {run}"),
                    (true, false) => format!("/bin/sh -c {} sh {run}", quote(WITH_PASSWORD)),
                    (true, true) => {
                        format!("/bin/sh -c {} sh {run}", quote(WITH_PASSWORD_ON_TERMINAL))
                    }
                }
            }
        }
    }
}

/// Asks all processes of session `$1` to end, makes them after a while, and says whether they are
/// gone.
const END: &str = "s=$1; \
    each() { if [ -r /proc/$$/stat ]; then for f in /proc/[0-9]*/stat; do \
    IFS= read -r l <\"$f\" || continue; p=${f#/proc/}; l=${l##*) }; set -- $l; \
    case \"$1$4\" in Z*|X*) ;; *) [ \"$4\" = \"$s\" ] && echo \"${p%/stat}\";; esac; done 2>/dev/null; \
    else ps -A -o pid= -o sid= -o stat= | while read -r p q z; do \
    case \"$z\" in Z*) ;; *) [ \"$q\" = \"$s\" ] && echo \"$p\";; esac; done; fi; }; \
    wait_gone() { n=$1; while [ \"$n\" -gt 0 ]; do [ -z \"$(each)\" ] && { echo gone; exit 0; }; \
    sleep 0.2 2>/dev/null || { sleep 1; n=$((n-4)); }; n=$((n-1)); done; }; \
    kill -s TERM $(each) 2>/dev/null; wait_gone 15; \
    kill -s KILL $(each) 2>/dev/null; wait_gone 15; echo alive";

/// What ends a session, as root if the command was. It prints `gone` or `alive`.
pub(crate) fn end_session(command: &Command, session: u32) -> Command {
    let mut end = Command::shell(words(["/bin/sh", "-c", END, "sh", &session.to_string()]));
    end.sudo = command.sudo.clone();
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_in_the_line() {
        for (line, pty) in [("id", false), ("id", true)] {
            let mut command = Command::shell(line);
            command.sudo = Sudo::Passwordless;
            let secret = Secret::new("canary-1".to_owned());
            let wrap = Wrap {
                command: &command,
                password: Some(&secret),
                mark: "m",
                limit: None,
                pty,
                merged: false,
            };
            let streamed = wrap.streamed(tokio::time::Instant::now());
            assert!(!streamed.line.contains("canary"), "{}", streamed.line);
            assert!(streamed.input.0.starts_with(b"canary-1\n"));
            assert!(!format!("{streamed:?}").contains("canary"));
        }
    }
}
