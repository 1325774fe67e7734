//! One HTTP request from the monitor, and whether its answer is a good one.

mod settings;
mod status;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use reqwest::{Client, RequestBuilder};
use tokio::time::Instant;

use super::{Probe, Recipe, Site, certificate};
use crate::{
    clock::Clock,
    http::{self, Answer, LazyClient},
    model::{Failure, FailureKind, Observation, Reading, Route, Status, Timestamp},
};
pub use settings::HttpSettings;
use settings::Request;

/// The most of an answer that is read and searched, in bytes.
const LIMIT: usize = 256 * 1024;

/// Asks once, on a connection of its own. The value is the time until the answer was there, in
/// seconds. An answer that is not a good one is a failure of the kind
/// [`Output`](FailureKind::Output), without anything of its body.
#[derive(Clone)]
pub struct HttpRequest(Arc<Request>);

impl HttpRequest {
    /// The recipe.
    ///
    /// # Errors
    /// Each mistake: the key and what is wrong, without secrets.
    pub fn new(settings: HttpSettings) -> Result<Self, Vec<(String, String)>> {
        settings::check(settings).map(Self)
    }
}

/// Scheme and host only: the rest of the URL may be secret.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request to {}", http::shown(&self.0.url))
    }
}

impl Recipe for HttpRequest {
    fn build(&self, site: &Site) -> Arc<dyn Probe> {
        Arc::new(HttpProbe {
            recipe: self.clone(),
            clock: Arc::clone(&site.clock),
            client: LazyClient::new(self.0.client.clone()),
        })
    }

    fn route(&self, _: Route) -> Route {
        self.0.url.host_str().map_or(Route::Unclear, Route::to_host)
    }
}

#[derive(Debug)]
struct HttpProbe {
    recipe: HttpRequest,
    clock: Arc<dyn Clock>,
    client: LazyClient,
}

#[async_trait]
impl Probe for HttpProbe {
    async fn run(&self, deadline: Instant) -> Result<Observation, Failure> {
        let client = self.client.get().await?;
        let request = self.recipe.0.builder(client);
        let begun = self.clock.instant();
        let answer = http::exchange_by(request, LIMIT, deadline).await?;
        let took = self.clock.instant().saturating_duration_since(begun);
        self.recipe.0.judge(&answer, took, self.clock.now())
    }
}

impl Request {
    fn builder(&self, client: &Client) -> RequestBuilder {
        let request = client.request(self.method.clone(), self.url.clone());
        let request = request.headers(self.headers.clone());
        match &self.body {
            Some(body) => request.body(body.expose().to_owned()),
            None => request,
        }
    }

    fn judge(
        &self,
        answer: &Answer,
        took: Duration,
        now: Timestamp,
    ) -> Result<Observation, Failure> {
        let bad = |text: String| Err(Failure::new(FailureKind::Output, text));
        if !self.status.contain(answer.status.as_u16()) {
            return bad(format!("HTTP {}", answer.status));
        }
        let text = answer.text();
        let body = if answer.whole { "the answer" } else { "the answer's first 256 KiB" };
        if self.expect.as_ref().is_some_and(|expect| !expect.is_match(&text)) {
            return bad(format!("HTTP {}, but {body} lacks what is expected", answer.status));
        }
        if self.not_expect.as_ref().is_some_and(|unwanted| unwanted.is_match(&text)) {
            return bad(format!("HTTP {}, but {body} has what is not expected", answer.status));
        }
        let detail = format!("HTTP {}", answer.status);
        let (value, unit) = (seconds(took), "s".to_owned());
        Ok(match self.ending(answer, now) {
            Some(ending) => {
                let reading = Reading { name: "time".to_owned(), value, unit };
                Observation::judged(Status::Warning, [reading], format!("{detail}, {ending}"))
            }
            None => Observation::Value { value, unit, detail: Some(detail) },
        })
    }

    /// That the certificate ends too soon.
    fn ending(&self, answer: &Answer, now: Timestamp) -> Option<String> {
        let wanted = self.certificate_days?;
        // The handshake has proven that it holds now; plain HTTP has none.
        let end = certificate::not_after(answer.certificate.as_deref()?)?;
        let left = end.since(now);
        let days = left.as_secs_f64() / 86_400.0;
        (days < wanted).then(|| format!("certificate expires in {}", certificate::words(left)))
    }
}

/// To the millisecond.
fn seconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1000.0).round() / 1000.0
}
