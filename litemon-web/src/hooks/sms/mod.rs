//! `/hooks/sms`: an SMS gateway hands over what recipients of notices answer.
//!
//! Two shapes: that of Kannel's `get-url`, where what is answered in the body goes back as an SMS, and
//! JSON. Whoever is no recipient is not answered, and a gateway that knows the secret is not told why
//! a message was left out: Kannel would tell the sender.

mod act;
mod shape;

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, Method, StatusCode};
use litemon_core::{
    answer::{Clerk, Message, Replies},
    monitor::MonitorHandle,
    probe::push::{Token, TokenHash},
};
use warp::{Filter, filters::BoxedFilter, reply::Response};

use super::answer;
use crate::{
    gate::{Entry, Form, Least, Payload},
    service::Site,
    settings::Settings,
};
use act::Audited;
use shape::Shape;

/// The longest that one message may take: gateways do not wait for ever.
const WITHIN: Duration = Duration::from_secs(10);

/// What is needed to answer messages.
#[derive(Debug)]
pub(crate) struct Answers {
    secret: TokenHash,
    clerk: Clerk,
}

impl Answers {
    /// `None` where no gateway may hand over anything.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let hook = settings.sms_hook.clone()?;
        let replies = Replies::new(settings.language, settings.zone.clone());
        Some(Self { secret: hook.secret, clerk: Clerk::new(replies, hook.people) })
    }

    fn is_proved(&self, token: &str) -> bool {
        // Of hashes: the time it takes tells nothing of the secret.
        Token::parse(token).is_ok_and(|token: Token| token.hash() == self.secret)
    }

    /// What a message is answered; `None` when nothing is.
    async fn reply(
        &self,
        site: &Site,
        monitor: &MonitorHandle,
        message: &Message,
    ) -> Option<String> {
        let clock = &*site.handles.clock;
        let reply = match &site.handles.manage {
            Some(manage) => {
                let audited = Audited { manage, monitor };
                self.clerk.answer(message, monitor, &audited, clock).await
            }
            None => self.clerk.answer(message, monitor, monitor, clock).await,
        };
        reply.ok()
    }
}

/// Their addresses. The secret in them, or beside them, is all the proof there is.
pub(super) fn entries() -> Vec<Entry> {
    let mut all = Vec::new();
    for path in ["/hooks/sms", "/hooks/sms/{token}"] {
        for method in [Method::GET, Method::POST] {
            let entry = Entry::filtered(method, path, Least::Anyone);
            all.push(Entry { takes_body: true, ..entry });
        }
    }
    all
}

pub(super) fn routes(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let in_path = warp::path!("hooks" / "sms" / String).map(Some);
    let beside = warp::path!("hooks" / "sms").map(|| None);
    let site = Arc::clone(site);
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    in_path
        .or(beside)
        .unify()
        .and(warp::get().or(warp::post()).unify())
        .and(warp::method())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::ext::get::<Payload>())
        .then(
            move |token: Option<String>,
                  method: Method,
                  query: String,
                  headers,
                  payload: Payload| {
                let site = Arc::clone(&site);
                async move {
                    let asked =
                        Asked { token, method, query: Form::parse(query.as_bytes()), headers };
                    answered(&site, &asked, &payload).await
                }
            },
        )
        .boxed()
}

/// A request, but for its body.
struct Asked {
    token: Option<String>,
    method: Method,
    query: Form,
    headers: HeaderMap,
}

impl Asked {
    /// The secret: of the address, of a header, or of the parameters.
    fn token(&self, form: &Form) -> String {
        let header = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        let bearer = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let given = self.token.as_deref().or(bearer).or_else(|| header("x-litemon-token"));
        let given = given.or_else(|| self.query.filled("token")).or_else(|| form.filled("token"));
        given.unwrap_or_default().trim().to_owned()
    }
}

async fn answered(site: &Site, asked: &Asked, payload: &Payload) -> Response {
    let shape = Shape::of(asked, payload);
    let Some(answers) = site.answers.as_ref().filter(|all| all.is_proved(&shape.token)) else {
        return answer(StatusCode::NOT_FOUND, "not found");
    };
    let Some(monitor) = &site.handles.monitor else {
        return answer(StatusCode::SERVICE_UNAVAILABLE, "no monitor runs here");
    };
    let message = match &shape.message {
        Ok(message) => message,
        Err(line) => return answer(StatusCode::BAD_REQUEST, line),
    };
    match tokio::time::timeout(WITHIN, answers.reply(site, monitor, message)).await {
        Ok(reply) => shape.response(reply.as_deref()),
        Err(_) => answer(StatusCode::SERVICE_UNAVAILABLE, "try again"),
    }
}
