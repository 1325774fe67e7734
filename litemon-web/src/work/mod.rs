//! Running things on servers from pages: what pages show of jobs, how one is started, cancelled and
//! run again, and its output as it comes.

mod planned;
mod read;
mod rolling;
mod start;
mod steer;
mod tail;
mod text;

use litemon_core::manage::{
    Role,
    actions::Catalog,
    jobs::{JobId, Jobs},
};

pub(crate) use read::Reading;
use warp::reply::Response;

use crate::{
    gate::{Ask, Entry, Least, entry},
    pages::{JobSearch, Page, Trouble},
    routes::{page, refused},
};

/// The addresses of jobs, and of what starts and steers them.
pub(crate) fn entries() -> Vec<Entry> {
    vec![
        entry!(GET "/jobs", Least::Role(Role::Operator), list),
        entry!(GET "/jobs/{job}", Least::Role(Role::Operator), job),
        entry!(POST "/jobs/new", Least::Role(Role::Operator), start::start),
        entry!(POST "/jobs", Least::Role(Role::Operator), start::start),
        entry!(POST "/schedules/{name}/run", Least::Role(Role::Operator), planned::run),
        entry!(POST "/jobs/{job}/cancel", Least::Role(Role::Operator), steer::cancel),
        entry!(POST "/jobs/{job}/pause", Least::Role(Role::Operator), rolling::pause),
        entry!(POST "/jobs/{job}/continue", Least::Role(Role::Operator), rolling::go_on),
        entry!(POST "/jobs/{job}/retry", Least::Role(Role::Operator), steer::retry),
        entry!(GET "/jobs/{job}/tail", Least::Role(Role::Operator), tail::tail),
        entry!(GET "/jobs/{job}/output/{server}", Least::Role(Role::Operator), text::text),
    ]
}

async fn list(ask: Ask) -> Response {
    let query = &ask.query;
    let search = JobSearch::new(query.get("before"), query.get("q"), query.get("state"));
    page(office(&ask).ok().map(|_| Page::Jobs(search)), ask.words, ask.visitor, ask.site).await
}

async fn job(ask: Ask) -> Response {
    match office(&ask).and_then(|_| number(&ask)) {
        Ok(id) => page(Some(Page::Job(id)), ask.words, ask.visitor, ask.site).await,
        Err(trouble) => refused(trouble),
    }
}

/// The jobs and actions of this dashboard, where it has them.
fn office(ask: &Ask) -> Result<(&Jobs, &Catalog), Trouble> {
    let handles = &ask.site.handles;
    handles.jobs.as_ref().zip(handles.actions.as_ref()).ok_or(Trouble::NotFound)
}

/// The job that stands in the address.
fn number(ask: &Ask) -> Result<JobId, Trouble> {
    ask.segment(0).parse().map_err(|_| Trouble::NoJob)
}
