//! Acknowledging incidents, and times in which people are not told: who may, and the trail of it.

use serde_json::json;

use super::{Manage, ManageError, Principal, Role};
use crate::{
    model::{CheckId, IncidentNumber, Name},
    monitor::{MonitorHandle, Snapshot, Stopped},
    policy::{Acknowledged, NewWindow, Scope, Window, WindowId},
};

impl Manage {
    /// Somebody looks after an incident; with `None`, not any more. For operators of its server.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`], [`ManageError::NotFound`] when it is not open, those of the audit
    /// trail, and [`ManageError::Conflict`] when the monitor has stopped.
    pub async fn acknowledge(
        &self,
        by: &Principal,
        monitor: &MonitorHandle,
        number: IncidentNumber,
        acknowledged: Option<Acknowledged>,
    ) -> Result<(), ManageError> {
        by.require(Role::Operator, "acknowledge incidents")?;
        let snapshot = monitor.snapshot();
        let open = snapshot.incidents.iter().find(|incident| incident.number == number);
        let incident = open.ok_or_else(|| not_open(number))?;
        within(by, &Scope::Check(incident.check.clone()), &snapshot)?;
        let detail = json!({ "check": incident.check.as_str(), "acknowledged": acknowledged });
        let doing = if acknowledged.is_some() { "incident.ack" } else { "incident.unack" };
        let work = async {
            match monitor.acknowledge(number, acknowledged).await.map_err(stopped)? {
                true => Ok(()),
                false => Err(not_open(number)),
            }
        };
        self.office.audited(by, doing, &number.to_string(), &detail, work).await
    }

    /// Problems are not told for a time. For operators of all that it is about.
    ///
    /// # Errors
    /// [`ManageError::Forbidden`], [`ManageError::Invalid`] when something that it is about is not
    /// there, those of the audit trail, and [`ManageError::Conflict`] when there are too many of
    /// them or the monitor has stopped.
    pub async fn add_window(
        &self,
        by: &Principal,
        monitor: &MonitorHandle,
        window: NewWindow,
    ) -> Result<Window, ManageError> {
        by.require(Role::Operator, "say when people are not told")?;
        let snapshot = monitor.snapshot();
        for scope in &window.scopes {
            known(scope, &snapshot)?;
            within(by, scope, &snapshot)?;
        }
        let about: Vec<String> = window.scopes.iter().map(ToString::to_string).collect();
        let detail = json!({
            "kind": window.kind, "from": window.from, "lasts_ms": window.lasts.as_millis() as u64,
            "note": window.note,
        });
        let work = async {
            let added = monitor.add_window(window).await.map_err(stopped)?;
            added.ok_or_else(|| ManageError::Conflict("there are too many of them".to_owned()))
        };
        self.office.audited(by, "window.add", &about.join(" "), &detail, work).await
    }

    /// Ends such a time at once.
    ///
    /// # Errors
    /// As of [`Manage::add_window`]; [`ManageError::NotFound`] when there is none of that number.
    pub async fn end_window(
        &self,
        by: &Principal,
        monitor: &MonitorHandle,
        id: WindowId,
    ) -> Result<Window, ManageError> {
        by.require(Role::Operator, "say when people are told again")?;
        let snapshot = monitor.snapshot();
        let unknown = || ManageError::NotFound { what: "time of silence", name: id.to_string() };
        let of_id = |window: &&Window| window.id == id && id > 0;
        let window = snapshot.windows.iter().find(of_id).ok_or_else(unknown)?;
        for scope in &window.scopes {
            within(by, scope, &snapshot)?;
        }
        let detail = json!({ "scopes": window.scopes });
        let work = async { monitor.end_window(id).await.map_err(stopped)?.ok_or_else(unknown) };
        self.office.audited(by, "window.end", &id.to_string(), &detail, work).await
    }
}

fn not_open(number: IncidentNumber) -> ManageError {
    ManageError::NotFound { what: "open incident", name: number.to_string() }
}

fn stopped(_: Stopped) -> ManageError {
    ManageError::Conflict("the monitor has stopped".to_owned())
}

fn known(scope: &Scope, snapshot: &Snapshot) -> Result<(), ManageError> {
    let there = match scope {
        Scope::Server(name) => snapshot.server(name.as_str()).is_some(),
        Scope::Group(name) => snapshot.servers.iter().any(|server| server.groups.contains(name)),
        Scope::Check(id) => snapshot.check(id.as_str()).is_some(),
        _ => true,
    };
    if there {
        return Ok(());
    }
    Err(ManageError::invalid("targets", format!("there is no {scope}")))
}

/// Whether all of it belongs to servers that somebody may act on.
fn within(by: &Principal, scope: &Scope, snapshot: &Snapshot) -> Result<(), ManageError> {
    let of_server = |name: &str| snapshot.server(name).map_or(Vec::new(), |s| s.groups.clone());
    let groups: Vec<Name> = match scope {
        Scope::Server(name) => of_server(name.as_str()),
        Scope::Group(name) => vec![name.clone()],
        Scope::Check(id) => of_server(CheckId::owner(id)),
        _ => Vec::new(),
    };
    if by.may_act_on(&groups) {
        return Ok(());
    }
    Err(ManageError::Forbidden(format!("speak for {scope}: it is in none of your groups")))
}
