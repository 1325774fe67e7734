//! One request on its way to its answer.

use std::{sync::Arc, time::Duration};

use litemon_core::{
    model::{CheckId, Timestamp},
    monitor::Snapshot,
    store::StoreError,
};
use serde::{Serialize, de::DeserializeOwned};
use warp::{Reply, reply::Response};

use super::{problem::Refusal, query::Query, view::View};
use crate::{
    gate::{Payload, Visitor},
    live::Ending,
    service::Site,
};

/// The longest that history is waited for: a little over what a store allows itself.
const HISTORY_WITHIN: Duration = Duration::from_secs(8);

pub(super) type Answer = Result<Response, Refusal>;

/// A request whose address and parameters are understood.
pub(super) struct Call {
    pub(super) site: Arc<Site>,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) now: Timestamp,
    /// What stands in the address where the route has names in braces.
    pub(super) segments: Vec<String>,
    pub(super) query: Query,
    pub(super) ending: Option<Ending>,
    /// Who asks, with the rights that the route needs.
    pub(super) visitor: Arc<Visitor>,
    /// What was sent along.
    pub(super) payload: Payload,
    /// How far a stream was followed that broke off.
    pub(super) last_event: Option<u64>,
    /// Only the head of the answer is asked for.
    pub(super) head_only: bool,
}

impl Call {
    /// Whether errors, addresses and recipients may be told.
    pub(super) fn detail(&self) -> bool {
        self.visitor.detail()
    }

    pub(super) fn view(&self) -> View<'_> {
        View { snapshot: &self.snapshot, now: self.now, detail: self.detail() }
    }

    /// The zone that people read times in, by its name.
    pub(super) fn timezone(&self) -> Option<String> {
        self.site.settings.zone.name().map(ToOwned::to_owned)
    }

    pub(super) fn segment(&self, index: usize) -> &str {
        self.segments.get(index).map_or("", String::as_str)
    }

    /// The check that the address names, configured now or known from before.
    pub(super) fn check_id(&self) -> Result<CheckId, Refusal> {
        CheckId::parse(&format!("{}/{}", self.segment(0), self.segment(1)))
            .ok()
            .filter(|id| self.snapshot.check(id.as_str()).is_some())
            .ok_or_else(|| Refusal::unknown("no check has this name"))
    }

    /// Asks history, but not for ever.
    pub(super) async fn history<T>(
        &self,
        ask: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, Refusal> {
        match tokio::time::timeout(HISTORY_WITHIN, ask).await {
            Ok(done) => done.map_err(|error| Refusal::store(&error)),
            Err(_) => Err(Refusal::slow()),
        }
    }
}

/// An answer as JSON.
pub(super) fn json(value: &impl Serialize) -> Answer {
    let text = serde_json::to_string(value).map_err(|error| Refusal::unwritten(&error))?;
    Ok(warp::reply::with_header(text, "content-type", "application/json").into_response())
}

/// What was sent along, as JSON. Why it is not what was expected is told to its sender only.
pub(super) fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Refusal> {
    serde_json::from_slice(&call.payload.0)
        .map_err(|error| Refusal::parameter(format!("the body is not as expected: {error}")))
}
