use std::{net::SocketAddr, sync::Arc};

use litemon_core::{
    clock::Clock,
    model::{Language, Zone},
    monitor::{MonitorHandle, Snapshot},
    store::Store,
};
use tokio::sync::watch;

/// What the dashboard reads from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Handles {
    /// What the monitor knows now.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    /// What it knew.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The monitor itself, where one runs in this process.
    pub monitor: Option<MonitorHandle>,
}

impl Handles {
    /// What every dashboard needs.
    #[must_use]
    pub fn new(
        snapshot: watch::Receiver<Arc<Snapshot>>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { snapshot, store, clock, monitor: None }
    }

    /// With the running monitor.
    #[must_use]
    pub fn with_monitor(mut self, monitor: MonitorHandle) -> Self {
        self.monitor = Some(monitor);
        self
    }
}

/// How the dashboard looks and to whom it answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// In which people read times.
    pub zone: Zone,
    /// In which pages are written.
    pub language: Language,
    /// Where it listens. Port 0 is fine: only the address counts here.
    pub listen: SocketAddr,
    /// Whether anybody who reaches it may read names, states, values and times. Errors, addresses
    /// and recipients are then left out.
    pub public: bool,
    /// Host names it answers to besides its own address and `localhost`.
    pub hosts: Vec<String>,
    /// The program's version, for the foot of a page.
    pub version: String,
    /// How many live streams may be open at once; one more is answered with 503 and tries again.
    pub streams: usize,
}

impl Settings {
    /// The settings of a private dashboard: English, UTC, not public, no further host names.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            zone: Zone::utc(),
            language: Language::English,
            listen,
            public: false,
            hosts: Vec::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            streams: 128,
        }
    }

    /// Whether errors, addresses and recipients may be shown: only where none but this machine's
    /// users can read them, as there is no login.
    pub(crate) const fn detail(&self) -> bool {
        !self.public && self.listen.ip().is_loopback()
    }

    /// # Errors
    /// [`ListenRefused`] when others could read what only a login may show.
    pub(crate) const fn vet(&self) -> Result<(), ListenRefused> {
        if self.public || self.listen.ip().is_loopback() {
            Ok(())
        } else {
            Err(ListenRefused { listen: self.listen })
        }
    }
}

/// The dashboard would be readable by others although it is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the dashboard may not listen on {listen}: others could read it. Set `public = true` in [web] \
     to show names, states, values and times to everyone who reaches it, or listen on 127.0.0.1"
)]
pub struct ListenRefused {
    /// The address that was asked for.
    pub listen: SocketAddr,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_public_dashboard_leaves_the_loopback() {
        for (listen, public, allowed, detail) in [
            ("127.0.0.1:0", false, true, true),
            ("127.0.0.1:0", true, true, false),
            ("[::1]:80", false, true, true),
            ("0.0.0.0:80", false, false, false),
            ("0.0.0.0:80", true, true, false),
            ("192.0.2.1:80", false, false, false),
            ("[::]:80", true, true, false),
        ] {
            let mut settings = Settings::new(listen.parse().unwrap());
            settings.public = public;
            assert_eq!(settings.vet().is_ok(), allowed, "{listen} {public}");
            assert_eq!(settings.detail(), detail, "{listen} {public}");
        }
    }
}
