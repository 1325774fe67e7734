//! A line of what was measured lately.

use litemon_core::monitor::CheckView;
use maud::{Markup, html};

use crate::{history::Line, scene::Scene};

/// The drawing's own units; it is stretched to its place.
const WIDTH: f64 = 100.0;
const HEIGHT: f64 = 20.0;
/// Points that are further apart are not joined: nothing was measured between them.
const GAP: f64 = 0.09;

/// The line, if anything is known; `write` says its values in words.
pub(super) fn spark(
    scene: &Scene,
    check: &CheckView,
    name: &str,
    write: impl Fn(f64) -> String,
) -> Markup {
    let Some(line) = scene.strips.line(&check.id).filter(|line| line.points.len() > 1) else {
        return html! {};
    };
    let between = scene.words.numbers.between(write(line.low()), write(line.high()));
    let label = format!("{name}: {between}");
    html! {
        svg.spark viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label=(label) focusable="false" {
            title { (label) }
            path d=(path(line)) {}
        }
    }
}

fn path(line: &Line) -> String {
    // From zero, so that what hardly changes looks so.
    let top = line.high().max(f64::MIN_POSITIVE);
    let mut before = f64::NEG_INFINITY;
    line.points.iter().fold(String::new(), |mut path, (at, value)| {
        path.push(if at - before > GAP { 'M' } else { 'L' });
        before = *at;
        let (x, y) = (at * WIDTH, HEIGHT - 1.0 - (value / top).clamp(0.0, 1.0) * (HEIGHT - 2.0));
        path.push_str(&format!("{x:.1} {y:.1}"));
        path
    })
}
