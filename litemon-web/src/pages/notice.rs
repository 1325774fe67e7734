//! What stands where history should, while there is none.

use litemon_core::model::Timestamp;
use maud::{Markup, html};

use crate::{
    scene::Scene,
    shelf::{Seen, Trouble},
    text::Clean,
};

/// What is to be said of a reading; nothing when it is here and new.
pub(super) fn of<V>(scene: &Scene, seen: &Seen<V>, at: impl Fn(&V) -> Timestamp) -> Markup {
    let words = &scene.words.charts;
    if seen.is_reading() {
        return html! { p.notice { (words.reading) } };
    }
    let Some(trouble) = &seen.trouble else { return html! {} };
    html! {
        p.notice.bad role="status" {
            b { @match trouble { Trouble::Slow => (words.slow), Trouble::Failed(_) => (words.unreadable) } }
            @if let Some(value) = &seen.value { " " (words.as_of(scene.zone.clock_time(at(value)))) }
            @if let (Trouble::Failed(why), true) = (trouble, scene.detail) { code { (Clean(why)) } }
        }
    }
}
