//! `/api/v1/events`: what changes, as server-sent events.
//!
//! A stream keeps no queue: it holds the snapshot that it told of last and, at most once a second,
//! tells what is different now. A slow reader misses steps, and nothing piles up for it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use futures_util::{StreamExt, stream};
use litemon_core::monitor::{CheckView, Snapshot};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;
use warp::{Reply, sse::Event};

use super::{
    call::{Answer, Call},
    problem::Refusal,
    types::Changes,
    view::View,
};
use crate::service::Site;

/// The shortest time between two rounds of events.
const PACE: Duration = Duration::from_secs(1);
/// The longest.
const BEAT: Duration = Duration::from_secs(5);

pub(super) async fn events(call: Call) -> Answer {
    if call.head_only {
        return Ok(
            warp::reply::with_header("", "content-type", "text/event-stream").into_response()
        );
    }
    let permit = call.site.streams.clone().try_acquire_owned().map_err(|_| Refusal::busy())?;
    let teller = Teller {
        detail: call.detail(),
        changes: call.site.handles.snapshot.clone(),
        ending: call.ending.map_or_else(CancellationToken::new, |ending| ending.0),
        site: call.site,
        told: None,
        _permit: permit,
    };
    let rounds = stream::unfold(teller, |mut teller| async move {
        let events = teller.next().await?;
        Some((stream::iter(events.into_iter().map(Ok::<_, std::convert::Infallible>)), teller))
    });
    Ok(warp::sse::reply(rounds.flatten()).into_response())
}

/// One reader's stream.
struct Teller {
    site: Arc<Site>,
    detail: bool,
    changes: watch::Receiver<Arc<Snapshot>>,
    ending: CancellationToken,
    told: Option<Arc<Snapshot>>,
    // Gives the place among the streams back.
    _permit: OwnedSemaphorePermit,
}

impl Teller {
    /// The next round; `None` when the stream has to end.
    async fn next(&mut self) -> Option<Vec<Event>> {
        if self.told.is_some() {
            let ending = self.ending.clone();
            tokio::select! {
                () = ending.cancelled() => return None,
                () = self.due() => {}
            }
        }
        let snapshot = self.changes.borrow_and_update().clone();
        let now = self.site.handles.clock.now();
        let view = View { snapshot: &snapshot, now, detail: self.detail };
        let mut events = Vec::from_iter(event("summary", &view.summary()));
        if let Some(before) = &self.told {
            let changes = changes(before, &view);
            if changes != Changes::default() {
                events.extend(event("changes", &changes));
            }
        }
        self.told = Some(snapshot);
        Some(events)
    }

    async fn due(&mut self) {
        tokio::time::sleep(PACE).await;
        let beat = BEAT.saturating_sub(PACE);
        if let Ok(Err(_)) = tokio::time::timeout(beat, self.changes.changed()).await {
            // The monitor is gone; the shutdown follows.
            tokio::time::sleep(beat).await;
        }
    }
}

fn event(name: &'static str, data: &impl Serialize) -> Option<Event> {
    Event::default().event(name).json_data(data).ok()
}

/// What is different from the snapshot before.
fn changes(before: &Snapshot, view: &View<'_>) -> Changes {
    let old: HashMap<&str, &CheckView> =
        before.checks().map(|check| (check.id.as_str(), check.as_ref())).collect();
    let is_same =
        |check: &CheckView| old.get(check.id.as_str()).is_some_and(|old| same_status(old, check));
    let mut changes = Changes::default();
    for check in view.snapshot.checks().filter(|check| !is_same(check)) {
        changes.checks.push(view.check(check));
    }
    let new: HashSet<&str> = view.snapshot.checks().map(|check| check.id.as_str()).collect();
    let gone = old.keys().filter(|id| !new.contains(*id));
    changes.removed = gone.map(|id| (*id).to_owned()).collect();
    changes.removed.sort_unstable();
    let known = |number| before.incidents.iter().find(move |old| old.number == number);
    for incident in &view.snapshot.incidents {
        if known(incident.number).is_none_or(|old| old.status != incident.status) {
            changes.incidents.push(view.open_incident(incident));
        }
    }
    let open = |number| view.snapshot.incidents.iter().any(|incident| incident.number == number);
    changes.closed =
        before.incidents.iter().map(|old| old.number).filter(|number| !open(*number)).collect();
    changes
}

fn same_status(old: &CheckView, new: &CheckView) -> bool {
    (old.status, old.blocked, old.since, old.incident)
        == (new.status, new.blocked, new.since, new.incident)
}
