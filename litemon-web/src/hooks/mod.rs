//! What others call.
//!
//! A token is all the proof there is, so no login is asked for; an unknown one is told no more than
//! that. Addresses hold tokens: they must not be logged.

mod dlr;
mod push;
mod sms;

use std::sync::Arc;

use http::StatusCode;
use warp::{Filter, Reply, filters::BoxedFilter, reply::Response};

use crate::{gate::Entry, service::Site};

pub(crate) use sms::Answers;

/// Their addresses.
pub(crate) fn entries() -> Vec<Entry> {
    let mut all = push::entries();
    all.extend(sms::entries());
    all.extend(dlr::entries());
    all
}

/// All of them.
pub(crate) fn routes(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    push::routes(site).or(sms::routes(site)).unify().or(dlr::routes(site)).unify().boxed()
}

fn answer(status: StatusCode, line: &'static str) -> Response {
    warp::reply::with_status(line, status).into_response()
}
