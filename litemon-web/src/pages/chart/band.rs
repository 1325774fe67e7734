//! What something without numbers was: states over time.

use litemon_core::{
    model::{Incident, Status},
    monitor::CheckView,
};
use maud::{Markup, html};

use super::{marks, moment};
use crate::{
    chart::{Window, range::Range, spans::Span},
    pages::mark,
    scene::Scene,
};

const HEIGHT: f64 = 40.0;

/// What a band shows.
pub(crate) struct States<'a> {
    pub(crate) check: &'a CheckView,
    pub(crate) range: Range,
    pub(crate) window: Window,
    pub(crate) spans: &'a [Span],
    pub(crate) incidents: &'a [Incident],
}

/// The word for a state.
pub(crate) fn word(scene: &Scene, check: &CheckView, status: Option<Status>) -> &'static str {
    match status {
        Some(status) => mark::named(scene.words, check.kind, status),
        None => scene.words.charts.no_record,
    }
}

/// The band; its words are the sum of it.
pub(crate) fn band(scene: &Scene, states: &States<'_>, label: &str) -> Markup {
    let States { range, window, spans, .. } = states;
    html! {
        svg.plot.states width="100%" height=(HEIGHT) role="img" tabindex="0" data-focus="plot"
            aria-label=(label) data-points=(points(scene, states)) {
            title { (label) }
            (marks::times(scene, *range, *window, HEIGHT, HEIGHT + 20.0))
            (marks::incidents(states.incidents, *window, HEIGHT))
            g.states { (marks::states(spans, *window, 0.0, HEIGHT)) }
            (marks::jobs(scene, *window, HEIGHT))
            (marks::cursor(HEIGHT))
        }
    }
}

fn points(scene: &Scene, states: &States<'_>) -> String {
    let window = states.window;
    let time = |at| moment::point(scene, states.range, window, at);
    let points = states.spans.iter().map(|span| {
        let word = word(scene, states.check, span.status);
        let lasted = scene.words.duration(span.to.since(span.from));
        let text = format!("{word} · {} – {} ({lasted})", time(span.from), time(span.to));
        marks::point(window.x(span.from), window.x(span.to), HEIGHT / 2.0, &text)
    });
    points.collect::<Vec<_>>().join("\n")
}
