//! `/api/v1`: the same facts as the pages, for programs. docs/API.md is its manual.
//!
//! One table names every route with its parameters and what it answers; requests are answered from
//! it, and `/api/v1/openapi.json` is written from it.

mod accounts;
#[cfg(test)]
mod admin_tests;
pub mod admin_types;
mod audit;
mod call;
mod events;
mod exposition;
mod job_events;
pub mod job_types;
mod jobs;
mod metrics;
mod openapi;
mod planned;
pub mod planned_types;
pub(crate) mod problem;
mod query;
mod read;
mod reports;
mod servers;
pub mod silence_types;
mod silences;
mod table;
#[cfg(test)]
mod tests;
mod time;
pub mod types;
mod view;
mod words;
mod write;

use std::sync::Arc;

use http::Method;
use warp::{Filter, Reply, filters::BoxedFilter, path::Tail, reply::Response};

use self::{
    call::Call,
    problem::Refusal,
    query::Query,
    table::{ROUTES, Route},
};
use crate::{
    gate::{Entry, Least, Payload, Visitor},
    live::Ending,
    pages::Trouble,
    service::Site,
};

pub(crate) use planned_types::JobWould;
pub use view::state_word;

/// What the addresses below begin with.
const ROOT: &str = "/api/v1";

/// Their addresses.
pub(crate) fn entries() -> Vec<Entry> {
    let entry = |route: &Route| {
        Entry::filtered(route.method.clone(), format!("{ROOT}{}", route.path), route.least)
    };
    let metrics = Entry::filtered(Method::GET, "/metrics", Least::Detail);
    ROUTES.iter().map(entry).chain([metrics]).collect()
}

/// What programs are told: everything below [`ROOT`], and the metrics.
pub(crate) fn routes(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    versioned(site).or(metered(site)).unify().boxed()
}

fn metered(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let site = site.clone();
    warp::path!("metrics")
        .and(warp::header::headers_cloned())
        .map(move |headers| metrics::page(&site, &headers).unwrap_or_else(Reply::into_response))
        .boxed()
}

fn versioned(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let site = site.clone();
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::path("api")
        .and(warp::path("v1"))
        .and(warp::path::tail())
        .and(warp::method())
        .and(query)
        .and(warp::ext::optional::<Ending>())
        .and(warp::ext::get::<Arc<Visitor>>())
        .and(warp::ext::optional::<Payload>())
        .and(last_event())
        .and(warp::any().map(move || site.clone()))
        .then(answer)
        .boxed()
}

/// How far a stream was followed that broke off. What is no number says nothing.
fn last_event() -> BoxedFilter<(Option<u64>,)> {
    warp::header::optional::<String>("last-event-id")
        .map(|id: Option<String>| id.and_then(|id| id.parse().ok()))
        .boxed()
}

#[expect(clippy::too_many_arguments, reason = "one for each filter")]
async fn answer(
    tail: Tail,
    method: Method,
    query: String,
    ending: Option<Ending>,
    visitor: Arc<Visitor>,
    payload: Option<Payload>,
    last_event: Option<u64>,
    site: Arc<Site>,
) -> Response {
    let answered = async {
        let (route, segments) = find(tail.as_str(), &method)?;
        let snapshot = site.handles.snapshot.borrow().clone();
        let call = Call {
            snapshot,
            now: site.handles.clock.now(),
            segments,
            query: Query::read(&query, route.parameters)?,
            ending,
            visitor,
            payload: payload.unwrap_or_default(),
            last_event,
            head_only: method == Method::HEAD,
            site,
        };
        (route.call)(call).await
    };
    answered.await.unwrap_or_else(Reply::into_response)
}

/// The route of an address, and what stands there in the place of names in braces.
fn find(tail: &str, method: &Method) -> Result<(&'static Route, Vec<String>), Refusal> {
    let means = |route: &'static Route| Some((route, segments(route.path, tail)?));
    let mut here = ROUTES.iter().filter_map(means).peekable();
    if here.peek().is_none() {
        return Err(Refusal::unknown("nothing is here; see /api/v1/openapi.json"));
    }
    // The gate has refused other methods, and named those that are answered.
    let method = if method == Method::HEAD { &Method::GET } else { method };
    here.find(|(route, _)| route.method == *method).ok_or_else(|| Refusal::of(Trouble::Method))
}

fn segments(path: &str, tail: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut given = tail.split('/');
    for part in path.trim_start_matches('/').split('/') {
        let segment = given.next()?;
        match part.starts_with('{') {
            true => found.push(segment.to_owned()),
            false if part == segment => {}
            false => return None,
        }
    }
    given.next().is_none().then_some(found)
}
