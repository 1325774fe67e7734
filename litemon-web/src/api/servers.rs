//! `/api/v1/inventory`: servers as they are written, for admins.

use std::collections::BTreeMap;

use http::StatusCode;
use litemon_core::{
    exec,
    manage::{
        Manage, ManageError, Principal,
        inventory::{
            Change, ResourceDraft, ServerDraft, ServerEntry, ServiceDraft, Step, TestReport,
        },
    },
    model::{Device, Name},
    secret::Secret,
};
use warp::{Reply, reply::Response};

use super::{
    admin_types::{
        Definition, HostKey, Inventory, ManagedServer, NewServer, PinOrder, ResourceBody,
        ResourceSpec, ServerBody, ServerTest, ServiceBody, ServiceSpec, StoredSecrets, TestStep,
    },
    call::{Answer, Call, body, json},
    problem::Refusal,
};

/// Who asks, and the management.
pub(super) fn who(call: &Call) -> Result<(Manage, Principal), Refusal> {
    let manage = call.site.handles.manage.clone().ok_or_else(Refusal::unmanaged)?;
    let by = call.visitor.principal.clone();
    Ok((manage, by.ok_or_else(|| Refusal::forbidden("log in first"))?))
}

/// An answer without a body.
pub(super) fn nothing() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// An answer that something was made.
pub(super) fn created(value: &impl serde::Serialize) -> Result<Response, Refusal> {
    Ok(warp::reply::with_status(json(value)?, StatusCode::CREATED).into_response())
}

/// A name of a body.
pub(super) fn named(field: &'static str, text: &str) -> Result<Name, ManageError> {
    Name::new(text).map_err(|error| ManageError::invalid(field, error.to_string()))
}

/// Names of a body.
pub(super) fn names(field: &'static str, list: &[String]) -> Result<Vec<Name>, ManageError> {
    list.iter().map(|text| named(field, text)).collect()
}

/// Names, as text.
pub(super) fn texts(names: &[Name]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

pub(super) async fn list(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let servers = manage.servers(&by).await?;
    json(&Inventory { servers: servers.iter().map(ManagedServer::from).collect() })
}

pub(super) async fn show(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    json(&ManagedServer::from(&manage.server(&by, call.segment(0)).await?))
}

pub(super) async fn add(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let new: NewServer = body(&call)?;
    let name = named("name", &new.name)?;
    manage.add_server(&by, draft(name.clone(), new.body)?).await?;
    created(&ManagedServer::from(&manage.server(&by, name.as_str()).await?))
}

pub(super) async fn edit(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let name = manage.server(&by, call.segment(0)).await?.name;
    manage.edit_server(&by, name.as_str(), draft(name.clone(), body(&call)?)?).await?;
    json(&ManagedServer::from(&manage.server(&by, name.as_str()).await?))
}

pub(super) async fn remove(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    manage.remove_server(&by, call.segment(0)).await?;
    nothing()
}

pub(super) async fn test(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    json(&ServerTest::from(&manage.test_server(&by, call.segment(0)).await?))
}

pub(super) async fn pin(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let order: PinOrder = body(&call)?;
    manage.pin_host_key(&by, call.segment(0), order.fingerprint.trim()).await?;
    json(&HostKey::from(&manage.host_key(&by, call.segment(0)).await?))
}

/// The server that a body says.
fn draft(name: Name, body: ServerBody) -> Result<ServerDraft, ManageError> {
    let mut draft = ServerDraft::new(name, body.address);
    draft.groups = names("groups", &body.groups)?;
    draft.profiles = names("profiles", &body.profiles)?;
    draft.notify = body.notify.map(|list| names("notify", &list)).transpose()?;
    draft.labels = body.labels;
    draft.device = match body.device {
        None => Device::default(),
        Some(word) => Device::parse(&word).ok_or_else(|| {
            ManageError::invalid("device", format!("expected {}", Device::words()))
        })?,
    };
    draft.services = checks("services", body.services, |one: ServiceBody| {
        let mut service = ServiceDraft::new(one.command);
        service.expect = one.expect;
        service
    })?;
    draft.resources = checks("resources", body.resources, |one: ResourceBody| {
        ResourceDraft::new(one.command, one.threshold)
    })?;
    (draft.user, draft.identity, draft.jump) = (body.user, body.identity, body.jump);
    draft.password = change(body.password);
    draft.sudo_password = change(body.sudo_password);
    draft.private_key = change(body.private_key);
    Ok(draft)
}

fn checks<S, D>(
    field: &'static str,
    given: BTreeMap<String, S>,
    make: impl Fn(S) -> D,
) -> Result<BTreeMap<Name, D>, ManageError> {
    given.into_iter().map(|(name, one)| Ok((named(field, &name)?, make(one)))).collect()
}

fn change(given: Option<Option<String>>) -> Change {
    match given {
        None => Change::Keep,
        Some(None) => Change::Remove,
        Some(Some(text)) => Change::Set(Secret::new(text)),
    }
}

impl From<&ServerEntry> for ManagedServer {
    fn from(entry: &ServerEntry) -> Self {
        Self {
            name: entry.name.to_string(),
            address: entry.address.clone(),
            groups: texts(&entry.groups),
            labels: entry.labels.clone(),
            device: entry.device.word().to_owned(),
            user: entry.user.clone(),
            jump: entry.jump.clone(),
            checks: entry.checks.iter().map(|id| id.as_str().to_owned()).collect(),
            locked: entry.locked(),
            definition: entry.draft.as_ref().map(Definition::from),
            stored: StoredSecrets {
                password: entry.stored.password,
                sudo_password: entry.stored.sudo_password,
                private_key: entry.stored.private_key,
            },
        }
    }
}

impl From<&ServerDraft> for Definition {
    fn from(draft: &ServerDraft) -> Self {
        let service = |one: &ServiceDraft| ServiceSpec {
            command: one.command.clone(),
            expect: one.expect.clone(),
        };
        let resource = |one: &ResourceDraft| ResourceSpec {
            command: one.command.clone(),
            threshold: one.threshold,
        };
        let services = draft.services.iter();
        let resources = draft.resources.iter();
        Self {
            address: draft.address.clone(),
            groups: texts(&draft.groups),
            labels: draft.labels.clone(),
            profiles: texts(&draft.profiles),
            device: draft.device.word().to_owned(),
            notify: draft.notify.as_deref().map(texts),
            services: services.map(|(name, one)| (name.to_string(), service(one))).collect(),
            resources: resources.map(|(name, one)| (name.to_string(), resource(one))).collect(),
            user: draft.user.clone(),
            identity: draft.identity.clone(),
            jump: draft.jump.clone(),
        }
    }
}

impl From<&TestReport> for ServerTest {
    fn from(report: &TestReport) -> Self {
        Self {
            good: report.is_good(),
            reachable: TestStep::from(&report.reachable),
            host_key: report.host_key.as_ref().map(HostKey::from),
            login: TestStep::from(&report.login),
            sudo: TestStep::from(&report.sudo),
        }
    }
}

impl From<&Step> for TestStep {
    fn from(step: &Step) -> Self {
        let (result, why) = match step {
            Step::Works => ("works", None),
            Step::Failed(why) => ("failed", Some(why.clone())),
            _ => ("not_tried", None),
        };
        Self { result: result.to_owned(), why }
    }
}

impl From<&exec::HostKey> for HostKey {
    fn from(key: &exec::HostKey) -> Self {
        Self {
            algorithm: key.algorithm.clone(),
            fingerprint: key.fingerprint.clone(),
            trust: key.trust.to_string(),
        }
    }
}
