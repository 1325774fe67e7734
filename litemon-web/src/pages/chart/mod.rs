//! Charts as SVG. Its geometry stands in attributes and its look in the style sheet, as the
//! content security policy wants it; what it stretches to is percent, so that text keeps its size.

mod amount;
mod band;
mod marks;
mod moment;
mod plot;
mod table;
mod trend;

pub(crate) use self::{
    amount::{Unit, percent},
    band::{States, band, word},
    plot::{Values, plot},
    table::{states, values},
    trend::{sum, trend},
};
use crate::chart::WIDTH;

/// A place in percent of the width.
fn part(x: f64) -> String {
    format!("{:.2}%", x.clamp(0.0, WIDTH) / WIDTH * 100.0)
}

/// A length from one place to another, in percent of the width, never too little to be seen.
fn length(from: f64, to: f64) -> String {
    let width = (to - from).clamp(WIDTH / 400.0, WIDTH);
    format!("{:.2}%", width.min(WIDTH - from.clamp(0.0, WIDTH)).max(0.0) / WIDTH * 100.0)
}
