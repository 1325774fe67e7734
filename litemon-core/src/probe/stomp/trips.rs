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
/// Between a message and how often it was put back.
const HOP: &str = " +";
/// A message is put back so often at most: its sender may be gone.
const HOPS: u32 = 8;

/// A message, and how often it was put back.
fn hops(body: &str) -> (&str, u32) {
    let parts = body.rsplit_once(HOP);
    parts.and_then(|(message, hops)| Some((message, hops.parse().ok()?))).unwrap_or((body, 0))
}

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
    /// of no interest, unless another litemon waits for it: then this gives what is to be put back
    /// for that one.
    pub(super) fn came(&self, body: &str, at: Instant) -> Option<String> {
        let mut inner = self.inner();
        let (message, hops) = hops(body);
        let Some(place) = inner.trips.iter().position(|trip| trip.token.0 == message) else {
            let stranger = message.starts_with(WORD) && !message.starts_with(&self.own);
            inner.strangers |= stranger;
            return (stranger && hops < HOPS).then(|| format!("{message}{HOP}{}", hops + 1));
        };
        let trip = inner.trips.remove(place).filter(|trip| at <= trip.until)?;
        let delay = at.saturating_duration_since(trip.sent);
        // Nobody waits for it any more: it is late.
        if trip.back.send(delay).is_err() {
            inner.late = Some(delay);
        }
        None
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
