use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

use crate::canary::Canary;

/// How often canaries are asked, so that they count.
const EVERY: Duration = Duration::from_secs(10);
/// How often while the monitor is isolated, so that it notices when it is not.
const SEEKING: Duration = Duration::from_secs(2);
/// The shortest time from one round to the next, however many failures wait for it.
const APART: Duration = Duration::from_millis(100);
/// How long they have to answer. It delays what is told, and is a part of the time that is allowed
/// for deciding.
const WITHIN: Duration = Duration::from_millis(750);
/// How long after its deadline a canary that breaks its contract is dropped.
const GRACE: Duration = Duration::from_millis(50);

/// Asks canaries, in rounds.
#[derive(Debug)]
pub(super) struct Canaries {
    all: Vec<Arc<dyn Canary>>,
    /// Those that were asked and have not answered.
    asked: JoinSet<(usize, bool)>,
    last: Instant,
    next: Instant,
}

/// What a canary did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// Which one; `None` if asking it went wrong.
    pub(super) answer: Option<(usize, bool)>,
    /// The round is over.
    pub(super) last: bool,
}

impl Canaries {
    /// They are asked at once.
    pub(super) fn new(all: Vec<Arc<dyn Canary>>, now: Instant) -> Self {
        Self { all, asked: JoinSet::new(), last: now, next: now }
    }

    /// Takes others; a round that is under way ends without a result.
    pub(super) fn replace(&mut self, all: Vec<Arc<dyn Canary>>, now: Instant) {
        self.all = all;
        self.asked = JoinSet::new();
        self.next = now;
    }

    /// Asks them as soon as the round that is under way has ended.
    pub(super) fn hurry(&mut self, now: Instant) {
        self.next = self.next.min(now.max(self.last + APART));
    }

    /// From now on they are asked often.
    pub(super) fn seek(&mut self) {
        self.next = self.next.min(self.last + SEEKING);
    }

    /// When they are to be asked; `None` while they are.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.asked.is_empty() && !self.all.is_empty()).then_some(self.next)
    }

    /// Asks all of them.
    pub(super) fn ask(&mut self, now: Instant, seeking: bool) {
        (self.last, self.next) = (now, now + if seeking { SEEKING } else { EVERY });
        for (which, canary) in self.all.iter().enumerate() {
            let canary = Arc::clone(canary);
            let deadline = now + WITHIN;
            self.asked.spawn(async move {
                let answers = AssertUnwindSafe(canary.answers(deadline)).catch_unwind();
                let answered = timeout_at(deadline + GRACE, answers).await;
                (which, matches!(answered, Ok(Ok(true))))
            });
        }
    }

    /// Waits for one that was asked; for ever when there is none.
    pub(super) async fn heard(&mut self) -> Heard {
        match self.asked.join_next().await {
            Some(done) => Heard { answer: done.ok(), last: self.asked.is_empty() },
            None => std::future::pending().await,
        }
    }
}
