//! Runs jobs at their times: one task of the running monitor.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::json;

use super::{
    due::{Due, due},
    order,
    rows::{self, Claim, Known, Skipped, Taken},
};
use crate::{
    config::{JobPlan, JobTimes},
    manage::{
        ManageError, Principal, Role, Via,
        jobs::{handle::Shared, submit},
    },
    model::{Name, Timestamp},
};

/// How often it is looked at least: the machine's clock may be set.
const LOOK: Duration = Duration::from_secs(60);
/// How long after a failure it is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs what is due, now and from now on.
pub(in crate::manage::jobs) fn keep(shared: &Arc<Shared>) {
    let (weak, end) = (Arc::downgrade(shared), shared.end.clone());
    let (mut fleet, clock) = (shared.fleet.clone(), Arc::clone(&shared.manage.office.clock));
    shared.tasks.spawn(end.run_until_cancelled_owned(async move {
        loop {
            let Some(shared) = weak.upgrade() else { return };
            fleet.mark_unchanged();
            let wait = match look(&shared).await {
                Ok(next) => next.map_or(LOOK, |at| at.since(clock.now()).min(LOOK)),
                Err(error) => {
                    tracing::warn!("the times of jobs cannot be looked at: {error}");
                    AGAIN
                }
            };
            drop(shared);
            tokio::select! {
                () = clock.sleep_until(clock.instant() + wait) => {}
                changed = fleet.changed() => if changed.is_err() { return },
            }
        }
    }));
}

/// Sees to each job; when the next time comes.
async fn look(shared: &Arc<Shared>) -> Result<Option<Timestamp>, ManageError> {
    let fleet = shared.fleet.borrow().clone();
    let mut known = rows::all(shared.manage.database()).await?;
    let mut next: Option<Timestamp> = None;
    for plan in fleet.jobs().iter().filter(|plan| plan.enabled) {
        let Some(times) = &plan.times else { continue };
        let row = known.remove(plan.name.as_str()).unwrap_or_default();
        let at = see_to(shared, plan, times, row).await?;
        next = [next, at].into_iter().flatten().min();
    }
    forget(shared, &known).await?;
    Ok(next)
}

/// Does what is due; when the next time comes.
async fn see_to(
    shared: &Arc<Shared>,
    plan: &JobPlan,
    times: &JobTimes,
    row: Known,
) -> Result<Option<Timestamp>, ManageError> {
    let (database, now) = (shared.manage.database(), shared.manage.clock().now());
    let written = times.cron.to_string();
    let handled = row.due.filter(|_| row.times.as_ref() == Some(&written));
    match handled.map_or(Due::Anew, |handled| due(times, handled, now)) {
        Due::At(next) => return Ok(next),
        Due::Anew => {
            rows::count(database, plan.name.as_str(), Some((written.as_str(), now))).await?
        }
        Due::Missed(at) => skip(shared, &plan.name, at, Skipped::Missed).await?,
        Due::Now(at) => match row.running {
            Some(job) => skip(shared, &plan.name, at, Skipped::Runs(job)).await?,
            None => run(shared, plan, Claim::Time { times: written, due: at }, at).await?,
        },
    }
    Ok(times.cron.after(now))
}

async fn run(
    shared: &Arc<Shared>,
    plan: &JobPlan,
    claim: Claim,
    at: Timestamp,
) -> Result<(), ManageError> {
    let by = principal(&plan.name);
    let order = order(plan, &BTreeMap::new());
    match submit::submit_run(shared, &by, order, &claim).await {
        Ok(Ok(job)) => {
            tracing::info!(job = job.id, "{} runs at its time", plan.name);
            Ok(())
        }
        Ok(Err(Taken::Runs(job))) => skip(shared, &plan.name, at, Skipped::Runs(job)).await,
        Ok(Err(_)) => Ok(()),
        Err(error @ ManageError::Database { .. }) => Err(error),
        // It is tried again when litemon is back.
        Err(_) if shared.end.is_cancelled() => Ok(()),
        Err(error) => skip(shared, &plan.name, at, Skipped::Refused(error.to_string())).await,
    }
}

