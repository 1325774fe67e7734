//! Who runs a job: this process, or the running monitor where it goes by how servers are.

use std::time::Duration;

use litemon_core::manage::{
    ManageError,
    jobs::{Job, JobId, Order},
};
use litemon_web::api::job_types::{self, JobOrder};
use reqwest::Method;

use super::Desk;
use crate::{
    args::Reach,
    client::{Client, understood},
    context::Context,
    error::{CliError, Result},
    management::refused,
};

/// What this process runs has to be followed here; what the monitor runs is looked up so often.
pub const LOOK: Duration = Duration::from_millis(500);

/// A job that was begun.
pub struct Begun {
    pub job: Job,
    /// The running monitor runs it.
    pub elsewhere: bool,
}

impl Begun {
    /// One that this process runs.
    pub fn here(job: std::result::Result<Job, ManageError>) -> Result<Self> {
        Ok(Self { job: job.map_err(refused)?, elsewhere: false })
    }
}

/// Begins what was asked for. Whoever asks has agreed to what is dangerous.
pub async fn order(context: &Context, desk: &Desk, order: Order) -> Result<Begun> {
    if !by_monitor(&order) {
        return Begun::here(desk.jobs().submit(&desk.by, order).await);
    }
    let body = JobOrder::of(&order, true);
    handed(context, desk, "jobs", Some(&body)).await
}

/// Runs a job again where it did not succeed.
pub async fn again(context: &Context, desk: &Desk, job: &Job) -> Result<Begun> {
    if !by_monitor(&job.order) {
        return Begun::here(desk.jobs().retry(&desk.by, job.id).await);
    }
    handed(context, desk, &format!("jobs/{}/retry", job.id), None).await
}

fn by_monitor(order: &Order) -> bool {
    order.rolling.as_ref().is_some_and(litemon_core::manage::jobs::Rolling::needs_health)
}

/// Hands it to the running monitor, over the socket in its state folder.
async fn handed(
    context: &Context,
    desk: &Desk,
    path: &str,
    body: Option<&JobOrder>,
) -> Result<Begun> {
    let reach = Reach { state_dir: Some(desk.plan.state_dir.clone()), url: None };
    let client = Client::new(context, &reach)?;
    // Whoever starts no monitor is to hear what it is needed for; what a monitor refuses, it says.
    client.text("jobs?limit=1").await.map_err(|error| {
        CliError::failed(format!(
            "a rolling job goes by the servers' own checks, so the running monitor runs it (without \
             one: --healthy-rounds 0, and no --keep-healthy): {error}"
        ))
    })?;
    let told = client.order(Method::POST, path, body).await?;
    let id: JobId = understood::<job_types::Job>(&told)?.job;
    let job = desk.jobs().job(&desk.by, id).await.map_err(refused)?;
    Ok(Begun { job, elsewhere: true })
}
