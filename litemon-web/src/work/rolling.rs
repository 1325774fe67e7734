//! A rolling job, as a form asks for it; pausing one and going on with it.

use std::time::Duration;

use litemon_core::manage::{
    ManageError,
    jobs::{Rolling, Share},
};
use warp::reply::Response;

use super::{number, office, start::told, steer::principal};
use crate::{
    gate::{Ask, Form, see_other},
    pages::Trouble,
    routes::refused,
};

/// What the form says, where it asks for one.
pub(super) fn wanted(form: &Form) -> Result<Option<Rolling>, ManageError> {
    if form.get("at_once") != "rolling" {
        return Ok(None);
    }
    let mut rolling = Rolling::default();
    let count = |name, usual| whole(form, name, usual);
    rolling.canary = count("r.canary", rolling.canary)?;
    rolling.max_failures = count("r.max_failures", rolling.max_failures)?;
    rolling.healthy_rounds = whole(form, "r.rounds", rolling.healthy_rounds)?;
    let minutes = whole(form, "r.minutes", rolling.settle_within.as_secs() / 60)?;
    rolling.settle_within = Duration::from_secs(minutes.saturating_mul(60));
    rolling.batch = share(form, "r.batch")?.unwrap_or(rolling.batch);
    rolling.keep_healthy = share(form, "r.keep_healthy")?;
    rolling.pause_after_canary = form.has("r.pause");
    Ok(Some(rolling))
}

fn whole<T: std::str::FromStr>(form: &Form, name: &str, usual: T) -> Result<T, ManageError> {
    let wrong = |_| ManageError::invalid("rolling", "expected whole numbers");
    form.filled(name).map_or(Ok(usual), |text| text.trim().parse().map_err(wrong))
}

fn share(form: &Form, name: &str) -> Result<Option<Share>, ManageError> {
    let wrong = |error: litemon_core::manage::jobs::ShareError| {
        ManageError::invalid("rolling", error.to_string())
    };
    form.filled(name).map(|text| text.parse().map_err(wrong)).transpose()
}

/// Pauses it.
pub(super) async fn pause(ask: Ask) -> Response {
    steered(&ask, true).await.unwrap_or_else(refused)
}

/// Goes on with it.
pub(super) async fn go_on(ask: Ask) -> Response {
    steered(&ask, false).await.unwrap_or_else(refused)
}

async fn steered(ask: &Ask, pause: bool) -> Result<Response, Trouble> {
    let (jobs, _) = office(ask)?;
    let (id, by) = (number(ask)?, principal(ask)?);
    let done = if pause { jobs.pause(by, id).await } else { jobs.go_on(by, id).await };
    Ok(match done {
        // What has ended meanwhile need not be paused: its page says how it ended.
        Ok(()) | Err(ManageError::Conflict(_)) => see_other(&format!("/jobs/{id}")),
        Err(error) => told(ask, &error),
    })
}
