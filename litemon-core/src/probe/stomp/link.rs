//! A connection that is kept between runs, with the task that listens on it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use stomp_rs::protocol::ServerCommand;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, timeout, timeout_at},
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    StompSettings, phase,
    session::{Session, refusal},
    stream::{Dialer, Stream},
    trips::{Token, Trips},
};
use crate::{
    model::{Failure, FailureKind},
    net,
};

/// An open connection hides that nobody could log in any more: a fresh one now and then.
const AGE: Duration = Duration::from_secs(4 * 60);
/// One that was not used for longer may have been forgotten by a firewall, silently.
const IDLE: Duration = Duration::from_secs(60);
/// How long a broker may take to let somebody go.
const LEAVE: Duration = Duration::from_millis(500);
/// How long a write may make no progress.
const STALL: Duration = Duration::from_secs(5);

/// A message to send.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) token: Token,
    /// Who waits for it to come back.
    pub(super) back: oneshot::Sender<Duration>,
    /// How long it is listened for.
    pub(super) listen: Duration,
}

/// A connection, logged in and subscribed. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Link {
    orders: mpsc::Sender<Order>,
    ended: watch::Receiver<Option<Failure>>,
    /// It owed a message, and nothing at all came since.
    silent: Arc<AtomicBool>,
    opened: Instant,
    used: Instant,
    task: AbortOnDropHandle<()>,
}

impl Link {
    /// Connects, logs in and subscribes by `deadline`.
    ///
    /// Cancel safety: dropping the future closes what was opened.
    pub(super) async fn open(
        dialer: &Dialer,
        trips: Arc<Trips>,
        deadline: Instant,
    ) -> Result<Self, Failure> {
        let stream =
            dialer.connect(deadline).await.map_err(|failure| phase("connect", &failure))?;
        let settings = dialer.settings();
        let login = Session::login(stream, settings);
        let mut session = limited("login", deadline, login).await?;
        limited("subscribe", deadline, session.subscribe(settings, &trips)).await?;
        Ok(Self::start(session, Arc::clone(settings), trips))
    }

    fn start(
        session: Session<Box<dyn Stream>>,
        settings: Arc<StompSettings>,
        trips: Arc<Trips>,
    ) -> Self {
        let (orders, inbox) = mpsc::channel(1);
        let (end, ended) = watch::channel(None);
        let silent = Arc::new(AtomicBool::new(false));
        let listener = Listener { session, settings, trips, silent: Arc::clone(&silent) };
        let task = tokio::spawn(async move {
            let failure = listener.run(inbox).await;
            end.send_replace(Some(failure));
        });
        let now = Instant::now();
        let task = AbortOnDropHandle::new(task);
        Self { orders, ended, silent, opened: now, used: now, task }
    }

    /// Hands over a message to send.
    pub(super) async fn send(&mut self, order: Order) -> Result<(), Failure> {
        self.used = Instant::now();
        match self.orders.send(order).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.ended().await),
        }
    }

    /// Waits until it ends; why it did.
    pub(super) async fn ended(&mut self) -> Failure {
        let failure = self.ended.wait_for(Option::is_some).await;
        failure.ok().and_then(|failure| failure.clone()).unwrap_or_else(net::dropped)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.task.is_finished() || self.ended.borrow().is_some()
    }

    /// A message did not come back in time.
    pub(super) fn doubt(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }

    /// Whether it was doubted, and nothing came since.
    fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed)
    }

    /// Whether it may still bring its last message, which is listened for that long.
    pub(super) fn is_owing(&self, now: Instant, listen: Duration) -> bool {
        let listened = now.saturating_duration_since(self.used) < listen;
        listened && self.is_silent() && !self.has_ended()
    }

    /// Whether another message may be sent over it.
    pub(super) fn is_good(&self, now: Instant) -> bool {
        let young = now.saturating_duration_since(self.opened) < AGE;
        let in_use = now.saturating_duration_since(self.used) < IDLE;
        young && in_use && !self.has_ended() && !self.is_silent()
    }

    /// Ends it; in order, unless nothing comes over it any more.
    pub(super) async fn close(self) {
        if self.is_silent() {
            return;
        }
        let Self { orders, task, .. } = self;
        drop(orders);
        let _ = timeout(LEAVE, task).await;
    }
}

/// A step of opening, with its name in its failure.
async fn limited<T>(
    name: &str,
    deadline: Instant,
    step: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let begun = Instant::now();
    let done = timeout_at(deadline, step).await;
    done.unwrap_or_else(|_| Err(net::silent(begun.elapsed())))
        .map_err(|failure| phase(name, &failure))
}

/// What a connection's task works with.
struct Listener {
    session: Session<Box<dyn Stream>>,
    settings: Arc<StompSettings>,
    trips: Arc<Trips>,
    silent: Arc<AtomicBool>,
}

impl Listener {
    /// Sends what is ordered and hears what comes, until the connection fails or nobody can order
    /// any more.
    async fn run(mut self, mut inbox: mpsc::Receiver<Order>) -> Failure {
        loop {
            tokio::select! {
                frame = self.session.next() => match frame {
                    Ok(frame) => {
                        self.silent.store(false, Ordering::Relaxed);
                        match frame.command {
                            ServerCommand::Message => {
                                let other = self.trips.came(&frame.body, self.session.heard());
                                if let Err(failure) = self.put_back(other).await {
                                    return failure;
                                }
                            }
                            ServerCommand::Error => {
                                return refusal(&frame, FailureKind::Protocol, &self.settings);
                            }
                            _ => {}
                        }
                    }
                    Err(failure) => return failure,
                },
                order = inbox.recv() => match order {
                    Some(order) => {
                        if let Err(failure) = self.send(order).await {
                            return failure;
                        }
                    }
                    None => {
                        self.session.leave().await;
                        return net::dropped();
                    }
                },
            }
        }
    }

    async fn put_back(&mut self, message: Option<String>) -> Result<(), Failure> {
        let putting = self.session.put_back(&self.settings.destination, message);
        timeout(STALL, putting).await.unwrap_or_else(|_| Err(net::silent(STALL)))
    }

    async fn send(&mut self, order: Order) -> Result<(), Failure> {
        let Order { token, back, listen } = order;
        let now = Instant::now();
        let body = token.to_string();
        self.trips.sent(token, back, now, listen);
        let sending = self.session.send(&self.settings.destination, &body);
        timeout(STALL, sending).await.unwrap_or_else(|_| Err(net::silent(STALL)))
    }
}
