//! litemon-core

pub mod clock;
#[cfg(feature = "config")]
pub mod config;
pub mod exec;
pub mod journal;
pub mod model;
pub mod monitor;
pub mod notify;
pub mod probe;
pub mod secret;
pub mod state;
pub mod store;
