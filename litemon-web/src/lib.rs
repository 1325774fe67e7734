//! The dashboard of litemon: a [`Dashboard`] is a tower service over what a running monitor
//! publishes. Mount it into a server of your own, or let [`serve()`] run it on a listener.
//!
//! It reads: a [`Snapshot`](litemon_core::monitor::Snapshot) from a watch channel, history from a
//! [`Store`](litemon_core::store::Store), the time from a [`Clock`](litemon_core::clock::Clock).
//! It changes nothing.
//!
//! Pages work without scripts; with them, the same fragments of HTML come over `/events` and are
//! replaced in place.

mod assets;
mod body;
mod guard;
mod health;
mod history;
mod host;
mod json;
mod live;
mod pages;
mod routes;
mod scene;
mod serve;
mod service;
mod settings;
mod text;
mod words;

pub use body::Body;
pub use serve::{BindError, Limits, bind, serve};
pub use service::{Dashboard, service};
pub use settings::{Handles, ListenRefused, Settings};
