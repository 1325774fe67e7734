use crate::{model::Failure, model::FailureKind, secret::Secret};

/// What is to run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Command {
    /// A line for a shell, or words for no shell.
    pub line: CommandLine,
    /// Bytes for its standard input, which is closed behind them.
    pub stdin: Vec<u8>,
    /// Variables to set; on this machine the rest of the environment is cleared. Over SSH they are
    /// put before the command, quoted.
    pub env: Vec<(String, String)>,
    /// Whether it runs as root; on a network device, in its privileged mode.
    pub sudo: Sudo,
    /// On a network device: whether it is told yes when it asks if it is sure. No question is
    /// answered otherwise.
    pub confirm: bool,
    /// How many bytes of each output stream are kept.
    pub output_limit: usize,
}

/// A line for a shell, or words for no shell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandLine {
    /// Run by `/bin/sh -c` here, by the login shell over SSH.
    Shell(String),
    /// A program and its arguments; quoted for the far shell over SSH.
    Argv(Vec<String>),
}

/// Whether and how a command becomes root.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Sudo {
    /// It does not.
    #[default]
    No,
    /// `sudo -n`: the target asks for no password.
    Passwordless,
    /// `sudo -S`, the password on standard input, never on a command line.
    Password(Secret),
}

impl Command {
    /// 64 KiB: what is kept of each output stream unless told otherwise.
    pub const OUTPUT_LIMIT: usize = 64 * 1024;

    /// A line for a shell.
    #[must_use]
    pub fn shell(line: impl Into<String>) -> Self {
        Self::new(CommandLine::Shell(line.into()))
    }

    /// A program and its arguments.
    #[must_use]
    pub fn argv<I, S>(words: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        Self::new(CommandLine::Argv(words.into_iter().map(Into::into).collect()))
    }

    const fn new(line: CommandLine) -> Self {
        Self {
            line,
            stdin: Vec::new(),
            env: Vec::new(),
            sudo: Sudo::No,
            confirm: false,
            output_limit: Self::OUTPUT_LIMIT,
        }
    }
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// With an exit status.
    Status(i32),
    /// Killed by a signal, as `KILL`.
    Signal(String),
    /// The far side closed without saying how (network devices do).
    Unsaid,
}

/// A command that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// Standard output, as far as kept.
    pub stdout: Vec<u8>,
    /// Standard error, as far as kept.
    pub stderr: Vec<u8>,
    /// More came than was kept.
    pub truncated: bool,
    /// How it ended.
    pub exit: Exit,
}

impl Output {
    /// An output, for those who implement [`Exec`](super::Exec).
    #[must_use]
    pub const fn new(exit: Exit, stdout: Vec<u8>, stderr: Vec<u8>, truncated: bool) -> Self {
        Self { stdout, stderr, truncated, exit }
    }

    /// Whether the exit status was 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.exit == Exit::Status(0)
    }

    /// `exit 127: sh: foo: not found`: how it ended, with the first line it printed (standard error
    /// first).
    #[must_use]
    pub fn failure(&self) -> Failure {
        let how = match &self.exit {
            Exit::Status(code) => format!("exit {code}"),
            Exit::Signal(name) => format!("killed by SIG{name}"),
            Exit::Unsaid => "ended without an exit status".to_owned(),
        };
        let line = [&self.stderr, &self.stdout]
            .into_iter()
            .map(|bytes| {
                crate::model::one_line(&String::from_utf8_lossy(bytes), Failure::MAX_MESSAGE)
            })
            .find(|line| !line.is_empty());
        Failure::new(
            FailureKind::Exit,
            line.map_or_else(|| how.clone(), |line| format!("{how}: {line}")),
        )
    }
}
