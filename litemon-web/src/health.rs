//! Whether the monitor works: results arrive, and what alerting stands on can be written.

use std::time::Duration;

use litemon_core::{
    model::{CheckId, Timestamp},
    monitor::{CheckView, Snapshot},
};

/// How the monitor itself is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Results arrive, or there is nothing to check.
    Ok,
    /// No result yet.
    Starting,
    /// Results stopped.
    Stale,
    /// The journal cannot be written.
    Journal,
    /// The monitor cannot reach its own network.
    Isolated,
}

impl Health {
    pub(crate) fn of(snapshot: &Snapshot, now: Timestamp) -> Self {
        let Some(limit) = patience(snapshot) else { return Self::Ok };
        match snapshot.last_result {
            None if now.since(snapshot.at) > limit => Self::Stale,
            None => Self::Starting,
            Some(last) if now.since(last) > limit => Self::Stale,
            Some(_) if journal_fails(snapshot) => Self::Journal,
            Some(_) if snapshot.isolated.is_some() => Self::Isolated,
            Some(_) => Self::Ok,
        }
    }

    /// The word `/healthz` answers with.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Starting => "starting",
            Self::Stale => "stale",
            Self::Journal => "journal",
            Self::Isolated => "isolated",
        }
    }
}

/// How long a check's result counts as being of now.
pub(crate) fn freshness(check: &CheckView) -> Duration {
    check.interval.saturating_mul(3).saturating_add(check.timeout)
}

/// How long no result at all may come. `None` when nothing is checked.
pub(crate) fn patience(snapshot: &Snapshot) -> Option<Duration> {
    snapshot.checks().filter(|check| !check.blocked).map(|check| freshness(check)).min()
}

/// The monitor opens an incident of its own for as long as its journal cannot be written.
fn journal_fails(snapshot: &Snapshot) -> bool {
    let journal = CheckId::own("journal");
    snapshot.incidents.iter().any(|incident| incident.check == journal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::tests::{AT, paper};
    use litemon_core::{
        model::{CheckKind, Failure, FailureKind, Status},
        testing::snapshot::{CheckBuilder, SnapshotBuilder},
    };

    #[test]
    fn it_works_while_results_arrive() {
        let snapshot = paper().build();
        assert_eq!(Health::of(&snapshot, AT), Health::Ok);
        assert_eq!(Health::of(&snapshot, AT.plus(Duration::from_secs(30))), Health::Ok);
        assert_eq!(Health::of(&snapshot, AT.plus(Duration::from_secs(60))), Health::Stale);
        let nothing = SnapshotBuilder::new(AT).build();
        assert_eq!(Health::of(&nothing, AT.plus(Duration::from_secs(600))), Health::Ok);
        let away = paper().own_fault("the history's database is away").build();
        assert_eq!(Health::of(&away, AT), Health::Ok);
        let failure = Failure::new(FailureKind::Internal, "the journal cannot be written");
        let journal = CheckBuilder::new("litemon:journal", CheckKind::Own)
            .unwrap()
            .seen(Status::Critical, AT, AT, Err(failure))
            .build();
        let broken = paper().other(journal).incident(9, "litemon:journal", Vec::new()).build();
        assert_eq!(Health::of(&broken, AT), Health::Journal);
    }
}
