//! Measured values: the mean as a line, the lowest to the highest as a band, limits, incidents.

use std::{fmt::Write as _, time::Duration};

use litemon_core::{
    model::{Incident, Sample},
    monitor::CheckView,
};
use maud::{Markup, html};

use super::{Unit, marks, moment};
use crate::{
    chart::{WIDTH, Window, axis::Axis, range::Range, rows, spans::Span},
    health,
    scene::Scene,
};

const HEIGHT: f64 = 200.0;
/// Below the plot: the states, then the names of times.
const STATES: f64 = 10.0;
const BELOW: f64 = HEIGHT + STATES + 20.0;

/// What a plot shows.
pub(crate) struct Values<'a> {
    pub(crate) check: &'a CheckView,
    pub(crate) range: Range,
    pub(crate) window: Window,
    /// What one sample stands for.
    pub(crate) width: Duration,
    pub(crate) samples: &'a [Sample],
    pub(crate) incidents: &'a [Incident],
    pub(crate) spans: &'a [Span],
}

impl Values<'_> {
    fn axis(&self) -> Axis {
        let limits = [self.check.threshold, self.check.warn].into_iter().flatten();
        Axis::of(self.samples.iter().flat_map(|row| [row.min, row.max]).chain(limits))
    }
}

/// A line through the middles of rows; of a single row, as long as the row is.
pub(super) fn line(
    run: &[Sample],
    ends: impl Fn(&Sample) -> (f64, f64),
    y: impl Fn(f64) -> f64,
) -> String {
    if let [only] = run {
        let ((from, to), y) = (ends(only), y(only.avg));
        return format!("M{from:.1} {y:.1}L{to:.1} {y:.1}");
    }
    let mut path = String::new();
    for (index, row) in run.iter().enumerate() {
        let (from, to) = ends(row);
        let letter = if index == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{letter}{:.1} {:.1}", f64::midpoint(from, to), y(row.avg));
    }
    path
}

/// The way along the highest values and back along the lowest.
pub(super) fn spread(
    run: &[Sample],
    ends: impl Fn(&Sample) -> (f64, f64),
    y: impl Fn(f64) -> f64,
) -> String {
    let mut path = String::new();
    let x = |row: &Sample| f64::midpoint(ends(row).0, ends(row).1);
    let forth = run.iter().map(|row| (x(row), y(row.max)));
    let back = run.iter().rev().map(|row| (x(row), y(row.min)));
    for (index, (x, y)) in forth.chain(back).enumerate() {
        let letter = if index == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{letter}{x:.1} {y:.1}");
    }
    path.push('Z');
    path
}

/// The plot; its words are the sum of it.
pub(crate) fn plot(scene: &Scene, values: &Values<'_>, label: &str) -> Markup {
    let Values { check, range, window, width, samples, .. } = values;
    let (axis, unit) = (values.axis(), Unit::of(check));
    let runs = rows::runs(samples, *width, health::freshness(check));
    let ends = |row: &Sample| window.ends(row, *width);
    let y = |value: f64| axis.y(value, HEIGHT);
    html! {
        svg.plot width="100%" height=(HEIGHT + STATES) role="img" tabindex="0" data-focus="plot"
            aria-label=(label) data-points=(points(scene, values, &axis, &unit)) {
            title { (label) }
            @for tick in axis.ticks() {
                line.grid x1="0" x2="100%" y1=(format!("{:.1}", y(tick))) y2=(format!("{:.1}", y(tick))) {}
                text.value x="-8" y=(format!("{:.1}", y(tick) + 4.0)) text-anchor="end" { (unit.amount(tick, axis.decimals())) }
            }
            (marks::times(scene, *range, *window, HEIGHT, BELOW))
            (marks::incidents(values.incidents, *window, HEIGHT))
            (marks::jobs(scene, *window, HEIGHT))
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" width="100%" height=(HEIGHT) aria-hidden="true" {
                @for run in &runs { path.spread d=(spread(run, ends, y)) {} }
                @for run in &runs { path.line d=(line(run, ends, y)) {} }
            }
            (limits(scene, check, &axis, &unit))
            g.states { (marks::states(values.spans, *window, HEIGHT + 2.0, STATES - 2.0)) }
            (marks::cursor(HEIGHT))
        }
    }
}

/// Dashed lines with their number; the warning's stands below its line, the other's above.
fn limits(scene: &Scene, check: &CheckView, axis: &Axis, unit: &Unit) -> Markup {
    let words = scene.words;
    let all = [
        (check.warn, "warn", words.charts.warns_from, 14.0),
        (check.threshold, "bad", words.charts.limit, -5.0),
    ];
    html! {
        @for (limit, class, word, beside) in all {
            @if let Some(limit) = limit {
                @let y = axis.y(limit, HEIGHT);
                @let beside = if y < 16.0 { 14.0 } else if y > HEIGHT - 16.0 { -5.0 } else { beside };
                g.limit.(class) {
                    line x1="0" x2="100%" y1=(format!("{y:.1}")) y2=(format!("{y:.1}")) {}
                    text x="100%" dx="-4" y=(format!("{:.1}", y + beside)) text-anchor="end" { (word) " " (unit.short(limit, 3)) }
                }
            }
        }
    }
}

fn points(scene: &Scene, values: &Values<'_>, axis: &Axis, unit: &Unit) -> String {
    let decimals = if unit.is_percent() { 1 } else { (axis.decimals() + 1).min(6) };
    let text = |row: &Sample| {
        let time = moment::point(scene, values.range, values.window, row.at);
        let number = |value| unit.short(value, decimals);
        if row.min < row.max {
            format!("{time} · {} ({} – {})", number(row.avg), number(row.min), number(row.max))
        } else {
            format!("{time} · {}", number(row.avg))
        }
    };
    let points = values.samples.iter().map(|row| {
        let (from, to) = values.window.ends(row, values.width);
        marks::point(from, to, axis.y(row.avg, HEIGHT), &text(row))
    });
    points.collect::<Vec<_>>().join("\n")
}
