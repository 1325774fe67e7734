use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::TokenHash;
use crate::model::Status;

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
    last: Option<(Call, Instant)>,
    window: (Instant, u32),
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
    pub fn put(&self, mut call: Call, at: Instant) -> Result<(), TooMany> {
        let mut kept = self.kept();
        let (began, count) = &mut kept.window;
        if at.saturating_duration_since(*began) >= WINDOW {
            (*began, *count) = (at, 0);
        }
        if *count >= CALLS {
            return Err(TooMany);
        }
        *count += 1;
        call.value = call.value.filter(|value| value.is_finite());
        kept.last = Some((call, at));
        Ok(())
    }

    /// The last call, and when it came.
    #[must_use]
    pub fn last(&self) -> Option<(Call, Instant)> {
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

    #[tokio::test(start_paused = true)]
    async fn it_keeps_the_last_call_and_takes_only_so_many() {
        let begun = Instant::now();
        let inbox = Inbox::new(Token::random().hash(), begun);
        let call = |n: u32| Call { value: Some(f64::from(n)), ..Call::default() };
        for n in 0..CALLS {
            inbox.put(call(n), begun).unwrap();
        }
        assert_eq!(inbox.put(call(99), begun), Err(TooMany));
        assert_eq!(inbox.last(), Some((call(CALLS - 1), begun)));
        let later = begun + WINDOW;
        inbox.put(Call { value: Some(f64::NAN), ..Call::default() }, later).unwrap();
        assert_eq!(inbox.last(), Some((Call::default(), later)));

        let next = Inbox::new(Token::random().hash(), later);
        next.go_on_from(&inbox);
        assert_eq!((next.last(), next.since()), (inbox.last(), begun));
    }
}
