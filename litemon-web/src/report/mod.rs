//! Reports as documents: [`csv()`] for spreadsheets, [`json()`] for programs, [`html()`] to be printed.

mod csv;
mod json;
mod page;
mod reading;
mod tables;
#[cfg(test)]
mod tests;
mod told;

pub use self::{
    csv::csv,
    json::{Available, Busy, Counted, Document, Incident, Job, Operator, Times, json},
    page::html,
};
pub(crate) use self::{
    page::{content, title},
    reading::{NoReport, Turns, read},
};
