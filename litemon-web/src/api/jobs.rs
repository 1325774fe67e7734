//! `/api/v1/jobs`: what runs on servers, for operators.

use std::time::Duration;

use http::StatusCode;
use litemon_core::{
    manage::{
        ManageError, Principal,
        jobs::{self, Jobs, Order, Rolling, What},
    },
    model::{Name, TellOn},
};
use warp::{Reply, reply::Response};

use super::{
    call::{Answer, Call, body, json},
    job_types::{Job, JobOrder, JobOutput, JobPage, JobPlace},
    planned,
    problem::Refusal,
};

/// Jobs of a page when nothing else is asked for.
pub(super) const USUAL_PAGE: usize = 50;

/// Who asks, and the jobs.
pub(super) struct Desk {
    pub(super) jobs: Jobs,
    pub(super) by: Principal,
}

impl Desk {
    pub(super) fn of(call: &Call) -> Result<Self, Refusal> {
        let jobs = call.site.handles.jobs.clone().ok_or_else(Refusal::unmanaged)?;
        let by = call.visitor.principal.clone();
        Ok(Self { jobs, by: by.ok_or_else(|| Refusal::forbidden("log in first"))? })
    }

    pub(super) async fn job(&self, call: &Call) -> Result<jobs::Job, Refusal> {
        Ok(self.jobs.job(&self.by, number(call)?).await?)
    }
}

pub(super) fn number(call: &Call) -> Result<jobs::JobId, Refusal> {
    call.segment(0).parse().map_err(|_| Refusal::unknown("no job has this number"))
}

pub(super) fn server(call: &Call) -> Result<Name, Refusal> {
    named(call.segment(1))
}

fn named(text: &str) -> Result<Name, Refusal> {
    Name::new(text).map_err(|_| Refusal::unknown("no server has this name"))
}

pub(super) async fn list(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    let most = call.query.count("limit", USUAL_PAGE);
    let jobs = desk.jobs.list(&desk.by, call.query.number("before"), most).await?;
    let next = jobs.last().map(|job| job.id).filter(|id| jobs.len() == most && *id > 1);
    json(&JobPage { jobs: jobs.iter().map(Job::from).collect(), next })
}

pub(super) async fn show(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    json(&Job::from(&desk.job(&call).await?))
}

pub(super) async fn output(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    let from = call.query.number("from").and_then(|from| u64::try_from(from).ok()).unwrap_or(0);
    let part = desk.jobs.output(&desk.by, number(&call)?, &server(&call)?, from).await?;
    json(&JobOutput::from(part))
}

pub(super) async fn begin(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    let asked: JobOrder = body(&call)?;
    let (dry_run, confirm) = (asked.dry_run, asked.confirm);
    let order = order(&desk.jobs, asked)?;
    if dry_run {
        return planned::would(&desk, &call, &order).await;
    }
    confirmed(&call, &order, confirm).await?;
    begun(&desk.jobs.submit(&desk.by, order).await?)
}

/// Whether an order may be begun without anybody who is asked.
pub(super) async fn confirmed(call: &Call, order: &Order, confirm: bool) -> Result<(), Refusal> {
    if let What::Action { name, .. } = &order.what {
        let actions = call.site.handles.actions.clone().ok_or_else(Refusal::unmanaged)?;
        let action = actions.action(name).await?;
        if action.dangerous && !confirm {
            let line = format!("{name} is dangerous: it needs `confirm: true`");
            return Err(Refusal::conflict(line));
        }
        if action.asks_password && call.visitor.session.is_some() {
            let line = format!("{name} asks for the password: run it from its page");
            return Err(Refusal::conflict(line));
        }
    }
    Ok(())
}

pub(super) async fn retry(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    begun(&desk.jobs.retry(&desk.by, number(&call)?).await?)
}

pub(super) async fn cancel(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    let place: JobPlace =
        if call.payload.0.is_empty() { JobPlace::default() } else { body(&call)? };
    let server = place.server.as_deref().map(named).transpose()?;
    desk.jobs.cancel(&desk.by, number(&call)?, server.as_ref()).await?;
    accepted(&Job::from(&desk.job(&call).await?), StatusCode::ACCEPTED)
}

pub(super) async fn pause(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    desk.jobs.pause(&desk.by, number(&call)?).await?;
    accepted(&Job::from(&desk.job(&call).await?), StatusCode::ACCEPTED)
}

pub(super) async fn go_on(call: Call) -> Answer {
    let desk = Desk::of(&call)?;
    desk.jobs.go_on(&desk.by, number(&call)?).await?;
    accepted(&Job::from(&desk.job(&call).await?), StatusCode::ACCEPTED)
}

pub(super) fn begun(job: &jobs::Job) -> Answer {
    accepted(&Job::from(job), StatusCode::CREATED)
}

fn accepted(job: &Job, status: StatusCode) -> Result<Response, Refusal> {
    Ok(warp::reply::with_status(json(job)?, status).into_response())
}

fn order(jobs: &Jobs, asked: JobOrder) -> Result<Order, Refusal> {
    let what = match (asked.command, asked.action) {
        (Some(line), None) if asked.params.is_empty() => What::Command(line),
        (None, Some(name)) => {
            let name = Name::new(&name).map_err(|_| Refusal::unknown("no action has this name"))?;
            What::Action { name, params: asked.params }
        }
        _ => {
            let line = "expected either `command`, or `action` with its `params`";
            return Err(Refusal::parameter(line));
        }
    };
    let fleet = jobs.fleet();
    let mut servers = Vec::new();
    let nobody = asked.servers.is_empty() && asked.groups.is_empty();
    let all = asked.all || (nobody && !asked.labels.is_empty());
    for server in fleet.servers() {
        let grouped = server.groups.iter().any(|of| asked.groups.iter().any(|g| g == of.as_str()));
        let called = asked.servers.iter().any(|name| name == server.name.as_str());
        let mut labels = asked.labels.iter();
        let labelled = labels.all(|(key, text)| server.labels.get(key) == Some(text));
        if (all || grouped || called) && labelled {
            servers.push(server.name.clone());
        }
    }
    let unknown = |name: &&String| {
        !fleet.servers().iter().any(|server| server.name.as_str() == name.as_str())
    };
    if asked.servers.iter().any(|name| unknown(&name)) {
        return Err(Refusal::unknown("one of the servers is not there"));
    }
    let mut order = Order::new(what, servers);
    order.sudo = asked.sudo;
    order.pty = asked.pty;
    order.limit = asked.limit_ms.map(Duration::from_millis);
    order.at_once = asked.at_once;
    order.when_back = asked.when_back_ms.map(Duration::from_millis);
    let notifier = |name: &String| {
        Name::new(name).map_err(|_| Refusal::parameter(format!("notify: there is no {name:?}")))
    };
    order.notify = asked.notify.iter().map(notifier).collect::<Result<_, _>>()?;
    if let Some(word) = &asked.notify_on {
        let wrong = || Refusal::parameter("notify_on: expected end or failure");
        order.notify_on = TellOn::parse(word).ok_or_else(wrong)?;
    }
    let rolling = asked.rolling.as_ref().map(Rolling::try_from).transpose();
    order.rolling = rolling.map_err(|error| Refusal::parameter(format!("rolling: {error}")))?;
    Ok(order)
}

impl From<ManageError> for Refusal {
    fn from(error: ManageError) -> Self {
        Self::managing(&error)
    }
}
