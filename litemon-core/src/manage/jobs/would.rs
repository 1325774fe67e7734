//! What an order would do, and what speaks against it: nothing is run.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    handle::Jobs,
    model::{Order, What},
    submit,
};
use crate::{
    config::ServerPlan,
    manage::{
        ManageError, Principal, Role,
        actions::{self, Around, Concern, concerns},
    },
    model::Name,
    monitor::Snapshot,
};

/// How long names may take that tell whether a server is this machine.
const RESOLVED: Duration = Duration::from_secs(2);

/// What an order would do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Would {
    /// The servers, those last that others are reached through, or that litemon runs on.
    pub servers: Vec<Name>,
    /// Whether it changes them.
    pub changes: bool,
    /// Whether somebody would be asked first.
    pub dangerous: bool,
    /// What speaks against it, as far as the monitor knows.
    pub concerns: Vec<Concern>,
}

impl Jobs {
    /// What an order would do; nothing is run, and no server is asked.
    ///
    /// # Errors
    /// As [`Jobs::submit`].
    pub async fn would(
        &self,
        by: &Principal,
        order: &Order,
        snapshot: Option<&Snapshot>,
    ) -> Result<Would, ManageError> {
        by.require(Role::Operator, "run anything on servers")?;
        let servers = submit::vetted(&self.shared, by, order)?;
        let chosen: Vec<&ServerPlan> = servers.iter().collect();
        self.shared.catalog.check(by, order, &chosen).await?;
        let What::Action { name, .. } = &order.what else {
            let servers = order.servers.clone();
            let (changes, dangerous) = (order.sudo, false);
            return Ok(Would { servers, changes, dangerous, concerns: Vec::new() });
        };
        let action = self.shared.catalog.action(name).await?;
        let fleet = self.fleet();
        let own = actions::own_hosts(fleet.servers(), Instant::now() + RESOLVED).await;
        let mut servers = order.servers.clone();
        if action.changes {
            servers.sort_by_key(|server| actions::turn(server, fleet.servers(), &own));
        }
        let around = Around::new(fleet.servers(), &own).snapshot(snapshot);
        let concerns = concerns(&action, &servers, &around);
        Ok(Would { servers, changes: action.changes, dangerous: action.dangerous, concerns })
    }
}
