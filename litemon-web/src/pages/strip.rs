//! A server's last day, half an hour a cell.

use litemon_core::model::{Name, Status};
use maud::{Markup, html};

use super::mark;
use crate::{history::Cells, scene::Scene};

/// From one cell to the next, and the part of it that is left empty, in the drawing's own units.
const STEP: usize = 10;
const GAP: usize = 2;

/// The strip, if the history of the server has been read.
pub(crate) fn strip(scene: &Scene, server: &Name) -> Markup {
    let Some(cells) = scene.strips.get(server) else { return html! {} };
    let is =
        |wanted: fn(Status) -> bool| cells.iter().filter(|cell| cell.is_some_and(wanted)).count();
    let bad = is(|status| matches!(status, Status::Critical | Status::Warning));
    let unknown = is(|status| status == Status::Unknown);
    let label = format!("{}: {}", scene.words.history, scene.words.history_summary(bad, unknown));
    html! {
        svg.strip viewBox={ "0 0 " (STEP * cells.len() - GAP) " 10" } width="100%" height="10" preserveAspectRatio="none" role="img" aria-label=(label) focusable="false" {
            title { (label) }
            @for sort in SORTS {
                @let path = path(cells, sort);
                @if !path.is_empty() { path.(sort.map_or("none", mark::class)) d=(path) {} }
            }
        }
    }
}

/// What a cell can be.
const SORTS: [Option<Status>; 5] =
    [None, Some(Status::Ok), Some(Status::Unknown), Some(Status::Warning), Some(Status::Critical)];

/// The cells of one sort, as one shape: a page has many strips.
fn path(cells: &Cells, sort: Option<Status>) -> String {
    let (top, width) = (top(sort), STEP - GAP);
    let of_sort = cells.iter().enumerate().filter(|(_, cell)| **cell == sort);
    of_sort.fold(String::new(), |path, (index, _)| {
        path + &format!("M{} {top}h{width}V10h-{width}z", index * STEP)
    })
}

/// What was fine is lower than what was not, so that the strip can be read without colour.
const fn top(cell: Option<Status>) -> u8 {
    match cell {
        Some(Status::Critical) => 0,
        Some(Status::Warning | Status::Unknown) => 1,
        _ => 2,
    }
}
