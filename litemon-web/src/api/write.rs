//! What can be asked for, by those who have the role.

use http::StatusCode;
use warp::{Reply, reply::Response};

use super::{
    call::{Answer, Call, json},
    problem::Refusal,
    types::Accepted,
};

pub(super) async fn run_now(call: Call) -> Answer {
    let id = call.check_id()?;
    let monitor = call.site.handles.monitor.clone().ok_or_else(Refusal::stopped)?;
    match monitor.run_now(id.clone()).await {
        Ok(true) => accepted(&Accepted { check: id.to_string() }),
        Ok(false) => Err(Refusal::unknown("no check has this name")),
        Err(_) => Err(Refusal::stopped()),
    }
}

fn accepted(what: &Accepted) -> Result<Response, Refusal> {
    Ok(warp::reply::with_status(json(what)?, StatusCode::ACCEPTED).into_response())
}
