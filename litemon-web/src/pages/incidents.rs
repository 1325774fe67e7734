//! `/incidents`: what is open first, then what is over, newest first.

use litemon_core::{model::Incident, monitor::IncidentView};
use maud::{Markup, html};

use super::{Block, Drawing, Fragment, Page, Search, duty, mark::mark, matter::Matter, problems};
use crate::{past::Listing, scene::Scene};

/// As many servers are offered in a list; of more, the name is typed.
const OFFERED: usize = 100;

pub(super) fn draw(scene: &Scene, search: &Search) -> Drawing {
    let words = scene.words;
    let open = &scene.snapshot.incidents;
    let title = if open.is_empty() {
        words.incidents.none_open.to_owned()
    } else {
        words.incidents.open_count(open.len())
    };
    let summary = if open.is_empty() { words.incidents.none_open_hint } else { "" };
    Drawing {
        state: scene.worst(),
        fixed: vec![
            Fragment::new("verdict", html! { h1 #verdict { (title) } }),
            Fragment::new("summary", html! { span #summary { (summary) } }),
            away(scene),
            opened(scene, search),
            duty::duty(scene),
            closed(scene, search),
        ],
        tiles: vec![Block::Fixed(form(scene, search))],
        title,
    }
}

/// The notice that the history cannot be read.
pub(super) fn away(scene: &Scene) -> Fragment {
    let words = &scene.words.incidents;
    let html = html! {
        div #away role="status" {
            @if let Some(why) = &scene.past.away {
                div.card.hint {
                    p { b { (words.away) } @if scene.detail { " " (crate::text::Clean(why)) "." } }
                    p { (words.away_hint) }
                }
            }
        }
    };
    Fragment::new("away", html)
}

fn form(scene: &Scene, search: &Search) -> Markup {
    let words = &scene.words.incidents;
    let state =
        |value: &str| search.open.is_some_and(|open| value == if open { "open" } else { "closed" });
    html! {
        form.filter action="/incidents" method="get" role="search" {
            (server_field(scene, search))
            label {
                span { (scene.words.state) }
                select name="state" {
                    option value="" { (words.any) }
                    option value="open" selected[state("open")] { (words.open) }
                    option value="closed" selected[state("closed")] { (words.closed) }
                }
            }
            @if let Some(check) = &search.check {
                label { span { (scene.words.check) } input name="check" value=(check); }
            }
            button.button type="submit" { (words.show) }
            @if search.narrows() || search.before.is_some() {
                a.button.plain href="/incidents" { (words.show_all) }
            }
            @if scene.detail { a.button.plain href="/maintenance" { (scene.words.silence.maintenance) } }
        }
    }
}

fn server_field(scene: &Scene, search: &Search) -> Markup {
    let servers = &scene.snapshot.servers;
    let chosen = search.server.as_deref();
    let listed = chosen.is_none_or(|name| scene.snapshot.server(name).is_some());
    html! {
        label {
            span { (scene.words.incidents.server) }
            @if servers.len() <= OFFERED && listed {
                select name="server" {
                    option value="" { (scene.words.incidents.any) }
                    @for server in servers {
                        option value=(server.name) selected[chosen == Some(server.name.as_str())] { (server.name) }
                    }
                }
            } @else {
                input name="server" value=[chosen] autocomplete="off" spellcheck="false";
            }
        }
    }
}

/// The open ones, worst first; not on the pages of older ones.
fn opened(scene: &Scene, search: &Search) -> Fragment {
    let shown = search.open != Some(false) && search.before.is_none();
    let mut open: Vec<&IncidentView> = scene
        .snapshot
        .incidents
        .iter()
        .map(AsRef::as_ref)
        .filter(|incident| shown && search.finds(&incident.check))
        .collect();
    open.sort_by_key(|incident| (std::cmp::Reverse(incident.status), -incident.number));
    let html = html! {
        section #open {
            @if !open.is_empty() {
                h2.section { (scene.words.incidents.open) " " span.count { (open.len()) } }
                ul.card.problems { @for incident in open { (problems::incident(scene, incident)) } }
            }
        }
    };
    Fragment::new("open", html)
}

fn closed(scene: &Scene, search: &Search) -> Fragment {
    let words = &scene.words.incidents;
    let html = html! {
        section #closed {
            @if let Some(listing) = scene.past.listing.as_deref().filter(|_| search.open != Some(true)) {
                h2.section { (words.closed) }
                @if listing.incidents.is_empty() {
                    p.card.hint { (if search.narrows() { words.none_found } else { words.none_yet }) }
                } @else {
                    ul.card.problems.past { @for incident in &listing.incidents { (row(scene, incident)) } }
                }
                (pages(scene, search, listing))
            }
        }
    };
    Fragment::new("closed", html)
}

fn row(scene: &Scene, incident: &Incident) -> Markup {
    let matter = Matter::from(incident);
    html! {
        li {
            (mark(incident.worst))
            p.what {
                b { a href={ "/incidents/" (incident.number) } { (matter.headline(scene)) } }
                (matter.beside(scene))
            }
            p.when { "#" (incident.number) " · " (span(scene, incident)) }
        }
    }
}

/// `05:29–05:33 (4 min)`
pub(super) fn span(scene: &Scene, incident: &Incident) -> Markup {
    html! {
        @match incident.closed {
            Some((end, _)) => {
                (scene.moment(incident.since, false)) "–" (scene.until(incident.since, end))
                " (" (scene.words.duration(end.since(incident.since))) ")"
            }
            None => { (scene.since(incident.since)) ", " (scene.words.incidents.end_unknown) }
        }
    }
}

fn pages(scene: &Scene, search: &Search, listing: &Listing) -> Markup {
    let words = &scene.words.incidents;
    html! {
        @if search.before.is_some() || listing.older.is_some() {
            nav.pages aria-label=(words.incidents) {
                @if search.before.is_some() {
                    @let first = Search { before: None, ..search.clone() };
                    a.button href=(Page::Incidents(first).path()) { (words.newest) }
                }
                @if let Some(older) = listing.older {
                    a.button rel="next" href=(Page::Incidents(search.below(older)).path()) { (words.older) }
                }
            }
        }
    }
}
