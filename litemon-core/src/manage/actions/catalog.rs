//! Every action there is, and what an order of it comes down to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use super::{
    Action, Proof, Runnable, built_in,
    definition::Definition,
    own, param,
    place::{self, Places},
};
use crate::{
    config::{Plan, ServerPlan},
    exec::Command,
    manage::{
        Manage, ManageError, Principal, Role,
        jobs::{Order, What},
    },
    model::Name,
};

/// The longest that a command may take on one server, and an action that only asks.
pub const ASKS: Duration = Duration::from_secs(100);
/// The longest that an action may take on one server when it changes it.
pub const CHANGES: Duration = Duration::from_secs(30 * 60);

/// The actions that come with litemon, those of the files and those of the admin page, in this
/// order; a name is taken by the first that has it. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct Catalog {
    manage: Manage,
    planned: Arc<RwLock<Arc<Planned>>>,
}

/// What the files say.
#[derive(Debug)]
struct Planned {
    actions: Vec<Definition>,
    places: Places,
}

impl Planned {
    fn of(plan: &Plan) -> Self {
        Self { actions: plan.actions.iter().map(own::of_plan).collect(), places: Places::of(plan) }
    }
}

impl Catalog {
    /// The catalog with the actions of these files.
    #[must_use]
    pub fn new(manage: &Manage, plan: &Plan) -> Self {
        let planned = Arc::new(RwLock::new(Arc::new(Planned::of(plan))));
        Self { manage: manage.clone(), planned }
    }

    /// Takes the files as they are now.
    pub fn reload(&self, plan: &Plan) {
        let planned = Arc::new(Planned::of(plan));
        *self.planned.write().unwrap_or_else(PoisonError::into_inner) = planned;
    }

    pub(super) const fn manage(&self) -> &Manage {
        &self.manage
    }

    fn planned(&self) -> Arc<Planned> {
        Arc::clone(&self.planned.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The actions that somebody may run, as they are to be shown.
    ///
    /// # Errors
    /// [`ManageError::Database`] when those of the admin page cannot be read.
    pub async fn list(&self, by: &Principal) -> Result<Vec<Action>, ManageError> {
        let mut seen = BTreeSet::new();
        let mut all = built_in::all();
        all.extend(self.planned().actions.iter().cloned());
        all.extend(own::stored(&self.manage).await?);
        let actions = all.into_iter().map(|definition| definition.action);
        Ok(actions
            .filter(|action| by.role >= action.least && seen.insert(action.name.clone()))
            .collect())
    }

    /// Whether it stands in a file: then that counts, and not one of the admin page by that name.
    #[must_use]
    pub fn is_of_file(&self, name: &Name) -> bool {
        self.planned().actions.iter().any(|definition| definition.action.name == *name)
    }

    /// An action by its name.
    ///
    /// # Errors
    /// [`ManageError::NotFound`], or [`ManageError::Database`].
    pub async fn action(&self, name: &Name) -> Result<Action, ManageError> {
        Ok(self.definition(name).await?.action)
    }

    async fn definition(&self, name: &Name) -> Result<Definition, ManageError> {
        if let Some(found) = built_in::all().into_iter().find(|one| one.action.name == *name) {
            return Ok(found);
        }
        if let Some(found) = self.planned().actions.iter().find(|one| one.action.name == *name) {
            return Ok(found.clone());
        }
        let stored = own::stored(&self.manage).await?;
        stored
            .into_iter()
            .find(|one| one.action.name == *name)
            .ok_or_else(|| ManageError::NotFound { what: "action", name: name.as_str().to_owned() })
    }

    /// Whether somebody may have this order run, on these servers (those of the order, found).
    ///
    /// # Errors
    /// [`ManageError::Forbidden`] by the role or by the action's groups,
    /// [`ManageError::Invalid`] for a parameter, and for a network device that cannot do it;
    /// [`ManageError::NotFound`] for the action.
    pub async fn check(
        &self,
        by: &Principal,
        order: &Order,
        servers: &[&ServerPlan],
    ) -> Result<(), ManageError> {
        let What::Action { name, params } = &order.what else {
            return by.require(Role::Operator, "run commands on servers");
        };
        let action = self.action(name).await?;
        by.require(action.least.max(Role::Operator), &format!("run the action {name}"))?;
        place::within(&action, servers)?;
        param::values(&action, params)?;
        for server in servers.iter().filter(|server| server.device.is_network()) {
            self.runnable(&order.what, server).await?;
        }
        Ok(())
    }

    /// What an order comes down to on one server. The caller has [checked](Catalog::check) it.
    ///
    /// # Errors
    /// As [`Catalog::check`], when the action is not what it was any more.
    pub async fn runnable(
        &self,
        what: &What,
        server: &ServerPlan,
    ) -> Result<Runnable, ManageError> {
        match what {
            What::Command(line) => Ok(command(line)),
            What::Action { name, params } => self.action_on(name, params, server).await,
        }
    }

    async fn action_on(
        &self,
        name: &Name,
        params: &BTreeMap<String, String>,
        server: &ServerPlan,
    ) -> Result<Runnable, ManageError> {
        let definition = self.definition(name).await?;
        let values = param::values(&definition.action, params)?;
        definition.on(server, &values, &self.planned().places)
    }
}

fn command(line: &str) -> Runnable {
    Runnable {
        command: Command::shell(line),
        on_monitor: false,
        changes: true,
        detached: false,
        limit: ASKS,
        proof: Proof::Exit,
    }
}
