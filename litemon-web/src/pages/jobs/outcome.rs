//! How a job is going, or went: as a shape, a word and what is to be said beside it.

use litemon_core::manage::jobs::{Job, JobResult, Outcome, Stage};
use maud::{Markup, html};

use crate::{scene::Scene, words::Words};

/// The class that gives a stage its shape and colour.
pub(super) const fn class(stage: &Stage) -> &'static str {
    match stage {
        Stage::Running | Stage::Settling(_) | Stage::Cancelling => "busy",
        Stage::Done(Outcome::Ok) => "ok",
        Stage::Waiting(_)
        | Stage::Away { .. }
        | Stage::Done(Outcome::Cancelled | Outcome::NotStarted(_)) => "unknown",
        _ => "bad",
    }
}

/// The shape.
pub(super) fn mark(class: &str) -> Markup {
    html! { span.mark.(class) aria-hidden="true" {} }
}

/// The word.
pub(super) const fn word(words: &Words, stage: &Stage) -> &'static str {
    let jobs = &words.jobs;
    match stage {
        Stage::Waiting(_) | Stage::Away { .. } => jobs.waiting,
        Stage::Running => jobs.running,
        Stage::Settling(_) => words.rolling.settling,
        Stage::Cancelling => jobs.cancelling,
        Stage::Done(outcome) => match outcome {
            Outcome::Ok => jobs.ok,
            Outcome::Failed(_) => jobs.failed,
            Outcome::Signalled(_) => jobs.signalled,
            Outcome::SudoRefused(_) => jobs.sudo_refused,
            Outcome::Unreachable(_) => jobs.unreachable,
            Outcome::HostKey(_) => jobs.host_key,
            Outcome::Auth(_) => jobs.auth,
            Outcome::TimedOut { ended: true } => jobs.timed_out_ended,
            Outcome::TimedOut { ended: false } => jobs.timed_out_running,
            Outcome::Dropped(_) => jobs.dropped,
            Outcome::Unwell(_) => words.rolling.unwell,
            Outcome::Cancelled => jobs.cancelled,
            Outcome::NotStarted(_) => words.rolling.not_begun,
            _ => jobs.unknown,
        },
        _ => jobs.unknown,
    }
}

/// What is to be said beside the word; it may hold a server's own words.
pub(super) fn detail(scene: &Scene, stage: &Stage) -> Option<String> {
    let jobs = &scene.words.jobs;
    match stage {
        Stage::Away { until, .. } => Some(jobs.until_back(scene.zone.date_time(*until))),
        Stage::Waiting(why) => Some(why.clone().unwrap_or_else(|| jobs.waits_for_turn.to_owned())),
        Stage::Settling(checks) => Some(checks.clone()),
        Stage::Done(outcome) => match outcome {
            Outcome::Failed(status) => Some(jobs.exit_status(*status)),
            Outcome::Signalled(signal) => Some(jobs.by_signal(signal.as_str())),
            Outcome::SudoRefused(why)
            | Outcome::Unreachable(why)
            | Outcome::HostKey(why)
            | Outcome::Auth(why)
            | Outcome::Dropped(why)
            | Outcome::Unwell(why)
            | Outcome::Unknown(why) => Some(why.clone()).filter(|why| !why.is_empty()),
            _ => None,
        },
        _ => None,
    }
}

/// How many servers of a job are how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) all: usize,
    pub(super) ok: usize,
    pub(super) failed: usize,
    pub(super) cancelled: usize,
    pub(super) not_begun: usize,
    pub(super) running: usize,
    pub(super) waiting: usize,
}

impl Tally {
    pub(super) fn of(job: &Job) -> Self {
        let mut tally = Self { all: job.results.len(), ..Self::default() };
        for result in &job.results {
            *match &result.stage {
                Stage::Waiting(_) | Stage::Away { .. } => &mut tally.waiting,
                Stage::Done(Outcome::Ok) => &mut tally.ok,
                Stage::Done(Outcome::Cancelled) => &mut tally.cancelled,
                Stage::Done(Outcome::NotStarted(_)) => &mut tally.not_begun,
                Stage::Done(_) => &mut tally.failed,
                _ => &mut tally.running,
            } += 1;
        }
        tally
    }

    /// How many are over.
    pub(super) const fn done(self) -> usize {
        self.ok + self.failed + self.cancelled + self.not_begun
    }

    /// The worst of it as a class.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self { failed: 1.., .. } => "bad",
            Self { running: 1.., .. } => "busy",
            Self { cancelled: 1.., .. }
            | Self { not_begun: 1.., .. }
            | Self { waiting: 1.., .. } => "unknown",
            _ => "ok",
        }
    }

    /// The verdict in words.
    pub(super) fn verdict(self, words: &Words) -> String {
        let jobs = &words.jobs;
        match self {
            Self { running: 0, waiting: 0, failed: 0, cancelled: 0, not_begun: 1.., .. } => {
                words.rolling.count_not_begun(self.not_begun)
            }
            Self { running: 0, waiting: 0, failed: 0, cancelled: 0, .. } => {
                jobs.verdict_ok(self.all)
            }
            Self { running: 0, waiting: 0, failed: 0, .. } => {
                jobs.verdict_cancelled(self.cancelled, self.all)
            }
            Self { running: 0, waiting: 0, .. } => jobs.verdict_failed(self.failed, self.all),
            _ => jobs.verdict_running(self.done(), self.all),
        }
    }

    /// `3 succeeded · 1 did not succeed`
    pub(super) fn counts(self, words: &Words) -> String {
        let jobs = &words.jobs;
        let parts = [
            (self.failed, jobs.count_failed(self.failed)),
            (self.ok, jobs.count_ok(self.ok)),
            (self.cancelled, jobs.count_cancelled(self.cancelled)),
            (self.not_begun, words.rolling.count_not_begun(self.not_begun)),
            (self.running, jobs.count_running(self.running)),
            (self.waiting, jobs.count_waiting(self.waiting)),
        ];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text);
        parts.collect::<Vec<_>>().join(" · ")
    }
}

/// Those that are over and did not do what was asked for, but for those where nothing was begun
/// since the job stopped.
pub(super) fn failures(job: &Job) -> impl Iterator<Item = &JobResult> {
    let failed = |end: &Outcome| !end.is_ok() && !matches!(end, Outcome::NotStarted(_));
    job.results.iter().filter(move |one| matches!(&one.stage, Stage::Done(end) if failed(end)))
}
