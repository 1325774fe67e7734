//! What values and states have in common: the axis of time, incidents, and the cursor.

use litemon_core::model::{Incident, Status};
use maud::{Markup, html};

use super::{length, moment, part};
use crate::{
    chart::{Window, calendar, range::Range, spans::Span},
    pages::{jobs::ran_line, mark},
    scene::Scene,
    text::Clean,
};

/// A job is at least so long in a chart.
const MOMENT: std::time::Duration = std::time::Duration::from_secs(1);
/// Two numbers of incidents that are nearer than this are not both written.
const APART: f64 = 100.0;
/// From here on there is no room to the right of a number on a phone.
const EDGE: f64 = 860.0;

/// Lines and names of times; every other name may be left out where there is little room.
pub(super) fn times(
    scene: &Scene,
    range: Range,
    window: Window,
    height: f64,
    below: f64,
) -> Markup {
    html! {
        @for (index, at) in calendar::ticks(&scene.zone, window, range).into_iter().enumerate() {
            @let x = part(window.x(at));
            line.grid x1=(x) x2=(x) y1="0" y2=(height) {}
            text.at.minor[index % 2 == 1] x=(x) y=(below) text-anchor="middle" { (moment::tick(scene, range, at)) }
        }
    }
}

/// Shaded times with the incident's number above them; the list of incidents has the same links for those who
/// use no pointer.
pub(super) fn incidents(incidents: &[Incident], window: Window, height: f64) -> Markup {
    html! {
        @for (incident, (from, to), named) in placed(incidents, window) {
            a.incident href={ "/incidents/" (incident.number) } tabindex="-1" {
                title { "#" (incident.number) }
                rect x=(part(from)) width=(length(from, to)) y="0" height=(height) {}
                @if named {
                    @let (anchor, beside) = if from > EDGE { ("end", 2) } else { ("start", -2) };
                    text x=(part(from)) dx=(beside) y="-6" text-anchor=(anchor) { "#" (incident.number) }
                }
            }
        }
    }
}

/// When something ran on the server, from its beginning to its end, with what it was. The list below
/// the chart leads to the jobs: within a picture that can be focused, links are in the way.
pub(super) fn jobs(scene: &Scene, window: Window, height: f64) -> Markup {
    let ran = scene.work.ran.iter().filter_map(|ran| {
        let began = ran.result.started?;
        // Those of a moment have a width, too.
        let end = ran.result.ended.unwrap_or(window.to).max(began.plus(MOMENT));
        Some((ran, window.cut(began, end)?))
    });
    html! {
        @for (ran, cut) in ran {
            @let from = window.x(cut.from);
            g.job data-job=(ran.job) {
                title { (Clean(&ran_line(scene, ran))) }
                rect x=(part(from)) width=(length(from, window.x(cut.to))) y="0" height=(height) {}
                line x1=(part(from)) x2=(part(from)) y1="0" y2=(height) {}
            }
        }
    }
}

/// Those that lie within, where, and whether there is room for their number.
fn placed(incidents: &[Incident], window: Window) -> Vec<(&Incident, (f64, f64), bool)> {
    let mut named = f64::NEG_INFINITY;
    let mut placed = Vec::new();
    for incident in incidents {
        let end = incident.closed.map_or(window.to, |(at, _)| at);
        let Some(cut) = window.cut(incident.since, end) else { continue };
        let (from, to) = (window.x(cut.from), window.x(cut.to));
        let room = from - named >= APART;
        named = if room { from } else { named };
        placed.push((incident, (from, to), room));
    }
    placed
}

/// States as bars on a line: what was fine is low, what was not stands up.
pub(super) fn states(spans: &[Span], window: Window, top: f64, height: f64) -> Markup {
    html! {
        @for span in spans {
            @let (from, to) = (window.x(span.from), window.x(span.to));
            @let raised = height * rise(span.status);
            rect.(span.status.map_or("none", mark::class)) x=(part(from)) width=(length(from, to))
                y=(format!("{:.1}", top + height - raised)) height=(format!("{raised:.1}")) {}
        }
    }
}

const fn rise(status: Option<Status>) -> f64 {
    match status {
        Some(Status::Critical) => 1.0,
        Some(Status::Warning) => 0.8,
        Some(Status::Unknown) => 0.5,
        Some(Status::Ok) => 0.65,
        None => 0.15,
    }
}

/// Where the pointer is; the script moves it.
pub(super) fn cursor(height: f64) -> Markup {
    html! {
        g.cursor hidden {
            line y1="0" y2=(height) {}
            circle r="4" {}
        }
    }
}

/// Places with their words, for the script: `from,to,y,text` in lines.
pub(super) fn point(from: f64, to: f64, y: f64, text: &str) -> String {
    format!("{from:.1},{to:.1},{y:.1},{text}")
}
