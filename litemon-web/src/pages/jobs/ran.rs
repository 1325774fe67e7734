//! What ran on one server: below its charts, and in words at the marks in them.

use litemon_core::manage::jobs::{Ran, Stage};
use maud::{Markup, html};

use super::{outcome, what};
use crate::{scene::Scene, text::Clean};

/// So many are listed; the list of jobs has them all.
const MOST: usize = 10;

/// The newest first, with links. Nothing where nothing ran.
pub(in crate::pages) fn list(scene: &Scene) -> Markup {
    let ran = &scene.work.ran;
    html! {
        @if !ran.is_empty() {
            h2.section { (scene.words.charts.ran) }
            ul.card.problems.recent { @for one in ran.iter().take(MOST) { (row(scene, one)) } }
        }
    }
}

fn row(scene: &Scene, ran: &Ran) -> Markup {
    let class = outcome::class(&ran.result.stage);
    html! {
        li {
            (outcome::mark(class))
            p.what {
                b { a href={ "/jobs/" (ran.job) } { (Clean(&what::short(scene.words, &ran.what))) } }
                " — " (outcome::word(scene.words, &ran.result.stage)) " · " (Clean(&ran.by))
            }
            p.when {
                @if let Some(at) = ran.result.started { (scene.moment(at, false)) }
                @if let Some(lasted) = lasted(ran) { " · " (scene.words.duration(lasted)) }
            }
        }
    }
}

fn lasted(ran: &Ran) -> Option<std::time::Duration> {
    let done = matches!(ran.result.stage, Stage::Done(_));
    Some(ran.result.ended.filter(|_| done)?.since(ran.result.started?))
}

/// `Restart the server · ann · succeeded`
pub(in crate::pages) fn line(scene: &Scene, ran: &Ran) -> String {
    let word = outcome::word(scene.words, &ran.result.stage);
    format!("{} · {} · {word}", what::short(scene.words, &ran.what), ran.by)
}
