//! What can go wrong on the way to an answer.

use std::{error::Error, io};

use super::redirect::Refused;
use crate::model::{Failure, FailureKind};

/// Why there is no answer: a kind, and one line without the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FailureKind,
    pub(crate) text: String,
}

/// The name of the host has no address.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("name not resolved")]
pub(super) struct NotResolved;

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::new(fault.kind, fault.text)
    }
}

impl Fault {
    pub(crate) fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(super) fn internal(text: impl Into<String>) -> Self {
        Self::new(FailureKind::Internal, text)
    }

    /// What the HTTP library says, by the first of its causes that is known.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(this) = cause {
            if let Some(fault) = known(this) {
                return fault;
            }
            cause = this.source();
        }
        match (error.is_timeout(), error.is_connect()) {
            (true, true) => Self::new(FailureKind::Silent, "no answer while connecting"),
            (true, false) => Self::new(FailureKind::Timeout, "no answer in time"),
            _ => Self::new(FailureKind::Protocol, deepest(error)),
        }
    }
}

fn known(error: &(dyn Error + 'static)) -> Option<Fault> {
    if error.is::<NotResolved>() {
        return Some(Fault::new(FailureKind::NotResolved, NotResolved.to_string()));
    }
    if let Some(refused) = error.downcast_ref::<Refused>() {
        return Some(Fault::new(FailureKind::Protocol, refused.to_string()));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return from_io(error);
    }
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(from_tls(error));
    }
    let error = error.downcast_ref::<hyper::Error>()?;
    if error.is_incomplete_message() || error.is_canceled() {
        return Some(dropped());
    }
    error.is_parse().then(|| Fault::new(FailureKind::Protocol, format!("not HTTP: {error}")))
}

fn from_io(error: &io::Error) -> Option<Fault> {
    use io::ErrorKind as E;
    // An io::Error shows the causes of what it wraps, and not that itself.
    if let Some(inner) = error.get_ref()
        && let Some(fault) = known(inner)
    {
        return Some(fault);
    }
    Some(match error.kind() {
        E::ConnectionRefused => Fault::new(FailureKind::Refused, "connection refused"),
        E::HostUnreachable | E::NetworkUnreachable | E::NetworkDown | E::AddrNotAvailable => {
            Fault::new(FailureKind::NoRoute, "no route to host")
        }
        E::PermissionDenied => Fault::new(FailureKind::NoRoute, "connecting is not permitted"),
        E::TimedOut => Fault::new(FailureKind::Silent, "no answer while connecting"),
        E::ConnectionReset
        | E::ConnectionAborted
        | E::BrokenPipe
        | E::UnexpectedEof
        | E::NotConnected => dropped(),
        // EMFILE and the like: nothing that the server did.
        _ if error.raw_os_error().is_some() => Fault::internal(error.to_string()),
        _ => return None,
    })
}

fn from_tls(error: &rustls::Error) -> Fault {
    let text = match error {
        rustls::Error::InvalidMessage(_) => "TLS: the server does not speak it".to_owned(),
        other => format!("TLS: {other}"),
    };
    Fault::new(FailureKind::Protocol, text)
}

fn dropped() -> Fault {
    Fault::new(FailureKind::Dropped, "connection lost")
}

/// The text of the last cause, which says what happened; those before it say where.
fn deepest(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    text
}

/// An error with its causes, in one line.
pub(super) fn one_line_of(error: &dyn Error) -> String {
    Failure::internal(error).message
}
