//! Jobs of the configuration, above the list of those that ran: when each runs next, how it last
//! ended, and a button to have it run now.

use litemon_core::manage::jobs::{Planned, Skipped};
use maud::{Markup, html};

use super::{list, outcome, what};
use crate::{scene::Scene, text::Clean};

/// What the buttons send. It holds a secret of the reader's, so that it is no part of what many
/// readers are sent.
pub(super) fn form(scene: &Scene) -> Markup {
    html! { form #plan method="post" { (scene.csrf()) } }
}

pub(super) fn section(scene: &Scene, planned: &[Planned]) -> Markup {
    let words = &scene.words.jobs;
    html! {
        section #planned {
            h2.section { (words.planned) " " span.count { (planned.len()) } }
            div.card {
                table.plans {
                    thead { tr {
                        th scope="col" { (words.planned_name) }
                        th scope="col" { (words.planned_times) }
                        th scope="col" { (words.planned_next) }
                        th scope="col" { (words.planned_last) }
                        td {}
                    } }
                    tbody { @for job in planned { (row(scene, job)) } }
                }
            }
        }
    }
}

fn row(scene: &Scene, job: &Planned) -> Markup {
    let words = &scene.words.jobs;
    let short = what::short(scene.words, &job.order.what);
    html! {
        tr {
            th scope="row" {
                (job.name)
                " " span.soft { (Clean(&short)) " · " span.nowrap { (list::servers(scene, &job.order.servers)) } }
            }
            td.times { (label(words.planned_times)) (times(scene, job)) }
            td.next { @if let Some(next) = next(scene, job) { (label(words.planned_next)) (next) } }
            td.last { (label(words.planned_last)) (last(scene, job)) }
            td.do {
                @if job.running.is_none() {
                    button.button type="submit" form="plan" formaction={ "/schedules/" (job.name) "/run" }
                        data-focus={ "plan-" (job.name) } {
                        (words.planned_run) span.hidden { ": " (job.name) }
                    }
                }
            }
        }
    }
}

/// What a column's head says, where there is no room for heads.
fn label(text: &str) -> Markup {
    html! { span.label { (text) " " } }
}

/// The pattern with its zone, and whether it is run when somebody calls.
fn times(scene: &Scene, job: &Planned) -> Markup {
    let words = &scene.words.jobs;
    html! {
        @if let Some((pattern, zone)) = &job.cron { code { (Clean(pattern)) } " " span.soft { (Clean(zone)) } }
        @if job.callable {
            @if job.cron.is_some() { " " span.soft { (words.planned_also) } } @else { (words.planned_called) }
        }
    }
}

/// Nothing for one that only waits for a call.
fn next(scene: &Scene, job: &Planned) -> Option<Markup> {
    let words = &scene.words.jobs;
    if let Some(number) = job.running {
        let link = html! { a.link href={ "/jobs/" (number) } { (words.planned_running(number)) } };
        return Some(html! { (outcome::mark("busy")) " " (link) });
    }
    match job.next {
        _ if !job.enabled => Some(html! { (words.planned_off) }),
        next => next.map(|at| scene.soon(at)),
    }
}

fn last(scene: &Scene, job: &Planned) -> Markup {
    let words = &scene.words.jobs;
    html! {
        @if let Some((at, end)) = &job.last {
            (outcome::mark(if end.not_ok > 0 { "bad" } else { "ok" })) " "
            a.link href={ "/jobs/" (end.number) } {
                @if end.not_ok > 0 { (words.count_failed(end.not_ok)) @if end.ok > 0 { " · " } }
                @if end.ok > 0 { (words.count_ok(end.ok)) }
            }
            " " span.soft { (scene.moment(*at, false)) }
        } @else if job.skipped.is_none() {
            span.never { (words.planned_never) }
        }
        @if let Some((at, why)) = &job.skipped {
            span.soft.skipped { (words.planned_skipped) " " (scene.moment(*at, false)) ": " (Clean(&why_not(scene, why))) }
        }
    }
}

fn why_not(scene: &Scene, why: &Skipped) -> String {
    let words = &scene.words.jobs;
    match why {
        Skipped::Missed => words.planned_missed.to_owned(),
        Skipped::Runs(number) => words.planned_ran(*number),
        other => other.to_string(),
    }
}
