//! The dashboard of litemon: a [`Dashboard`] is a tower service over what a running monitor
//! publishes. Mount it into a server of your own, or let [`serve()`] run it on a listener.
//!
//! It reads: a [`Snapshot`](litemon_core::monitor::Snapshot) from a watch channel, history from a
//! [`Store`](litemon_core::store::Store), the time from a [`Clock`](litemon_core::clock::Clock).
//! With [`Handles::with_manage`] people log in and do what their role allows; an application that
//! mounts it can tell by an [`Authenticator`] who its users are. Every request passes one gate, which
//! is closed unless a table opens it.
//!
//! Pages work without scripts; with them, the same fragments of HTML come over `/events` and are
//! replaced in place.
//!
//! ```no_run
//! # async fn run(handles: litemon_web::Handles) -> Result<(), Box<dyn std::error::Error>> {
//! use litemon_web::{Limits, Settings};
//! use tokio_util::sync::CancellationToken;
//!
//! let address = "127.0.0.1:8080".parse()?;
//! let dashboard = litemon_web::service(handles, Settings::new(address))?;
//! let listener = litemon_web::bind(address).await?;
//! let shutdown = CancellationToken::new();
//! litemon_web::serve(listener, dashboard, Limits::default(), shutdown).await;
//! # Ok(())
//! # }
//! ```

pub mod api;
mod archive;
mod assets;
mod body;
mod calls;
mod chart;
mod compress;
mod gate;
mod guard;
mod health;
mod history;
mod hooks;
mod host;
mod json;
mod language;
mod live;
mod pages;
mod past;
mod plain;
pub mod report;
mod routes;
mod scene;
mod serve;
mod service;
mod settings;
mod shelf;
mod text;
mod tls;
mod words;
mod work;

pub use body::Body;
pub use gate::{Authenticator, Peer};
pub use serve::{BindError, Limits, bind, serve, serve_local, serve_tls};
pub use service::{Dashboard, service};
pub use settings::{Handles, ListenRefused, Settings, SmsHook};
pub use tls::{Tls, TlsError};
