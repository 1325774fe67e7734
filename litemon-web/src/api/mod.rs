//! `/api/v1`: the same facts as the pages, for programs. docs/API.md is its manual.
//!
//! One table names every route with its parameters and what it answers; requests are answered from
//! it, and `/api/v1/openapi.json` is written from it.

mod call;
mod events;
mod job_events;
pub mod job_types;
mod jobs;
mod metrics;
mod openapi;
pub(crate) mod problem;
mod query;
mod read;
mod reports;
#[cfg(test)]
mod tests;
mod time;
pub mod types;
mod view;
mod words;
mod write;

use std::{pin::Pin, sync::Arc};

use http::Method;
use litemon_core::manage::Role;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use warp::{Filter, Reply, filters::BoxedFilter, path::Tail, reply::Response};

use self::{
    call::{Answer, Call},
    problem::Refusal,
    query::{Kind, Parameter, Query},
};
use crate::{
    gate::{Entry, Least, Payload, Visitor},
    live::Ending,
    service::Site,
};

pub use view::state_word;

/// What the addresses below begin with.
const ROOT: &str = "/api/v1";

/// Something that is answered.
struct Route {
    method: Method,
    /// Below [`ROOT`]; what stands in braces is a name or a number.
    path: &'static str,
    /// Its name in the OpenAPI document.
    name: &'static str,
    about: &'static str,
    parameters: &'static [Parameter],
    answer: Shape,
    /// Who may ask at least.
    least: Least,
    call: fn(Call) -> Pin<Box<dyn Future<Output = Answer> + Send>>,
}

/// What an answer looks like.
enum Shape {
    /// JSON with a status.
    Json(u16, fn(&mut SchemaGenerator) -> Schema),
    /// Server-sent events.
    Events,
    /// The OpenAPI document itself.
    Document,
}

const fn shape<T: JsonSchema>() -> Shape {
    Shape::Json(200, SchemaGenerator::subschema_for::<T>)
}

const FROM: Parameter = Parameter {
    name: "from",
    about: "From when on, as RFC 3339 or milliseconds since 1970; a day before `to` when absent",
    kind: Kind::Time,
};
const TO: Parameter = Parameter {
    name: "to",
    about: "Until when, that moment excluded; now when absent",
    kind: Kind::Time,
};

const OFFSET: Parameter = Parameter {
    name: "from",
    about: "From which byte on",
    kind: Kind::Number(0, i64::MAX, Some(0)),
};
const OPERATOR: Least = Least::Role(Role::Operator);

macro_rules! route {
    ($method:ident $path:literal, $name:literal, $about:literal, [$($parameter:expr),*], $answer:expr, $call:path) => {
        route!($method $path, $name, $about, [$($parameter),*], $answer, $call, Least::Seen)
    };
    ($method:ident $path:literal, $name:literal, $about:literal, [$($parameter:expr),*], $answer:expr, $call:path, $least:expr) => {
        Route {
            method: Method::$method,
            path: $path,
            name: $name,
            about: $about,
            parameters: &[$($parameter),*],
            answer: $answer,
            least: $least,
            call: |call| Box::pin($call(call)),
        }
    };
}

