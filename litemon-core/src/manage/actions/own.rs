//! Actions of one's own: those of the files, and those of the admin page.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Action, Catalog, Param,
    catalog::{ASKS, CHANGES},
    definition::{Definition, How},
    param,
};
use crate::{
    config::{ActionPlan, RoleWord},
    exec::CommandLine,
    manage::{Manage, ManageError, Principal, Role},
    model::Name,
    store::sql::Arg,
};

/// See [`Database`](crate::manage::database::Database).
pub(in crate::manage) const TABLES: &str = "\
    CREATE TABLE actions (name TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;";

/// The most actions of the admin page.
const MOST: usize = 500;

/// An action as the admin page writes it. It always runs on the servers: what runs on the monitor's
/// own machine comes from files only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OwnAction {
    /// What it does, in a few words.
    pub description: String,
    /// A line for the server's shell. Its parameters are `$1`, `$2`, … and `LITEMON_PARAM_NAME`.
    pub command: String,
    /// What it needs to be told.
    pub params: Vec<Param>,
    /// Whether it becomes root.
    pub sudo: bool,
    /// Whether it changes the server.
    pub changes: bool,
    /// Whether it is asked for twice.
    pub dangerous: bool,
    /// Whether the password is asked for again.
    pub asks_password: bool,
    /// Whether it runs on one server after the other.
    pub one_by_one: bool,
    /// The longest it may take on one server; `None`: 100 s, or 30 min for what changes.
    pub limit: Option<Duration>,
    /// The least role that may run it.
    pub least: Role,
    /// The groups on whose servers it may run; all when empty.
    pub groups: Vec<Name>,
}

impl OwnAction {
    /// A command that changes the server as the user that litemon logs in with.
    #[must_use]
    pub fn new(description: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            command: command.into(),
            params: Vec::new(),
            sudo: false,
            changes: true,
            dangerous: false,
            asks_password: false,
            one_by_one: false,
            limit: None,
            least: Role::Operator,
            groups: Vec::new(),
        }
    }

    fn definition(self, name: Name) -> Definition {
        let limit = self.limit.unwrap_or(if self.changes { CHANGES } else { ASKS });
        let how = How::Own { line: CommandLine::Shell(self.command), on_monitor: false };
        let action = Action {
            name,
            description: self.description,
            built_in: false,
            params: self.params,
            sudo: self.sudo,
            changes: self.changes,
            dangerous: self.dangerous,
            asks_password: self.asks_password,
            one_by_one: self.one_by_one,
            limit,
            least: self.least,
            groups: self.groups,
        };
        Definition { detached: action.changes, action, how }
    }
}

/// An action of a file.
pub(super) fn of_plan(plan: &ActionPlan) -> Definition {
    let action = Action {
        name: plan.name.clone(),
        description: plan.description.clone().unwrap_or_default(),
        built_in: false,
        params: plan.params.clone(),
        sudo: plan.sudo,
        changes: plan.changes,
        dangerous: plan.dangerous,
        asks_password: plan.asks_password,
        one_by_one: plan.one_by_one,
        limit: plan.timeout,
        least: match plan.role {
            RoleWord::Operator => Role::Operator,
            RoleWord::Admin => Role::Admin,
        },
        groups: plan.groups.clone(),
    };
    let how = How::Own { line: plan.command.clone(), on_monitor: plan.on_monitor };
    Definition { detached: action.changes && !plan.on_monitor, action, how }
}

/// The actions of the admin page, by name.
pub(super) async fn stored(manage: &Manage) -> Result<Vec<Definition>, ManageError> {
    let all = read(manage).await?;
    Ok(all.into_iter().map(|(name, action)| action.definition(name)).collect())
}

async fn read(manage: &Manage) -> Result<BTreeMap<Name, OwnAction>, ManageError> {
    let database = &manage.office.database;
    let rows = database.rows("SELECT name, body FROM actions", &[]).await?;
    let mut all = BTreeMap::new();
    for row in rows {
        let name = row.text(0).map_err(|cause| database.unreadable(cause))?;
        let body = row.text(1).map_err(|cause| database.unreadable(cause))?;
        let wrong = |error: String| ManageError::Conflict(format!("action {name:?}: {error}"));
        let action = serde_json::from_str(&body).map_err(|error| wrong(error.to_string()))?;
        all.insert(Name::new(&name).map_err(|error| wrong(error.to_string()))?, action);
    }
    Ok(all)
}

