use super::*;

mod availability;
mod span;
mod whole;
