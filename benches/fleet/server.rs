//! One simulated server: its socket, its sessions, and what was switched on it.

use std::{
    collections::BTreeSet,
    io,
    net::{Shutdown, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use russh::{
    Channel, ChannelId,
    server::{Auth, ChannelOpenHandle, Config, Handle, Handler, Msg, Session, VerifiedPublicKey},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::answer::{Answer, answer};

/// A server that listens, or has been cut.
pub(crate) struct Server {
    address: SocketAddr,
    config: Arc<Config>,
    pub(crate) switches: Switches,
    /// Dropping it ends the listener and every connection.
    up: Option<DropGuard>,
}

impl Server {
    /// One that does not listen yet.
    pub(crate) fn new(address: SocketAddr, config: Arc<Config>) -> Self {
        Self { address, config, switches: Switches::default(), up: None }
    }

    /// Takes connections from now on.
    pub(crate) async fn listen(&mut self) -> io::Result<()> {
        if self.up.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address).await?;
        let up = CancellationToken::new();
        let (config, switches) = (Arc::clone(&self.config), self.switches.clone());
        tokio::spawn(accept(listener, config, switches, up.clone()));
        self.up = Some(up.drop_guard());
        Ok(())
    }

    /// Refuses connections from now on and drops those that are open.
    pub(crate) fn cut(&mut self) {
        self.up = None;
    }
}

async fn accept(
    listener: TcpListener,
    config: Arc<Config>,
    switches: Switches,
    up: CancellationToken,
) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            () = up.cancelled() => break,
            Some(_) = sessions.join_next() => {}
            Ok((stream, _)) = listener.accept() => {
                sessions.spawn(session(stream, Arc::clone(&config), switches.clone(), up.clone()));
            }
        }
    }
    drop(listener);
    while sessions.join_next().await.is_some() {}
}

/// One connection. A cut closes the socket under the session, as a network fault would.
async fn session(
    stream: TcpStream,
    config: Arc<Config>,
    switches: Switches,
    up: CancellationToken,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let socket = stream.try_clone()?;
    let stream = TcpStream::from_std(stream)?;
    let serve = async {
        if let Ok(running) = russh::server::run_stream(config, stream, Guest { switches }).await {
            // Its end is the client's matter.
            let _ = running.await;
        }
    };
    tokio::pin!(serve);
    tokio::select! {
        () = &mut serve => return Ok(()),
        () = up.cancelled() => socket.shutdown(Shutdown::Both)?,
    }
    serve.await;
    Ok(())
}

/// What a control line changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Switches {
    // A plain mutex: it is held for a look, never over an await.
    inner: Arc<Mutex<Switched>>,
}

#[derive(Debug, Default)]
struct Switched {
    delay: Duration,
    off: BTreeSet<String>,
}

impl Switches {
    pub(crate) fn slow(&self, delay: Duration) {
        self.change(|switched| switched.delay = delay);
    }

    pub(crate) fn off(&self, word: &str) {
        self.change(|switched| switched.off.insert(word.to_owned()));
    }

    pub(crate) fn on(&self, word: &str) {
        self.change(|switched| switched.off.remove(word));
    }

    fn answer(&self, command: &str) -> (Answer, Duration) {
        self.change(|switched| (answer(command, &switched.off), switched.delay))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Switched) -> T) -> T {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The far end of one connection.
struct Guest {
    switches: Switches,
}

impl Handler for Guest {
    type Error = russh::Error;

    async fn auth_publickey(
        &mut self,
        _user: &str,
        _key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        Ok(Auth::Accept)
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
        let (answer, delay) = self.switches.answer(&String::from_utf8_lossy(command));
        if delay.is_zero() {
            return answer_now(session, channel, answer);
        }
        tokio::spawn(answer_later(session.handle(), channel, answer, delay));
        Ok(())
    }
}

fn answer_now(
    session: &mut Session,
    channel: ChannelId,
    answer: Answer,
) -> Result<(), russh::Error> {
    session.data(channel, answer.output.into_bytes())?;
    session.exit_status_request(channel, answer.exit)?;
    session.eof(channel)?;
    session.close(channel)
}

/// Ends by itself after the delay; a session that is gone by then takes nothing.
async fn answer_later(session: Handle, channel: ChannelId, answer: Answer, delay: Duration) {
    tokio::time::sleep(delay).await;
    let _ = session.data(channel, answer.output.into_bytes()).await;
    let _ = session.exit_status_request(channel, answer.exit).await;
    let _ = session.eof(channel).await;
    let _ = session.close(channel).await;
}
