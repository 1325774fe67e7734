//! The last incidents of a check or a server, with links.

use litemon_core::model::{CloseReason, Incident};
use maud::{Markup, html};

use super::mark;
use crate::{scene::Scene, text::Clean};

/// The newest first; `named` when they are of several checks.
pub(super) fn incidents(scene: &Scene, incidents: &[Incident], named: bool) -> Markup {
    let words = &scene.words.charts;
    html! {
        h2.section { (words.incidents) }
        @if incidents.is_empty() {
            p.card.empty { (words.no_incidents) }
        } @else {
            ul.card.problems.recent { @for incident in incidents { (row(scene, incident, named)) } }
        }
    }
}

fn row(scene: &Scene, incident: &Incident, named: bool) -> Markup {
    let reason = scene.reason(&incident.last);
    html! {
        li {
            (mark::mark(incident.worst))
            p.what {
                b { a href={ "/incidents/" (incident.number) } { "#" (incident.number) } }
                " "
                @if named { a href={ "/checks/" (incident.check.as_str()) } { (incident.check.name()) } " " }
                (mark::named(scene.words, incident.kind, incident.worst))
                @if let Some(reason) = reason { " — " (Clean(&reason)) }
            }
            p.when { (when(scene, incident)) }
        }
    }
}

fn when(scene: &Scene, incident: &Incident) -> Markup {
    let words = scene.words;
    html! {
        (scene.moment(incident.since, false)) " · "
        @match incident.closed {
            Some((end, reason)) => {
                (words.duration(end.since(incident.since)))
                @if reason == CloseReason::Withdrawn { " · " (words.charts.withdrawn) }
            }
            None => b { (words.charts.open) " " (words.duration(scene.now.since(incident.since))) },
        }
    }
}
