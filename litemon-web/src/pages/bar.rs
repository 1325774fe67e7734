//! The bar: where the reader is, where he can go, what time it is, who he is, and the language.

use litemon_core::model::{Timestamp, Zone};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    Page,
    desk::{csrf, log_in_link},
};
use crate::{
    gate::{Visitor, is_open},
    scene::Scene,
    service::Site,
    words::Words,
};

/// A part of the dashboard, as the bar names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Overview,
    Servers,
    Incidents,
    Jobs,
    Reports,
    Admin,
}

impl Part {
    const ALL: [Self; 6] =
        [Self::Overview, Self::Servers, Self::Incidents, Self::Jobs, Self::Reports, Self::Admin];

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Servers => "/servers",
            Self::Incidents => "/incidents",
            Self::Jobs => "/jobs",
            Self::Reports => "/reports",
            Self::Admin => "/admin/users",
        }
    }

    const fn name(self, words: &Words) -> &'static str {
        match self {
            Self::Overview => words.page.overview,
            Self::Servers => words.page.servers,
            Self::Incidents => words.incidents.incidents,
            Self::Jobs => words.frame.jobs,
            Self::Reports => words.frame.reports,
            Self::Admin => words.frame.admin,
        }
    }

    /// Whether the bar leads there: to the first three always, as everybody is told what there is.
    fn is_shown(self, place: &Place, visitor: &Visitor) -> bool {
        match self {
            Self::Overview | Self::Servers | Self::Incidents => true,
            Self::Jobs if place.running.is_none() => false,
            _ => is_open(self.path(), visitor),
        }
    }
}

/// Where the reader is.
pub(super) struct Place {
    /// The part, by where the bar leads to.
    part: &'static str,
    /// It is the very page that the bar leads to.
    is_part: bool,
    /// Its address.
    here: String,
    zone: Zone,
    /// It follows what changes.
    live: bool,
    /// How many jobs run, where any can.
    running: Option<usize>,
}

impl Place {
    pub(super) fn of(scene: &Scene, page: &Page) -> Self {
        Self {
            part: page.part().path(),
            is_part: page.is_part(),
            here: page.path(),
            zone: scene.zone.clone(),
            live: true,
            running: scene.running,
        }
    }

    /// A page with forms.
    pub(super) fn sheet(part: &'static str, here: &str, site: &Site) -> Self {
        Self {
            part,
            is_part: part == here,
            here: here.to_owned(),
            zone: site.settings.zone.clone(),
            live: false,
            running: site.running(),
        }
    }

    /// `page` for the very page, `true` for one below it.
    fn current(&self, path: &str) -> Option<&'static str> {
        (self.part == path).then_some(if self.is_part { "page" } else { "true" })
    }
}

/// The bar of a page.
pub(super) fn bar(words: &Words, place: &Place, now: Timestamp, visitor: &Visitor) -> Markup {
    html! {
        header.bar {
            (brand())
            nav aria-label=(words.frame.pages) {
                @for part in Part::ALL.into_iter().filter(|part| part.is_shown(place, visitor)) {
                    a href=(part.path()) aria-current=[place.current(part.path())] {
                        (part.name(words))
                        @if part == Part::Jobs { (running(words, place.running.unwrap_or_default())) }
                    }
                }
            }
            p.clock {
                @if place.live { span #live { (words.live) } span aria-hidden="true" { " · " } }
                span #clock { (place.zone.clock_time(now)) } " " (place.zone.abbreviation(now))
            }
            (person(words, place, visitor))
            (languages(words, &place.here))
        }
    }
}

/// How many jobs run. Pages of jobs keep it up to date.
pub(super) fn running(words: &Words, count: usize) -> Markup {
    html! {
        span.count #running title=(words.jobs.running_count(count)) hidden[count == 0] { (count) }
    }
}

/// Who the reader is, or where to log in.
fn person(words: &Words, place: &Place, visitor: &Visitor) -> Markup {
    html! {
        @if let (Some(_), Some(principal)) = (visitor.session, &visitor.principal) {
            form.person method="post" action="/logout" {
                a href="/account" aria-current=[place.current("/account")] {
                    span.hidden { (words.frame.account) " " } (principal.name)
                }
                (csrf(visitor))
                button type="submit" { (words.accounts.log_out) }
            }
        } @else if visitor.managed && visitor.accounts && visitor.principal.is_none() && place.part != "/login" {
            p.person { a href=(log_in_link(&place.here)) { (words.accounts.log_in) } }
        }
    }
}

/// The name, with the worst state as a shape.
pub(super) fn brand() -> Markup {
    html! { a.brand href="/" { span.beacon aria-hidden="true" {} "litemon" } }
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
