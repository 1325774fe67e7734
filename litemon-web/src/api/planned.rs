//! `/api/v1/schedules`: the jobs of the configuration.

use litemon_core::manage::jobs::{Order, Planned};

use super::{
    call::{Answer, Call, body, json},
    jobs::{Desk, begun, confirmed},
    planned_types::{JobWould, PlannedJob, PlannedList, RunOrder},
    problem::Refusal,
};

pub(super) async fn list(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    let jobs = desk.jobs.planned(&desk.by).await?;
    json(&PlannedList { jobs: jobs.iter().map(PlannedJob::from).collect() })
}

pub(super) async fn run(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    let asked: RunOrder =
        if call.payload.0.is_empty() { RunOrder::default() } else { body(&call)? };
    let planned = planned(&desk, &call).await?;
    if asked.dry_run {
        return would(&desk, &call, &planned.order).await;
    }
    confirmed(&call, &planned.order, asked.confirm).await?;
    begun(&desk.jobs.run_planned(&desk.by, &planned.name).await?)
}

pub(super) async fn check(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    let order = planned(&desk, &call).await?.order;
    would(&desk, &call, &order).await
}

async fn planned(desk: &Desk, call: &Call) -> Result<Planned, Refusal> {
    let planned = desk.jobs.planned(&desk.by).await?;
    let mut of_name = planned.into_iter().filter(|job| job.name.as_str() == call.segment(0));
    of_name.next().ok_or_else(|| Refusal::unknown("no job of the configuration has this name"))
}

/// What an order would do.
pub(super) async fn would(desk: &Desk, call: &Call, order: &Order) -> Answer {
    let would = desk.jobs.would(&desk.by, order, Some(&call.snapshot)).await?;
    json(&JobWould::of(order, &would))
}
