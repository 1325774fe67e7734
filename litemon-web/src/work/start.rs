//! From what was sent to a job: what is run, where, and what is asked before.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use http::StatusCode;
use litemon_core::{
    manage::{
        ManageError, Principal,
        actions::{Action, Around, Concern, concerns, own_hosts},
        jobs::{Job, Order, What},
    },
    model::Name,
};
use warp::reply::Response;

use super::{office, rolling, steer::principal};
use crate::{
    gate::{Ask, see_other},
    pages::{self, Asking, Chosen, Trouble, ask as asking, chooses, doubt},
    routes::{refused, still},
};

/// The most characters of a command.
const LONGEST: usize = 4096;
/// How long the addresses of this machine are looked for.
const HOSTS: Duration = Duration::from_secs(1);

/// What somebody wants to be run.
#[derive(Debug, Default)]
pub(super) struct Wish {
    action: Option<Name>,
    command: String,
    sudo: bool,
    chosen: Chosen,
    /// What was asked has been answered.
    sure: bool,
    /// Nothing is asked that need not be.
    plain: bool,
    /// What of it cannot be meant.
    wrong: Option<ManageError>,
}

/// Starts it, or asks first.
pub(super) async fn start(ask: Ask) -> Response {
    match Wish::of(&ask) {
        Ok(wish) => go(&ask, wish).await,
        Err(trouble) => refused(trouble),
    }
}

/// The same for what did not succeed the first time.
pub(super) async fn again(ask: &Ask, job: &Job) -> Response {
    let mut wish = Wish { plain: true, ..Wish::default() };
    wish.chosen.retry_of = Some(job.id);
    wish.chosen.servers = job.failed().cloned().collect();
    wish.chosen.at_once = job.order.at_once;
    wish.chosen.rolling.clone_from(&job.order.rolling);
    wish.sudo = job.order.sudo;
    match &job.order.what {
        What::Action { name, params } => {
            wish.action = Some(name.clone());
            wish.chosen.params = params.clone();
        }
        What::Command(command) => wish.command.clone_from(command),
        _ => return refused(Trouble::NoJob),
    }
    go(ask, wish).await
}

impl Wish {
    fn of(ask: &Ask) -> Result<Self, Trouble> {
        let form = &ask.form;
        let mut seen = BTreeSet::new();
        let names = form.all("server").map(Name::new).collect::<Result<Vec<_>, _>>();
        let names = names.map_err(|_| Trouble::NotFound)?;
        let servers = names.into_iter().filter(|name| seen.insert(name.clone())).collect();
        let params = form.pairs().filter_map(|(name, value)| {
            let value = value.trim();
            Some((name.strip_prefix("p.")?.to_owned(), value.to_owned()))
        });
        let params = params.filter(|(_, value)| !value.is_empty()).collect::<BTreeMap<_, _>>();
        let action = form.filled("action").map(Name::new).transpose();
        let (rolling, wrong) = match rolling::wanted(form) {
            Ok(rolling) => (rolling, None),
            Err(error) => (None, Some(error)),
        };
        Ok(Self {
            action: action.map_err(|_| Trouble::NotFound)?,
            command: form.get("command").trim().chars().take(LONGEST).collect(),
            sudo: form.has("sudo"),
            chosen: Chosen {
                servers,
                params,
                at_once: form.get("at_once").parse().ok().filter(|count| *count > 0),
                rolling,
                retry_of: form.get("retry_of").parse().ok(),
            },
            wrong,
            sure: form.has("sure"),
            plain: form.has("plain"),
        })
    }

    fn order(&self) -> Order {
        let what = match &self.action {
            Some(name) => What::Action { name: name.clone(), params: self.chosen.params.clone() },
            None => What::Command(self.command.clone()),
        };
        let mut order = Order::new(what, self.chosen.servers.clone());
        order.sudo = self.sudo && self.action.is_none();
        order.at_once = self.chosen.at_once;
        order.rolling.clone_from(&self.chosen.rolling);
        order.retry_of = self.chosen.retry_of;
        order
    }

    /// Whether something is to be said before this is run.
    fn asks(&self, action: &Action, concerns: &[Concern]) -> bool {
        let missing = action
            .params
            .iter()
            .any(|param| param.default.is_none() && !self.chosen.params.contains_key(&param.name));
        let could = !action.params.is_empty() && !self.plain;
        missing
            || (!self.sure
                && (action.dangerous || action.asks_password || could || !concerns.is_empty()))
    }
}

