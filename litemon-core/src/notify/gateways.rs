//! Several gateways for one message: in order, or the next one beside one that hangs.
//!
//! The first that passes the message on settles it. One that fails, or only keeps the message for
//! later, is followed by the next at once; one that says nothing for `hedge` by the next beside it.
//! So a message may come twice, and is not lost as long as one of them works.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use serde_json::Value;
use tokio::time::Instant;

use super::{
    Accepted, Retry, SendError,
    request::{Call, RequestSettings, Way},
};
use crate::clock::Clock;

/// As many gateways may stand in a row.
pub(super) const MOST: usize = 4;

/// The gateways as they were written, checked. There is at least one.
#[derive(Clone)]
pub(super) struct Gateways {
    calls: Vec<Arc<Call>>,
    hedge: Duration,
    each: Duration,
}

impl fmt::Debug for Gateways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, call) in self.calls.iter().enumerate() {
            write!(f, "{}{call:?}", if place == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl Gateways {
    /// Checks them; the mistakes of others than the first stand under `gateways.NUMBER`.
    pub(super) fn new(
        first: RequestSettings,
        others: Vec<RequestSettings>,
        hedge: Option<Duration>,
        each: Duration,
        wrong: &mut Vec<(String, String)>,
    ) -> Option<Self> {
        let alone = others.is_empty();
        let mut calls = vec![Call::new(first, wrong)];
        if others.len() >= MOST {
            wrong.push(("gateways".to_owned(), format!("expected at most {MOST}")));
        }
        for (place, other) in others.into_iter().enumerate() {
            let mut own = Vec::new();
            calls.push(Call::new(other, &mut own));
            let prefix = |key: String| format!("gateways.{place}.{key}");
            wrong.extend(own.into_iter().map(|(key, text)| (prefix(key), text)));
        }
        if each.is_zero() {
            wrong.push(("timeout".to_owned(), "expected more than zero".to_owned()));
        }
        match hedge {
            Some(_) if alone => {
                let text = "there is no other gateway that could be asked; expected `gateways`";
                wrong.push(("hedge".to_owned(), text.to_owned()));
            }
            Some(hedge) if hedge.is_zero() || hedge > each => {
                let text = "expected more than zero, and at most the `timeout`";
                wrong.push(("hedge".to_owned(), text.to_owned()));
            }
            _ => {}
        }
        let calls: Option<Vec<Arc<Call>>> =
            calls.into_iter().map(|call| call.map(Arc::new)).collect();
        Some(Self { calls: calls?, hedge: hedge.unwrap_or(each), each })
    }

    /// How long an attempt over all of them may take.
    pub(super) fn timeout(&self) -> Duration {
        let more = u32::try_from(self.calls.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.hedge.saturating_mul(more).saturating_add(self.each)
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.calls.len()).unwrap_or(u32::MAX)
    }

    /// Whether one of them is asked to report, and which.
    pub(super) fn ask_for_reports(&self) -> impl Iterator<Item = bool> {
        self.calls.iter().map(|call| call.asks_for_reports())
    }

    /// The host of the first.
    pub(super) fn host(&self) -> &str {
        self.calls.first().map(|call| call.host()).unwrap_or_default()
    }
}

/// The gateways with their connections.
#[derive(Debug)]
pub(super) struct Lines {
    ways: Vec<Way>,
    hedge: Duration,
    each: Duration,
}

impl Lines {
    pub(super) fn new(gateways: &Gateways) -> Self {
        let ways = gateways.calls.iter().map(Way::new).collect();
        Self { ways, hedge: gateways.hedge, each: gateways.each }
    }

    /// Makes one attempt over as many of them as it takes, from a place on.
    ///
    /// Cancel safety: dropping the future gives it up; it may have arrived.
    pub(super) async fn send(
        &self,
        variables: &Value,
        from: u32,
        by: Instant,
        clock: &dyn Clock,
    ) -> Result<Accepted, SendError> {
        // After a reload there may be fewer: then the last one is as good as any.
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let mut waiting =
            self.ways.iter().enumerate().skip(from.min(self.ways.len().saturating_sub(1)));
        let mut asked = FuturesUnordered::new();
        let mut tally = Tally { many: self.ways.len() > 1, ..Tally::default() };
        asked.extend(waiting.next().map(|way| self.ask(way, variables, by, clock)));
        let mut next_at = clock.instant() + self.hedge;
        loop {
            tokio::select! {
                // One that failed at this very moment is not counted as silent, too.
                biased;
                Some((place, sent)) = asked.next() => {
                    if let Some(accepted) = tally.take(place, sent) {
                        return Ok(accepted);
                    }
                }
                () = clock.sleep_until(next_at), if waiting.len() > 0 => {}
            }
            // Either one has failed, or was silent for too long.
            asked.extend(waiting.next().map(|way| self.ask(way, variables, by, clock)));
            next_at = clock.instant() + self.hedge;
            if asked.is_empty() {
                return tally.end();
            }
        }
    }
}

impl Lines {
    async fn ask(
        &self,
        (place, way): (usize, &Way),
        variables: &Value,
        by: Instant,
        clock: &dyn Clock,
    ) -> (usize, Result<Accepted, SendError>) {
        let until = by.min(clock.instant() + self.each);
        (place + 1, way.send(variables, (self.each, until), clock).await)
    }
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
            return Err(error.unwrap_or_else(|| SendError::temporary("no gateway was asked")));
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
