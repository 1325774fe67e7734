//! Several ways for one message: in order, or the next one beside one that hangs.
//!
//! The first that passes the message on settles it. One that fails, or only keeps the message for
//! later, is followed by the next at once; one that says nothing for `hedge` by the next beside it.
//! So a message may come twice, and is not lost as long as one of them works.

use std::time::Duration;

use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{Accepted, Retry, SendError};
use crate::clock::Clock;

/// Makes one attempt over as many of `count` ways as it takes, from a place on; `ask` tries one.
///
/// Cancel safety: dropping the future gives it up; it may have arrived.
pub(crate) async fn in_turn<F>(
    count: usize,
    from: u32,
    hedge: Duration,
    clock: &dyn Clock,
    ask: impl Fn(usize) -> F,
) -> Result<Accepted, SendError>
where
    F: Future<Output = Result<Accepted, SendError>>,
{
    // After a reload there may be fewer: then the last one is as good as any.
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(count.saturating_sub(1));
    let one = |place: usize| {
        let sent = ask(place);
        async move { (place + 1, sent.await) }
    };
    let mut waiting = from..count;
    let mut asked = FuturesUnordered::new();
    let mut tally = Tally { many: count > 1, ..Tally::default() };
    asked.extend(waiting.next().map(&one));
    if asked.is_empty() {
        return tally.end();
    }
    let mut next_at = clock.instant() + hedge;
    loop {
        tokio::select! {
            // One that failed at this very moment is not counted as silent, too.
            biased;
            Some((place, sent)) = asked.next() => {
                if let Some(accepted) = tally.take(place, sent) {
                    return Ok(accepted);
                }
            }
            () = clock.sleep_until(next_at), if !waiting.is_empty() => {}
        }
        // Either one has failed, or was silent for too long.
        asked.extend(waiting.next().map(&one));
        next_at = clock.instant() + hedge;
        if asked.is_empty() {
            return tally.end();
        }
    }
}

/// There was none to be asked.
pub(super) fn nobody() -> SendError {
    SendError::temporary("no gateway was asked")
}

/// What those came to that did not pass it on.
#[derive(Debug, Default)]
struct Tally {
    many: bool,
    kept: Option<Accepted>,
    errors: Vec<(usize, SendError)>,
}

impl Tally {
    /// The end of it all, when this one passed the message on.
    fn take(&mut self, place: usize, sent: Result<Accepted, SendError>) -> Option<Accepted> {
        let sent = match sent {
            Ok(accepted) => accepted,
            Err(error) => {
                self.errors.push((place, error));
                return None;
            }
        };
        let sent = sent.by_way(u32::try_from(place.saturating_sub(1)).unwrap_or(0));
        let accepted = if self.many {
            Accepted { answer: format!("gateway {place}: {}", sent.answer), ..sent }
        } else {
            sent
        };
        if !accepted.queued {
            return Some(accepted);
        }
        self.kept.get_or_insert(accepted);
        None
    }

    /// One that keeps the message is enough not to send it again.
    fn end(mut self) -> Result<Accepted, SendError> {
        if let Some(kept) = self.kept {
            return Ok(kept);
        }
        if !self.many {
            let error = self.errors.pop().map(|(_, error)| error);
            return Err(error.unwrap_or_else(nobody));
        }
        self.errors.sort_by_key(|(place, _)| *place);
        let texts = self.errors.iter().map(|(place, error)| format!("gateway {place}: {error}"));
        let text = texts.collect::<Vec<_>>().join("; ");
        Err(SendError::new(self.soonest(), text))
    }

    /// As soon as the first of them may be asked again.
    fn soonest(&self) -> Retry {
        let mut soonest = Retry::Never;
        for (_, error) in &self.errors {
            soonest = match (soonest, error.retry) {
                (Retry::Later, _) | (_, Retry::Later) => Retry::Later,
                (Retry::After(a), Retry::After(b)) => Retry::After(a.min(b)),
                (Retry::After(wait), Retry::Never) | (Retry::Never, Retry::After(wait)) => {
                    Retry::After(wait)
                }
                (Retry::Never, Retry::Never) => Retry::Never,
            };
        }
        soonest
    }
}
