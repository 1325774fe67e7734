//! Where actions run and what they ping.

use std::time::Duration;

use super::Action;
use crate::{
    config::{Plan, ServerPlan},
    manage::ManageError,
    model::Name,
};

/// What actions take from the configuration.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Pinged from a server; its own default gateway when `None`.
    pub(super) gateway: Option<String>,
    /// A host on the internet.
    pub(super) internet: String,
    /// The server that the others need.
    pub(super) main: Option<String>,
    /// How long a restart may take.
    pub(super) back_within: Duration,
}

impl Places {
    pub(super) fn of(plan: &Plan) -> Self {
        let manage = &plan.manage;
        Self {
            gateway: manage.ping.gateway.clone(),
            internet: manage.ping.internet.clone(),
            main: manage.ping.main_server.clone(),
            back_within: manage.back_within,
        }
    }
}

/// Whether all servers are in a group where the action may run.
pub(super) fn within(action: &Action, servers: &[&ServerPlan]) -> Result<(), ManageError> {
    let allowed = |group: &Name| action.groups.contains(group);
    let outside = servers.iter().find(|server| !server.groups.iter().any(allowed));
    match outside {
        Some(server) if !action.groups.is_empty() => {
            let groups: Vec<&str> = action.groups.iter().map(Name::as_str).collect();
            Err(ManageError::Forbidden(format!(
                "run {} on {}: only on servers of {}",
                action.name,
                server.name,
                groups.join(", ")
            )))
        }
        _ => Ok(()),
    }
}
