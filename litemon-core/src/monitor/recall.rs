use std::sync::Arc;

use super::{
    setup::{Check, Setup},
    snapshot::{CheckView, IncidentView, LastResult, ServerView, Snapshot},
};
use crate::{
    model::{CheckId, Criteria, CurrentStatus, Incident, Number, Observation, Timestamp},
    store::{Store, StoreError},
};

/// As many incidents as are looked through for open ones.
const INCIDENTS: usize = 1000;

/// What a store knows of a setup, as a snapshot: for showing what another process monitors.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub async fn recall(
    setup: &Setup,
    store: &dyn Store,
    now: Timestamp,
) -> Result<Snapshot, StoreError> {
    let current = store.current().await?;
    let incidents = store.incidents(None, INCIDENTS).await?;
    let find = |id: &CheckId| current.iter().find(|status| status.check == *id);
    let view = |check: &Check| Arc::new(check_view(check, find(&check.id), &incidents));
    let servers = setup.servers.iter().map(|server| {
        let of_it = |check: &&Check| check.server.as_ref() == Some(&server.name);
        Arc::new(ServerView {
            name: server.name.clone(),
            address: server.address.clone(),
            groups: server.groups.clone(),
            labels: server.labels.clone(),
            checks: setup.checks.iter().filter(of_it).map(view).collect(),
            planned: None,
        })
    });
    Ok(Snapshot {
        windows: Vec::new(),
        at: now,
        last_result: current.iter().map(|status| status.at).max(),
        servers: servers.collect(),
        others: setup.checks.iter().filter(|check| check.server.is_none()).map(view).collect(),
        incidents: incidents
            .iter()
            .filter(|incident| incident.closed.is_none())
            .rev()
            .map(|incident| Arc::new(incident_view(incident)))
            .collect(),
        outbox: 0,
        held: 0,
        own_faults: Vec::new(),
        isolated: None,
        rotas: setup.rotas.clone(),
    })
}

fn check_view(check: &Check, known: Option<&CurrentStatus>, incidents: &[Incident]) -> CheckView {
    let (threshold, warn) = match &check.criteria {
        Criteria::Threshold(limits) => (limits.critical, limits.warn),
        Criteria::On => (None, None),
    };
    let open = |incident: &&Incident| incident.check == check.id && incident.closed.is_none();
    CheckView {
        id: check.id.clone(),
        kind: check.kind,
        status: known.map(|status| status.status).unwrap_or_default(),
        since: known.map(|status| status.since),
        soft: None,
        blocked: false,
        last: known.map(|status| LastResult {
            at: status.at,
            took: std::time::Duration::ZERO,
            status: status.status,
            result: status.last.clone(),
        }),
        last_value: None,
        last_numbers: known.map(numbers).unwrap_or_default(),
        interval: check.schedule.interval,
        timeout: check.schedule.timeout,
        threshold,
        warn,
        flapping: None,
        incident: incidents.iter().find(open).map(|incident| incident.number),
        attempts: check.schedule.attempts,
        notifies: !check.notify.is_empty(),
        notify: check.notify.clone(),
        overruns: 0,
    }
}

fn numbers(status: &CurrentStatus) -> Vec<Number> {
    match &status.last {
        Ok(Observation::Numbers { numbers, .. }) => numbers.clone(),
        _ => Vec::new(),
    }
}

fn incident_view(incident: &Incident) -> IncidentView {
    IncidentView {
        acknowledged: None,
        silence: None,
        remedies: std::collections::BTreeMap::new(),
        number: incident.number,
        check: incident.check.clone(),
        kind: incident.kind,
        since: incident.since,
        status: incident.status,
        last: incident.last.clone(),
        limit: None,
        told: Vec::new(),
    }
}
