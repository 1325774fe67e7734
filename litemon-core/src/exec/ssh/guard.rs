//! The stream guard: everything that SSH reads and writes passes through it.
//!
//! The SSH library runs a task of its own for each connection and has no time limit for the
//! handshake. The guard gives both a handle: until the login is done there is a deadline and a
//! budget of bytes; all the time there is a token, and cancelling it makes the next read and write
//! fail, so that the library's task ends and the socket is closed.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep, sleep_until},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// What a server may send before the login is done.
const BUDGET: usize = 256 * 1024;
/// How long a write may make no progress at all.
const STALL: Duration = Duration::from_secs(20);
/// How much of what a server says first is kept, to tell "busy" from "broken".
const GREETING: usize = 128;

/// The owner's end of a [`Guarded`] stream.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    token: CancellationToken,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    /// When the handshake has to be over; `None` once it is.
    until: Option<Instant>,
    left: usize,
    greeting: Vec<u8>,
}

impl Guard {
    /// For a connection whose handshake has to be over at `deadline`.
    pub(super) fn new(deadline: Instant) -> Self {
        let shared = Shared { until: Some(deadline), left: BUDGET, greeting: Vec::new() };
        Self { token: CancellationToken::new(), shared: Arc::new(Mutex::new(shared)) }
    }

    /// Puts a stream under guard.
    pub(super) fn wrap<S>(&self, inner: S) -> Guarded<S> {
        let deadline = self.with(|shared| shared.until).unwrap_or_else(Instant::now);
        Guarded {
            inner,
            guard: self.clone(),
            cancelled: Box::pin(self.token.clone().cancelled_owned()),
            late: Some(Box::pin(sleep_until(deadline))),
            stalled: None,
        }
    }

    /// The handshake is over: no deadline and no budget from here on.
    pub(super) fn lift(&self) {
        self.with(|shared| shared.until = None);
    }

    /// Ends the connection.
    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// The first bytes the server sent.
    pub(super) fn greeting(&self) -> Vec<u8> {
        self.with(|shared| shared.greeting.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Shared) -> T) -> T {
        act(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A stream under guard.
#[derive(Debug)]
pub(super) struct Guarded<S> {
    inner: S,
    guard: Guard,
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    late: Option<Pin<Box<Sleep>>>,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Guarded<S> {
    /// Fails if the stream must not be used any more; else the task is woken when that comes.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.cancelled.as_mut().poll(cx).is_ready() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if self.late.is_some() && self.guard.with(|shared| shared.until.is_none()) {
            self.late = None;
        }
        let late = self.late.as_mut().is_some_and(|late| late.as_mut().poll(cx).is_ready());
        if late { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    fn count(&self, bytes: &[u8]) -> io::Result<()> {
        if self.late.is_none() {
            return Ok(());
        }
        self.guard.with(|shared| {
            let room = GREETING.saturating_sub(shared.greeting.len());
            shared.greeting.extend(bytes.iter().take(room));
            shared.left = shared.left.checked_sub(bytes.len()).ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidData, "too many bytes before the login")
            })?;
            Ok(())
        })
    }

    /// Holds a write that does not get through against the clock.
    fn progress<T>(&mut self, cx: &mut Context<'_>, poll: Poll<T>) -> Poll<Result<T, io::Error>> {
        if let Poll::Ready(value) = poll {
            self.stalled = None;
            return Poll::Ready(Ok(value));
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALL)));
        match stalled.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        let before = buffer.filled().len();
        std::task::ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        self.count(buffer.filled().get(before..).unwrap_or_default())?;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        let poll = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.progress(cx, poll).map(|done| done.and_then(|inner| inner))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        let poll = Pin::new(&mut self.inner).poll_flush(cx);
        self.progress(cx, poll).map(|done| done.and_then(|inner| inner))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        let poll = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.progress(cx, poll).map(|done| done.and_then(|inner| inner))
    }
}
