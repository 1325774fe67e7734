//! One connection: what is typed is echoed, edited and handed to the script line by line.

use std::{io, net::Shutdown, sync::Arc, time::Duration};

use russh::{
    Channel, ChannelId, Disconnect,
    server::{Auth, ChannelOpenHandle, Config, Handle, Handler, Msg, Session},
};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::{
    Kind, PASSWORD, Shared, Trait,
    script::{Answer, Mode, Script},
};

/// Lines of a page.
const PAGE: usize = 24;

/// Until it is closed, or the device restarts: that cuts it as a fault of the network would.
pub(super) async fn session(
    stream: TcpStream,
    config: Arc<Config>,
    shared: Arc<Shared>,
    up: CancellationToken,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let socket = stream.try_clone()?;
    let stream = TcpStream::from_std(stream)?;
    let guest = Guest { shared: Arc::clone(&shared), terminal: None };
    shared.state().connections += 1;
    let serve = async {
        if let Ok(running) = russh::server::run_stream(config, stream, guest).await {
            let _ = running.await;
        }
    };
    tokio::pin!(serve);
    tokio::select! {
        () = &mut serve => {}
        () = up.cancelled() => {
            // Nothing is left to be said over it, whatever the library still waits for.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
    shared.state().connections -= 1;
    Ok(())
}

struct Guest {
    shared: Arc<Shared>,
    terminal: Option<Terminal>,
}

struct Terminal {
    script: Script,
    line: String,
    /// Pages that wait for a key.
    waiting: Vec<String>,
}

impl Handler for Guest {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        self.shared.state().users.push(user.to_owned());
        Ok(if password == PASSWORD { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)?;
        let mut script = Script::new(Arc::clone(&self.shared), "");
        if let Answer::Lines(lines) = script.line(&String::from_utf8_lossy(command)) {
            session.data(channel, lines.join("\r\n").into_bytes())?;
        }
        session.close(channel)?;
        // IOS ends the connection with its first command.
        if self.shared.kind == Kind::Ios {
            session.disconnect(Disconnect::ByApplication, "", "en")?;
        }
        Ok(())
    }

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)?;
        if self.shared.has(Trait::Mute) {
            return Ok(());
        }
        if self.shared.has(Trait::Babble) {
            tokio::spawn(flood(session.handle(), channel));
            return Ok(());
        }
        let user = self.shared.state().users.last().cloned().unwrap_or_default();
        let script = Script::new(Arc::clone(&self.shared), &user);
        let greeting = script.greeting();
        self.terminal = Some(Terminal { script, line: String::new(), waiting: Vec::new() });
        session.data(channel, greeting.into_bytes())
    }

    async fn data(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some(terminal) = &mut self.terminal else { return Ok(()) };
        for byte in data {
            match terminal.key(*byte) {
                Did::Wrote(text) => session.data(channel, text.into_bytes())?,
                Did::Floods => drop(tokio::spawn(flood(session.handle(), channel))),
                Did::Drips => drop(tokio::spawn(drip(session.handle(), channel))),
                Did::Hangs => {}
                Did::Closes => {
                    session.close(channel)?;
                    session.disconnect(Disconnect::ByApplication, "", "en")?;
                }
            }
        }
        Ok(())
    }
}

enum Did {
    Wrote(String),
    Floods,
    Drips,
    Hangs,
    Closes,
}

impl Terminal {
    fn key(&mut self, byte: u8) -> Did {
        if !self.waiting.is_empty() {
            let erase = format!("{0}{1}{0}", "\u{8}".repeat(10), " ".repeat(10));
            return Did::Wrote(erase + &self.page());
        }
        // One key answers.
        let asks_key = matches!(self.script.mode, Mode::Sure | Mode::ShutSure);
        match byte {
            b'\r' => {}
            _ if self.script.mode == Mode::Password => {
                self.line.push(char::from(byte));
                return Did::Wrote(String::new());
            }
            _ => {
                self.line.push(char::from(byte));
                if !asks_key {
                    return Did::Wrote(char::from(byte).to_string());
                }
            }
        }
        let line = std::mem::take(&mut self.line);
        match self.script.line(&line) {
            Answer::Lines(lines) => {
                self.waiting = lines;
                Did::Wrote(format!("\r\n{}", self.page()))
            }
            Answer::Asks(question) => Did::Wrote(format!("\r\n{question}")),
            Answer::Floods => Did::Floods,
            Answer::Drips => Did::Drips,
            Answer::Hangs => Did::Hangs,
            Answer::Closes => Did::Closes,
        }
    }

    /// As much as fits, and the prompt or the pager behind it.
    fn page(&mut self) -> String {
        let fits = if self.script.paged { PAGE } else { usize::MAX };
        let rest = self.waiting.split_off(self.waiting.len().min(fits));
        let mut text: String =
            std::mem::replace(&mut self.waiting, rest).iter().map(|l| format!("{l}\r\n")).collect();
        text.push_str(&if self.waiting.is_empty() {
            self.script.prompt()
        } else {
            " --More-- ".to_owned()
        });
        text
    }
}

async fn flood(session: Handle, channel: ChannelId) {
    while session.data(channel, vec![b'x'; 8192]).await.is_ok() {}
}

async fn drip(session: Handle, channel: ChannelId) {
    while session.data(channel, &b"."[..]).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
