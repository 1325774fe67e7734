//! The data of a chart as a table, the newest first.

use litemon_core::model::Sample;
use maud::{Markup, html};

use super::{Unit, band, moment};
use crate::{
    chart::{calendar, rows},
    pages::{
        chart::{band::States, plot::Values},
        mark,
    },
    scene::Scene,
};

/// States in a table at most.
const MOST: usize = 100;

/// Measured values, a row for a longer time than a point of the chart.
pub(crate) fn values(scene: &Scene, values: &Values<'_>) -> Markup {
    let words = &scene.words.charts;
    let unit = Unit::of(values.check);
    let offset = calendar::offset(&scene.zone, values.window.to);
    let mut rows = rows::fold(values.samples, values.window, values.range.row(), offset);
    rows.reverse();
    let decimals = if unit.is_percent() { 1 } else { 3 };
    let cell = |value: f64| html! { td.right { (unit.amount(value, decimals)) } };
    html! {
        table.data {
            thead { tr {
                th scope="col" { (words.time) }
                th.right scope="col" { (words.lowest) }
                th.right scope="col" { (words.mean) }
                th.right scope="col" { (words.highest) }
            } }
            tbody { @for row in &rows { tr {
                th scope="row" { (time(scene, values, row)) }
                (cell(row.min)) (cell(row.avg)) (cell(row.max))
            } } }
        }
    }
}

fn time(scene: &Scene, values: &Values<'_>, row: &Sample) -> String {
    moment::point(scene, values.range, values.window, row.at)
}

/// States, each with its beginning and its end.
pub(crate) fn states(scene: &Scene, states: &States<'_>) -> Markup {
    let words = &scene.words.charts;
    let time = |at| moment::point(scene, states.range, states.window, at);
    html! {
        table.data {
            thead { tr {
                th scope="col" { (words.from) }
                th scope="col" { (words.to) }
                th scope="col" { (scene.words.state) }
                th.right scope="col" { (words.lasted) }
            } }
            tbody { @for span in states.spans.iter().rev().take(MOST) { tr {
                th scope="row" { (time(span.from)) }
                td { (time(span.to)) }
                td { @if let Some(status) = span.status { (mark::mark(status)) " " } (band::word(scene, states.check, span.status)) }
                td.right { (scene.words.duration(span.to.since(span.from))) }
            } } }
        }
    }
}
