//! The bar: where the reader is, where he can go, what time it is, and the language.

use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Page;
use crate::{gate::Visitor, scene::Scene, words::Words};

/// A part of the dashboard, as the bar names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Overview,
    Servers,
    Incidents,
}

impl Part {
    const ALL: [Self; 3] = [Self::Overview, Self::Servers, Self::Incidents];

    const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Servers => "/servers",
            Self::Incidents => "/incidents",
        }
    }

    fn name(self, words: &Words) -> &'static str {
        match self {
            Self::Overview => words.overview,
            Self::Servers => words.servers,
            Self::Incidents => words.incidents.incidents,
        }
    }
}

/// The bar of a page.
pub(super) fn bar(scene: &Scene, page: &Page, visitor: &Visitor) -> Markup {
    let words = scene.words;
    html! {
        header.bar {
            (brand())
            nav aria-label=(words.frame.pages) {
                @for part in Part::ALL {
                    a href=(part.path()) aria-current=[current(page, part)] { (part.name(words)) }
                }
            }
            p.clock {
                span #live { (words.live) } span aria-hidden="true" { " · " }
                span #clock { (scene.zone.clock_time(scene.now)) } " " (scene.zone.abbreviation(scene.now))
            }
            (languages(words, &page.path()))
        }
    }
}

/// The name, with the worst state as a shape.
pub(super) fn brand() -> Markup {
    html! { a.brand href="/" { span.beacon aria-hidden="true" {} "litemon" } }
}

/// `page` for the very page, `true` for one below it.
fn current(page: &Page, part: Part) -> Option<&'static str> {
    (page.part() == part).then(|| if page.is_part() { "page" } else { "true" })
}

fn languages(words: &Words, here: &str) -> Markup {
    html! {
        ul.languages #languages aria-label=(words.frame.language) {
            @for (code, name) in [("en", "English"), ("id", "Bahasa Indonesia")] {
                li {
                    @if code == words.code {
                        span aria-current="true" lang=(code) { (code.to_uppercase()) span.hidden { " – " (name) } }
                    } @else {
                        a href={ "/language?to=" (code) "&back=" (utf8_percent_encode(here, NON_ALPHANUMERIC)) } lang=(code) hreflang=(code) title=(name) {
                            (code.to_uppercase()) span.hidden { " – " (name) }
                        }
                    }
                }
            }
        }
    }
}
