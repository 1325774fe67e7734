//! A job of the configuration, run from its button: first what it would do, then it runs.

use http::StatusCode;
use litemon_core::manage::{
    ManageError,
    jobs::{Planned, What, Would},
};
use warp::reply::Response;

use super::{
    office,
    start::{told, vouched},
    steer::principal,
};
use crate::{
    gate::{Ask, see_other},
    pages::{AskingPlanned, Trouble, ask_planned, doubt},
    routes::{refused, still},
};

/// Says what it would do, and runs it once that was read.
pub(super) async fn run(ask: Ask) -> Response {
    match try_run(&ask).await {
        Ok(response) => response,
        Err(trouble) => refused(trouble),
    }
}

async fn try_run(ask: &Ask) -> Result<Response, Trouble> {
    let (jobs, catalog) = office(ask)?;
    let by = principal(ask)?;
    let planned = match jobs.planned(by).await {
        Ok(planned) => planned,
        Err(error) => return Ok(told(ask, &error)),
    };
    let mut planned = planned.into_iter().filter(|job| job.name.as_str() == ask.segment(0));
    let planned = planned.next().ok_or(Trouble::NotFound)?;
    let snapshot = ask.site.handles.snapshot.borrow().clone();
    let would = match jobs.would(by, &planned.order, Some(&snapshot)).await {
        Ok(would) => would,
        Err(error) => return Ok(told(ask, &error)),
    };
    let asks_password = match &planned.order.what {
        What::Action { name, .. } => {
            catalog.action(name).await.is_ok_and(|action| action.asks_password)
        }
        _ => false,
    };
    if !ask.form.has("sure") {
        return Ok(question(ask, &planned, &would, asks_password, None));
    }
    if asks_password && let Err(error) = vouched(ask, by).await {
        return Ok(question(ask, &planned, &would, asks_password, Some(&error)));
    }
    Ok(match jobs.run_planned(by, &planned.name).await {
        Ok(job) => see_other(&format!("/jobs/{}", job.id)),
        Err(error) => told(ask, &error),
    })
}

fn question(
    ask: &Ask,
    planned: &Planned,
    would: &Would,
    asks_password: bool,
    error: Option<&ManageError>,
) -> Response {
    let status = error.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    let trouble = error.map(ToString::to_string);
    still(ask, status, |scene| {
        let say = |one: &litemon_core::manage::actions::Concern| {
            (one.server.clone(), doubt(scene.words, &one.why))
        };
        let concerns: Vec<_> = would.concerns.iter().map(say).collect();
        ask_planned(
            scene,
            &AskingPlanned {
                planned,
                servers: &would.servers,
                dangerous: would.dangerous,
                asks_password,
                concerns: &concerns,
                trouble: trouble.as_deref(),
            },
        )
    })
}
