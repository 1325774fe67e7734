//! A small chart of a day, for a server's page.

use litemon_core::{model::Sample, monitor::CheckView};
use maud::{Markup, html};

use super::{Unit, plot};
use crate::{
    chart::{WIDTH, Window, axis::Axis, range::Range, rows},
    health,
    pages::{gauge, mark},
    scene::Scene,
};

const HEIGHT: f64 = 56.0;

/// The day of a check, with what it is now; it leads to the check's page.
pub(crate) fn trend(
    scene: &Scene,
    check: &CheckView,
    window: Window,
    samples: &[Sample],
) -> Markup {
    let unit = Unit::of(check);
    let total = rows::total(samples);
    let words = scene.words;
    let current = check.current_value(scene.now).is_some();
    let label = total.as_ref().map(|total| ends(scene, &unit, total));
    html! {
        a.card.glance.(mark::class(check.status)) href={ "/checks/" (check.id.as_str()) } {
            span.name { (check.id.name()) }
            span.num.old[!current] { @match gauge::measured(check) { Some(value) => (value), None => "–" } }
            @match label {
                Some(label) => {
                    (picture(check, window, samples, &label))
                    span.sum { (label) }
                }
                None => span.sum { (words.charts.nothing_measured) }
            }
        }
    }
}

/// `lowest 0 % · mean 12 % · highest 63 %`
pub(crate) fn sum(scene: &Scene, unit: &Unit, total: &Sample) -> String {
    let words = &scene.words.charts;
    let decimals = if unit.is_percent() { 1 } else { 3 };
    let number = |value| unit.short(value, decimals);
    let (min, avg, max) = (number(total.min), number(total.avg), number(total.max));
    format!("{} {min} · {} {avg} · {} {max}", words.lowest, words.mean, words.highest)
}

/// `lowest 0 % · highest 63 %`
fn ends(scene: &Scene, unit: &Unit, total: &Sample) -> String {
    let words = &scene.words.charts;
    let decimals = if unit.is_percent() { 0 } else { 3 };
    let number = |value| unit.short(value, decimals);
    format!("{} {} · {} {}", words.lowest, number(total.min), words.highest, number(total.max))
}

fn picture(check: &CheckView, window: Window, samples: &[Sample], label: &str) -> Markup {
    let width = Range::Day.point();
    let full = check.threshold.or(check.warn);
    let axis = Axis::of(samples.iter().flat_map(|row| [row.min, row.max]).chain(full));
    let ends = |row: &Sample| window.ends(row, width);
    let y = |value: f64| axis.y(value, HEIGHT);
    let runs = rows::runs(samples, width, health::freshness(check));
    html! {
        svg.day width="100%" height=(HEIGHT) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(label) focusable="false" {
            title { (label) }
            line.grid x1="0" x2=(WIDTH) y1=(HEIGHT) y2=(HEIGHT) {}
            @if let Some(limit) = check.threshold { line.limit x1="0" x2=(WIDTH) y1=(format!("{:.1}", y(limit))) y2=(format!("{:.1}", y(limit))) {} }
            @for run in &runs { path.spread d=(plot::spread(run, ends, y)) {} }
            @for run in &runs { path.line d=(plot::line(run, ends, y)) {} }
        }
    }
}
