//! Which messages are on their way.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::Instant};

/// As many as are remembered: runs do not overlap, and one is listened for no longer than two.
const MOST: usize = 8;

/// What a message is known by: a word, its probe (so that the messages of others can be told from
/// its own old ones), and 128 random bits of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token(String);

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const WORD: &str = "litemon ";

/// The messages of one probe that are on their way.
#[derive(Debug)]
pub(super) struct Trips {
    own: String,
    inner: Mutex<Inner>,
}

impl Default for Trips {
    fn default() -> Self {
        Self { own: format!("{WORD}{:016x} ", rand::random::<u64>()), inner: Mutex::default() }
    }
}

#[derive(Debug, Default)]
struct Inner {
    trips: VecDeque<Trip>,
    late: Option<Duration>,
    strangers: bool,
}

#[derive(Debug)]
struct Trip {
    token: Token,
    sent: Instant,
    until: Instant,
    back: oneshot::Sender<Duration>,
}

impl Trips {
    /// A name for a new message.
    pub(super) fn token(&self) -> Token {
        Token(format!("{}{:032x}", self.own, rand::random::<u128>()))
    }

    /// A message goes out now; it is listened for during `listen`.
    pub(super) fn sent(
        &self,
        token: Token,
        back: oneshot::Sender<Duration>,
        now: Instant,
        listen: Duration,
    ) {
        let mut inner = self.inner();
        inner.trips.retain(|trip| trip.until > now);
        if inner.trips.len() == MOST {
            inner.trips.pop_front();
        }
        inner.strangers = false;
        inner.trips.push_back(Trip { token, sent: now, until: now + listen, back });
    }

    /// A message came. One that is not known (a second copy, somebody else's, one from long ago) is
    /// of no interest.
    pub(super) fn came(&self, body: &str, at: Instant) {
        let mut inner = self.inner();
        let Some(place) = inner.trips.iter().position(|trip| trip.token.0 == body) else {
            inner.strangers |= body.starts_with(WORD) && !body.starts_with(&self.own);
            return;
        };
        let Some(trip) = inner.trips.remove(place).filter(|trip| at <= trip.until) else { return };
        let delay = at.saturating_duration_since(trip.sent);
        // Nobody waits for it any more: it is late.
        if trip.back.send(delay).is_err() {
            inner.late = Some(delay);
        }
    }

    /// It is not on its way after all.
    pub(super) fn forget(&self, token: &Token) {
        self.inner().trips.retain(|trip| trip.token != *token);
    }

    /// How late the last late message was, once.
    pub(super) fn take_late(&self) -> Option<Duration> {
        self.inner().late.take()
    }

    /// Whether messages of another litemon came since the last one was sent.
    pub(super) fn take_strangers(&self) -> bool {
        std::mem::take(&mut self.inner().strangers)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
