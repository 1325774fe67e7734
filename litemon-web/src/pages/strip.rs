//! A server's last day, half an hour a cell.

use litemon_core::model::{Name, Status};
use maud::{Markup, html};

use super::mark;
use crate::scene::Scene;

/// A cell's width, in percent of the strip's.
const WIDTH: f64 = 1.7;

/// The strip, if the history of the server has been read.
pub(crate) fn strip(scene: &Scene, server: &Name) -> Markup {
    let Some(cells) = scene.strips.get(server) else { return html! {} };
    let is =
        |wanted: fn(Status) -> bool| cells.iter().filter(|cell| cell.is_some_and(wanted)).count();
    let bad = is(|status| matches!(status, Status::Critical | Status::Warning));
    let unknown = is(|status| status == Status::Unknown);
    let label = format!("{}: {}", scene.words.history, (scene.words.history_summary)(bad, unknown));
    html! {
        svg.strip width="100%" height="10" role="img" aria-label=(label) focusable="false" {
            title { (label) }
            @for (index, cell) in cells.iter().enumerate() {
                @let class = cell.map_or("none", mark::class);
                rect.(class) x={ (percent(index, cells.len())) "%" } width={ (WIDTH) "%" } y=(top(*cell)) height=(10 - top(*cell)) rx="1" {}
            }
        }
    }
}

/// What was fine is lower than what was not, so that the strip can be read without colour.
const fn top(cell: Option<Status>) -> u8 {
    match cell {
        Some(Status::Critical) => 0,
        Some(Status::Warning | Status::Unknown) => 1,
        _ => 2,
    }
}

/// Where a cell begins, so that the first and the last are flush with what stands above.
fn percent(index: usize, of: usize) -> String {
    let number = |count: usize| u32::try_from(count).map_or(1.0, f64::from);
    format!("{:.2}", number(index) / number(of.saturating_sub(1).max(1)) * (100.0 - WIDTH))
}
