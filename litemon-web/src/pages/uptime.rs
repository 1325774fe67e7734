//! How long something ran, over several times.

use std::time::Duration;

use litemon_core::model::Uptime;
use maud::{Markup, html};

use super::chart;
use crate::{archive::UPTIMES, chart::range::Range, scene::Scene};

/// Less than this that is not known is not worth a word.
const WORTH: Duration = Duration::from_secs(60);

/// The share of the known time in which it ran, and apart from it what is not known.
pub(super) fn uptimes(scene: &Scene, uptimes: &[Uptime; 4]) -> Markup {
    let words = &scene.words.charts;
    let name = |range: Range| {
        Range::ALL
            .into_iter()
            .zip(words.ranges())
            .find(|(one, _)| *one == range)
            .map(|(_, word)| word)
    };
    html! {
        dl.card.figures {
            @for (range, uptime) in UPTIMES.into_iter().zip(uptimes) {
                div {
                    dt { (name(range).unwrap_or_default()) }
                    dd { (figure(scene, uptime)) }
                }
            }
        }
    }
}

fn figure(scene: &Scene, uptime: &Uptime) -> Markup {
    let words = &scene.words.charts;
    let share = uptime.share();
    html! {
        @match share {
            Some(share) => span.big { (chart::percent(share)) },
            None => span.big.old { "–" },
        }
        @if !uptime.down.is_zero() {
            span.soft.bad { (words.down) " " (scene.words.duration(uptime.down)) }
        } @else if share.is_some() {
            span.soft { (words.no_outage) }
        }
        @if share.is_none() {
            span.soft { (words.nothing_known) }
        } @else if uptime.unknown >= WORTH {
            span.soft { (words.unknown) " " (scene.words.duration(uptime.unknown)) }
        }
    }
}
