use std::{error::Error, fmt};

use serde::{Deserialize, Serialize};

/// Why a probe could not look, or could not understand what it saw.
///
/// A closed list: decisions (is the server down? try again? tell whom?) rest on the kind, never on
/// the text of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureKind {
    /// The host name has no address.
    NotResolved,
    /// The connection was refused.
    Refused,
    /// No route to the host or the network.
    NoRoute,
    /// Nothing answered while connecting or shaking hands.
    Silent,
    /// The host key is not the one that is trusted, or nothing says which one is.
    HostKey,
    /// The login was refused, or there is no credential to log in with.
    Auth,
    /// The other side has no room now (OpenSSH's MaxStartups or MaxSessions).
    Busy,
    /// An established connection broke.
    Dropped,
    /// The other side does not speak the protocol as it should.
    Protocol,
    /// The command or request was not done in time, on a connection that worked until then.
    Timeout,
    /// The command ended in a way that says nothing (126, 127, a signal, non-zero where a value
    /// was asked for).
    Exit,
    /// The command ran, but its output is not what the check reads.
    Output,
    /// The previous run was still going when this one was due.
    Overrun,
    /// A fault of the monitor itself; it says nothing about the server.
    Internal,
    /// There was nothing to be seen yet, and that is as it should be.
    Pending,
}

impl FailureKind {
    /// All of them, in the order above.
    pub const ALL: [Self; 15] = [
        Self::NotResolved,
        Self::Refused,
        Self::NoRoute,
        Self::Silent,
        Self::HostKey,
        Self::Auth,
        Self::Busy,
        Self::Dropped,
        Self::Protocol,
        Self::Timeout,
        Self::Exit,
        Self::Output,
        Self::Overrun,
        Self::Internal,
        Self::Pending,
    ];

    /// Whether the failure is about reaching the server at all, so that `SERVER/ssh` has to say
    /// what is wrong and not the check that met it.
    #[must_use]
    pub const fn concerns_connection(self) -> bool {
        matches!(
            self,
            Self::NotResolved
                | Self::Refused
                | Self::NoRoute
                | Self::Silent
                | Self::HostKey
                | Self::Auth
                | Self::Busy
                | Self::Dropped
                | Self::Protocol
        )
    }

    /// Whether it may be about the way to what was looked at, rather than about that itself.
    #[must_use]
    pub const fn is_of_the_way(self) -> bool {
        self.concerns_connection() || matches!(self, Self::Timeout)
    }

    /// Whether it says nothing of what was to be looked at: then nobody is told, and a problem stays
    /// the problem that it was.
    #[must_use]
    pub const fn says_nothing(self) -> bool {
        matches!(self, Self::Internal | Self::Pending)
    }

    /// The word in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotResolved => "not_resolved",
            Self::Refused => "refused",
            Self::NoRoute => "no_route",
            Self::Silent => "silent",
            Self::HostKey => "host_key",
            Self::Auth => "auth",
            Self::Busy => "busy",
            Self::Dropped => "dropped",
            Self::Protocol => "protocol",
            Self::Timeout => "timeout",
            Self::Exit => "exit",
            Self::Output => "output",
            Self::Overrun => "overrun",
            Self::Internal => "internal",
            Self::Pending => "pending",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A probe's failure as it is kept and shown: a kind, and one short line.
///
/// `message` may hold bytes that came from a server. It is cut to [`Failure::MAX_MESSAGE`] bytes
/// and freed of control characters here, and escaped once more by whatever shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind that decisions rest on.
    pub kind: FailureKind,
    /// One line in English, without a full stop: `connection refused`, `exit 127: sh: foo: not found`.
    pub message: String,
}

impl Failure {
    /// The longest message kept, in bytes.
    pub const MAX_MESSAGE: usize = 300;

    /// A failure with its line; the line is cleaned and cut.
    #[must_use]
    pub fn new(kind: FailureKind, message: impl AsRef<str>) -> Self {
        Self { kind, message: one_line(message.as_ref(), Self::MAX_MESSAGE) }
    }

    /// A failure of the monitor itself, with the chain of causes in its line.
    #[must_use]
    pub fn internal(error: &dyn Error) -> Self {
        let mut line = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        Self::new(FailureKind::Internal, line)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failure {}

/// The first line of a text that has one, without control and bidirectional characters, cut to
/// `max` bytes at a character.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut clean = String::with_capacity(line.len().min(max));
    for c in line.chars().filter(|c| !c.is_control() && !is_bidi(*c)) {
        if clean.len() + c.len_utf8() > max {
            break;
        }
        clean.push(c);
    }
    clean
}

/// Characters that change the direction or visibility of the text around them (Unicode UAX #9).
pub(crate) const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A kind that is new does not compile before it stands here, and then not before it is in `ALL`.
    const fn next(kind: FailureKind) -> Option<FailureKind> {
        Some(match kind {
            FailureKind::NotResolved => FailureKind::Refused,
            FailureKind::Refused => FailureKind::NoRoute,
            FailureKind::NoRoute => FailureKind::Silent,
            FailureKind::Silent => FailureKind::HostKey,
            FailureKind::HostKey => FailureKind::Auth,
            FailureKind::Auth => FailureKind::Busy,
            FailureKind::Busy => FailureKind::Dropped,
            FailureKind::Dropped => FailureKind::Protocol,
            FailureKind::Protocol => FailureKind::Timeout,
            FailureKind::Timeout => FailureKind::Exit,
            FailureKind::Exit => FailureKind::Output,
            FailureKind::Output => FailureKind::Overrun,
            FailureKind::Overrun => FailureKind::Internal,
            FailureKind::Internal => FailureKind::Pending,
            FailureKind::Pending => return None,
        })
    }

    #[test]
    fn all_are_all() {
        let first = Some(FailureKind::NotResolved);
        let every: Vec<_> = std::iter::successors(first, |kind| next(*kind)).collect();
        assert_eq!(every, FailureKind::ALL);
    }
}
