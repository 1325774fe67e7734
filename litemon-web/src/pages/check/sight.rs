//! How a check is now, in words.

use litemon_core::{
    model::{Failure, Number, Observation, Status},
    monitor::CheckView,
};
use maud::{Markup, html};

use crate::{
    pages::{chart::Unit, gauge, mark},
    scene::{Scene, is_problem},
    text::Clean,
};

/// Its name and its state.
pub(super) fn heading(scene: &Scene, check: &CheckView) -> Markup {
    let server = scene.snapshot.server(check.id.owner());
    html! {
        h1 #verdict {
            @match server {
                Some(server) => { a href={ "/servers/" (server.name) } { (server.name) } " " (check.id.name()) },
                None => (check.id.as_str()),
            }
            " "
            span.badge.(mark::class(check.status)) { (mark::mark(check.status)) " " (mark::word(scene.words, check)) }
        }
    }
}

/// Since when, what it sees now, and what it is held against.
pub(super) fn summary(scene: &Scene, check: &CheckView) -> Markup {
    let words = scene.words;
    let since = if check.blocked { check.since } else { scene.began(check) };
    html! {
        span #summary {
            @if check.since.is_none() && !check.blocked { (words.waiting_hint) }
            @else {
                (mark::word(words, check)) " "
                @if let Some(since) = since { (scene.since(since)) }
                (value(scene, check)) "."
                @if let Some((status, count, of)) = check.soft {
                    " " (words.charts.attempt_says(mark::named(words, check.kind, status)))
                    ", " (words.attempt(count, of)) "."
                }
                @if check.blocked { " " (words.charts.blocked) }
            }
        }
    }
}

/// ` · 63 % now · limit 50 %`
fn value(scene: &Scene, check: &CheckView) -> Markup {
    let (words, unit) = (&scene.words.charts, Unit::of(check));
    let current = check.current_value(scene.now).is_some();
    html! {
        @match (gauge::measured(check), check.last_value) {
            (Some(value), _) if current => { " · " b { (value) } " " (words.now) (beside(scene, check)) },
            (_, Some((at, value))) => {
                " · " (unit.short(value, 3)) " (" (scene.words.duration(scene.now.since(at))) " " (scene.words.ago) ")"
            }
            _ => {},
        }
        @if let Some(limit) = check.threshold { " · " (words.limit_is) " " (unit.short(limit, 3)) }
        @if let Some(warn) = check.warn { " · " (words.warns_from) " " (unit.short(warn, 3)) }
    }
}

/// What the number is about, as the fullest file system.
fn beside(scene: &Scene, check: &CheckView) -> Markup {
    let seen = check.last.as_ref().and_then(|last| last.result.as_ref().ok());
    let detail = seen.and_then(Observation::detail).filter(|_| scene.detail && !is_problem(check));
    html! { @if let Some(detail) = detail { " (" (Clean(detail)) ")" } }
}

/// What it says beside its state: the exact words of a failure, for those who may read them, and
/// its numbers where it has several.
pub(super) fn sight(scene: &Scene, check: &CheckView) -> Markup {
    html! {
        div #sight {
            @if let Some(numbers) = numbers(check) { (several(scene, numbers)) }
            @if scene.detail { (said(scene, check)) }
        }
    }
}

fn said(scene: &Scene, check: &CheckView) -> Markup {
    let words = &scene.words.charts;
    let failing = is_problem(check) || check.soft.is_some() || check.blocked;
    let last = check.last.as_ref().filter(|_| failing);
    let now = last.and_then(|last| exact(scene, &last.result));
    let newest = scene.kept.record.value.as_ref().and_then(|record| record.incidents.first());
    let before = newest.and_then(|incident| Some((incident, exact(scene, &incident.last)?)));
    html! {
        @match (now, before) {
            (Some(text), _) => {
                p.card.said.(mark::class(check.status)) {
                    span.when { (words.says) }
                    code { (Clean(&text)) }
                }
            }
            (None, Some((incident, text))) => {
                p.card.said {
                    span.when { (words.last_failure) " " (scene.moment(incident.since, false)) }
                    code { (Clean(&text)) }
                }
            }
            _ => {},
        }
    }
}

/// What a probe said, word for word.
fn exact(scene: &Scene, result: &Result<Observation, Failure>) -> Option<String> {
    let text = match result {
        Ok(seen) => seen.detail()?.to_owned(),
        Err(failure) if failure.message.is_empty() => {
            scene.words.failure.of_kind(failure.kind).to_owned()
        }
        Err(failure) => failure.message.clone(),
    };
    (!text.is_empty()).then_some(text)
}

fn numbers(check: &CheckView) -> Option<&[Number]> {
    match check.last.as_ref()?.result.as_ref().ok()? {
        Observation::Numbers { numbers, .. } => Some(numbers),
        _ => None,
    }
}

/// Each number; with its age when this run has no newer one.
fn several(scene: &Scene, numbers: &[Number]) -> Markup {
    html! {
        dl.card.figures {
            @for number in numbers {
                div {
                    dt { @match scene.words.numbers.named(&number.name) { Some(word) => (word), None => (Clean(&number.name)) } }
                    dd { (figure(scene, number)) }
                }
            }
        }
    }
}

fn figure(scene: &Scene, number: &Number) -> Markup {
    let old = number.fresh().is_none();
    html! {
        @match number.value {
            Some(value) => span.big.old[old] { (scene.words.numbers.amount(value)) },
            None => span.big.old title=(scene.words.no_value) { "–" },
        }
        @if let Some(at) = number.at.filter(|_| old) {
            span.soft { (mark::mark(Status::Unknown)) " " (scene.words.duration(scene.now.since(at))) " " (scene.words.ago) }
        }
        @if let Some(failure) = number.failure.as_ref().filter(|_| scene.detail) {
            span.soft { (Clean(&failure.message)) }
        }
    }
}
