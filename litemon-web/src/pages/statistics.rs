//! Numbers that were fetched from elsewhere.

use litemon_core::{
    model::{CheckKind, Number, Observation},
    monitor::CheckView,
};
use maud::{Markup, html};

use super::{Fragment, mark, messaging, spark};
use crate::{scene::Scene, text::Clean};

pub(super) fn statistics(scene: &Scene) -> Fragment {
    let list = messaging::of(scene, CheckKind::Statistic);
    let html = html! {
        section #statistics {
            @if !list.is_empty() {
                h2.section { (scene.words.numbers.statistics) " " span.count { (list.len()) } }
                div.cards { @for check in &list { (card(scene, check)) } }
            }
        }
    };
    Fragment::new("statistics", html)
}

fn card(scene: &Scene, check: &CheckView) -> Markup {
    let words = &scene.words.numbers;
    let numbers = numbers(check);
    html! {
        article.card.stat.(mark::class(messaging::shown(scene, check))) {
            header {
                h3 { a href={ "/checks/" (check.id.as_str()) } { (check.id.name()) } }
                p.state { (messaging::state(scene, check)) }
            }
            @if !numbers.is_empty() {
                dl.numbers { @for one in numbers { div { (number(scene, check, one)) } } }
            }
            footer {
                p.trend { @if let Some(trend) = trend(scene, numbers) { (trend) } }
                (spark::spark(scene, check, words.last_day, |value| words.amount(value)))
            }
        }
    }
}

fn numbers(check: &CheckView) -> &[Number] {
    match check.last.as_ref().map(|last| &last.result) {
        Some(Ok(Observation::Numbers { numbers, .. })) => numbers,
        _ => &[],
    }
}

/// One that is not of now is grey, with its age.
fn number(scene: &Scene, check: &CheckView, one: &Number) -> Markup {
    let words = &scene.words.numbers;
    let fresh = one.failure.is_none() && check.is_current(scene.now);
    html! {
        dt { @match words.named(&one.name) { Some(name) => (name), None => (Clean(&one.name)) } }
        dd.old[!fresh] {
            @match one.value {
                Some(value) => (words.amount(value)),
                None => span title=(scene.words.no_value) { "–" },
            }
            @if !fresh { @if let Some(at) = one.at { " " (messaging::old(scene, at)) } }
        }
    }
}

/// Today against yesterday, in words: today is not over.
fn trend(scene: &Scene, numbers: &[Number]) -> Option<String> {
    let words = &scene.words.numbers;
    let fresh =
        |name| numbers.iter().find(|one: &&Number| one.name == name).and_then(Number::fresh);
    let (today, yesterday) = (fresh("today")?, fresh("yesterday")?);
    if today > yesterday {
        return Some(words.more_than_yesterday(words.amount(today - yesterday)));
    }
    if today >= yesterday {
        return Some(words.as_many_as_yesterday.to_owned());
    }
    let part = today / yesterday * 100.0;
    // A hundred percent is said only when it is all.
    Some(words.part_of_yesterday(words.write(part.clamp(0.0, 99.0).round(), 0)))
}
