//! A conversation with a broker. It owns its stream and starts nothing: dropping it ends it.

use std::{io, time::Duration};

use stomp_rs::protocol::{ClientCommand, ServerCommand};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::Instant,
};

use super::{
    StompSettings,
    frame::{Decoder, Malformed, Received, encode},
    trips::Trips,
};
use crate::{
    model::{Failure, FailureKind, one_line},
    net,
};

/// How much is read at once.
const CHUNK: usize = 4096;
/// Of what a broker says is wrong, each of its two texts.
const LONGEST_TEXT: usize = 120;

/// The longest pause before another's message is put back, in milliseconds.
const MOST_PAUSE: u64 = 20;

/// A conversation. No `Debug`: what was read may be anybody's.
pub(super) struct Session<S> {
    stream: S,
    decoder: Decoder,
    /// When something was last read.
    heard: Instant,
    /// Whether the broker knows escapes: since STOMP 1.1.
    escape: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Logs in. The caller sets the deadline.
    pub(super) async fn login(stream: S, settings: &StompSettings) -> Result<Self, Failure> {
        let decoder = Decoder::default();
        let mut session = Self { stream, decoder, heard: Instant::now(), escape: false };
        let mut headers = vec![
            ("accept-version", "1.0,1.1,1.2"),
            ("host", settings.vhost.as_str()),
            ("heart-beat", "0,0"),
        ];
        headers.extend(settings.login.as_ref().map(|login| ("login", login.as_str())));
        headers.extend(settings.passcode.as_ref().map(|code| ("passcode", code.expose())));
        session.write(ClientCommand::Connect, &headers, "").await?;
        let frame = session.next().await?;
        match frame.command {
            ServerCommand::Connected => {}
            ServerCommand::Error => return Err(refusal(&frame, FailureKind::Auth, settings)),
            _ => return Err(Failure::new(FailureKind::Protocol, "something else than CONNECTED")),
        }
        session.escape = frame.headers.get("version").is_some_and(|version| version != "1.0");
        if !session.escape {
            session.decoder.without_escapes();
        }
        Ok(session)
    }

    /// Subscribes to the destination, and waits until that is so. Messages that come meanwhile are
    /// told to `trips`.
    pub(super) async fn subscribe(
        &mut self,
        settings: &StompSettings,
        trips: &Trips,
    ) -> Result<(), Failure> {
        let receipt = "subscribed";
        let headers = [
            ("id", "1"),
            ("destination", settings.destination.as_str()),
            ("ack", "auto"),
            ("receipt", receipt),
        ];
        self.write(ClientCommand::Subscribe, &headers, "").await?;
        loop {
            let frame = self.next().await?;
            let of_it = || frame.headers.get("receipt-id").is_some_and(|id| id == receipt);
            match frame.command {
                ServerCommand::Receipt if of_it() => return Ok(()),
                ServerCommand::Message => {
                    let other = trips.came(&frame.body, self.heard);
                    self.put_back(&settings.destination, other).await?;
                }
                ServerCommand::Error => {
                    return Err(refusal(&frame, FailureKind::Protocol, settings));
                }
                _ => {}
            }
        }
    }

    /// Sends a message. No receipt is asked for: that costs 42 ms on ActiveMQ.
    pub(super) async fn send(&mut self, destination: &str, body: &str) -> Result<(), Failure> {
        self.write(ClientCommand::Send, &[("destination", destination)], body).await
    }

    /// What comes from a queue is gone for the others that read it, so another litemon's message goes
    /// back. A topic gives each its own.
    pub(super) async fn put_back(
        &mut self,
        destination: &str,
        message: Option<String>,
    ) -> Result<(), Failure> {
        let shared = ["/queue/", "/amq/queue/"].iter().any(|start| destination.starts_with(start));
        match message.filter(|_| shared) {
            Some(message) => {
                // Two that put back in step what is the other's could do so for ever.
                let pause = Duration::from_millis(rand::random_range(0..=MOST_PAUSE));
                tokio::time::sleep(pause).await;
                self.send(destination, &message).await
            }
            None => Ok(()),
        }
    }

    /// The next frame.
    ///
    /// Cancel safety: nothing is lost when it is dropped.
    pub(super) async fn next(&mut self) -> Result<Received, Failure> {
        loop {
            if let Some(frame) = self.decoder.next().map_err(malformed)? {
                return Ok(frame);
            }
            let mut chunk = [0; CHUNK];
            let read = self.stream.read(&mut chunk).await.map_err(|error| broken(&error))?;
            self.heard = Instant::now();
            match chunk.get(..read) {
                None | Some([]) => return Err(net::dropped()),
                Some(bytes) => self.decoder.push(bytes),
            }
        }
    }

    /// When the bytes of the last frame came.
    pub(super) const fn heard(&self) -> Instant {
        self.heard
    }

    /// Takes leave, so that the broker gives this consumer nothing more.
    pub(super) async fn leave(mut self) {
        let receipt = "left";
        if self.write(ClientCommand::Disconnect, &[("receipt", receipt)], "").await.is_err() {
            return;
        }
        while let Ok(frame) = self.next().await {
            if frame.headers.get("receipt-id").is_some_and(|id| id == receipt) {
                break;
            }
        }
        let _ = self.stream.shutdown().await;
    }

    async fn write(
        &mut self,
        command: ClientCommand,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<(), Failure> {
        let bytes = encode(command, headers, body, self.escape);
        let written = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        written.await.map_err(|error| broken(&error))
    }
}

fn broken(error: &io::Error) -> Failure {
    net::from_io(error, Duration::ZERO)
}

fn malformed(error: Malformed) -> Failure {
    Failure::new(FailureKind::Protocol, error.to_string())
}

/// `ERROR Bad CONNECT: Access refused for user 'guest'`: the header and the first line of the body.
pub(super) fn refusal(frame: &Received, kind: FailureKind, settings: &StompSettings) -> Failure {
    let header = frame.headers.get("message").map(String::as_str).unwrap_or_default();
    let header = one_line(header, LONGEST_TEXT);
    let body = one_line(&frame.body, LONGEST_TEXT);
    let line = match (header.as_str(), body.as_str()) {
        (header, body) if body.is_empty() || body.contains(header) && !header.is_empty() => {
            format!("ERROR {}", if body.is_empty() { header } else { body })
        }
        ("", body) => format!("ERROR {body}"),
        (header, body) => format!("ERROR {header}: {body}"),
    };
    Failure::new(kind, without_passcode(line.trim_end(), settings))
}

/// A broker that repeats the password is not believed to have meant it.
fn without_passcode(line: &str, settings: &StompSettings) -> String {
    match settings.passcode.as_ref().map(|passcode| passcode.expose()) {
        // The usual login is its own password, and in every such message.
        Some(code) if !code.is_empty() && settings.login.as_deref() != Some(code) => {
            line.replace(code, "***")
        }
        _ => line.to_owned(),
    }
}
