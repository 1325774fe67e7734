//! Several gateways for one message: see [`in_turn`].

use std::{fmt, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::time::Instant;

use super::{
    Accepted, Outlet, Outlets, SendError,
    request::{Call, RequestSettings, Way},
    turns::{self, in_turn},
};
use crate::{clock::Clock, model::Route};

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

    /// All of them, as far as others have to know.
    pub(super) fn outlets(&self) -> Outlets {
        let each = self.calls.iter();
        let outlet = |call: &Arc<Call>| {
            Outlet::over(Route::to_host(call.host())).reporting(call.asks_for_reports())
        };
        Outlets::new(each.map(outlet).collect(), self.hedge, self.each)
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
        let ask = |place| self.ask(place, variables, by, clock);
        in_turn(self.ways.len(), from, self.hedge, clock, ask).await
    }

    async fn ask(
        &self,
        place: usize,
        variables: &Value,
        by: Instant,
        clock: &dyn Clock,
    ) -> Result<Accepted, SendError> {
        let Some(way) = self.ways.get(place) else { return Err(turns::nobody()) };
        let until = by.min(clock.instant() + self.each);
        way.send(variables, (self.each, until), clock).await
    }
}
