//! The kinds that litemon comes with: a file and a line each.

#[cfg(feature = "exec")]
mod exec;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod http_stats;
#[cfg(feature = "http")]
mod request;
mod resource;
mod service;
#[cfg(feature = "sms")]
mod sms;

use std::sync::Arc;

use super::kind::{NotifierKind, ProbeKind};

pub(crate) fn probes() -> Vec<Arc<dyn ProbeKind>> {
    vec![
        Arc::new(resource::ResourceKind),
        Arc::new(service::ServiceKind),
        #[cfg(feature = "http")]
        Arc::new(http::HttpKind),
        #[cfg(feature = "http")]
        Arc::new(http_stats::HttpStatsKind),
    ]
}

pub(crate) fn notifiers() -> Vec<Arc<dyn NotifierKind>> {
    vec![
        #[cfg(feature = "sms")]
        Arc::new(sms::SmsKind),
        #[cfg(feature = "exec")]
        Arc::new(exec::ExecKind),
    ]
}