impl Catalog {
    /// The actions of the admin page as they were written there, for those who may change them.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`] unless an admin asks, or [`ManageError::Database`].
    pub async fn own_actions(
        &self,
        by: &Principal,
    ) -> Result<BTreeMap<Name, OwnAction>, ManageError> {
        by.require(Role::Admin, "see how actions are written")?;
        read(self.manage()).await
    }

    /// Adds an action.
    ///
    /// # Errors
    /// [`ManageError::Taken`], [`ManageError::Invalid`], [`ManageError::Forbidden`] unless an admin
    /// asks, or [`ManageError::Database`].
    pub async fn add_action(
        &self,
        by: &Principal,
        name: &Name,
        action: &OwnAction,
    ) -> Result<(), ManageError> {
        by.require(Role::Admin, "add actions")?;
        valid(action)?;
        if self.action(name).await.is_ok() {
            return Err(ManageError::Taken { what: "action", name: name.to_string() });
        }
        if read(self.manage()).await?.len() >= MOST {
            return Err(ManageError::Conflict(format!("there are {MOST} actions already")));
        }
        self.put(by, "action.add", name, action).await
    }

    /// Replaces an action of the admin page.
    ///
    /// # Errors
    /// As [`Catalog::add_action`]; [`ManageError::NotFound`] when it is not one of the admin page.
    pub async fn edit_action(
        &self,
        by: &Principal,
        name: &Name,
        action: &OwnAction,
    ) -> Result<(), ManageError> {
        by.require(Role::Admin, "change actions")?;
        valid(action)?;
        self.stored_here(name).await?;
        self.put(by, "action.edit", name, action).await
    }

    /// Removes an action of the admin page. Its jobs stay.
    ///
    /// # Errors
    /// [`ManageError::NotFound`], [`ManageError::Forbidden`] unless an admin asks, or
    /// [`ManageError::Database`].
    pub async fn remove_action(&self, by: &Principal, name: &Name) -> Result<(), ManageError> {
        by.require(Role::Admin, "remove actions")?;
        self.stored_here(name).await?;
        let statement = ("DELETE FROM actions WHERE name = ?", &[Arg::Text(name.as_str())][..]);
        self.audited(by, "action.remove", name, &json!({}), statement).await
    }

    async fn stored_here(&self, name: &Name) -> Result<(), ManageError> {
        if read(self.manage()).await?.contains_key(name) {
            return Ok(());
        }
        match self.action(name).await {
            Ok(_) => Err(ManageError::Conflict(format!(
                "the action {name} comes with litemon or stands in a file, and is changed there"
            ))),
            Err(error) => Err(error),
        }
    }

    async fn put(
        &self,
        by: &Principal,
        doing: &'static str,
        name: &Name,
        action: &OwnAction,
    ) -> Result<(), ManageError> {
        let body = serde_json::to_string(action)
            .map_err(|error| ManageError::invalid("action", error.to_string()))?;
        let sql = "INSERT INTO actions (name, body) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET body = excluded.body";
        let args = [Arg::Text(name.as_str()), Arg::Text(&body)];
        self.audited(by, doing, name, &json!({ "action": action }), (sql, &args)).await
    }

    async fn audited(
        &self,
        by: &Principal,
        doing: &'static str,
        name: &Name,
        detail: &serde_json::Value,
        statement: (&'static str, &[Arg<'_>]),
    ) -> Result<(), ManageError> {
        let office = &self.manage().office;
        let write = async { office.database.write(&[statement]).await.map(drop) };
        office.audited(by, doing, name.as_str(), detail, write).await
    }
}

/// Whether an action can be run as it is written.
fn valid(action: &OwnAction) -> Result<(), ManageError> {
    if action.command.trim().is_empty() || action.command.contains('\0') {
        return Err(ManageError::invalid("command", "is empty; expected a line for a shell"));
    }
    if action.limit.is_some_and(|limit| limit.is_zero()) {
        return Err(ManageError::invalid("limit", "expected more than no time at all"));
    }
    if action.least < Role::Operator {
        return Err(ManageError::invalid("role", "expected operator or admin"));
    }
    Param::sound(&action.params).map_err(|wrong| ManageError::invalid(param::FIELD, wrong.message))
}
