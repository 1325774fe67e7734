//! One server of a job: a line that says how it goes, and its output below, once it is opened.

use litemon_core::{
    manage::jobs::{Job, JobResult, Stage},
    model::Timestamp,
};
use maud::{Markup, html};

use super::{
    super::{Fold, Fragment},
    Tail, outcome,
};
use crate::{plain, scene::Scene, text::Clean};

/// So few servers have their output open from the start.
const FEW: usize = 4;

pub(super) fn row(scene: &Scene, job: &Job, result: &JobResult, tail: &Tail) -> Fold {
    let server = &result.server;
    let failed = outcome::class(&result.stage) == "bad";
    let done = matches!(result.stage, Stage::Done(_));
    let few = job.results.len() <= FEW;
    Fold {
        id: format!("d-{server}"),
        open: if tail.bytes > 0 { failed || few } else { few && !done },
        summary: Fragment::new(format!("h-{server}"), summary(scene, result, tail)),
        tools: Fragment::new(format!("t-{server}"), tools(scene, job, result)),
        body: output(scene, result, tail),
    }
}

fn summary(scene: &Scene, result: &JobResult, tail: &Tail) -> Markup {
    let class = outcome::class(&result.stage);
    let detail = outcome::detail(scene, &result.stage);
    let last = plain::last_line(&tail.text);
    html! {
        summary.result.(class) #{ "h-" (result.server) } data-focus={ "h-" (result.server) } {
            span.name {
                (outcome::mark(class)) " " b { (result.server) }
                @if let Some(batch) = result.batch { " " span.soft.batch { (scene.words.rolling.number(batch)) } }
            }
            span.state {
                span.word { (outcome::word(scene.words, &result.stage)) }
                @if let Some(detail) = detail { " " span.soft { (Clean(&detail)) } }
            }
            code.line { @if let Some(last) = last { (Clean(last)) } }
            span.took { @if let Some(took) = took(result, scene.now) { (scene.words.duration(took)) } }
        }
    }
}

/// How long it took, or takes already.
fn took(result: &JobResult, now: Timestamp) -> Option<std::time::Duration> {
    Some(result.ended.unwrap_or(now).since(result.started?))
}

/// What can be done about this one. The buttons belong to the form of the page.
fn tools(scene: &Scene, job: &Job, result: &JobResult) -> Markup {
    let words = &scene.words.jobs;
    let cancels = matches!(
        result.stage,
        Stage::Waiting(_) | Stage::Away { .. } | Stage::Running | Stage::Settling(_)
    );
    html! {
        p.tools #{ "t-" (result.server) } {
            @if cancels {
                button.button type="submit" form="job" formaction={ "/jobs/" (job.id) "/cancel" }
                    name="server" value=(result.server) {
                    (words.cancel_one) span.hidden { ": " (result.server) }
                }
            }
            @if result.bytes > 0 {
                a.link href={ "/jobs/" (job.id) "/output/" (result.server) } {
                    (words.whole_output) span.hidden { ": " (words.output_of(result.server.as_str())) }
                }
            }
        }
    }
}

fn output(scene: &Scene, result: &JobResult, tail: &Tail) -> Markup {
    let words = &scene.words.jobs;
    html! {
        @if tail.cut { p.soft { (words.cut) } }
        pre.output id={ "o-" (result.server) } tabindex="0" role="region"
            aria-label=(words.output_of(result.server.as_str()))
            data-server=(result.server) data-next=(tail.next) data-none=(words.no_output) {
            (tail.text)
        }
    }
}
