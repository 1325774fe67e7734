use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
};

use ipnet::IpNet;
use litemon_core::{
    clock::Clock,
    manage::{Manage, actions::Catalog, jobs::Jobs},
    model::{Language, Zone},
    monitor::{MonitorHandle, Snapshot},
    notify::report::ReportKey,
    probe::push::TokenHash,
    store::Store,
};
use tokio::sync::watch;
use url::Url;

use crate::gate::Authenticator;

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
    /// Accounts and what they may do; without it there are none.
    pub manage: Option<Manage>,
    /// Who tells who asks, in the place of litemon's own accounts.
    pub authenticator: Option<Arc<dyn Authenticator>>,
    /// What runs on servers, and ran.
    pub jobs: Option<Jobs>,
    /// What can be run there.
    pub actions: Option<Catalog>,
    /// By which gateways prove whose reports they bring.
    pub reports: Option<ReportKey>,
}

impl Handles {
    /// What every dashboard needs.
    #[must_use]
    pub fn new(
        snapshot: watch::Receiver<Arc<Snapshot>>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            snapshot,
            store,
            clock,
            monitor: None,
            manage: None,
            authenticator: None,
            jobs: None,
            actions: None,
            reports: None,
        }
    }

    /// With the running monitor.
    #[must_use]
    pub fn with_monitor(mut self, monitor: MonitorHandle) -> Self {
        self.monitor = Some(monitor);
        self
    }

    /// With accounts, and all that those who log in may do.
    #[must_use]
    pub fn with_manage(mut self, manage: Manage) -> Self {
        self.manage = Some(manage);
        self
    }

    /// With what runs on servers, and what can be run there.
    #[must_use]
    pub fn with_jobs(mut self, jobs: Jobs, actions: Catalog) -> Self {
        (self.jobs, self.actions) = (Some(jobs), Some(actions));
        self
    }

    /// With reports of gateways about messages that they took.
    #[must_use]
    pub fn with_reports(mut self, key: Option<ReportKey>) -> Self {
        self.reports = key;
        self
    }

    /// With the logins of the application that mounts the dashboard. litemon's own login pages are
    /// not there then.
    #[must_use]
    pub fn with_authenticator(mut self, authenticator: Arc<dyn Authenticator>) -> Self {
        self.authenticator = Some(authenticator);
        self
    }
}

/// A gateway that hands over what recipients of SMS answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SmsHook {
    /// What it proves itself with.
    pub secret: TokenHash,
    /// What those who answer are called, by number (`+628123456789`); others are told a part of
    /// the number.
    pub people: BTreeMap<String, String>,
}

impl SmsHook {
    /// With this secret, for people without names.
    #[must_use]
    pub const fn new(secret: TokenHash) -> Self {
        Self { secret, people: BTreeMap::new() }
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
    /// The URL that people reach it by, where that is another than its own address.
    pub external_url: Option<Url>,
    /// Reverse proxies that are believed when they say for whom they ask, and how.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether connections are encrypted: [`serve_tls()`](crate::serve_tls()).
    pub tls: bool,
    /// The program's version, for the foot of a page.
    pub version: String,
    /// Names of notifiers that do something instead of telling somebody: in reports, what they took
    /// tells nobody.
    pub remedies: BTreeSet<String>,
    /// Whether a gateway hands over what recipients of SMS answer.
    pub sms_hook: Option<SmsHook>,
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
            external_url: None,
            trusted_proxies: Vec::new(),
            tls: false,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            remedies: BTreeSet::new(),
            sms_hook: None,
            streams: 128,
        }
    }

    /// # Errors
    /// [`ListenRefused`] when others could read what only a login may show, or what is logged in
    /// with.
    pub(crate) fn vet(&self, handles: &Handles) -> Result<(), ListenRefused> {
        let private = self.tls || !self.trusted_proxies.is_empty();
        let guarded = handles.authenticator.is_some() || (handles.manage.is_some() && private);
        if self.public || self.listen.ip().is_loopback() || guarded {
            Ok(())
        } else {
            Err(ListenRefused { listen: self.listen })
        }
    }
}

/// The dashboard would be readable by others although it is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the dashboard may not listen on {listen}: others could read it. Set `tls` or \
     `trusted_proxies` in [web] so that people can log in, or `public = true` to show names, \
     states, values and times to everyone who reaches it, or listen on 127.0.0.1"
)]
pub struct ListenRefused {
    /// The address that was asked for.
    pub listen: SocketAddr,
}
