//! Jobs of the configuration, above the list of those that ran: when each runs next, how it last
//! ended, and a button to have it run now.

use litemon_core::manage::jobs::{Planned, Skipped};
use maud::{Markup, html};

use super::{outcome, what};
use crate::{scene::Scene, text::Clean};

/// What the buttons send. It holds a secret of the reader's, so that it is no part of what many
/// readers are sent.
pub(super) fn form(scene: &Scene) -> Markup {
    html! { form #plan method="post" { (scene.csrf()) } }
}

pub(super) fn list(scene: &Scene, planned: &[Planned]) -> Markup {
    let words = &scene.words.jobs;
    html! {
        section #planned {
            h2.section { (words.planned) " " span.count { (planned.len()) } }
            table.jobs {
                thead { tr {
                    th scope="col" { (words.planned_name) }
                    th scope="col" { (words.planned_times) }
                    th scope="col" { (words.planned_next) }
                    th scope="col" { (words.planned_last) }
                    th scope="col" { span.hidden { (words.planned_run) } }
                } }
                tbody { @for job in planned { (row(scene, job)) } }
            }
        }
    }
}

fn row(scene: &Scene, job: &Planned) -> Markup {
    let words = &scene.words.jobs;
    html! {
        tr {
            th scope="row" {
                (job.name) " " span.soft { (Clean(&what::short(scene.words, &job.order.what))) }
            }
            td {
                @if let Some((pattern, zone)) = &job.cron { code { (Clean(pattern)) } " " span.soft { (Clean(zone)) } }
                @if job.callable { " " (words.planned_called) }
            }
            td.at { (next(scene, job)) }
            td.state { (last(scene, job)) }
            td.right {
                button.button.plain type="submit" form="plan" formaction={ "/schedules/" (job.name) "/run" } {
                    (words.planned_run) span.hidden { ": " (job.name) }
                }
            }
        }
    }
}

fn next(scene: &Scene, job: &Planned) -> Markup {
    let words = &scene.words.jobs;
    html! {
        @if let Some(number) = job.running {
            a href={ "/jobs/" (number) } { (words.planned_running(number)) }
        } @else if !job.enabled {
            (words.planned_off)
        } @else if let Some(at) = job.next {
            (scene.moment(at, false))
        }
    }
}

fn last(scene: &Scene, job: &Planned) -> Markup {
    let words = &scene.words.jobs;
    html! {
        @if let Some((at, end)) = &job.last {
            (outcome::mark(if end.not_ok > 0 { "bad" } else { "ok" })) " "
            a href={ "/jobs/" (end.number) } {
                @if end.not_ok > 0 { (words.count_failed(end.not_ok)) @if end.ok > 0 { " · " } }
                @if end.ok > 0 { (words.count_ok(end.ok)) }
            }
            " " (scene.moment(*at, false))
        }
        @if let Some((at, why)) = &job.skipped {
            p.soft { (words.planned_skipped) " " (scene.moment(*at, false)) ": " (Clean(&why_not(scene, why))) }
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
