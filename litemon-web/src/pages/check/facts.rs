//! What is known of a check besides its values.

use std::time::Duration;

use litemon_core::monitor::CheckView;
use maud::{Markup, html};

use crate::{
    pages::{jobs, notice, recent, uptime},
    scene::Scene,
    words::Words,
};

/// How long it ran, and its last incidents.
pub(super) fn record(scene: &Scene) -> Markup {
    let words = &scene.words.charts;
    let seen = &scene.kept.record;
    html! {
        div #record {
            (jobs::ran(scene))
            @match &seen.value {
                Some(record) => {
                    h2.section { (words.availability) }
                    (uptime::uptimes(scene, &record.uptimes))
                    (recent::incidents(scene, &record.incidents, false))
                }
                // The chart above says it already.
                None if scene.kept.course.trouble.is_some() => {},
                None => {
                    h2.section { (words.availability) }
                    div.card.course { (notice::of(scene, seen, |record| record.at)) }
                }
            }
        }
    }
}

/// How it is looked at.
pub(super) fn facts(scene: &Scene, check: &CheckView) -> Markup {
    let words = &scene.words.charts;
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let took = check.last.as_ref().map(|last| last.took).filter(|took| !took.is_zero());
    html! {
        div #facts {
            h2.section { (words.checked) }
            dl.card.figures.ways {
            (fact(words.interval, html! { (exact(scene.words, check.interval)) }))
            (fact(words.timeout, html! { (exact(scene.words, check.timeout)) }))
            (fact(words.attempts, html! { (words.in_a_row(check.attempts)) }))
            (fact(words.told, told(scene, check)))
            @if let Some(took) = took { (fact(words.took, html! { (exact(scene.words, took)) })) }
            (fact(words.overruns, html! { (words.skipped(check.overruns)) }))
            }
        }
    }
}

fn told(scene: &Scene, check: &CheckView) -> Markup {
    html! {
        @if !check.notifies { (scene.words.nobody) }
        @else if !scene.detail || check.notify.is_empty() { (scene.words.charts.somebody) }
        @else { @for (index, name) in check.notify.iter().enumerate() { @if index > 0 { ", " } (name) } }
    }
}

/// All of a duration: `1 min 30 s`, `12 ms`.
fn exact(words: &Words, duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        return format!("{}\u{a0}{}", duration.as_millis().max(1), words.charts.millisecond);
    }
    let seconds = duration.as_secs();
    let millis = f64::from(duration.subsec_millis()) / 1000.0;
    if seconds < 60 && millis >= 0.05 {
        return format!("{:.1}\u{a0}{}", duration.as_secs_f64(), words.units.second);
    }
    let parts = [
        (seconds / 86_400, words.units.day),
        (seconds / 3600 % 24, words.units.hour),
        (seconds / 60 % 60, words.units.minute),
        (seconds % 60, words.units.second),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    parts.map(|(count, unit)| format!("{count}\u{a0}{unit}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use litemon_core::model::Language;

    use crate::words::Words;

    #[test]
    fn a_setting_is_told_whole() {
        for (millis, expected) in [
            (0, "1 ms"),
            (12, "12 ms"),
            (1_540, "1.5 s"),
            (10_000, "10 s"),
            (90_000, "1 min 30 s"),
            (90_061_000, "1 d 1 h 1 min 1 s"),
        ] {
            let text = exact(Words::of(Language::English), Duration::from_millis(millis));
            assert_eq!(text.replace('\u{a0}', " "), expected);
        }
    }
}