/// Says that a job did not run at its time.
async fn skip(
    shared: &Shared,
    name: &Name,
    at: Timestamp,
    why: Skipped,
) -> Result<(), ManageError> {
    tracing::warn!("{name} did not run at {at}: {why}");
    let detail = json!({ "at": at, "why": why });
    let write = rows::skip(shared.manage.database(), name, at, &why);
    let by = principal(name);
    shared.manage.office.audited(&by, "job.skip", name.as_str(), &detail, write).await
}

/// Those that have no times any more: should they have some again, these count from then on.
async fn forget(shared: &Shared, left: &BTreeMap<String, Known>) -> Result<(), ManageError> {
    for (name, row) in left {
        if row.times.is_some() {
            rows::count(shared.manage.database(), name, None).await?;
        }
    }
    Ok(())
}

/// Whoever wrote the configuration lets it run.
fn principal(name: &Name) -> Principal {
    Principal::new(format!("schedule:{name}"), Role::Admin, Via::Litemon)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio::sync::watch;

    use super::*;
    use crate::{
        clock::VirtualClock,
        config::{Inputs, Kinds, MachineSecrets, Plan, Surroundings, load_texts},
        manage::{
            KeyFiles, Manage,
            actions::Catalog,
            jobs::{Fleet, Job, Jobs, Planned},
        },
        model::Zone,
    };

    const NIGHTLY: &str = "[servers.here]\naddress = \"local\"\n\
        [jobs.nightly]\ncommand = \"true\"\nservers = \"here\"\ncron = \"0 3 * * *\"\n";

    fn time(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn plan(text: &str) -> Plan {
        let inputs = Inputs::new(Vec::new(), BTreeMap::new(), "/srv".into());
        let loaded = load_texts(vec![("litemon.toml".into(), text.to_owned())], &inputs).unwrap();
        let (secrets, kinds) = (MachineSecrets::new(BTreeMap::new()), Kinds::builtin());
        let environment = BTreeMap::from([("USER".to_owned(), "ops".to_owned())]);
        loaded.plan(&Surroundings::of(&environment, Zone::utc(), &secrets, &kinds)).unwrap()
    }

    /// litemon, as it is started on a folder.
    struct Litemon {
        jobs: Jobs,
        clock: Arc<VirtualClock>,
        fleet: watch::Sender<Fleet>,
    }

    impl Litemon {
        async fn start(folder: &Path, text: &str, now: &str) -> Self {
            let clock = Arc::new(VirtualClock::new(time(now)));
            let own: Arc<dyn crate::clock::Clock> = clock.clone();
            let manage = Manage::open(folder, &KeyFiles::default(), own).await.unwrap();
            let plan = plan(text);
            let (fleet, watched) = watch::channel(Fleet::of(&plan));
            let jobs = Jobs::open(&manage, watched, Catalog::new(&manage, &plan)).unwrap();
            Self { jobs, clock, fleet }
        }

        fn pass(&self, span: &str) {
            let span = span.parse::<crate::config::TimeSpan>().unwrap().0;
            self.clock.set_by(i64::try_from(span.as_millis()).unwrap());
        }

        async fn look(&self) -> Option<Timestamp> {
            look(&self.jobs.shared).await.unwrap()
        }

        fn by() -> Principal {
            Principal::new("ann", Role::Operator, Via::System)
        }

        /// All jobs, oldest first, once they have ended.
        async fn ended(&self) -> Vec<Job> {
            loop {
                let mut all = self.jobs.list(&Self::by(), None, 100).await.unwrap();
                if all.iter().all(|job| job.ended.is_some()) {
                    all.reverse();
                    return all;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }

        async fn nightly(&self) -> Planned {
            self.jobs.planned(&Self::by()).await.unwrap().remove(0)
        }
    }

    #[tokio::test]
    async fn each_time_is_seen_to_once_whatever_happens_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let first = Litemon::start(folder.path(), NIGHTLY, "2026-11-29T12:00:00Z").await;
        // What was before it was known does not count.
        assert_eq!(first.look().await, Some(time("2026-11-30T03:00:00Z")));
        first.pass("14h59m");
        first.look().await;
        assert!(first.ended().await.is_empty());
        first.pass("1m");
        assert_eq!(first.look().await, Some(time("2026-12-01T03:00:00Z")));
        first.look().await;
        let ran = first.ended().await;
        assert_eq!(ran.len(), 1);
        assert_eq!(ran[0].by.name, "schedule:nightly");
        assert!(ran[0].all_ok(), "{ran:?}");
        assert_eq!(first.nightly().await.last.unwrap().1.number, ran[0].id);
        drop(first);
        // Another one looks at once; and its clock is an hour behind.
        let second = Litemon::start(folder.path(), NIGHTLY, "2026-11-30T02:30:00Z").await;
        assert_eq!(second.look().await, Some(time("2026-12-01T03:00:00Z")));
        second.pass("1h");
        second.look().await;
        assert_eq!(second.ended().await.len(), 1);
        drop(second);
        // It did not run at that time, and is back within the hour; the next time too late.
        let third = Litemon::start(folder.path(), NIGHTLY, "2026-12-01T03:45:00Z").await;
        third.look().await;
        assert_eq!(third.ended().await.len(), 2);
        third.pass("1d1h");
        assert_eq!(third.look().await, Some(time("2026-12-03T03:00:00Z")));
        assert_eq!(third.ended().await.len(), 2);
        assert_eq!(third.nightly().await.skipped.unwrap().1, Skipped::Missed);
        third.pass("22h15m");
        third.look().await;
        assert_eq!(third.ended().await.len(), 3);
        assert_eq!(third.nightly().await.skipped, None);
    }

    #[tokio::test]
    async fn other_times_count_from_when_they_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let litemon = Litemon::start(folder.path(), NIGHTLY, "2026-11-29T12:00:00Z").await;
        litemon.look().await;
        litemon.pass("12h");
        let other = NIGHTLY.replace("0 3", "0 23");
        litemon.fleet.send_replace(Fleet::of(&plan(&other)));
        // 23:00 of the evening before is past, and was not wanted then.
        assert_eq!(litemon.look().await, Some(time("2026-11-30T23:00:00Z")));
        let off = format!("{other}enabled = false\n");
        litemon.fleet.send_replace(Fleet::of(&plan(&off)));
        litemon.pass("23h30m");
        assert_eq!(litemon.look().await, None);
        litemon.fleet.send_replace(Fleet::of(&plan(&other)));
        assert_eq!(litemon.look().await, Some(time("2026-12-01T23:00:00Z")));
        assert!(litemon.ended().await.is_empty());
    }

    #[tokio::test]
    async fn a_run_that_goes_on_keeps_the_next_one_away() {
        let folder = tempfile::tempdir().unwrap();
        let text = NIGHTLY.replace("\"true\"", "\"sleep 30\"").replace("0 3 * * *", "* * * * *");
        let litemon = Litemon::start(folder.path(), &text, "2026-11-29T12:00:00Z").await;
        litemon.look().await;
        litemon.pass("1m");
        litemon.look().await;
        litemon.pass("1m");
        litemon.look().await;
        let nightly = litemon.nightly().await;
        let running = nightly.running.unwrap();
        assert_eq!(nightly.skipped.unwrap().1, Skipped::Runs(running));
        let by_hand = litemon.jobs.run_planned(&Litemon::by(), &nightly.name).await;
        assert!(matches!(by_hand, Err(ManageError::Conflict(_))), "{by_hand:?}");
        litemon.jobs.cancel(&Litemon::by(), running, None).await.unwrap();
        assert_eq!(litemon.ended().await.len(), 1);
    }
}
