//! Makes a report for a reader who waits.

use std::{sync::Arc, time::Duration};

use litemon_core::{
    manage::Principal,
    report::{Ask, Report, Span, report},
};
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;

use crate::service::Site;

/// Reports that are made at once: each keeps the store's calls busy.
const AT_ONCE: usize = 2;
/// The longest that one may take, waiting for its turn included.
const WITHIN: Duration = Duration::from_secs(30);
/// As long as a restart may take where nothing else is said.
const BACK_WITHIN: Duration = Duration::from_secs(600);

/// Turns to make a report.
#[derive(Debug)]
pub(crate) struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

/// There is no report now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoReport {
    /// The store, or the jobs, cannot be read.
    #[error("{0}")]
    Away(String),
    /// It takes too long.
    #[error("the report takes longer than {} seconds: take a shorter time", WITHIN.as_secs())]
    Slow,
}

/// Makes a report of what the store and, for who may read them, the jobs say.
pub(crate) async fn read(
    site: &Arc<Site>,
    span: Span,
    by: Option<&Principal>,
) -> Result<Report, NoReport> {
    let made = make(Arc::clone(site), span, by.cloned());
    // A task of its own, which ends when nobody waits for it: what a store's calls give is not
    // `Sync`, as what waits here has to be.
    let task = AbortOnDropHandle::new(tokio::spawn(tokio::time::timeout(WITHIN, made)));
    match task.await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(NoReport::Slow),
        Err(error) => Err(NoReport::Away(error.to_string())),
    }
}

async fn make(site: Arc<Site>, span: Span, by: Option<Principal>) -> Result<Report, NoReport> {
    let away = |error: &dyn std::error::Error| {
        tracing::warn!(%error, "a report cannot be made");
        NoReport::Away(error.to_string())
    };
    let _turn = site.reports.0.acquire().await.map_err(|error| away(&error))?;
    let mut ask = Ask::new(span, site.handles.clock.now(), site.settings.zone.clone());
    ask.remedies.clone_from(&site.settings.remedies);
    if let Some((manage, by)) = site.handles.manage.as_ref().zip(by.as_ref()) {
        ask = ask.with_jobs(manage, by, BACK_WITHIN).await.map_err(|error| away(&error))?;
    }
    report(site.handles.store.clone(), ask).await.map_err(|error| away(&error))
}
