//! This machine, without SSH.

use std::{process::Stdio, time::Duration};

use async_trait::async_trait;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin},
    time::{Instant, timeout, timeout_at},
};

use super::{
    Command, CommandLine, Exec, Exit, Output, Sudo, local_stream, script,
    stream::{Sink, Streamed},
};
use crate::{
    model::{Failure, FailureKind},
    secret::Secret,
};

/// Where a command's programs are looked for, whatever the monitor's own PATH is.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How long before the deadline a command is asked to end, before it is made to.
const TERM_AHEAD: Duration = Duration::from_millis(100);
/// How long output may still come from what a command left in the background.
pub(super) const QUIET: Duration = Duration::from_millis(500);

/// This machine: commands run as the user the monitor runs as, in a process group of their own.
///
/// The environment is `PATH` (the system folders), `HOME`, `LANG=C.UTF-8` and what the command
/// sets. When the run is over, for whatever reason, all that is left of the process group is
/// killed; what is to live on has to leave it (`setsid`).
#[derive(Clone, Debug, Default)]
pub struct Local {
    sudo_password: Option<Secret>,
}

impl Local {
    /// This machine, with the password that sudo asks for here.
    #[must_use]
    pub const fn new(sudo_password: Option<Secret>) -> Self {
        Self { sudo_password }
    }

    fn prepare(&self, command: &Command, limit: Duration) -> tokio::process::Command {
        let mut process = match (&command.line, &command.sudo) {
            (CommandLine::Argv(argv), Sudo::No) => {
                let mut words = argv.iter();
                let mut process =
                    tokio::process::Command::new(words.next().map_or("", String::as_str));
                process.args(words);
                process
            }
            (CommandLine::Shell(line), Sudo::No) => shell(line),
            _ => shell(&script::line(command, self.sudo_password.as_ref(), limit)),
        };
        process
            .env_clear()
            .env("PATH", PATH)
            .env("HOME", std::env::var_os("HOME").unwrap_or_else(|| "/".into()))
            .env("LANG", "C.UTF-8")
            .envs(command.env.iter().map(|(name, value)| (name, value)))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        process
    }
}

fn shell(line: &str) -> tokio::process::Command {
    let mut process = tokio::process::Command::new("/bin/sh");
    process.arg("-c").arg(line);
    process
}

#[async_trait]
impl Exec for Local {
    async fn run(&self, command: &Command, deadline: Instant) -> Result<Output, Failure> {
        let whole = deadline.saturating_duration_since(Instant::now());
        let mut child = match self.prepare(command, whole).spawn() {
            Ok(child) => child,
            Err(error) => return not_started(command, &error),
        };
        let group = Group::of(&child);
        let input = script::input(command, self.sudo_password.as_ref());
        let ended = timeout_at(
            deadline - TERM_AHEAD.min(whole / 10),
            talk(&mut child, input, command.output_limit),
        )
        .await;
        match ended {
            Ok(output) => {
                let output = output?;
                script::refused_by_sudo(command, &output)?;
                Ok(output)
            }
            Err(_) => {
                group.signal(Signal::TERM);
                let _ = timeout_at(deadline, child.wait()).await;
                let line = format!("not done in {}", script::seconds(whole));
                Err(Failure::new(FailureKind::Timeout, line))
            }
        }
    }

    async fn stream(&self, what: &Streamed, sink: &Sink) -> Result<Exit, Failure> {
        local_stream::run(what, sink).await
    }

    fn sudo_password(&self) -> Option<&Secret> {
        self.sudo_password.as_ref()
    }

    async fn reach(&self, _deadline: Instant) -> Result<(), Failure> {
        Ok(())
    }
}

/// A program that is not there ends as a shell would say it; anything else is our own trouble.
fn not_started(command: &Command, error: &std::io::Error) -> Result<Output, Failure> {
    let status = match error.kind() {
        std::io::ErrorKind::NotFound => 127,
        std::io::ErrorKind::PermissionDenied => 126,
        _ => return Err(Failure::internal(error)),
    };
    let program = match &command.line {
        CommandLine::Argv(argv) => argv.first().map_or("", String::as_str),
        CommandLine::Shell(_) => "/bin/sh",
    };
    let line = format!("{program}: {error}").into_bytes();
    Ok(Output::new(Exit::Status(status), Vec::new(), line, false))
}

async fn talk(child: &mut Child, input: Vec<u8>, limit: usize) -> Result<Output, Failure> {
    let stdin = child.stdin.take();
    let mut stdout = Kept::new(limit);
    let mut stderr = Kept::new(limit);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let status = {
        let drain = async {
            tokio::join!(feed(stdin, input), stdout.fill(out), stderr.fill(err));
        };
        let mut drain = std::pin::pin!(drain);
        tokio::select! {
            status = child.wait() => {
                // A child of the command may hold the pipes open for ever.
                let _ = timeout(QUIET, drain).await;
                status
            }
            () = &mut drain => child.wait().await,
        }
    };
    let status = status.map_err(|error| Failure::internal(&error))?;
    let truncated = stdout.more || stderr.more;
    Ok(Output::new(exit(status), stdout.bytes, stderr.bytes, truncated))
}

async fn feed(stdin: Option<ChildStdin>, input: Vec<u8>) {
    if let Some(mut stdin) = stdin {
        // A command that does not read its input is none of our business.
        let _ = stdin.write_all(&input).await;
        let _ = stdin.shutdown().await;
    }
}

/// The head of a stream; the rest is read and thrown away, so that the writer is never stuck.
struct Kept {
    bytes: Vec<u8>,
    limit: usize,
    more: bool,
}

impl Kept {
    const fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, more: false }
    }

    async fn fill(&mut self, stream: Option<impl AsyncRead + Unpin>) {
        let Some(mut stream) = stream else { return };
        let mut chunk = [0; 8192];
        while let Ok(count @ 1..) = stream.read(&mut chunk).await {
            let room = self.limit.saturating_sub(self.bytes.len());
            self.more |= count > room;
            self.bytes.extend(chunk.iter().take(count.min(room)));
        }
    }
}

pub(super) fn exit(status: std::process::ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Status(code),
        (None, Some(number)) => Exit::Signal(signal_name(number)),
        (None, None) => Exit::Unsaid,
    }
}

fn signal_name(number: i32) -> String {
    const NAMES: [(Signal, &str); 13] = [
        (Signal::HUP, "HUP"),
        (Signal::INT, "INT"),
        (Signal::QUIT, "QUIT"),
        (Signal::ILL, "ILL"),
        (Signal::ABORT, "ABRT"),
        (Signal::BUS, "BUS"),
        (Signal::FPE, "FPE"),
        (Signal::KILL, "KILL"),
        (Signal::SEGV, "SEGV"),
        (Signal::PIPE, "PIPE"),
        (Signal::ALARM, "ALRM"),
        (Signal::TERM, "TERM"),
        (Signal::XCPU, "XCPU"),
    ];
    let known = NAMES.iter().find(|(signal, _)| signal.as_raw() == number);
    known.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
}

/// The command's process group, killed on drop.
pub(super) struct Group(Option<Pid>);

impl Group {
    pub(super) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // It may be gone already; that is what is wanted.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
