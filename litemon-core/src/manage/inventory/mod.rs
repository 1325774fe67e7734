//! Servers that are added while litemon runs.
//!
//! They stand in the local database, their secrets sealed, and are planned as one more layer behind
//! the files: the same keys, the same checks of what makes sense, the same words about mistakes.
//! What runs on the monitor itself (`address = "local"`, kinds of checks of one's own, notifiers)
//! comes from files only: a [`ServerDraft`] cannot say it.

mod draft;
mod enroll;
mod facts;
pub mod import;
mod keep;
mod layer;
mod model;
mod store;
mod test;

use std::{fmt, sync::Arc};

use serde_json::{Value, json};

use self::store::Row;
pub(super) use self::store::{SEALED, TABLES};
pub use self::{
    draft::{Change, ResourceDraft, ServerDraft, ServiceDraft},
    enroll::KeyInstalled,
    facts::{Facts, Pending},
    keep::{FactsKeeper, Places},
    model::{Choices, ServerEntry, Stored},
    test::{Step, TestReport},
};
use super::{Manage, ManageError, Principal, Role};
use crate::{
    config::{Managed, Mistakes, Place, Plan, ServerPlan},
    model::Name,
};

/// What the files say, planned together with managed servers. The program that reads the files
/// implements it.
pub trait Planning: fmt::Debug + Send + Sync + 'static {
    /// Reads the files as they are now and plans them with these servers behind them. It may block.
    ///
    /// # Errors
    /// [`PlanningError`] when that does not make a plan.
    fn plan(&self, managed: &Managed) -> Result<Plan, PlanningError>;
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanningError {
    /// What is written does not make sense.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// The files cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

impl Manage {
    /// Says where the files are; without it no server can be added, edited or tested. Only the
    /// first call counts.
    pub fn set_planning(&self, planning: Arc<dyn Planning>) {
        let _ = self.office.planning.set(planning);
    }

    /// The servers that were added, with their secrets opened: the layer to plan with.
    ///
    /// # Errors
    /// [`ManageError`] when the database cannot be read or a secret cannot be opened.
    pub async fn managed(&self) -> Result<Managed, ManageError> {
        let rows = self.office.server_rows().await?;
        self.layer(&rows)
    }

    /// A number that is another one after each change of the servers.
    ///
    /// # Errors
    /// [`ManageError::Database`].
    pub async fn inventory_version(&self) -> Result<i64, ManageError> {
        self.office.inventory_version().await
    }

    /// All servers, those of the files and those that were added, by name. For those who may look.
    ///
    /// # Errors
    /// [`ManageError`] when the role is not enough, the database cannot be read, or there is no plan.
    pub async fn servers(&self, by: &Principal) -> Result<Vec<ServerEntry>, ManageError> {
        by.require(Role::Viewer, "see servers")?;
        let rows = self.office.server_rows().await?;
        let plan = self.plan().await?;
        let mut entries: Vec<ServerEntry> =
            plan.servers.iter().map(|server| ServerEntry::new(server, &plan, &rows)).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// One of [`servers`](Self::servers).
    ///
    /// # Errors
    /// [`ManageError::NotFound`], or as there.
    pub async fn server(&self, by: &Principal, name: &str) -> Result<ServerEntry, ManageError> {
        let entries = self.servers(by).await?;
        entries.into_iter().find(|entry| entry.name.as_str() == name).ok_or_else(|| no_server(name))
    }

    /// What there is to choose from when a server is added or edited.
    ///
    /// # Errors
    /// [`ManageError`] when the role is not enough, the database cannot be read, or there is no plan.
    pub async fn server_choices(&self, by: &Principal) -> Result<Choices, ManageError> {
        by.require(Role::Admin, "add servers")?;
        let plan = self.plan().await?;
        let notifiers = plan.notifiers.iter().map(|notifier| notifier.name.clone()).collect();
        Ok(Choices { groups: plan.groups, profiles: plan.profiles, notifiers })
    }

    /// Adds a server. A running monitor watches it within seconds.
    ///
    /// # Errors
    /// [`ManageError::Taken`] when the files or the database have one of that name;
    /// [`ManageError::Invalid`] with what is wrong with it.
    pub async fn add_server(&self, by: &Principal, draft: ServerDraft) -> Result<(), ManageError> {
        self.import_servers(by, vec![draft], false).await
    }

    /// Adds servers, all or none. With `dry` nothing is added: it says whether they could be.
    ///
    /// # Errors
    /// As [`add_server`](Self::add_server), for the first that cannot be added.
    pub async fn import_servers(
        &self,
        by: &Principal,
        drafts: Vec<ServerDraft>,
        dry: bool,
    ) -> Result<(), ManageError> {
        by.require(Role::Admin, "add servers")?;
        let office = &self.office;
        let mut rows = office.server_rows().await?;
        let before = rows.len();
        for draft in drafts {
            draft.check()?;
            if rows.iter().any(|row| row.draft.name == draft.name) {
                let name = draft.name.to_string();
                return Err(ManageError::Taken { what: "server", name });
            }
            rows.push(Row::new(draft, &office.vault)?);
        }
        self.check_rows(&rows).await?;
        if dry {
            return Ok(());
        }
        let new = rows.split_off(before);
        let names: Vec<&str> = new.iter().map(|row| row.draft.name.as_str()).collect();
        let detail = json!({ "servers": new.iter().map(Row::told).collect::<Vec<_>>() });
        let work = office.insert_servers(&new);
        office.audited(by, "server.add", &names.join(" "), &detail, work).await
    }

    /// Replaces what is said of an added server; secrets as their [`Change`] says.
    ///
    /// # Errors
    /// [`ManageError::Conflict`] for one of the files; [`ManageError::NotFound`];
    /// [`ManageError::Invalid`] with what is wrong with it, or when the name is another one.
    pub async fn edit_server(
        &self,
        by: &Principal,
        name: &str,
        draft: ServerDraft,
    ) -> Result<(), ManageError> {
        by.require(Role::Admin, "edit servers")?;
        draft.check()?;
        if draft.name.as_str() != name {
            let message = "a server keeps its name, as its history stands under it";
            return Err(ManageError::invalid("name", message));
        }
        let office = &self.office;
        let mut rows = office.server_rows().await?;
        let old = self.take_row(&mut rows, name).await?;
        let new = old.changed(draft, &office.vault)?;
        rows.push(new.clone());
        self.check_rows(&rows).await?;
        let work = office.update_server(&new);
        office.audited(by, "server.edit", name, &new.told(), work).await
    }

    /// Removes an added server, its secrets and what is known about it. Its history stays; its open
    /// incidents are closed as withdrawn.
    ///
    /// # Errors
    /// [`ManageError::Conflict`] for one of the files, and for one that others go through;
    /// [`ManageError::NotFound`].
    pub async fn remove_server(&self, by: &Principal, name: &str) -> Result<(), ManageError> {
        by.require(Role::Admin, "remove servers")?;
        let office = &self.office;
        let mut rows = office.server_rows().await?;
        let gone = self.take_row(&mut rows, name).await?;
        self.check_rows(&rows).await.map_err(|error| match error {
            ManageError::Invalid { message, .. } => ManageError::Conflict(format!(
                "{name} cannot be removed, since others need it: {message}"
            )),
            other => other,
        })?;
        let work = office.delete_server(&gone);
        office.audited(by, "server.remove", name, &Value::Null, work).await
    }

    /// The plan of the files and the servers that were added, as they are now.
    pub(super) async fn plan(&self) -> Result<Plan, ManageError> {
        let managed = self.managed().await?;
        self.plan_with(managed).await?.map_err(|error| broken(&error))
    }

    /// A server of the plan.
    pub(super) async fn planned(&self, name: &str) -> Result<ServerPlan, ManageError> {
        let plan = self.plan().await?;
        let server = plan.servers.into_iter().find(|server| server.name.as_str() == name);
        server.ok_or_else(|| no_server(name))
    }

    fn layer(&self, rows: &[Row]) -> Result<Managed, ManageError> {
        let mut managed = Managed::default();
        for row in rows {
            managed.insert(row.draft.name.clone(), row.layer(&self.office.vault)?);
        }
        Ok(managed)
    }

    async fn plan_with(
        &self,
        managed: Managed,
    ) -> Result<Result<Plan, PlanningError>, ManageError> {
        let planning = self.office.planning.get().cloned().ok_or_else(|| {
            ManageError::Conflict("servers cannot be managed here: no configuration is read".into())
        })?;
        let work = tokio::task::spawn_blocking(move || planning.plan(&managed));
        work.await.map_err(|error| ManageError::Conflict(error.to_string()))
    }

    /// Whether the files and these servers make a plan.
    async fn check_rows(&self, rows: &[Row]) -> Result<(), ManageError> {
        let managed = self.layer(rows)?;
        self.plan_with(managed).await?.map(drop).map_err(|error| wrong(&error, rows))
    }

    async fn take_row(&self, rows: &mut Vec<Row>, name: &str) -> Result<Row, ManageError> {
        if let Some(place) = rows.iter().position(|row| row.draft.name.as_str() == name) {
            return Ok(rows.remove(place));
        }
        self.planned(name).await?;
        let message = format!("{name} stands in the configuration file; change it there");
        Err(ManageError::Conflict(message))
    }
}

fn no_server(name: &str) -> ManageError {
    ManageError::NotFound { what: "server", name: name.to_owned() }
}

fn broken(error: &PlanningError) -> ManageError {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    ManageError::Conflict(format!("the configuration has mistakes: {line}"))
}

/// What is wrong, in the words of the configuration file.
fn wrong(error: &PlanningError, rows: &[Row]) -> ManageError {
    let PlanningError::Mistakes(mistakes) = error else { return broken(error) };
    let ours = |name: &Name| rows.iter().any(|row| row.draft.name == *name);
    let of_ours: Vec<String> = mistakes
        .iter()
        .filter(|mistake| matches!(&mistake.place, Some(Place::Managed(name)) if ours(name)))
        .map(ToString::to_string)
        .collect();
    if !of_ours.is_empty() {
        return ManageError::invalid("server", of_ours.join("; "));
    }
    let twice = rows.iter().map(|row| &row.draft.name).find(|name| {
        let key = format!("servers.{name}");
        mistakes.iter().any(|mistake| mistake.key == key && mistake.is_in_both())
    });
    match twice {
        Some(name) => ManageError::Taken { what: "server", name: name.to_string() },
        None => broken(error),
    }
}

#[cfg(test)]
mod tests;
