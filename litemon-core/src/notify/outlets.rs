use std::time::Duration;

use crate::model::Route;

/// By what the messages of a notifier leave, as it was written: for whoever plays it instead of
/// sending.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outlets {
    /// One or several gateways, in the order in which they are asked.
    pub gateways: Vec<Outlet>,
    /// How long one may be silent before the next is asked beside it.
    pub hedge: Duration,
    /// How long each may take.
    pub each: Duration,
    /// Within which time those that report say that a message arrived.
    pub delivered_within: Duration,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outlet {
    /// What it is reached over.
    pub route: Route,
    /// Whether it is asked to report what arrives.
    pub reports: bool,
}

impl Outlets {
    /// These, of which none is asked to report.
    #[must_use]
    pub const fn new(gateways: Vec<Outlet>, hedge: Duration, each: Duration) -> Self {
        Self { gateways, hedge, each, delivered_within: Duration::ZERO }
    }

    /// Only one.
    #[must_use]
    pub fn one(route: Route, timeout: Duration) -> Self {
        Self::new(vec![Outlet::over(route)], timeout, timeout)
    }
}

impl Outlet {
    /// Over this, without reports.
    #[must_use]
    pub const fn over(route: Route) -> Self {
        Self { route, reports: false }
    }

    /// Whether it is asked to report.
    #[must_use]
    pub const fn reporting(mut self, reports: bool) -> Self {
        self.reports = reports;
        self
    }
}
