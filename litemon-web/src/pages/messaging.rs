//! The round trips through messaging servers.

use litemon_core::{
    model::{CheckKind, Status},
    monitor::CheckView,
};
use maud::{Markup, html};

use super::{Fragment, mark, spark};
use crate::{
    scene::{Scene, is_problem},
    text::Clean,
};

pub(super) fn messaging(scene: &Scene) -> Fragment {
    let list: Vec<&CheckView> = of(scene, CheckKind::Messaging);
    let words = scene.words;
    let html = html! {
        section #messaging {
            @if !list.is_empty() {
                h2.section { (words.numbers.messaging) " " span.count { (list.len()) } }
                div.card {
                    table.trips {
                        thead { tr {
                            th scope="col" { (words.check) }
                            th scope="col" { (words.state) }
                            th.right scope="col" { (words.numbers.delay) }
                            th.right scope="col" { (words.numbers.expires) }
                            th scope="col" { (words.numbers.last_hour) }
                            th scope="col" { (words.since_head) }
                        } }
                        tbody { @for check in &list { (row(scene, check)) } }
                    }
                }
            }
        }
    };
    Fragment::new("messaging", html)
}

/// The checks of a kind that belong to no server.
pub(super) fn of(scene: &Scene, kind: CheckKind) -> Vec<&CheckView> {
    scene.snapshot.others.iter().map(AsRef::as_ref).filter(|check| check.kind == kind).collect()
}

fn row(scene: &Scene, check: &CheckView) -> Markup {
    let words = scene.words;
    let seconds = |value| words.numbers.seconds(value);
    let status = shown(scene, check);
    html! {
        tr.(mark::class(status)) {
            th scope="row" { a href={ "/checks/" (check.id.as_str()) } { (check.id.name()) } }
            td.state { (state(scene, check)) }
            td.right.value { (delay(scene, check)) }
            td.right.limit { span.label { (words.numbers.expires) " " } (words.numbers.amount(check.timeout.as_secs_f64())) "\u{a0}s" }
            td.line { (spark::spark(scene, check, words.numbers.last_hour, seconds)) }
            td.last { @if let Some(since) = scene.began(check) { (scene.moment_and_age(since)) } }
        }
    }
}

/// What was OK when it was last looked at, but that was long ago, is not known to be.
pub(super) fn shown(scene: &Scene, check: &CheckView) -> Status {
    if is_problem(check) || check.is_current(scene.now) { check.status } else { Status::Unknown }
}

/// Its state as a shape and a word, and why, for those who may know.
pub(super) fn state(scene: &Scene, check: &CheckView) -> Markup {
    let status = shown(scene, check);
    let waits = check.since.is_none() && !check.blocked;
    let word = if status == Status::Unknown && !waits {
        scene.words.unknown
    } else {
        mark::word(scene.words, check)
    };
    let reason = check.last.as_ref().and_then(|last| scene.reason(&last.result));
    html! {
        (mark::mark(status)) " " (word)
        @if let Some(reason) = reason.filter(|_| is_problem(check)) { span.soft { (Clean(&reason)) } }
    }
}

fn delay(scene: &Scene, check: &CheckView) -> Markup {
    let seconds = |value| scene.words.numbers.seconds(value);
    html! {
        @match (check.current_value(scene.now), check.last_value) {
            (Some(value), _) => (seconds(value)),
            (None, Some((at, value))) => span.old { (old(scene, at)) (seconds(value)) },
            (None, None) => span.none title=(scene.words.no_value) { "–" },
        }
    }
}

/// How old a value is that stands beside it.
pub(super) fn old(scene: &Scene, at: litemon_core::model::Timestamp) -> Markup {
    html! {
        span.age { "(" (scene.words.duration(scene.now.since(at))) span.hidden { " " (scene.words.ago) } ") " }
    }
}
