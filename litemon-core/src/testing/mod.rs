//! What tests of litemon and of its embedders build on: made through the public traits and types.

pub mod paper;
pub mod snapshot;
