//! One command on one channel.

use std::{convert::Infallible, sync::Arc, time::Duration};

use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig, client::Msg};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout, timeout_at},
};

use super::{fault, session::Session};
use crate::{
    exec::{Exit, Output, script::seconds},
    model::{Failure, FailureKind},
};

/// How long more may come behind the exit status (a child in the background holds the channel).
pub(super) const QUIET: Duration = Duration::from_millis(500);
/// How many times the output limit is read and thrown away before the channel is closed.
pub(super) const PATIENCE: usize = 16;

/// What is to be run, in the far shell's words.
pub(super) struct Order {
    pub(super) line: String,
    pub(super) input: Vec<u8>,
    pub(super) limit: usize,
    pub(super) deadline: Instant,
}

/// Runs it. The channel is closed whatever happens, also when the future is dropped.
pub(super) async fn run(
    session: &Arc<Session>,
    channel: Channel<Msg>,
    permit: OwnedSemaphorePermit,
    order: Order,
) -> Result<Output, Failure> {
    let begun = Instant::now();
    let deadline = order.deadline;
    let (mut read, write) = channel.split();
    let closer = Closer(Some((write, permit)), session.clone());
    let mut heard = Heard::new(order.limit);
    let work = async {
        let write = closer.write().ok_or_else(fault::dropped)?;
        write.exec(true, order.line).await.map_err(|_| fault::dropped())?;
        tokio::select! {
            ended = heard.listen(&mut read) => ended,
            never = feed(write, order.input) => match never {},
        }
    };
    let ended = timeout_at(deadline, work).await.unwrap_or_else(|_| {
        let line = format!("not done in {}", seconds(begun.elapsed()));
        Err(Failure::new(FailureKind::Timeout, line))
    });
    if heard.closed {
        closer.closed();
    } else {
        closer.close().await;
    }
    ended.and_then(|()| heard.output())
}

/// Closes a channel that nothing ran on.
pub(super) async fn close(
    session: &Arc<Session>,
    channel: Channel<Msg>,
    permit: OwnedSemaphorePermit,
) {
    let (_, write) = channel.split();
    Closer(Some((write, permit)), session.clone()).close().await;
}

/// Writes the input and its end, then waits for ever: the reader decides when it is over.
async fn feed(write: &ChannelWriteHalf<Msg>, input: Vec<u8>) -> Infallible {
    // A command that ends without reading its input is none of our business.
    if input.is_empty() || write.data_bytes(input).await.is_ok() {
        let _ = write.eof().await;
    }
    std::future::pending().await
}

/// What came back so far.
struct Heard {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    limit: usize,
    total: usize,
    truncated: bool,
    exit: Option<Exit>,
    /// The server said that nothing more comes.
    ended: bool,
    /// The server closed the channel.
    closed: bool,
}

impl Heard {
    const fn new(limit: usize) -> Self {
        Self {
            stdout: Vec::new(),
            stderr: Vec::new(),
            limit,
            total: 0,
            truncated: false,
            exit: None,
            ended: false,
            closed: false,
        }
    }

    async fn listen(&mut self, read: &mut ChannelReadHalf) -> Result<(), Failure> {
        while !self.closed {
            let message = if self.exit.is_some() {
                timeout(QUIET, read.wait()).await.unwrap_or(None)
            } else {
                read.wait().await
            };
            match message {
                Some(message) => self.take(message)?,
                None => break,
            }
        }
        Ok(())
    }

    fn take(&mut self, message: ChannelMsg) -> Result<(), Failure> {
        match message {
            ChannelMsg::Data { data } => self.keep(&data, false)?,
            ChannelMsg::ExtendedData { data, ext: 1 } => self.keep(&data, true)?,
            ChannelMsg::ExitStatus { exit_status } => {
                self.exit = Some(Exit::Status(exit_status.cast_signed()));
            }
            ChannelMsg::ExitSignal { signal_name, .. } => {
                self.exit = Some(Exit::Signal(name(&signal_name)));
            }
            ChannelMsg::Failure => {
                let line = "the server refuses to run commands";
                return Err(Failure::new(FailureKind::Protocol, line));
            }
            ChannelMsg::Eof => self.ended = true,
            ChannelMsg::Close => self.closed = true,
            _ => {}
        }
        Ok(())
    }

    fn keep(&mut self, data: &[u8], error: bool) -> Result<(), Failure> {
        let stream = if error { &mut self.stderr } else { &mut self.stdout };
        let room = self.limit.saturating_sub(stream.len());
        stream.extend(data.iter().take(room));
        self.truncated |= data.len() > room;
        self.total = self.total.saturating_add(data.len());
        let most = self.limit.saturating_mul(PATIENCE);
        if self.total <= most.max(self.limit) {
            return Ok(());
        }
        let line = format!("more than {} KiB of output", most / 1024);
        Err(Failure::new(FailureKind::Output, line))
    }

    fn output(self) -> Result<Output, Failure> {
        let exit = match self.exit {
            Some(exit) => exit,
            None if self.ended || self.closed => Exit::Unsaid,
            None => return Err(fault::dropped()),
        };
        Ok(Output::new(exit, self.stdout, self.stderr, self.truncated))
    }
}

pub(super) fn name(signal: &Sig) -> String {
    match signal {
        Sig::Custom(name) => crate::model::one_line(name, 32),
        known => format!("{known:?}"),
    }
}

/// Closes the channel, since a dropped one stays open on the server; its place in the session is
/// free once that is said.
pub(super) struct Closer(Option<(ChannelWriteHalf<Msg>, OwnedSemaphorePermit)>, Arc<Session>);

impl Closer {
    pub(super) const fn new(
        write: ChannelWriteHalf<Msg>,
        permit: OwnedSemaphorePermit,
        session: Arc<Session>,
    ) -> Self {
        Self(Some((write, permit)), session)
    }

    pub(super) fn write(&self) -> Option<&ChannelWriteHalf<Msg>> {
        self.0.as_ref().map(|(write, _)| write)
    }

    /// The server closed it: nothing is to be said.
    pub(super) fn closed(mut self) {
        self.0 = None;
    }

    pub(super) async fn close(mut self) {
        if let Some((write, _permit)) = &self.0 {
            self.1.forsake();
            // The session's queue may be stuck behind a server that reads nothing.
            let _ = timeout(Duration::from_millis(50), write.close()).await;
        }
        self.0 = None;
    }
}

impl Drop for Closer {
    fn drop(&mut self) {
        let (Some((write, permit)), Ok(runtime)) =
            (self.0.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        self.1.forsake();
        // The task ends with the connection, which is its owner.
        let token = self.1.token().clone();
        runtime.spawn(token.run_until_cancelled_owned(async move {
            let _ = write.close().await;
            drop(permit);
        }));
    }
}