static ROUTES: &[Route] = &[
    route!(
        GET "/status", "status", "Everything that is known now",
        [], shape::<types::StatusReport>(), read::status
    ),
    route!(
        GET "/servers", "servers", "All servers with their checks",
        [], shape::<types::ServerList>(), read::servers
    ),
    route!(
        GET "/servers/{server}", "server", "A server with its checks",
        [], shape::<types::Server>(), read::server
    ),
    route!(
        GET "/checks/{owner}/{check}", "check", "A check as it is now",
        [], shape::<types::Check>(), read::check
    ),
    route!(
        GET "/checks/{owner}/{check}/series", "series", "A check's values over a time",
        [FROM, TO, Parameter {
            name: "points",
            about: "The most samples to give",
            kind: Kind::Number(1, 2_000, Some(300)),
        }],
        shape::<types::Series>(), read::series
    ),
    route!(
        GET "/checks/{owner}/{check}/uptime", "uptime", "How long a check was what",
        [FROM, TO], shape::<types::Uptime>(), read::uptime
    ),
    route!(
        GET "/checks/{owner}/{check}/changes", "changes", "A check's status changes, oldest first",
        [FROM, TO], shape::<types::ChangeList>(), read::changes
    ),
    route!(
        POST "/checks/{owner}/{check}/run", "runCheck",
        "Runs a check at once, or right after the run it is in; for operators",
        [], Shape::Json(202, SchemaGenerator::subschema_for::<types::Accepted>), write::run_now,
        Least::Role(Role::Operator)
    ),
    route!(
        GET "/incidents", "incidents", "Incidents, newest first",
        [
            Parameter {
                name: "before",
                about: "Only incidents with a lower number: `next` of the page before",
                kind: Kind::Number(1, i64::MAX, None),
            },
            Parameter {
                name: "limit",
                about: "The most incidents to give",
                kind: Kind::Number(1, 500, Some(50)),
            },
            Parameter {
                name: "state",
                about: "Which incidents",
                kind: Kind::Word(&["all", "open", "closed"]),
            }
        ],
        shape::<types::IncidentPage>(), read::incidents
    ),
    route!(
        GET "/incidents/{number}", "incident",
        "An incident with its status changes, its notices and the attempts to send them",
        [], shape::<types::IncidentReport>(), read::incident
    ),
    route!(
        GET "/reports", "report",
        "What happened in a time, for administrators; a week up to `to` when `from` is absent",
        [FROM, TO], shape::<crate::report::Document>(), reports::report,
        Least::Role(Role::Admin)
    ),
    route!(
        GET "/events", "events", "What changes, as server-sent events",
        [], Shape::Events, events::events
    ),
    route!(
        GET "/jobs", "jobs", "Jobs, newest first; for operators",
        [
            Parameter {
                name: "before",
                about: "Only jobs with a lower number: `next` of the page before",
                kind: Kind::Number(1, i64::MAX, None),
            },
            Parameter {
                name: "limit",
                about: "The most jobs to give",
                kind: Kind::Number(1, 200, Some(50)),
            }
        ],
        shape::<job_types::JobPage>(), jobs::list, OPERATOR
    ),
    route!(
        POST "/jobs", "beginJob",
        "Runs an action or a command on servers: the body is a JobOrder; for operators",
        [], Shape::Json(201, SchemaGenerator::subschema_for::<job_types::Job>), jobs::begin,
        OPERATOR
    ),
    route!(
        GET "/jobs/{job}", "job", "A job with its results; for operators",
        [], shape::<job_types::Job>(), jobs::show, OPERATOR
    ),
    route!(
        GET "/jobs/{job}/events", "jobEvents",
        "A job and its results as they change (`event: job`), until it ends; for operators",
        [], Shape::Events, job_events::job, OPERATOR
    ),
    route!(
        GET "/jobs/{job}/output/{server}", "jobOutput",
        "A part of what a server put out; for operators",
        [OFFSET], shape::<job_types::JobOutput>(), jobs::output, OPERATOR
    ),
    route!(
        GET "/jobs/{job}/output/{server}/events", "jobOutputEvents",
        "What a server puts out as it comes (`event: output`, each a JobOutput), until its end; the \
         id of an event is where the next one begins: `Last-Event-ID` goes on from there; for \
         operators",
        [OFFSET], Shape::Events, job_events::output, OPERATOR
    ),
    route!(
        POST "/jobs/{job}/cancel", "cancelJob",
        "Asks a job to end, or only on the server of the body, a JobPlace; for operators",
        [], Shape::Json(202, SchemaGenerator::subschema_for::<job_types::Job>), jobs::cancel,
        OPERATOR
    ),
    route!(
        POST "/jobs/{job}/retry", "retryJob",
        "Runs a job again, as a new one, where it failed; for operators",
        [], Shape::Json(201, SchemaGenerator::subschema_for::<job_types::Job>), jobs::retry,
        OPERATOR
    ),
    route!(
        GET "/openapi.json", "openapi", "This document",
        [], Shape::Document, read::openapi
    ),
];

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
        .map(move || metrics::page(&site).unwrap_or_else(Reply::into_response))
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
    let Some((first, _)) = here.peek() else {
        return Err(Refusal::unknown("nothing is here; see /api/v1/openapi.json"));
    };
    let allow = if first.method == Method::POST { "POST" } else { "GET, HEAD" };
    let method = if method == Method::HEAD { &Method::GET } else { method };
    here.find(|(route, _)| route.method == *method).ok_or_else(|| Refusal::method(allow))
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
