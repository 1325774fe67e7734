//! Jobs that are called: whoever has the token has it run.

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    order,
    rows::{Claim, Look, Taken},
};
use crate::{
    config::JobPlan,
    manage::{
        ManageError, Principal, Role, Via,
        jobs::{JobId, Jobs, Order, submit},
    },
    model::Name,
    probe::push::TokenHash,
};

/// So many calls of one job in [`WINDOW`] are answered.
const CALLS: usize = 20;
const WINDOW: Duration = Duration::from_secs(60);
/// A word by which a call is known again holds so long.
const KNOWN: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest such word, in bytes.
const WORD: usize = 200;

/// A call, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobCall {
    /// Values of parameters, of those that a caller may give.
    pub params: BTreeMap<String, String>,
    /// The word by which the caller knows this call: a second one with the same, within a day, runs
    /// nothing.
    pub word: Option<String>,
    /// From which address.
    pub from: Option<IpAddr>,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Called {
    /// It runs, as this job.
    Begun(JobId),
    /// It came before, and began this job.
    Known(JobId),
    /// It runs already, as this job; nothing was begun.
    Runs(JobId),
    /// Too many calls; this one was left out.
    TooMany,
}

/// When jobs were called of late. Held for a look only.
#[derive(Debug, Default)]
pub(in crate::manage::jobs) struct Calls(Mutex<BTreeMap<Name, VecDeque<Instant>>>);

impl Calls {
    /// Counts a call; whether it is one too many.
    fn too_many(&self, name: &Name, now: Instant) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = all.entry(name.clone()).or_default();
        while of_it.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
            of_it.pop_front();
        }
        if of_it.len() >= CALLS {
            return true;
        }
        of_it.push_back(now);
        false
    }
}

impl Jobs {
    /// Somebody calls with a token; `None` when no job that may run has it.
    ///
    /// # Errors
    /// [`ManageError::Invalid`] for a parameter that he may not give or that cannot be, and for a
    /// word that is too long; else as [`Jobs::submit`].
    pub async fn call(
        &self,
        token: &TokenHash,
        call: &JobCall,
    ) -> Result<Option<Called>, ManageError> {
        let fleet = self.fleet();
        let Some(plan) = fleet.callable(token) else { return Ok(None) };
        let manage = &self.shared.manage;
        if self.shared.calls.too_many(&plan.name, manage.clock().instant()) {
            return Ok(Some(Called::TooMany));
        }
        let order = called(plan, call)?;
        let claim =
            Claim::Call { word: call.word.clone(), since: manage.clock().now().minus(KNOWN) };
        let name = &plan.name;
        if let Some(taken) = manage.database().work(&Look { name, claim: &claim }).await? {
            return Ok(Some(answer(taken)));
        }
        let run = submit::submit_run(&self.shared, &principal(name, call), order, &claim).await?;
        Ok(Some(run.map_or_else(answer, |job| Called::Begun(job.id))))
    }

    /// What such a call would run, and as who; nothing is run, and it counts for nothing. `None` as
    /// in [`Jobs::call`].
    ///
    /// # Errors
    /// As [`Jobs::call`].
    pub fn would_call(
        &self,
        token: &TokenHash,
        call: &JobCall,
    ) -> Result<Option<(Principal, Order)>, ManageError> {
        let fleet = self.fleet();
        let Some(plan) = fleet.callable(token) else { return Ok(None) };
        Ok(Some((principal(&plan.name, call), called(plan, call)?)))
    }
}

const fn answer(taken: Taken) -> Called {
    match taken {
        Taken::Begun(job) => Called::Begun(job),
        Taken::Known(job) => Called::Known(job),
        Taken::Runs(job) => Called::Runs(job),
        // Of times only.
        Taken::Gone => Called::TooMany,
    }
}

/// What a call asks for.
fn called(plan: &JobPlan, call: &JobCall) -> Result<Order, ManageError> {
    let plain = |word: &String| word.len() <= WORD && word.chars().all(|c| c.is_ascii_graphic());
    if call.word.as_ref().is_some_and(|word| word.is_empty() || !plain(word)) {
        let message = format!("expected 1 to {WORD} visible ASCII characters");
        return Err(ManageError::invalid("Idempotency-Key", message));
    }
    if let Some(name) = call.params.keys().find(|name| !plan.may_set.contains(name)) {
        let may = if plan.may_set.is_empty() { "none".to_owned() } else { plan.may_set.join(", ") };
        let message = format!("{name:?} may not be given by a caller; may be given: {may}");
        return Err(ManageError::invalid("params", message));
    }
    Ok(order(plan, &call.params))
}

/// Whoever wrote the configuration lets it run; who calls is nobody that litemon knows.
fn principal(name: &Name, call: &JobCall) -> Principal {
    Principal::new(format!("trigger:{name}"), Role::Admin, Via::Litemon).from_address(call.from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_calls_too_often_is_not_heard() {
        let (calls, now) = (Calls::default(), Instant::now());
        let (one, other) = (Name::new("deploy").unwrap(), Name::new("clean").unwrap());
        assert!((0..CALLS).all(|_| !calls.too_many(&one, now)));
        assert!(calls.too_many(&one, now) && !calls.too_many(&other, now));
        assert!(calls.too_many(&one, now + WINDOW - Duration::from_secs(1)));
        assert!(!calls.too_many(&one, now + WINDOW));
    }
}
