//! Commands over SSH: one verified connection for each server and identity, shared by all who use
//! it. The only place that knows the SSH library.

mod auth;
mod backoff;
mod channel;
mod device;
mod dialogue;
mod fault;
mod guard;
mod hostkey;
mod known;
mod legacy;
mod look;
mod own_key;
mod session;
mod shell;
mod stream;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use rand::RngExt;
use russh::{Channel, client::Msg};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep, timeout_at},
};

#[cfg(feature = "manage")]
pub(crate) use self::known::glob;
use self::{
    backoff::Backoff,
    channel::{Closer, Order},
    device::DeviceExec,
    session::{Common, Session},
};
pub use self::{
    look::{HostKey, KeyTrust, host_key, pin_host_key},
    own_key::{own_key, public_line, vet_private_key},
    shell::{Terminal, shell},
};
use super::{
    Command, Exec, Exit, Output, SshTarget,
    device::Dialect,
    script,
    stream::{Sink, Streamed},
};
use crate::{
    clock::{Clock, SystemClock},
    measures::Measures,
    model::{Failure, FailureKind},
    secret::Secret,
};

/// How old a connection gets before [`Exec::reach`] logs in afresh. An open connection hides a
/// dead sshd, a changed host key and a withdrawn login.
const REFRESH: Duration = Duration::from_secs(4 * 60);
/// The longest a connection that stood idle is waited for before a new one is tried.
const REUSE: Duration = Duration::from_secs(2);
/// How often a server without room is asked again within one attempt.
const ASK_AGAIN: u32 = 3;

/// A server behind SSH.
///
/// The connection is opened by the first command and kept; commands run on it side by side, at
/// most [`SshSettings::max_sessions`](super::SshSettings::max_sessions) at once. A connection that
/// turns out to be dead before a command was sent is replaced within the same call; a command that
/// was sent is never sent twice. Dropping the value closes the connection.
#[derive(Debug)]
pub struct SshExec {
    common: Common,
    current: Mutex<Option<Arc<Session>>>,
    /// Held while a connection is made: whoever needs one meanwhile waits for that.
    connecting: tokio::sync::Mutex<Backoff>,
    logins: AtomicU64,
    refresh: Duration,
}

/// What an [`SshExec`] did and holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SshStats {
    /// Connections open or being opened now (through a jump host: two each).
    pub connections: usize,
    /// Logins that succeeded, ever.
    pub logins: u64,
}

pub(super) fn open(target: SshTarget, measures: &Arc<Measures>) -> Arc<dyn Exec> {
    if let Some(dialect) = Dialect::of(target.settings.device) {
        return Arc::new(DeviceExec::new(dialect, target, Arc::clone(measures)));
    }
    Arc::new(SshExec::new(target, Arc::new(SystemClock)).measured(Arc::clone(measures)))
}

/// A connection to use, and whether it was made for this very use.
struct Lease {
    session: Arc<Session>,
    fresh: bool,
}

impl SshExec {
    /// A server that was not spoken to yet. The clock tells whether host certificates are valid.
    #[must_use]
    pub fn new(target: SshTarget, clock: Arc<dyn Clock>) -> Self {
        let refresh = REFRESH.mul_f64(rand::rng().random_range(0.8..=1.2));
        Self {
            common: Common::new(target, clock),
            current: Mutex::new(None),
            connecting: tokio::sync::Mutex::default(),
            logins: AtomicU64::new(0),
            refresh,
        }
    }

    /// The same with another age at which [`Exec::reach`] logs in afresh.
    #[must_use]
    pub const fn with_refresh(mut self, age: Duration) -> Self {
        self.refresh = age;
        self
    }

    /// The same, with what it does counted there too.
    #[must_use]
    pub fn measured(mut self, measures: Arc<Measures>) -> Self {
        self.common.measures = measures;
        self
    }

    /// What it did and holds.
    #[must_use]
    pub fn stats(&self) -> SshStats {
        SshStats {
            connections: self.common.open.load(Ordering::Relaxed),
            logins: self.logins.load(Ordering::Relaxed),
        }
    }

