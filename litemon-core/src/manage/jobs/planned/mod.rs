//! Jobs of the configuration, which nobody has to begin.

mod calls;
mod due;
mod keep;
mod rows;

use std::collections::BTreeMap;

pub(super) use self::{
    calls::Calls,
    keep::keep,
    rows::{Claim, InsertRun, Look, Taken},
};
pub use self::{
    calls::{Called, JobCall},
    rows::Skipped,
};
use super::{
    handle::{Jobs, may_look},
    model::{Job, JobId, Order, What},
    submit,
};
use crate::{
    config::{JobPlan, JobWhat},
    manage::{ManageError, Principal},
    model::{JobEnd, Name, TellOn, Timestamp},
};

/// A job of the configuration, as it is now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Planned {
    /// Its name.
    pub name: Name,
    /// What would run.
    pub order: Order,
    /// When it runs: the pattern, and the zone that it is meant in.
    pub cron: Option<(String, String)>,
    /// Whether it can be called.
    pub callable: bool,
    /// Parameters that a caller may give.
    pub may_set: Vec<String>,
    /// Whether neither time nor call is left out.
    pub enabled: bool,
    /// When it runs next.
    pub next: Option<Timestamp>,
    /// The run that has not ended.
    pub running: Option<JobId>,
    /// How it last ended, and when.
    pub last: Option<(Timestamp, JobEnd)>,
    /// The last time that it did not run, if it did not run since.
    pub skipped: Option<(Timestamp, Skipped)>,
}

impl Planned {
    /// One that neither a time nor a call begins, and that did not run yet.
    #[must_use]
    pub const fn new(name: Name, order: Order) -> Self {
        Self {
            name,
            order,
            cron: None,
            callable: false,
            may_set: Vec::new(),
            enabled: true,
            next: None,
            running: None,
            last: None,
            skipped: None,
        }
    }

    /// When people are told of its end.
    #[must_use]
    pub const fn notify_on(&self) -> TellOn {
        self.order.notify_on
    }
}

impl Jobs {
    /// From now on runs jobs of the configuration at their times. For the running monitor alone.
    pub fn keep_times(&self) {
        keep(&self.shared);
    }

    /// The jobs of the configuration, in the order of the file.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`], [`ManageError::Database`].
    pub async fn planned(&self, by: &Principal) -> Result<Vec<Planned>, ManageError> {
        may_look(by)?;
        let (fleet, manage) = (self.fleet(), &self.shared.manage);
        let mut known = rows::all(manage.database()).await?;
        let now = manage.clock().now();
        let plans = fleet.jobs().iter();
        Ok(plans
            .map(|plan| {
                let known = known.remove(plan.name.as_str()).unwrap_or_default();
                let times = plan.times.as_ref();
                let zone = |zone: &crate::model::Zone| zone.name().unwrap_or("local").to_owned();
                Planned {
                    cron: times.map(|of| (of.cron.as_str().to_owned(), zone(of.cron.zone()))),
                    callable: plan.token.is_some(),
                    may_set: plan.may_set.clone(),
                    enabled: plan.enabled,
                    next: times.filter(|_| plan.enabled).and_then(|of| of.cron.after(now)),
                    running: known.running,
                    last: known.last,
                    skipped: known.skipped,
                    ..Planned::new(plan.name.clone(), order(plan, &BTreeMap::new()))
                }
            })
            .collect())
    }

    /// Runs a job of the configuration now, as if somebody asked for all that it says.
    ///
    /// # Errors
    /// As [`Jobs::submit`]; [`ManageError::NotFound`] when the configuration has none of that name,
    /// [`ManageError::Conflict`] while it runs.
    pub async fn run_planned(&self, by: &Principal, name: &Name) -> Result<Job, ManageError> {
        let fleet = self.fleet();
        let plan = fleet.job(name).ok_or_else(|| no_plan(name))?;
        let order = order(plan, &BTreeMap::new());
        begun(submit::submit_run(&self.shared, by, order, &Claim::Hand).await?)
    }
}

/// The job that began, or that it runs already.
fn begun(run: Result<Job, Taken>) -> Result<Job, ManageError> {
    run.map_err(|taken| match taken {
        Taken::Runs(job) => ManageError::Conflict(format!("it runs already, as job {job}")),
        _ => ManageError::Conflict("it ran already".to_owned()),
    })
}

fn no_plan(name: &Name) -> ManageError {
    ManageError::NotFound { what: "job in the configuration", name: name.to_string() }
}

/// What a job of the configuration comes down to, with these parameters on top of its own.
fn order(plan: &JobPlan, given: &BTreeMap<String, String>) -> Order {
    let what = match &plan.what {
        JobWhat::Command(line) => What::Command(line.clone()),
        JobWhat::Action(name, params) => {
            let mut params = params.clone();
            params.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
            What::Action { name: name.clone(), params }
        }
    };
    let mut order = Order::new(what, plan.servers.clone());
    order.sudo = plan.sudo;
    order.limit = plan.timeout;
    order.at_once = plan.at_once;
    order.notify.clone_from(&plan.notify);
    order.notify_on = plan.notify_on;
    order.planned = Some(plan.name.clone());
    order
}
