//! What can go wrong on the way to a server, as a [`Failure`].

use std::{io, time::Duration};

use crate::model::{Failure, FailureKind};

pub(super) use crate::net::{dropped, from_io, silent};

/// The error type of the SSH library's callbacks: its own errors, or a verdict of ours.
#[derive(Debug)]
pub(super) enum Fault {
    Ours(Failure),
    Library(russh::Error),
}

impl From<russh::Error> for Fault {
    fn from(error: russh::Error) -> Self {
        Self::Library(error)
    }
}

/// An error of the SSH library, on a connection that greeted with `greeting`.
pub(super) fn from_library(error: &russh::Error, greeting: &[u8], waited: Duration) -> Failure {
    use russh::Error as E;
    if let Some(busy) = turned_away(error, greeting) {
        return busy;
    }
    match error {
        E::IO(error) => from_io(error, waited),
        E::Disconnect | E::HUP | E::SendError | E::RecvError => dropped(),
        E::KeepaliveTimeout | E::InactivityTimeout | E::ConnectionTimeout | E::Elapsed(_) => {
            silent(waited)
        }
        E::ChannelOpenFailure(_) => {
            Failure::new(FailureKind::Busy, "no session free on the server (MaxSessions)")
        }
        E::NoCommonAlgo { kind, .. } => Failure::new(
            FailureKind::Protocol,
            format!("no algorithm in common with the server ({kind:?})"),
        ),
        E::Version => Failure::new(FailureKind::Protocol, "the server does not speak SSH"),
        other => Failure::new(FailureKind::Protocol, format!("SSH protocol error: {other}")),
    }
}

/// A server that hangs up before it has introduced itself has no room: OpenSSH says so in a line
/// (`Exceeded MaxStartups`; since 9.8 `Not allowed at this time`), which a reset may overtake.
fn turned_away(error: &russh::Error, greeting: &[u8]) -> Option<Failure> {
    use russh::Error as E;
    let says = |text: &[u8]| greeting.windows(text.len()).any(|part| part == text);
    if says(b"Exceeded MaxStartups") {
        return Some(Failure::new(FailureKind::Busy, "no login free on the server (MaxStartups)"));
    }
    if says(b"Not allowed at this time") {
        return Some(Failure::new(FailureKind::Busy, "the server refuses logins for a while"));
    }
    let hung_up = match error {
        E::Disconnect | E::HUP => true,
        E::IO(error) => matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof
        ),
        _ => false,
    };
    (hung_up && greeting.is_empty())
        .then(|| Failure::new(FailureKind::Busy, "connection closed before the SSH greeting"))
}
