//! `GET` or `POST /hooks/dlr/TOKEN?status=…`: a gateway reports whether a message arrived.
//!
//! Whatever can be said of a message that is not known any more changes nothing, and is answered like
//! the rest: a gateway would only repeat it.

use std::{collections::BTreeMap, sync::Arc};

use http::{Method, StatusCode};
use litemon_core::notify::report::Report;
use warp::{Filter, filters::BoxedFilter, reply::Response};

use super::answer;
use crate::{
    gate::{Entry, Least},
    service::Site,
};

pub(super) fn entries() -> Vec<Entry> {
    let entry = |method| Entry::filtered(method, "/hooks/dlr/{token}", Least::Anyone);
    [Method::GET, Method::POST].map(entry).into()
}

pub(super) fn routes(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let site = Arc::clone(site);
    warp::path!("hooks" / "dlr" / String)
        .and(warp::get().or(warp::post()).unify())
        .and(warp::query::<BTreeMap<String, String>>())
        .then(move |token: String, query: BTreeMap<String, String>| {
            let site = Arc::clone(&site);
            async move { report(&site, &token, query.get("status").map_or("", String::as_str)).await }
        })
        .boxed()
}

async fn report(site: &Site, token: &str, status: &str) -> Response {
    let handles = &site.handles;
    let Some(id) = handles.reports.as_ref().and_then(|key| key.entry(token)) else {
        return answer(StatusCode::NOT_FOUND, "not found");
    };
    let Some(monitor) = &handles.monitor else {
        return answer(StatusCode::SERVICE_UNAVAILABLE, "no monitor runs here");
    };
    let Some(report) = Report::parse(status) else {
        return answer(StatusCode::BAD_REQUEST, "status is delivered or failed, or Kannel's %d");
    };
    match monitor.reported(id, report).await {
        Ok(()) => answer(StatusCode::OK, "ok"),
        Err(_) => answer(StatusCode::SERVICE_UNAVAILABLE, "the monitor has stopped"),
    }
}
