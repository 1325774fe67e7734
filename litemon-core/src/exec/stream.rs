//! Commands whose output is wanted as it comes.

use tokio::{sync::mpsc, time::Instant};

use super::Exit;
use crate::model::{Failure, FailureKind};

/// What is to run, word for word.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Streamed {
    /// A line for the place's own shell.
    pub line: String,
    /// Bytes for its standard input, which is closed behind them. They may hold a password.
    pub input: Input,
    /// Whether it gets a terminal of its own, which does not echo.
    pub pty: bool,
    /// On a network device: whether it needs the privileged mode.
    pub privileged: bool,
    /// On a network device: whether it is told yes when it asks if it is sure.
    pub confirm: bool,
    /// When a connection has to be there.
    pub connect_by: Instant,
}

/// Bytes that are not shown when they are printed for debugging.
#[derive(Clone, Default)]
pub struct Input(pub Vec<u8>);

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Streamed {
    /// A line without input or terminal.
    #[must_use]
    pub fn new(line: impl Into<String>, connect_by: Instant) -> Self {
        Self {
            line: line.into(),
            input: Input::default(),
            pty: false,
            privileged: false,
            confirm: false,
            connect_by,
        }
    }
}

/// What is heard of a command while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heard {
    /// It was handed to the place that runs it; before this, nothing ran.
    Began,
    /// Bytes of its standard output, or of its terminal.
    Out(Vec<u8>),
    /// Bytes of its standard error.
    Err(Vec<u8>),
}

/// Where output goes. It is bounded: a command waits while it is full, so whoever holds the other
/// end has to read on.
pub type Sink = mpsc::Sender<Heard>;

/// The answer of a place that cannot hand output on as it comes.
pub(super) fn unsupported(place: &str) -> Result<Exit, Failure> {
    let line = format!("output cannot be followed here: {place}");
    Err(Failure::new(FailureKind::Internal, line))
}

/// Hands something on; a reader that went away ends the run.
pub(super) async fn tell(sink: &Sink, heard: Heard) -> Result<(), Failure> {
    let gone = |_| Failure::new(FailureKind::Internal, "nobody listens to the output any more");
    sink.send(heard).await.map_err(gone)
}