async fn go(ask: &Ask, wish: Wish) -> Response {
    match try_go(ask, &wish).await {
        Ok(response) => response,
        Err(trouble) => refused(trouble),
    }
}

async fn try_go(ask: &Ask, wish: &Wish) -> Result<Response, Trouble> {
    let (_, catalog) = office(ask)?;
    if let Some(error) = &wish.wrong {
        return Ok(told(ask, error));
    }
    if wish.chosen.servers.is_empty() || (wish.action.is_none() && wish.command.is_empty()) {
        return Ok(still(ask, StatusCode::UNPROCESSABLE_ENTITY, chooses));
    }
    let Some(name) = &wish.action else { return submit(ask, wish, None).await };
    let action = match catalog.action(name).await {
        Ok(action) => action,
        Err(error) => return Ok(told(ask, &error)),
    };
    let doubts = doubts(ask, &action, &wish.chosen.servers).await?;
    let question = Question { ask, wish, action: &action, doubts: &doubts };
    if wish.asks(&action, &doubts) {
        return Ok(question.put(None));
    }
    if action.asks_password {
        let by = principal(ask)?;
        if let Err(error) = vouched(ask, by).await {
            return Ok(question.put(Some(&error)));
        }
    }
    submit(ask, wish, Some(question)).await
}

/// Hands it over; what its parameters lack is asked for.
async fn submit(
    ask: &Ask,
    wish: &Wish,
    question: Option<Question<'_>>,
) -> Result<Response, Trouble> {
    let (jobs, _) = office(ask)?;
    Ok(match (jobs.submit(principal(ask)?, wish.order()).await, question) {
        (Ok(job), _) => see_other(&format!("/jobs/{}", job.id)),
        (Err(error @ ManageError::Invalid { .. }), Some(question)) => question.put(Some(&error)),
        (Err(error), _) => told(ask, &error),
    })
}

/// What is to be said before an action is run.
struct Question<'a> {
    ask: &'a Ask,
    wish: &'a Wish,
    action: &'a Action,
    doubts: &'a [Concern],
}

impl Question<'_> {
    fn put(&self, error: Option<&ManageError>) -> Response {
        let status = error.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
        let trouble = error.map(ToString::to_string);
        still(self.ask, status, |scene| {
            let say = |one: &Concern| (one.server.clone(), doubt(scene.words, &one.why));
            let concerns: Vec<_> = self.doubts.iter().map(say).collect();
            let (action, chosen) = (self.action, &self.wish.chosen);
            asking(
                scene,
                &Asking { action, chosen, concerns: &concerns, trouble: trouble.as_deref() },
            )
        })
    }
}

/// What speaks against it, as far as the monitor knows.
async fn doubts(ask: &Ask, action: &Action, servers: &[Name]) -> Result<Vec<Concern>, Trouble> {
    let (jobs, _) = office(ask)?;
    let fleet = jobs.fleet();
    let deadline = tokio::time::Instant::now() + HOSTS;
    let own = own_hosts(fleet.servers(), deadline).await;
    let snapshot = ask.site.handles.snapshot.borrow().clone();
    let around = Around::new(fleet.servers(), &own).snapshot(Some(&snapshot));
    Ok(concerns(action, servers, &around))
}

/// Whether the password that was asked for again is the right one.
pub(super) async fn vouched(ask: &Ask, by: &Principal) -> Result<(), ManageError> {
    let Some(manage) = &ask.site.handles.manage else {
        return Err(ManageError::Forbidden("do that without an account".to_owned()));
    };
    manage.confirm_password(by, ask.form.get("password")).await
}

/// A page that says why something was not done.
pub(super) fn told(ask: &Ask, error: &ManageError) -> Response {
    let status = match error {
        ManageError::Forbidden(_) => StatusCode::FORBIDDEN,
        ManageError::NotFound { .. } => StatusCode::NOT_FOUND,
        ManageError::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        ManageError::Taken { .. } | ManageError::Conflict(_) => StatusCode::CONFLICT,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    still(ask, status, |scene| pages::not_done(scene, error))
}