    /// Lets the next use try at once, whatever failed before.
    pub async fn retry_now(&self) {
        self.connecting.lock().await.reset();
    }

    fn current(&self) -> Option<Arc<Session>> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|session| session.closed()) {
            *current = None;
        }
        current.clone()
    }

    fn replace(&self, session: Option<Arc<Session>>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }

    /// Takes a connection out of use; those who are using it may finish.
    fn retire(&self, session: &Arc<Session>) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|now| Arc::ptr_eq(now, session)) {
            *current = None;
        }
    }

    /// The connection in use, or a new one.
    async fn lease(&self, deadline: Instant) -> Result<Lease, Failure> {
        match self.current() {
            Some(session) if !session.is_spent(self.refresh, 3) => {
                Ok(Lease { session, fresh: false })
            }
            Some(old) => self.renew(&old, deadline).await,
            None => self.connect(None, deadline).await,
        }
    }

    /// A new connection in the place of one that is old; the old one serves until then.
    async fn renew(&self, old: &Arc<Session>, deadline: Instant) -> Result<Lease, Failure> {
        let result = self.connect(Some(old), deadline).await;
        if let Err(failure) = &result
            && matches!(failure.kind, FailureKind::HostKey | FailureKind::Auth)
        {
            self.retire(old);
        }
        result
    }

    /// Makes a connection unless somebody else does so at the same time: then theirs is used, and
    /// their failure is shared.
    async fn connect(
        &self,
        old: Option<&Arc<Session>>,
        deadline: Instant,
    ) -> Result<Lease, Failure> {
        let begun = Instant::now();
        let Ok(mut backoff) = timeout_at(deadline, self.connecting.lock()).await else {
            return Err(fault::silent(begun.elapsed()));
        };
        if let Some(session) = self.current()
            && old.is_none_or(|old| !Arc::ptr_eq(old, &session))
        {
            return Ok(Lease { session, fresh: false });
        }
        if let Some(failure) = backoff.standing(Instant::now()) {
            return Err(failure);
        }
        match self.log_in(deadline).await {
            Ok(session) => {
                backoff.reset();
                self.replace(Some(session.clone()));
                Ok(Lease { session, fresh: true })
            }
            Err(failure) => {
                backoff.failed(&failure, Instant::now());
                Err(failure)
            }
        }
    }

    async fn log_in(&self, deadline: Instant) -> Result<Arc<Session>, Failure> {
        let mut patience = Patience::default();
        loop {
            match Session::open(&self.common, deadline).await {
                Ok(session) => {
                    self.logins.fetch_add(1, Ordering::Relaxed);
                    self.common.measures.login();
                    return Ok(Arc::new(session));
                }
                Err(failure) => patience.wait(failure, deadline).await?,
            }
        }
    }

    /// Gets a sign of life from the connection: a channel to run a command on or, if `must_run` is
    /// not set and it gave a channel before, just an answer. A connection that stood idle and gives
    /// none is replaced at once.
    async fn start(
        &self,
        lease: Lease,
        must_run: bool,
        deadline: Instant,
    ) -> Result<(Arc<Session>, Option<Start>), Failure> {
        let permit = slot(&lease.session, must_run, deadline).await?;
        let now = Instant::now();
        let half = now + (deadline.saturating_duration_since(now) / 2).min(REUSE);
        let until = if lease.fresh { deadline } else { half };
        match begin(&lease.session, permit, until).await {
            Ok(start) => return Ok((lease.session, start)),
            // A new connection that breaks may have been broken by the command of another check,
            // which says nothing about the server; it does when the next one breaks as well.
            Err(failure) if failure.kind == FailureKind::Dropped => self.retire(&lease.session),
            Err(failure) if lease.fresh || !is_dead(&failure) => return Err(failure),
            Err(_) => self.retire(&lease.session),
        }
        let session = self.connect(None, deadline).await?.session;
        let permit = slot(&session, must_run, deadline).await?;
        let start = begin(&session, permit, deadline).await?;
        Ok((session, start))
    }
}

/// A channel to run a command on, and its place in the session.
type Start = (OwnedSemaphorePermit, Channel<Msg>);

