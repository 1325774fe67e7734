//! How far a rolling job is as a whole, and what it was asked to heed.

use litemon_core::manage::jobs::{Halt, Job, PausedBy, RollState, Rolling, Stage};
use maud::{Markup, html};

use super::{super::Fragment, outcome::Tally};
use crate::{
    scene::Scene,
    text::Clean,
    words::{Words, rolling::RollingWords},
};

/// The state as a notice, unless it just goes on.
pub(super) fn notice(scene: &Scene, job: &Job) -> Fragment {
    let html = html! {
        div #rolled {
            @if let Some((line, class)) = line(scene.words, job) {
                p.notice.(class) role="status" {
                    (Clean(&line)) " " (Tally::of(job).counts(scene.words)) "."
                }
            }
        }
    };
    Fragment::new("rolled", html)
}

/// What is to be said, and how loud: quietly that it goes on, plainly that it waits for something,
/// and that it stopped as a problem.
fn line(words: &Words, job: &Job) -> Option<(String, &'static str)> {
    let words = &words.rolling;
    let line = match &job.rolled.as_ref()?.state {
        RollState::Waiting(short) => words.waits(short.group.as_str(), short.well, short.needed),
        RollState::Paused(PausedBy::Person(name)) => words.paused_by(name.as_str()),
        RollState::Paused(PausedBy::Canary) => words.paused_canary.to_owned(),
        RollState::Paused(_) => words.paused_restart.to_owned(),
        RollState::Stopped(halt) => return Some((stopped(words, halt), "bad")),
        _ if job.ended.is_none() => return Some((step(words, job)?, "going")),
        _ => return None,
    };
    Some((line, "held"))
}

fn stopped(words: &RollingWords, halt: &Halt) -> String {
    match halt {
        Halt::Failures { server, allowed: 0, .. } => words.stopped_failure(server.as_str()),
        Halt::Failures { server, failed, .. } => words.stopped_failures(*failed, server.as_str()),
        Halt::Short(short) => words.stopped_short(short.group.as_str(), short.well, short.needed),
        Halt::Paused => words.stopped_paused.to_owned(),
        other => other.to_string(),
    }
}

/// The batch that is under way.
fn step(words: &RollingWords, job: &Job) -> Option<String> {
    let open = job.results.iter().filter(|one| !matches!(one.stage, Stage::Done(_)));
    let now = open.filter_map(|one| one.batch).min()?;
    let count = job.results.iter().filter_map(|one| one.batch).max()?;
    Some(words.step(now, count))
}

/// What it was asked to heed, for the line below the heading.
pub(super) fn limits(words: &Words, rolling: &Rolling) -> Vec<String> {
    let words = &words.rolling;
    let canary = (rolling.canary > 0).then(|| words.canary_first(rolling.canary));
    let checked = (rolling.healthy_rounds > 0).then(|| words.checked(rolling.healthy_rounds));
    let keeps = rolling.keep_healthy.map(|share| words.keeps(share.to_string()));
    let together = Some(words.together(rolling.batch.to_string()));
    [canary, together, checked, keeps].into_iter().flatten().collect()
}

/// Pause, or go on. The button belongs to the form of the page.
pub(super) fn button(scene: &Scene, job: &Job) -> Option<Markup> {
    let state = &job.rolled.as_ref()?.state;
    let words = &scene.words.rolling;
    let (verb, text, first) = match state {
        RollState::Paused(_) => ("continue", words.go_on, true),
        _ => ("pause", words.pause, false),
    };
    Some(html! {
        button.button.first[first] type="submit" form="job" formaction={ "/jobs/" (job.id) "/" (verb) } { (text) }
    })
}
