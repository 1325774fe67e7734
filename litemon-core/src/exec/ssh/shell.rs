//! An interactive shell: a terminal on a server.

use std::sync::Arc;

use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, client::Msg};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::watch,
    time::Instant,
};

use super::{
    fault,
    session::{Common, Session},
};
use crate::{
    clock::Clock,
    exec::{Exit, SshTarget},
    model::{Failure, FailureKind},
};

/// What is read from the terminal at once.
const CHUNK: usize = 4096;

/// A terminal: its kind and its size, which may change.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Terminal {
    /// As `$TERM` says.
    pub kind: String,
    /// Columns and rows.
    pub size: watch::Receiver<(u16, u16)>,
}

impl Terminal {
    /// A terminal of a kind and a size.
    #[must_use]
    pub const fn new(kind: String, size: watch::Receiver<(u16, u16)>) -> Self {
        Self { kind, size }
    }
}

/// Logs in (by `deadline`) over a connection of its own and runs the login shell in a terminal until
/// that ends. What is typed comes from `input`, as a terminal in raw mode gives it.
///
/// Cancel safety: dropping the future closes the connection, and the terminal hangs up.
///
/// # Errors
/// [`Failure`] when the server cannot be logged in to, gives no terminal, or is gone.
pub async fn shell<R, W>(
    target: &SshTarget,
    terminal: Terminal,
    clock: Arc<dyn Clock>,
    deadline: Instant,
    (input, output): (R, W),
) -> Result<Exit, Failure>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send,
{
    let common = Common::new(target.clone(), clock);
    let session = Session::open(&common, deadline).await?;
    let channel = session.channel(deadline).await?;
    begin(&channel, &terminal).await.map_err(|_| fault::dropped())?;
    let (mut read, write) = channel.split();
    tokio::select! {
        ended = show(&mut read, output) => ended,
        gone = type_in(&write, input, terminal.size) => Err(gone),
    }
}

async fn begin(channel: &Channel<Msg>, terminal: &Terminal) -> Result<(), russh::Error> {
    let (columns, rows) = *terminal.size.borrow();
    let kind = &terminal.kind;
    channel.request_pty(true, kind, columns.into(), rows.into(), 0, 0, &[]).await?;
    channel.request_shell(true).await
}

/// Sends what is typed and each new size, until the connection is gone.
async fn type_in<R: AsyncRead + Unpin>(
    write: &ChannelWriteHalf<Msg>,
    mut input: R,
    mut size: watch::Receiver<(u16, u16)>,
) -> Failure {
    let mut buffer = vec![0; CHUNK];
    let mut open = true;
    loop {
        let sent = tokio::select! {
            read = input.read(&mut buffer), if open => match read {
                Ok(n @ 1..) => write.data_bytes(buffer.get(..n).unwrap_or_default().to_vec()).await,
                _ => {
                    open = false;
                    write.eof().await
                }
            },
            changed = size.changed() => match changed {
                Ok(()) => {
                    let (columns, rows) = *size.borrow_and_update();
                    write.window_change(columns.into(), rows.into(), 0, 0).await
                }
                // Nobody changes it any more.
                Err(_) => std::future::pending().await,
            },
        };
        if sent.is_err() {
            return fault::dropped();
        }
    }
}

async fn show<W: AsyncWrite + Unpin>(
    read: &mut ChannelReadHalf,
    mut output: W,
) -> Result<Exit, Failure> {
    let mut exit = None;
    while let Some(message) = read.wait().await {
        match message {
            ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. } => {
                let done = async {
                    output.write_all(&data).await?;
                    output.flush().await
                };
                done.await.map_err(|error| Failure::internal(&error))?;
            }
            ChannelMsg::ExitStatus { exit_status } => {
                exit = Some(Exit::Status(exit_status.cast_signed()));
            }
            ChannelMsg::ExitSignal { signal_name, .. } => {
                exit = Some(Exit::Signal(format!("{signal_name:?}")));
            }
            ChannelMsg::Failure => {
                return Err(Failure::new(FailureKind::Protocol, "the server gives no terminal"));
            }
            ChannelMsg::Close => break,
            _ => {}
        }
    }
    exit.ok_or_else(fault::dropped)
}
