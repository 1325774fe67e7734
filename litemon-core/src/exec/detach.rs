//! Runs that go on by themselves on a far machine: in a session of their own, with output and exit
//! status in a private folder whose name only we know.

use super::{Command, script::words, wrap::Wrap};

/// Makes the folder for the mark `$1`, and starts the runner `$4` of the line `$3` in a session of
/// its own. With `$2`, a password waits on standard input for sudo. A folder that is there already
/// is never used: nothing is started twice.
const START: &str = "n=$1 a=$2 c=$3 r=$4; umask 077; \
    d=/var/tmp/litemon-$n; [ ! -e \"$d\" ] && [ ! -e \"$HOME/.litemon-$n\" ] || exit 73; \
    mkdir \"$d\" 2>/dev/null || { d=$HOME/.litemon-$n; mkdir \"$d\" || exit 73; }; \
    w=setsid; command -v setsid >/dev/null 2>&1 || w=nohup; \
    if [ -n \"$a\" ]; then IFS= read -r p; \
    printf '%s\\n' \"$p\" | $w /bin/sh -c \"$r\" sh \"$d\" \"$c\" >/dev/null 2>&1 & \
    else $w /bin/sh -c \"$r\" sh \"$d\" \"$c\" </dev/null >/dev/null 2>&1 & fi; \
    i=0; while [ \"$i\" -lt 50 ] && [ ! -s \"$d/id\" ]; do \
    sleep 0.1 2>/dev/null || sleep 1; i=$((i+1)); done; [ -s \"$d/id\" ]";

/// When a process began, which tells it from a later one of its number; nothing of one that ended and
/// that nobody asked for its status.
const BEGAN: &str = "i() { IFS= read -r s </proc/$1/stat || return; s=${s##*) }; \
    set -- $s; [ \"$1\" != Z ] && echo \"${20}\"; }; ";

/// Says who it is, and keeps what the line puts out, up to 64 MiB, and how it ended. `dd` hands on
/// what it reads at once, which `head` does not.
const RUNNER: &str = "d=$1 c=$2; printf '%s %s\\n' $$ \"$(i $$ 2>/dev/null)\" >\"$d/id.new\"; \
    mv \"$d/id.new\" \"$d/id\"; \
    { /bin/sh -c \"exec $c\"; echo $? >\"$d/status.new\"; mv \"$d/status.new\" \"$d/status\"; } 2>&1 | \
    { dd bs=1024 count=65536 2>/dev/null; cat >/dev/null; } >\"$d/out\"";

/// Says how the run of mark `$1` is going, and what it put out from byte `$2` on.
const LOOK: &str = "n=$1 f=$2; d=/var/tmp/litemon-$n; [ -d \"$d\" ] || d=$HOME/.litemon-$n; \
    [ -d \"$d\" ] || { echo \"$n nowhere 0\"; exit 0; }; \
    lives() { p= t=; [ -r \"$d/id\" ] && read -r p t <\"$d/id\"; [ -n \"$p\" ] || return 1; \
    if [ -n \"$t\" ]; then [ \"$(i \"$p\" 2>/dev/null)\" = \"$t\" ]; else kill -0 \"$p\" 2>/dev/null; fi; }; \
    if [ ! -s \"$d/status\" ] && lives; then echo \"$n running 0\"; \
    elif [ -s \"$d/status\" ]; then echo \"$n ended $(cat \"$d/status\")\"; \
    else echo \"$n lost 0\"; fi; \
    tail -c \"+$((f+1))\" \"$d/out\" 2>/dev/null | head -c 49152";

/// Removes what the run of mark `$1` left.
const CLEAN: &str = "rm -rf \"/var/tmp/litemon-$1\" \"$HOME/.litemon-$1\"";

/// A command that is to go on by itself.
#[derive(Debug)]
pub(crate) struct Detach<'a>(pub(crate) &'a Wrap<'a>);

impl Detach<'_> {
    /// What starts it, and ends at once.
    pub(crate) fn command(&self) -> Command {
        let wrap = self.0;
        let asks = if wrap.asks() { "asks" } else { "" };
        let runner = format!("{BEGAN}{RUNNER}");
        let line = wrap.words();
        let start = ["/bin/sh", "-c", START, "sh", wrap.mark, asks, &line, &runner];
        let mut command = Command::shell(words(start));
        command.stdin = wrap.input();
        command
    }
}

/// How a detached run is going.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// It runs, and put out these bytes.
    Running(Vec<u8>),
    /// It ended with this status, as a shell tells it.
    Ended(i32, Vec<u8>),
    /// It runs no more, and did not say how it ended.
    Lost(Vec<u8>),
    /// It was never there, or what it left was removed.
    Nowhere,
}

impl Look {
    /// What looks at the run of a mark, from a byte of its output on.
    pub(crate) fn command(mark: &str, from: u64) -> Command {
        let script = format!("{BEGAN}{LOOK}");
        Command::shell(words(["/bin/sh", "-c", &script, "sh", mark, &from.to_string()]))
    }

    /// What removes the traces of the run of a mark.
    pub(crate) fn clean(mark: &str) -> Command {
        Command::shell(words(["/bin/sh", "-c", CLEAN, "sh", mark]))
    }

    /// What the look of a mark said. A login shell may have said something before.
    pub(crate) fn parse(mark: &str, said: &[u8]) -> Option<Self> {
        let at = said.windows(mark.len()).position(|part| part == mark.as_bytes())?;
        let rest = said.get(at + mark.len()..)?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let bytes = rest.get(end + 1..)?.to_vec();
        let mut words = std::str::from_utf8(rest.get(..end)?).ok()?.split_whitespace();
        match (words.next()?, words.next()?.parse().ok()?) {
            ("running", _) => Some(Self::Running(bytes)),
            ("ended", status) => Some(Self::Ended(status, bytes)),
            ("lost", _) => Some(Self::Lost(bytes)),
            ("nowhere", _) => Some(Self::Nowhere),
            _ => None,
        }
    }

    /// Output.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Running(bytes) | Self::Ended(_, bytes) | Self::Lost(bytes) => bytes,
            Self::Nowhere => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_read_behind_what_a_shell_says() {
        for (said, look) in [
            ("hello\nm running 0\nout", Some(Look::Running(b"out".to_vec()))),
            ("m ended 100\n", Some(Look::Ended(100, Vec::new()))),
            ("m lost 0\nx", Some(Look::Lost(b"x".to_vec()))),
            ("m nowhere 0\n", Some(Look::Nowhere)),
            ("m ended\n", None),
            ("m running 0", None),
            ("", None),
        ] {
            assert_eq!(Look::parse("m", said.as_bytes()), look, "{said:?}");
        }
    }
}
