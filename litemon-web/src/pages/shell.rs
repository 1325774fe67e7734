//! What stands around every page.

use litemon_core::model::Status;
use maud::{DOCTYPE, Markup, html};

use super::{
    Block, Drawing, Fold, List, Page, Shape,
    bar::{Place, bar},
    mark,
};
use crate::{assets, chart::calendar, gate::Visitor, scene::Scene};

/// A whole page that is kept up to date.
pub(crate) fn shell(
    scene: &Scene,
    page: &Page,
    drawing: &Drawing,
    visitor: &Visitor,
    version: &str,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(scene.words.code) {
            (head(&drawing.title, drawing.state, live(scene, page)))
            (body(scene, page, drawing, visitor, version))
        }
    }
}

/// How a page comes to show what is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Live {
    No,
    /// It loads itself again.
    Reloads,
    /// Its script listens; where scripts are off, it loads itself again.
    Follows,
    /// Its script listens; where scripts are off it stays, so that what is chosen or typed does.
    Listens,
}

/// The head.
pub(super) fn head(title: &str, state: Status, live: Live) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " · litemon" }
            link #icon rel="icon" type="image/svg+xml" href=(assets::icon(state));
            link rel="stylesheet" href=(assets::style());
            @match live {
                Live::No => {}
                Live::Reloads => meta http-equiv="refresh" content="10";,
                Live::Follows | Live::Listens => {
                    @if live == Live::Follows { noscript { meta http-equiv="refresh" content="10"; } }
                    script src=(assets::chart_script()) defer {}
                    script src=(assets::script()) defer {}
                    script src=(assets::work_script()) defer {}
                }
            }
        }
    }
}

/// A page that somebody chooses or types in, or that is over, does not load itself again.
fn live(scene: &Scene, page: &Page) -> Live {
    let over = scene.work.job.as_ref().is_some_and(|sight| sight.job.ended.is_some());
    let typed = matches!(page, Page::Servers(..) | Page::Server(_)) && scene.actions().is_some();
    if over || typed { Live::Listens } else { Live::Follows }
}

fn body(scene: &Scene, page: &Page, drawing: &Drawing, visitor: &Visitor, version: &str) -> Markup {
    let words = scene.words;
    let at = |at: Option<litemon_core::model::Timestamp>| at.map(|at| at.as_millis());
    let (last, patience) = page.pulse(scene);
    let patience = patience.map(|limit| limit.as_millis());
    html! {
        body data-state=(mark::class(drawing.state)) data-events=(page.events())
            data-build=(assets::build()) data-now=(scene.now.as_millis())
            data-last=[at(last)] data-patience=[patience]
            data-offset=(calendar::offset(&scene.zone, scene.now) / 1000) data-ago=(words.ago) data-since=(words.last_result)
            data-units={ (words.units.second) "|" (words.units.minute) "|" (words.units.hour) "|" (words.units.day) }
            data-lost=(words.lost) data-stale=(words.stale_notice)
            data-icon-ok=(assets::icon(Status::Ok)) data-icon-warn=(assets::icon(Status::Warning))
            data-icon-unknown=(assets::icon(Status::Unknown)) data-icon-bad=(assets::icon(Status::Critical)) {
            a.skip href="#main" { (words.skip) }
            (bar(words, &Place::of(scene, page), scene.now, visitor))
            div #notice role="status" hidden {}
            main #main {
                (content(scene, page, drawing))
            }
            footer { p { "litemon" @if scene.detail { " " (version) } @if live(scene, page) == Live::Follows { noscript { " · " (words.without_scripts) } } } }
            p.hidden #announce aria-live="polite" {}
        }
    }
}

/// Fragments with a place of their own.
const PLACED: [&str; 8] =
    ["running", "verdict", "summary", "rolled", "problems", "controls", "planned", "count"];

/// The verdict, what is wrong, what a page is a list of, and then the rest in its order.
fn content(scene: &Scene, page: &Page, drawing: &Drawing) -> Markup {
    let words = scene.words;
    let shown = |id: &str| {
        let part = drawing.fixed.iter().find(|part| part.id == id);
        html! { @if let Some(part) = part { (part.html) } }
    };
    let rest = drawing.fixed.iter().filter(|part| !PLACED.contains(&part.id.as_str()));
    html! {
        (shown("verdict"))
        p.summary {
            (shown("summary")) " "
            span #age { @if let Some(last) = page.pulse(scene).0 {
                (words.last_result) " " (words.duration(scene.now.since(last))) " " (words.ago) "."
            } }
        }
        (shown("rolled"))
        (shown("problems"))
        (shown("controls"))
        (shown("planned"))
        @if !drawing.tiles.is_empty() {
            div #lists {
                (shown("count"))
                @for block in &drawing.tiles { (standing(block)) }
            }
        }
        @for part in rest { (part.html) }
    }
}

fn standing(block: &Block) -> Markup {
    html! {
        @match block {
            Block::Fixed(html) => (html),
            Block::List(list) => (listed(list)),
            Block::Group { key, hidden, summary, lists } => {
                details.group #{ "g-" (key) } open hidden[*hidden] {
                    (summary.html)
                    @for list in lists { (listed(list)) }
                }
            }
            Block::Table(class, head, list) => {
                div.card { table.(class) { (head) (listed(list)) } }
            }
            Block::Folds(folds) => {
                div.card.folds { @for fold in folds { (folded(fold)) } }
            }
        }
    }
}

fn folded(fold: &Fold) -> Markup {
    html! {
        details.fold id=(fold.id) open[fold.open] {
            (fold.summary.html)
            div.body { (fold.tools.html) (fold.body) }
        }
    }
}

fn listed(list: &List) -> Markup {
    let items = html! { @for item in &list.items { (item.html) } };
    html! {
        @match list.shape {
            Shape::Tiles => div.tiles #(list.id) { (items) },
            Shape::Names => div.names #(list.id) { (items) },
            Shape::Rows => tbody #(list.id) { (items) },
        }
    }
}
