//! How servers are, as the running monitor shows them.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use tokio::sync::watch;

use super::{
    order::{Rolling, Share},
    told::Short,
};
use crate::{
    config::ServerPlan,
    manage::{ManageError, jobs::Fleet},
    model::{Name, Status},
    monitor::{ServerView, Snapshot},
};

/// Where the snapshots of the running monitor are looked up, once there is one.
pub(in crate::manage::jobs) type Health = OnceLock<watch::Receiver<Arc<Snapshot>>>;

/// Whether a server does its work, as far as is known: it can be reached, nobody is taking it
/// away, and none of its checks is worse than a warning.
pub(super) fn is_well(view: &ServerView) -> bool {
    view.planned.is_none() && matches!(view.status(), Status::Ok | Status::Warning)
}

/// The first group of which too little would be well if something began on a server now, `busy`
/// being those at which something is under way.
pub(super) fn short(
    server: &ServerPlan,
    keep: Share,
    fleet: &Fleet,
    busy: &BTreeSet<&Name>,
    is_well: impl Fn(&Name) -> bool,
) -> Option<Short> {
    server.groups.iter().find_map(|group| {
        let members = members(fleet, group);
        let (total, others) = members.fold((0, 0), |(total, others), other| {
            let left = *other != server.name && !busy.contains(other) && is_well(other);
            (total + 1, others + usize::from(left))
        });
        let needed = keep.kept_of(total);
        let short = Short { group: group.clone(), well: others, needed };
        (others < needed).then_some(short)
    })
}

fn members<'a>(fleet: &'a Fleet, group: &'a Name) -> impl Iterator<Item = &'a Name> {
    let members = fleet.servers().iter().filter(|server| server.groups.contains(group));
    members.map(|server| &server.name)
}

/// Whether an order can go by how servers are.
pub(in crate::manage::jobs) fn can_be_had(
    rolling: &Rolling,
    health: &Health,
    fleet: &Fleet,
    servers: &[ServerPlan],
) -> Result<(), ManageError> {
    if !rolling.needs_health() {
        return Ok(());
    }
    if health.get().is_none() {
        let why = "it goes by the servers' own checks, which only a running monitor knows: start \
                   `litemon run`, or ask for healthy_rounds 0 and no keep_healthy";
        return Err(ManageError::Conflict(format!("a rolling job cannot be run here: {why}")));
    }
    let Some(keep) = rolling.keep_healthy else { return Ok(()) };
    for group in servers.iter().flat_map(|server| &server.groups).collect::<BTreeSet<_>>() {
        let total = members(fleet, group).count();
        let needed = keep.kept_of(total);
        if needed >= total {
            let why = format!(
                "keep_healthy: {needed} of group {group} are to be well and it has {total}: \
                 nothing could begin"
            );
            return Err(ManageError::invalid("rolling", why));
        }
    }
    Ok(())
}
