//! litemon-core

pub mod clock;
#[cfg(feature = "config")]
pub mod config;
pub mod criteria;
pub mod exec;
pub mod journal;
pub mod model;
pub mod monitor;
pub mod notify;
pub mod probe;
pub mod schedule;
pub mod secret;
pub mod state;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
