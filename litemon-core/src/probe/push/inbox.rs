use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::TokenHash;
use crate::{
    model::{Failure, Status, Timestamp, one_line},
    state::Called,
};

/// Calls of one token within a [`WINDOW`].
const CALLS: u32 = 20;
const WINDOW: Duration = Duration::from_secs(1);

/// What a caller says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// How it is.
    pub status: Status,
    /// Why, in one line.
    pub message: String,
    /// A number of its own.
    pub value: Option<f64>,
}

/// All is well.
impl Default for Call {
    fn default() -> Self {
        Self { status: Status::Ok, message: String::new(), value: None }
    }
}

/// A token was used more often than it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("called more than {CALLS} times within a second")]
pub struct TooMany;

/// Where a call waits for the probe that is told by it. It keeps the last one only.
#[derive(Debug)]
pub struct Inbox {
    token: TokenHash,
    // Held for a few copies only, never over a wait.
    kept: Mutex<Kept>,
}

#[derive(Clone, Debug)]
struct Kept {
    since: Instant,
    last: Option<Told>,
    window: (Instant, u32),
}

/// A call, and when it came.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Told {
    /// What it said.
    pub call: Call,
    /// When it came.
    pub at: Timestamp,
    from: Instant,
    /// Its age at `from`: an instant does not reach back behind the start of the machine.
    before: Duration,
}

impl Told {
    /// How long ago it came, without the time in which no monitor ran that could have been called.
    #[must_use]
    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.from).saturating_add(self.before)
    }

    /// As it is written down.
    pub(crate) fn called(self) -> Called {
        let Call { status, message, value } = self.call;
        Called { at: self.at, status, message, value }
    }
}

impl Inbox {
    /// An empty one, from `since` on.
    #[must_use]
    pub fn new(token: TokenHash, since: Instant) -> Self {
        let kept = Kept { since, last: None, window: (since, 0) };
        Self { token, kept: Mutex::new(kept) }
    }

    /// For which token.
    #[must_use]
    pub const fn token(&self) -> TokenHash {
        self.token
    }

    /// Takes a call in place of the one before.
    ///
    /// # Errors
    /// [`TooMany`] when the last second had too many; this one is then forgotten.
    pub fn put(&self, mut call: Call, from: Instant, at: Timestamp) -> Result<(), TooMany> {
        let mut kept = self.kept();
        let (began, count) = &mut kept.window;
        if from.saturating_duration_since(*began) >= WINDOW {
            (*began, *count) = (from, 0);
        }
        if *count >= CALLS {
            return Err(TooMany);
        }
        *count += 1;
        call.value = call.value.filter(|value| value.is_finite());
        call.message = one_line(&call.message, Failure::MAX_MESSAGE);
        kept.last = Some(Told { call, at, from, before: Duration::ZERO });
        Ok(())
    }

    /// Takes up the last call to a monitor that was ended, and that knew it for `age` by then; one
    /// that came here is newer.
    pub(crate) fn resume(&self, called: &Called, age: Duration) {
        let mut kept = self.kept();
        let from = kept.since;
        kept.last.get_or_insert_with(|| Told {
            call: Call {
                status: called.status,
                message: called.message.clone(),
                value: called.value,
            },
            at: called.at,
            from,
            before: age,
        });
    }

    /// The last call.
    #[must_use]
    pub fn last(&self) -> Option<Told> {
        self.kept().last.clone()
    }

    /// From when on it could be called.
    #[must_use]
    pub fn since(&self) -> Instant {
        self.kept().since
    }

    /// Goes on where another one of the same check stopped, as after a reload.
    pub fn go_on_from(&self, before: &Self) {
        if !std::ptr::eq(self, before) {
            let before = before.kept().clone();
            *self.kept() = before;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing in here panics half-way.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::push::Token;

    const AT: Timestamp = Timestamp::from_millis(1_460_611_980_000);

    #[tokio::test(start_paused = true)]
    async fn it_keeps_the_last_call_and_takes_only_so_many() {
        let begun = Instant::now();
        let inbox = Inbox::new(Token::random().hash(), begun);
        let call = |n: u32| Call { value: Some(f64::from(n)), ..Call::default() };
        for n in 0..CALLS {
            inbox.put(call(n), begun, AT).unwrap();
        }
        assert_eq!(inbox.put(call(99), begun, AT), Err(TooMany));
        assert_eq!(inbox.last().unwrap().call, call(CALLS - 1));
        let later = begun + WINDOW;
        inbox.put(Call { value: Some(f64::NAN), ..Call::default() }, later, AT).unwrap();
        let last = inbox.last().unwrap();
        assert_eq!((&last.call, last.age(later + WINDOW)), (&Call::default(), WINDOW));

        let next = Inbox::new(Token::random().hash(), later);
        next.go_on_from(&inbox);
        assert_eq!((next.last(), next.since()), (inbox.last(), begun));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_from_before_goes_on_ageing_and_a_newer_one_counts() {
        let begun = Instant::now();
        let inbox = Inbox::new(Token::random().hash(), begun);
        let said = Call { status: Status::Warning, message: "slow".into(), value: Some(2.5) };
        inbox.put(said.clone(), begun, AT).unwrap();
        let called = inbox.last().unwrap().called();
        let next = Inbox::new(Token::random().hash(), begun);
        next.resume(&called, 7 * WINDOW);
        let last = next.last().unwrap();
        assert_eq!((&last.call, last.at, last.age(begun + WINDOW)), (&said, AT, 8 * WINDOW));
        next.put(Call::default(), begun, AT).unwrap();
        next.resume(&called, WINDOW);
        assert_eq!(next.last().unwrap().call, Call::default());
    }
}
