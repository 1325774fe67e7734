//! A command whose output is handed on as it comes.

use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Pty, client::Msg};
use tokio::time::timeout;

use super::{
    channel::{Closer, QUIET, name},
    fault,
};
use crate::{
    exec::{
        Exit,
        stream::{Heard, Sink, Streamed, tell},
    },
    model::{Failure, FailureKind},
};

/// What ends the input of a terminal that reads lines.
const END_OF_INPUT: u8 = 4;

/// Runs it to its end. There is no deadline: dropping the future closes the channel.
pub(super) async fn run(
    mut read: ChannelReadHalf,
    closer: Closer,
    what: &Streamed,
    sink: &Sink,
) -> Result<Exit, Failure> {
    let mut ending = Ending::default();
    let work = async {
        let write = closer.write().ok_or_else(fault::dropped)?;
        if what.pty {
            let modes = [(Pty::ECHO, 0)];
            let asked = write.request_pty(false, "dumb", 200, 50, 0, 0, &modes);
            asked.await.map_err(|_| fault::dropped())?;
        }
        write.exec(true, what.line.as_str()).await.map_err(|_| fault::dropped())?;
        tell(sink, Heard::Began).await?;
        tokio::select! {
            ended = listen(&mut read, sink, &mut ending) => ended,
            never = feed(write, what) => match never {},
        }
    };
    let ended = work.await;
    if ending.closed {
        closer.closed();
    } else {
        closer.close().await;
    }
    ended.and_then(|()| ending.exit())
}

async fn feed(write: &ChannelWriteHalf<Msg>, what: &Streamed) -> std::convert::Infallible {
    let mut input = what.input.0.clone();
    if what.pty {
        input.push(END_OF_INPUT);
    }
    // A command that ends without reading its input is none of our business.
    let fed = input.is_empty() || write.data_bytes(input).await.is_ok();
    if fed && !what.pty {
        let _ = write.eof().await;
    }
    std::future::pending().await
}

#[derive(Default)]
struct Ending {
    exit: Option<Exit>,
    ended: bool,
    closed: bool,
}

impl Ending {
    fn exit(self) -> Result<Exit, Failure> {
        match self.exit {
            Some(exit) => Ok(exit),
            None if self.ended || self.closed => Ok(Exit::Unsaid),
            None => Err(fault::dropped()),
        }
    }
}

async fn listen(
    read: &mut ChannelReadHalf,
    sink: &Sink,
    ending: &mut Ending,
) -> Result<(), Failure> {
    while !ending.closed {
        let message = if ending.exit.is_some() {
            // A child in the background may hold the channel for ever.
            timeout(QUIET, read.wait()).await.unwrap_or(None)
        } else {
            read.wait().await
        };
        match message {
            Some(ChannelMsg::Data { data }) => tell(sink, Heard::Out(data.to_vec())).await?,
            Some(ChannelMsg::ExtendedData { data, ext: 1 }) => {
                tell(sink, Heard::Err(data.to_vec())).await?;
            }
            Some(ChannelMsg::ExitStatus { exit_status }) => {
                ending.exit = Some(Exit::Status(exit_status.cast_signed()));
            }
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                ending.exit = Some(Exit::Signal(name(&signal_name)));
            }
            Some(ChannelMsg::Failure) => {
                let line = "the server refuses to run commands";
                return Err(Failure::new(FailureKind::Protocol, line));
            }
            Some(ChannelMsg::Eof) => ending.ended = true,
            Some(ChannelMsg::Close) => ending.closed = true,
            Some(_) => {}
            None => break,
        }
    }
    Ok(())
}