async fn begin(
    session: &Session,
    permit: Option<OwnedSemaphorePermit>,
    until: Instant,
) -> Result<Option<Start>, Failure> {
    let Some(permit) = permit else {
        // It gave channels, or all are in use by commands of ours: an answer is life enough.
        return session.ping(until).await.map(|()| None);
    };
    let mut patience = Patience::default();
    loop {
        match session.channel(until).await {
            Ok(channel) => return Ok(Some((permit, channel))),
            Err(failure) => patience.wait(failure, until).await?,
        }
    }
}

/// Whether a failure says that the connection is of no use any more.
const fn is_dead(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Dropped | FailureKind::Silent | FailureKind::Protocol)
}

/// Asks a server that has no room a few times more, after short waits.
#[derive(Default)]
struct Patience(u32);

impl Patience {
    /// Waits, or gives the failure back if it is another one or enough was asked.
    async fn wait(&mut self, failure: Failure, deadline: Instant) -> Result<(), Failure> {
        let pause = Duration::from_millis(rand::rng().random_range(100..=300));
        self.0 += 1;
        let enough = self.0 > ASK_AGAIN || Instant::now() + pause >= deadline;
        if failure.kind != FailureKind::Busy || enough {
            return Err(failure);
        }
        sleep(pause).await;
        Ok(())
    }
}

/// A place in the session; `None` if none is needed, or it would only be nice and there is none now.
async fn slot(
    session: &Session,
    needed: bool,
    deadline: Instant,
) -> Result<Option<OwnedSemaphorePermit>, Failure> {
    if !needed {
        let shown = session.gave_channel();
        return Ok(session.slots.clone().try_acquire_owned().ok().filter(|_| !shown));
    }
    let begun = Instant::now();
    match timeout_at(deadline, session.slots.clone().acquire_owned()).await {
        Ok(permit) => permit.map(Some).map_err(|error| Failure::internal(&error)),
        Err(_) => {
            let line = format!("no free session in {}", script::seconds(begun.elapsed()));
            Err(Failure::new(FailureKind::Timeout, line))
        }
    }
}

#[async_trait]
impl Exec for SshExec {
    async fn run(&self, command: &Command, deadline: Instant) -> Result<Output, Failure> {
        let lease = self.lease(deadline).await?;
        let (session, start) = self.start(lease, true, deadline).await?;
        let (permit, channel) = start.ok_or_else(fault::dropped)?;
        let password = self.common.target.settings.sudo_password.as_ref();
        let left = deadline.saturating_duration_since(Instant::now());
        let order = Order {
            line: script::line(command, password, left),
            input: script::input(command, password),
            limit: command.output_limit,
            deadline,
        };
        let result = channel::run(&session, channel, permit, order).await;
        if let Err(failure) = &result
            && (is_dead(failure) || failure.kind == FailureKind::Output)
        {
            self.retire(&session);
        }
        let output = result?;
        script::refused_by_sudo(command, &output)?;
        Ok(output)
    }

    async fn stream(&self, what: &Streamed, sink: &Sink) -> Result<Exit, Failure> {
        let lease = self.lease(what.connect_by).await?;
        let (session, start) = self.start(lease, true, what.connect_by).await?;
        let (permit, channel) = start.ok_or_else(fault::dropped)?;
        let (read, write) = channel.split();
        let closer = Closer::new(write, permit, Arc::clone(&session));
        let result = stream::run(read, closer, what, sink).await;
        if result.as_ref().is_err_and(is_dead) {
            self.retire(&session);
        }
        result
    }

    fn sudo_password(&self) -> Option<&Secret> {
        self.common.target.settings.sudo_password.as_ref()
    }

    async fn reach(&self, deadline: Instant) -> Result<(), Failure> {
        let lease = match self.current() {
            Some(old) if old.is_spent(self.refresh, 1) => self.renew(&old, deadline).await?,
            _ => self.lease(deadline).await?,
        };
        let (session, start) = self.start(lease, false, deadline).await?;
        if let Some((permit, channel)) = start {
            channel::close(&session, channel, permit).await;
        }
        Ok(())
    }
}
