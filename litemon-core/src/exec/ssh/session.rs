//! One verified, logged-in connection.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use russh::{
    Channel, Preferred,
    client::{self, Handle, Msg},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
    time::{Instant, timeout_at},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    auth::{self, Keyring},
    fault::{self, Fault},
    guard::Guard,
    hostkey::{self, End, Ended, Verifier},
    known::Trust,
    legacy,
    look::Look,
};
use crate::{
    clock::Clock,
    exec::SshTarget,
    measures::Measures,
    model::{Failure, FailureKind},
    net,
};

/// How many channels may be closed from here before the server does, on one connection. The SSH
/// library forgets those only with the connection, at 3 KB each.
const MAX_FORSAKEN: usize = 64;

/// What sessions of one target have in common.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) target: SshTarget,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ring: Arc<Keyring>,
    pub(super) open: Arc<AtomicUsize>,
    pub(super) measures: Arc<Measures>,
}

impl Common {
    pub(super) fn new(target: SshTarget, clock: Arc<dyn Clock>) -> Self {
        Self {
            target,
            clock,
            ring: Arc::default(),
            open: Arc::new(AtomicUsize::new(0)),
            measures: Arc::default(),
        }
    }
}

/// A connection that is verified and logged in. Dropping it closes it.
pub(super) struct Session {
    handle: Handle<Verifier>,
    end: End,
    /// Room for commands.
    pub(super) slots: Arc<Semaphore>,
    /// When the login was done.
    pub(super) born: Instant,
    /// The opening of a channel was given up: the server may have opened it nevertheless, so this
    /// connection takes no new commands.
    spoiled: AtomicBool,
    /// It gave a channel before.
    gave: AtomicBool,
    /// Channels that were closed from here first.
    forsaken: AtomicUsize,
    token: CancellationToken,
    _close: DropGuard,
    /// The connection this one goes through; dropped after it.
    _via: Option<Box<Session>>,
    _counted: Counted,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("closed", &self.closed()).finish_non_exhaustive()
    }
}

/// One of the connections that are open.
struct Counted(Arc<AtomicUsize>, Arc<Measures>);

impl Counted {
    fn new(common: &Common) -> Self {
        common.open.fetch_add(1, Ordering::Relaxed);
        common.measures.opening();
        Self(common.open.clone(), common.measures.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
        self.1.closed();
    }
}

/// Spoils the connection unless the server's answer was waited for.
struct Opening<'a> {
    spoiled: &'a AtomicBool,
    given_up: bool,
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        if self.given_up {
            self.spoiled.store(true, Ordering::Relaxed);
        }
    }
}

impl Session {
    /// Connects, verifies, logs in. Dropping the future closes what was opened.
    pub(super) async fn open(common: &Common, deadline: Instant) -> Result<Self, Failure> {
        Self::open_target(common, &common.target, None, deadline).await
    }

    /// Connects as far as it takes to see the host key. It never logs in: what it gives is why there
    /// is no connection, which the caller puts aside once the key was seen.
    pub(super) async fn look(common: &Common, look: &Look, deadline: Instant) -> Failure {
        match Self::open_target(common, &common.target, Some(look), deadline).await {
            Err(failure) => failure,
            Ok(_) => fault::dropped(),
        }
    }

