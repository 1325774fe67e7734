use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    sync::Semaphore,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use crate::{gate::Peer, guard::Guarded, live::Ending, service::Dashboard, tls::Tls};

/// What a connection may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Connections at once; more wait to be accepted.
    pub connections: usize,
    /// The longest a request's head may take, and a connection may idle.
    pub header: Duration,
    /// The longest a reader may leave what it asked for unread.
    pub stall: Duration,
    /// From the shutdown to the end of the last connection.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            header: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            drain: Duration::from_secs(5),
        }
    }
}

/// The dashboard cannot listen where it should.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {}", hint(source))]
pub struct BindError {
    /// Where.
    pub address: SocketAddr,
    /// Why.
    #[source]
    pub source: io::Error,
}

fn hint(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there; end it or set another `listen` in [web]".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; set another `listen` in [web]".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "that needs more rights; set a `listen` with a port above 1023 in [web]".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Listens.
///
/// # Errors
/// [`BindError`], which says what to do, when the port is taken or the address is not this
/// machine's.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| BindError { address, source })
}

/// Put on a request that came over a socket which only the owner of the state folder can open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Local {
    /// The number of the user at its other end, where the system tells.
    pub(crate) user: Option<u32>,
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
enum Far {
    Address(IpAddr),
    Local(Local),
}

/// Where connections come from.
trait Listener: Send {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    fn next(&self) -> impl Future<Output = io::Result<(Self::Stream, Far)>> + Send;
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<(TcpStream, Far)> {
        let (stream, address) = self.accept().await?;
        // Events are small and should not wait for each other.
        let _ = stream.set_nodelay(true);
        Ok((stream, Far::Address(address.ip())))
    }
}

impl Listener for UnixListener {
    type Stream = UnixStream;

    async fn next(&self) -> io::Result<(UnixStream, Far)> {
        let (stream, _) = self.accept().await?;
        let user = stream.peer_cred().ok().map(|peer| peer.uid());
        Ok((stream, Far::Local(Local { user })))
    }
}

/// Serves the dashboard (HTTP/1.1) until `shutdown`, then ends its live streams, lets answers
/// under way finish for [`Limits::drain`], and returns.
///
/// Cancel safety: dropping the future ends every connection at once.
pub async fn serve(
    listener: TcpListener,
    dashboard: Dashboard,
    limits: Limits,
    shutdown: CancellationToken,
) {
    serve_any(listener, None, dashboard, limits, shutdown).await;
}

/// The same, encrypted. The files of the certificate are looked at every few seconds, and what
/// stands in them is shown to those who connect from then on.
///
/// Cancel safety: as [`serve()`].
pub async fn serve_tls(
    listener: TcpListener,
    tls: Tls,
    dashboard: Dashboard,
    limits: Limits,
    shutdown: CancellationToken,
) {
    let acceptor = Some(tls.acceptor());
    tokio::select! {
        () = serve_any(listener, acceptor, dashboard, limits, shutdown) => {}
        () = tls.follow() => {}
    }
}

/// The same on a socket of this machine. Whoever can open it counts as the owner of the monitor, an
/// admin by the name that the system tells of the other end: `/api/v1` tells them everything and
/// takes what they ask for, whatever the settings say of readers, and no `Host` is looked at. So its
/// file must be nobody else's (mode 0600).
///
/// Cancel safety: as [`serve()`].
pub async fn serve_local(
    listener: UnixListener,
    dashboard: Dashboard,
    limits: Limits,
    shutdown: CancellationToken,
) {
    serve_any(listener, None, dashboard, limits, shutdown).await;
}

async fn serve_any(
    listener: impl Listener,
    acceptor: Option<TlsAcceptor>,
    dashboard: Dashboard,
    limits: Limits,
    shutdown: CancellationToken,
) {
    let mut connections = JoinSet::new();
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = accept(&listener, acceptor, &dashboard, limits, &shutdown, &mut connections) => {}
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain, ended).await.is_err() {
        tracing::debug!(left = connections.len(), "connections were cut at the shutdown");
    }
    connections.shutdown().await;
}

async fn accept<L: Listener>(
    listener: &L,
    acceptor: Option<TlsAcceptor>,
    dashboard: &Dashboard,
    limits: Limits,
    shutdown: &CancellationToken,
    connections: &mut JoinSet<()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
    // The place comes first: one connection too many waits in the kernel's queue, unread.
    while let Ok(place) = places.clone().acquire_owned().await {
        while connections.try_join_next().is_some() {}
        match listener.next().await {
            Ok((stream, far)) => {
                let talk = Talk { far, dashboard: dashboard.clone(), limits };
                let (acceptor, shutdown) = (acceptor.clone(), shutdown.clone());
                connections.spawn(async move {
                    talk.begin(stream, acceptor, shutdown).await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, or a connection that was gone already: take a breath.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// What is needed to talk over one connection.
struct Talk {
    far: Far,
    dashboard: Dashboard,
    limits: Limits,
}

impl Talk {
    async fn begin(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        acceptor: Option<TlsAcceptor>,
        shutdown: CancellationToken,
    ) {
        let stream = Guarded::new(stream, self.limits.stall);
        let Some(acceptor) = acceptor else { return self.serve(stream, false, shutdown).await };
        let shaken = tokio::select! {
            shaken = tokio::time::timeout(self.limits.header, acceptor.accept(stream)) => shaken,
            () = shutdown.cancelled() => return,
        };
        match shaken {
            Ok(Ok(stream)) => self.serve(stream, true, shutdown).await,
            Ok(Err(error)) => tracing::debug!(%error, "a connection was not encrypted"),
            Err(_) => tracing::debug!("a connection was not encrypted in time"),
        }
    }

    async fn serve(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        encrypted: bool,
        shutdown: CancellationToken,
    ) {
        let ending = Ending(shutdown.clone());
        let service = service_fn(move |mut request| {
            request.extensions_mut().insert(ending.clone());
            match self.far {
                Far::Local(local) => drop(request.extensions_mut().insert(local)),
                Far::Address(address) => {
                    request.extensions_mut().insert(Peer::new(address, encrypted));
                }
            }
            self.dashboard.clone().call(request)
        });
        let mut served = std::pin::pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(self.limits.header)
                .max_buf_size(64 * 1024)
                .serve_connection(TokioIo::new(stream), service)
        );
        let result = tokio::select! {
            result = &mut served => result,
            () = shutdown.cancelled() => {
                served.as_mut().graceful_shutdown();
                served.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
