//! What tests of litemon and of its embedders build on: made through the public traits and types.

pub mod paper;
mod paper_past;
pub mod snapshot;

pub use self::paper_past::paper_past;