    fn open_target<'a>(
        common: &'a Common,
        target: &'a SshTarget,
        look: Option<&'a Look>,
        deadline: Instant,
    ) -> Pin<Box<dyn Future<Output = Result<Self, Failure>> + Send + 'a>> {
        Box::pin(async move {
            let begun = Instant::now();
            let work = async {
                let trust = hostkey::trust(target).await?;
                match &target.settings.jump {
                    None => {
                        let stream = net::connect(&target.host, target.port, deadline).await?;
                        Self::shake((common, target, look), trust, stream, None, deadline).await
                    }
                    Some(jump) => {
                        let via = Self::open_target(common, jump, None, deadline)
                            .await
                            .map_err(|failure| at_jump(jump, &failure))?;
                        let stream = via.tunnel(target).await?;
                        let with = (common, target, look);
                        Self::shake(with, trust, stream, Some(via), deadline).await
                    }
                }
            };
            timeout_at(deadline, work).await.unwrap_or_else(|_| Err(fault::silent(begun.elapsed())))
        })
    }

    /// The handshake and the login over a stream that is open.
    async fn shake<S>(
        (common, target, look): (&Common, &SshTarget, Option<&Look>),
        trust: Trust,
        stream: S,
        via: Option<Self>,
        deadline: Instant,
    ) -> Result<Self, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let begun = Instant::now();
        let counted = Counted::new(common);
        let guard = Guard::new(deadline);
        let close = guard.token().clone().drop_guard();
        let end = End::default();
        let config = Arc::new(config(&trust, target.settings.legacy));
        let verifier = Verifier {
            target: target.clone(),
            trust,
            clock: common.clock.clone(),
            end: end.clone(),
            look: look.cloned(),
        };
        let mut handle = client::connect_stream(config, guard.wrap(stream), verifier)
            .await
            .map_err(|error| match error {
                Fault::Ours(failure) => failure,
                Fault::Library(error) => {
                    fault::from_library(&error, &guard.greeting(), begun.elapsed())
                }
            })?;
        if let Err(failure) = auth::log_in(&mut handle, &target.settings, &common.ring).await {
            return Err(explain(failure, &end, begun.elapsed()));
        }
        guard.lift();
        Ok(Self {
            handle,
            end,
            slots: Arc::new(Semaphore::new(target.settings.max_sessions.max(1))),
            born: Instant::now(),
            spoiled: AtomicBool::new(false),
            gave: AtomicBool::new(false),
            forsaken: AtomicUsize::new(0),
            token: guard.token().clone(),
            _close: close,
            _via: via.map(Box::new),
            _counted: counted,
        })
    }

    /// Whether the connection is known to be gone, or takes no new commands.
    pub(super) fn closed(&self) -> bool {
        self.handle.is_closed() || self.token.is_cancelled() || self.spoiled.load(Ordering::Relaxed)
    }

    /// Whether it is to be replaced by a fresh login: it is older than so many times `age`, or the
    /// SSH library keeps so many times too much for it.
    pub(super) fn is_spent(&self, age: Duration, times: u8) -> bool {
        let forsaken = self.forsaken.load(Ordering::Relaxed);
        self.born.elapsed() >= age * times.into()
            || forsaken >= MAX_FORSAKEN.saturating_mul(times.into())
    }

    /// Whether it gave a channel before.
    pub(super) fn gave_channel(&self) -> bool {
        self.gave.load(Ordering::Relaxed)
    }

    /// A channel is closed from here, before the server does.
    pub(super) fn forsake(&self) {
        self.forsaken.fetch_add(1, Ordering::Relaxed);
    }

    /// The token that lives as long as the connection does.
    pub(super) const fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Opens a channel for one command.
    pub(super) async fn channel(&self, deadline: Instant) -> Result<Channel<Msg>, Failure> {
        let mut opening = Opening { spoiled: &self.spoiled, given_up: true };
        let opened = self.bounded(deadline, self.handle.channel_open_session()).await;
        opening.given_up = matches!(&opened, Err(failure) if failure.kind == FailureKind::Silent);
        self.gave.fetch_or(opened.is_ok(), Ordering::Relaxed);
        opened
    }

    /// Asks the server for a sign of life without using one of its sessions.
    pub(super) async fn ping(&self, deadline: Instant) -> Result<(), Failure> {
        let ping = async {
            self.handle.send_ping().await?;
            // The library calls it answered, too, when the connection broke meanwhile.
            if self.handle.is_closed() { Err(russh::Error::Disconnect) } else { Ok(()) }
        };
        self.bounded(deadline, ping).await
    }

    async fn bounded<T>(
        &self,
        deadline: Instant,
        work: impl Future<Output = Result<T, russh::Error>>,
    ) -> Result<T, Failure> {
        let begun = Instant::now();
        match timeout_at(deadline, work).await {
            Ok(done) => done.map_err(|error| {
                let failure = fault::from_library(&error, b"SSH", begun.elapsed());
                explain(failure, &self.end, begun.elapsed())
            }),
            Err(_) => Err(fault::silent(begun.elapsed())),
        }
    }

    /// A stream to a host behind this one.
    async fn tunnel(&self, target: &SshTarget) -> Result<russh::ChannelStream<Msg>, Failure> {
        let port = u32::from(target.port);
        let open = self.handle.channel_open_direct_tcpip(&target.host, port, "127.0.0.1", 0);
        open.await.map(Channel::into_stream).map_err(|error| behind(&error))
    }
}

fn at_jump(jump: &SshTarget, failure: &Failure) -> Failure {
    Failure::new(failure.kind, format!("jump host {}: {failure}", jump.host))
}

/// What the jump host says about the host behind it (RFC 4254, 5.1).
fn behind(error: &russh::Error) -> Failure {
    use russh::ChannelOpenFailure as Why;
    match error {
        russh::Error::ChannelOpenFailure(Why::ConnectFailed) => {
            Failure::new(FailureKind::Refused, "connection refused behind the jump host")
        }
        russh::Error::ChannelOpenFailure(Why::AdministrativelyProhibited) => {
            Failure::new(FailureKind::NoRoute, "the jump host forbids forwarding")
        }
        error => fault::from_library(error, b"SSH", Duration::ZERO),
    }
}

/// Puts the true end of the connection in the place of "it is gone".
fn explain(failure: Failure, end: &End, waited: Duration) -> Failure {
    match (failure.kind, end.get()) {
        (FailureKind::Dropped, Some(Ended::Ours(failure))) => failure,
        (FailureKind::Dropped, Some(Ended::Failed(kind))) => fault::from_io(&kind.into(), waited),
        (FailureKind::Dropped, Some(Ended::Disconnect(words)))
            if words.to_ascii_lowercase().contains("authentication failures") =>
        {
            Failure::new(FailureKind::Auth, format!("login refused ({words})"))
        }
        (FailureKind::Dropped, Some(Ended::Disconnect(words))) => {
            Failure::new(FailureKind::Dropped, format!("connection closed by the server ({words})"))
        }
        _ => failure,
    }
}

/// Small windows, since a flood is bounded by them; no Nagle delay; a sign of life every 15 s.
fn config(trust: &Trust, legacy: bool) -> client::Config {
    let key = hostkey::algorithms(trust, legacy);
    let certificates = if trust.has_authority() { key.clone() } else { Vec::new() };
    client::Config {
        window_size: 128 * 1024,
        maximum_packet_size: 16 * 1024,
        channel_buffer_size: 4,
        keepalive_interval: Some(Duration::from_secs(15)),
        keepalive_max: 2,
        nodelay: true,
        preferred: Preferred {
            key: key.into(),
            host_key_certificates: certificates.into(),
            ..if legacy { legacy::preferred() } else { Preferred::DEFAULT }
        },
        ..client::Config::default()
    }
}
