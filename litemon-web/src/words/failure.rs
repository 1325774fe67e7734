//! Why a check could not look.

use litemon_core::model::FailureKind;

super::area::words! {
    /// See [`Words`](super::Words).
    FailureWords "failure" {
        not_resolved,
        refused,
        no_route,
        silent,
        host_key,
        auth,
        busy,
        dropped,
        protocol,
        timeout,
        exit,
        output,
        overrun,
        internal,
        pending,
        other,
    }
}

impl FailureWords {
    pub(crate) const fn of_kind(&self, kind: FailureKind) -> &'static str {
        match kind {
            FailureKind::NotResolved => self.not_resolved,
            FailureKind::Refused => self.refused,
            FailureKind::NoRoute => self.no_route,
            FailureKind::Silent => self.silent,
            FailureKind::HostKey => self.host_key,
            FailureKind::Auth => self.auth,
            FailureKind::Busy => self.busy,
            FailureKind::Dropped => self.dropped,
            FailureKind::Protocol => self.protocol,
            FailureKind::Timeout => self.timeout,
            FailureKind::Exit => self.exit,
            FailureKind::Output => self.output,
            FailureKind::Overrun => self.overrun,
            FailureKind::Internal => self.internal,
            FailureKind::Pending => self.pending,
            _ => self.other,
        }
    }
}
