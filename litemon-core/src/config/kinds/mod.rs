//! The kinds that litemon comes with: a file and a line each.

#[cfg(feature = "dns")]
mod dns;
#[cfg(feature = "email")]
mod email;
#[cfg(feature = "exec")]
mod exec;
#[cfg(feature = "gateway")]
mod gateway;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "gateway")]
mod http_notifier;
#[cfg(feature = "http")]
mod http_stats;
#[cfg(feature = "ping")]
mod ping;
mod plugin;
mod push;
mod reading;
#[cfg(feature = "http")]
mod request;
mod resource;
#[cfg(any(feature = "http", feature = "stomp"))]
mod secrets;
mod service;
#[cfg(feature = "sms")]
mod sms;
#[cfg(feature = "stomp")]
mod stomp;
mod tcp;
#[cfg(feature = "tls")]
mod tls;
mod uptime;
#[cfg(feature = "webhook")]
mod webhook;

use std::sync::Arc;

use super::kind::{NotifierKind, ProbeKind, SettingError};

/// Kinds of checks that are only there with a feature of this crate.
const PROBES: [(&str, &str); 6] = [
    ("http", "http"),
    ("http_stats", "http"),
    ("tls", "tls"),
    ("dns", "dns"),
    ("ping", "ping"),
    ("stomp_round_trip", "stomp"),
];

/// The same of notifiers.
const NOTIFIERS: [(&str, &str); 5] = [
    ("sms", "sms"),
    ("http", "gateway"),
    ("webhook", "webhook"),
    ("email", "email"),
    ("exec", "exec"),
];

/// What is to be said of a kind of check that this litemon could have; `None` where there is none of
/// that name.
pub(super) fn probe_not_built_in(kind: &str) -> Option<String> {
    not_built_in(&PROBES, kind)
}

/// The same of a kind of notifier.
pub(super) fn notifier_not_built_in(kind: &str) -> Option<String> {
    not_built_in(&NOTIFIERS, kind)
}

fn not_built_in(known: &[(&str, &str)], kind: &str) -> Option<String> {
    let (_, feature) = known.iter().find(|(name, _)| *name == kind)?;
    Some(format!(
        "the kind {kind:?} is not built in; it needs a litemon with the feature {feature:?}"
    ))
}

/// What a regular expression is given as, or what is wrong with it: the last line of the error, as
/// those before it draw a picture.
fn regex(key: &str, text: &str, wrong: &mut Vec<SettingError>) {
    if let Err(error) = regex::Regex::new(text) {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
        wrong.push(SettingError::new(key, format!("is no regular expression: {last}")));
    }
}

pub(crate) fn probes() -> Vec<Arc<dyn ProbeKind>> {
    vec![
        Arc::new(resource::ResourceKind),
        Arc::new(service::ServiceKind),
        #[cfg(feature = "http")]
        Arc::new(http::HttpKind),
        #[cfg(feature = "http")]
        Arc::new(http_stats::HttpStatsKind),
        Arc::new(tcp::TcpKind),
        Arc::new(plugin::PluginKind),
        Arc::new(push::PushKind),
        Arc::new(uptime::UptimeKind),
        #[cfg(feature = "tls")]
        Arc::new(tls::TlsKind),
        #[cfg(feature = "dns")]
        Arc::new(dns::DnsKind),
        #[cfg(feature = "ping")]
        Arc::new(ping::PingKind),
        #[cfg(feature = "stomp")]
        Arc::new(stomp::StompKind),
    ]
}

pub(crate) fn notifiers() -> Vec<Arc<dyn NotifierKind>> {
    vec![
        #[cfg(feature = "sms")]
        Arc::new(sms::SmsKind),
        #[cfg(feature = "gateway")]
        Arc::new(http_notifier::HttpKind),
        #[cfg(feature = "webhook")]
        Arc::new(webhook::WebhookKind),
        #[cfg(feature = "email")]
        Arc::new(email::EmailKind),
        #[cfg(feature = "exec")]
        Arc::new(exec::ExecKind),
    ]
}
