//! Cancelling a job, and running it again where it did not succeed.

use litemon_core::{
    manage::{ManageError, Principal},
    model::Name,
};
use warp::reply::Response;

use super::{
    number, office,
    start::{again, told},
};
use crate::{
    gate::{Ask, see_other},
    pages::Trouble,
    routes::refused,
};

/// Cancels it, on one server or on all.
pub(super) async fn cancel(ask: Ask) -> Response {
    match try_cancel(&ask).await {
        Ok(response) => response,
        Err(trouble) => refused(trouble),
    }
}

async fn try_cancel(ask: &Ask) -> Result<Response, Trouble> {
    let (jobs, _) = office(ask)?;
    let (id, by) = (number(ask)?, principal(ask)?);
    let server = ask.form.filled("server").map(Name::new).transpose();
    let server = server.map_err(|_| Trouble::NotFound)?;
    match jobs.cancel(by, id, server.as_ref()).await {
        // What has ended meanwhile need not be cancelled: its page says how it ended.
        Ok(()) | Err(ManageError::Conflict(_)) => Ok(see_other(&format!("/jobs/{id}"))),
        Err(error) => Ok(told(ask, &error)),
    }
}

/// Runs it again.
pub(super) async fn retry(ask: Ask) -> Response {
    match try_retry(&ask).await {
        Ok(response) => response,
        Err(trouble) => refused(trouble),
    }
}

async fn try_retry(ask: &Ask) -> Result<Response, Trouble> {
    let (jobs, _) = office(ask)?;
    let (id, by) = (number(ask)?, principal(ask)?);
    match jobs.job(by, id).await {
        // It may have been asked for twice, or nothing is left to be done.
        Ok(job) if job.ended.is_none() || job.all_ok() => Ok(see_other(&format!("/jobs/{id}"))),
        // What was asked before the first time is asked again.
        Ok(job) => Ok(again(ask, &job).await),
        Err(error) => Ok(told(ask, &error)),
    }
}

pub(super) fn principal(ask: &Ask) -> Result<&Principal, Trouble> {
    ask.visitor.principal.as_ref().ok_or(Trouble::Forbidden)
}
