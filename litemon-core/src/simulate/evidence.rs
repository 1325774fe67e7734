//! What a play leaves behind, for whoever judges it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

use super::scene::Attempt;
use crate::{
    model::{CheckId, Incident, IncidentNumber, Timestamp},
    monitor::Snapshot,
    policy::Scope,
};

/// Everything that was sent, and what the monitor thought in the end.
#[derive(Debug)]
pub(super) struct Evidence {
    pub(super) start: Instant,
    pub(super) attempts: Vec<Attempt>,
    /// All incidents that history was told of, as they were last.
    pub(super) incidents: BTreeMap<IncidentNumber, Incident>,
    pub(super) last: Option<Arc<Snapshot>>,
    pub(super) windows: Vec<Quiet>,
    /// Checks that see nothing without the monitor's own network.
    pub(super) beyond: BTreeSet<CheckId>,
    /// Checks that remedies made well, and how long after the start.
    pub(super) healed: Vec<(Duration, CheckId)>,
}

impl Evidence {
    /// How long after the start an attempt ended.
    pub(super) fn after(&self, attempt: &Attempt) -> Duration {
        attempt.ended.saturating_duration_since(self.start)
    }
}

/// A time in which somebody wanted silence.
#[derive(Clone, Debug)]
pub(super) struct Quiet {
    pub(super) scopes: Vec<Scope>,
    /// When it was wanted, after the start.
    pub(super) after: Duration,
    /// The same by the monitor's clock, and until when.
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    /// When it was ended before its time.
    pub(super) ended: Option<Timestamp>,
}
