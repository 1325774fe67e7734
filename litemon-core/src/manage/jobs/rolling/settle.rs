//! After a server's turn: its own checks have to be OK again before it counts as done.

use std::sync::Arc;

use tokio::{sync::watch, time::Instant};

use super::{
    gate::{Gate, watched},
    order::Rolling,
};
use crate::{
    manage::{
        actions::{Announcement, Proof, Runnable},
        jobs::{
            model::{Outcome, Stage},
            place::Place,
            proof,
        },
    },
    monitor::Snapshot,
};

/// Notes which checks of the server are OK before its turn.
pub(in crate::manage::jobs) fn note(place: &Place) {
    let Some((rolling, snapshots)) = asked(place) else { return };
    let snapshot = Arc::clone(&snapshots.borrow());
    let view = snapshot.server(place.server.name.as_str());
    let checks = view.map(|view| watched(view, rolling)).unwrap_or_default();
    place.live.set(place.place, |record| record.watched = checks);
}

/// Waits until those are OK again, and says so. One that does not get well is told of at once, if
/// its alerts were held.
pub(in crate::manage::jobs) async fn settle(place: &Place, how: &Runnable) -> Outcome {
    let Some((rolling, snapshots)) = asked(place) else { return Outcome::Ok };
    let record = place.live.record(place.place);
    let checks = record.map(|record| record.watched).unwrap_or_default();
    let gate = Gate::new(rolling.healthy_rounds, place.shared.manage.clock().now(), checks);
    let deadline = place.shared.manage.clock().instant() + rolling.settle_within;
    tokio::select! {
        outcome = wait(place, rolling, gate, snapshots, deadline) => {
            if !outcome.is_ok() && matches!(how.proof, Proof::Restarted(_)) {
                proof::announce(place, Announcement::Release).await;
            }
            outcome
        }
        () = place.cancel.cancelled() => {
            Outcome::Unknown("it was done, and its checks were not waited for".to_owned())
        }
    }
}

/// How well it has to get, and where that is seen.
fn asked(place: &Place) -> Option<(&Rolling, watch::Receiver<Arc<Snapshot>>)> {
    let rolling = place.live.stored.head.order.rolling.as_ref();
    let rolling = rolling.filter(|rolling| rolling.healthy_rounds > 0)?;
    Some((rolling, place.shared.health.get()?.clone()))
}

async fn wait(
    place: &Place,
    rolling: &Rolling,
    mut gate: Gate,
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    deadline: Instant,
) -> Outcome {
    let clock = place.shared.manage.clock();
    let mut told = None;
    loop {
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        if let Some(view) = snapshot.server(place.server.name.as_str()) {
            gate.see(view);
        }
        if gate.is_open() {
            return Outcome::Ok;
        }
        let pending = gate.pending();
        if told.as_ref() != Some(&pending) {
            place.stage(Stage::Settling(pending.clone()));
            told = Some(pending);
        }
        let stopped = tokio::select! {
            changed = snapshots.changed() => changed.is_err(),
            () = clock.sleep_until(deadline) => {
                return Outcome::Unwell(gate.verdict(rolling.settle_within));
            }
        };
        if stopped {
            return Outcome::Unknown(
                "the monitor stopped while it waited for the checks".to_owned(),
            );
        }
    }
}
