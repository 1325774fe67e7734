//! Statistics fetched over HTTP: a count for today, yesterday, this week, this month, and in all.
//!
//! Each is asked for by a first and a last day, both included: `GET url?date1=2016-04-11&date2=2016-04-14`.

mod count;
mod memory;
mod range;
mod settings;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use jiff::civil::Date;
use reqwest::{Client, RequestBuilder};
use tokio::time::Instant;

use super::{Probe, Recipe, Site};
use crate::{
    clock::Clock,
    http::{self, LazyClient},
    model::{Failure, FailureKind, Number, Observation, Route, Zone},
};
use count::{LIMIT, count};
use memory::Memory;
use range::{Days, Range};
use settings::Asking;
pub use settings::HttpStatsSettings;

/// As many questions at once.
const AT_ONCE: usize = 2;

/// Counts of five ranges of days, in the zone of its [`Site`].
///
/// A run asks for all of them but yesterday's, which is asked for until it is known and then not
/// again that day. A range that fails keeps its last number, with its age and the failure; a run
/// is a failure when all that it asked for failed.
#[derive(Clone)]
pub struct HttpStats(Arc<Asking>);

impl HttpStats {
    /// The recipe.
    ///
    /// # Errors
    /// Each mistake: the key and what is wrong, without secrets.
    pub fn new(settings: HttpStatsSettings) -> Result<Self, Vec<(String, String)>> {
        settings::check(settings).map(Self)
    }
}

/// Scheme and host only: the rest of the URL may be secret.
impl fmt::Debug for HttpStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statistics of {}", http::shown(&self.0.url))
    }
}

impl Recipe for HttpStats {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(StatsProbe {
            recipe: self.clone(),
            clock: Arc::clone(&site.clock),
            zone: site.zone.clone(),
            client: LazyClient::new(self.0.client.clone()),
            memory: Mutex::new(Memory::new()),
        })
    }

    fn route(&self, _: Route) -> Route {
        self.0.url.host_str().map_or(Route::Unclear, Route::to_host)
    }
}

#[derive(Debug)]
struct StatsProbe {
    recipe: HttpStats,
    clock: Arc<dyn Clock>,
    zone: Zone,
    client: LazyClient,
    // Held for moments only, never over a wait.
    memory: Mutex<Memory>,
}

#[async_trait]
impl Probe for StatsProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let client = self.client.get().await?;
        let today = range::day(&self.zone, self.clock.now());
        let due = self.memory().due(&self.recipe.0.calendar, today);
        let questions = due.into_iter().map(|(range, days)| async move {
            let answer = self.recipe.0.ask(client, days, deadline).await;
            // At once, so that a run that is dropped keeps what it has.
            self.memory().keep(range, days, self.clock.now(), answer);
            range
        });
        let asked: Vec<Range> = stream::iter(questions).buffer_unordered(AT_ONCE).collect().await;
        self.memory().observation(&asked)
    }

    fn recall(&self, numbers: &[Number]) {
        self.memory().recall(numbers);
    }
}

impl StatsProbe {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asking {
    async fn ask(&self, client: &Client, days: Days, deadline: Instant) -> Result<f64, Failure> {
        if days.first > days.last {
            let text = format!("total_since ({}) is still to come", days.first);
            return Err(Failure::new(FailureKind::Internal, text));
        }
        let answer = http::exchange_by(self.request(client, days), LIMIT, deadline).await?;
        count(&answer, &self.count)
    }

    fn request(&self, client: &Client, days: Days) -> RequestBuilder {
        let [first, last] = &self.parameters;
        let more = self.query.iter().map(|(name, value)| (name.as_str(), value.expose()));
        let (from, to) = (self.day(days.first), self.day(days.last));
        let query = [(first.as_str(), from.as_str()), (last.as_str(), to.as_str())];
        let query: Vec<(&str, &str)> = query.into_iter().chain(more).collect();
        client.get(self.url.clone()).query(&query).headers(self.headers.clone())
    }

    fn day(&self, day: Date) -> String {
        day.strftime(&self.date_format).to_string()
    }
}
