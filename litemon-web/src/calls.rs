//! Jobs that others call: `POST /hooks/job/TOKEN`.
//!
//! The token is all the proof there is, so no login is asked for; an unknown one is told no more than
//! that. The address holds the token: it must not be logged.

use std::{collections::BTreeMap, sync::Arc};

use http::{HeaderValue, Method, StatusCode, header::RETRY_AFTER};
use litemon_core::{
    manage::{
        ManageError,
        jobs::{Called, JobCall, Jobs},
    },
    probe::push::{Token, TokenHash},
};
use serde::Deserialize;
use serde_json::{Value, json};
use warp::{Filter, Reply, filters::BoxedFilter, reply::Response};

use crate::{
    api::JobWould,
    gate::{Entry, Least, Payload, Visitor},
    service::Site,
};

/// Their address.
pub(crate) fn entries() -> Vec<Entry> {
    let entry = Entry::filtered(Method::POST, "/hooks/job/{token}", Least::Anyone);
    vec![Entry { takes_body: true, ..entry }]
}

/// Answers them.
pub(crate) fn routes(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let site = Arc::clone(site);
    warp::path!("hooks" / "job" / String)
        .and(warp::post())
        .and(warp::query::<BTreeMap<String, String>>())
        .and(warp::header::optional::<String>("idempotency-key"))
        .and(warp::ext::get::<Arc<Visitor>>())
        .and(warp::ext::optional::<Payload>())
        .then(move |token, query, word, visitor: Arc<Visitor>, payload: Option<Payload>| {
            let site = Arc::clone(&site);
            async move {
                let said = match Said::read(&payload.unwrap_or_default(), &query) {
                    Ok(said) => said,
                    Err(line) => return told(StatusCode::BAD_REQUEST, &json!({ "error": line })),
                };
                let mut call = JobCall::default();
                (call.params, call.word, call.from) = (said.params, word, visitor.came.from);
                answer(&site, token, &call, said.dry_run).await
            }
        })
        .boxed()
}

/// What a caller says. Other fields than ours are left alone: many services send what they like.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    params: BTreeMap<String, String>,
    dry_run: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    params: BTreeMap<String, Value>,
    dry_run: bool,
}

impl Said {
    fn read(payload: &Payload, query: &BTreeMap<String, String>) -> Result<Self, String> {
        let sent: Sent = if payload.0.is_empty() {
            Sent::default()
        } else {
            serde_json::from_slice(&payload.0)
                .map_err(|error| format!("the body is not as expected: {error}"))?
        };
        let asked =
            query.get("dry_run").is_some_and(|word| !matches!(word.as_str(), "0" | "false"));
        let text = |(name, value): (String, Value)| match value {
            Value::String(text) => Ok((name, text)),
            Value::Number(number) => Ok((name, number.to_string())),
            Value::Bool(yes) => Ok((name, yes.to_string())),
            _ => Err(format!("params.{name}: expected a text or a number")),
        };
        let params = sent.params.into_iter().map(text).collect::<Result<_, _>>()?;
        Ok(Self { params, dry_run: sent.dry_run || asked })
    }
}

async fn answer(site: &Site, token: String, call: &JobCall, dry_run: bool) -> Response {
    let unknown = || told(StatusCode::NOT_FOUND, &json!({ "error": "not found" }));
    let Some(jobs) = &site.handles.jobs else { return unknown() };
    let Ok(token) = Token::parse(&token).map(|token: Token| -> TokenHash { token.hash() }) else {
        return unknown();
    };
    let done = if dry_run {
        would(site, jobs, &token, call).await
    } else {
        jobs.call(&token, call).await.map(|called| called.map(|called| became(&called)))
    };
    match done {
        Ok(Some(answer)) => answer,
        Ok(None) => unknown(),
        Err(error) => refused(&error),
    }
}

async fn would(
    site: &Site,
    jobs: &Jobs,
    token: &TokenHash,
    call: &JobCall,
) -> Result<Option<Response>, ManageError> {
    let Some((by, order)) = jobs.would_call(token, call)? else { return Ok(None) };
    let snapshot = site.handles.snapshot.borrow().clone();
    let would = jobs.would(&by, &order, Some(&snapshot)).await?;
    Ok(Some(told(StatusCode::OK, &json!(JobWould::of(&order, &would)))))
}

fn became(called: &Called) -> Response {
    match called {
        Called::Begun(job) => told(StatusCode::ACCEPTED, &json!({ "job": job, "begun": true })),
        Called::Known(job) => told(StatusCode::ACCEPTED, &json!({ "job": job, "begun": false })),
        Called::Runs(job) => {
            told(StatusCode::CONFLICT, &json!({ "job": job, "error": "it runs already" }))
        }
        _ => {
            let error = json!({ "error": "too many calls" });
            let mut busy = told(StatusCode::TOO_MANY_REQUESTS, &error);
            busy.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
            busy
        }
    }
}

fn refused(error: &ManageError) -> Response {
    let status = match error {
        ManageError::Forbidden(_) => StatusCode::FORBIDDEN,
        ManageError::NotFound { .. } | ManageError::Conflict(_) | ManageError::Taken { .. } => {
            StatusCode::CONFLICT
        }
        ManageError::Invalid { .. } => StatusCode::BAD_REQUEST,
        _ => {
            tracing::warn!(%error, "a job that was called did not begin");
            let error = json!({ "error": "this cannot be done now" });
            return told(StatusCode::SERVICE_UNAVAILABLE, &error);
        }
    };
    told(status, &json!({ "error": error.to_string() }))
}

fn told(status: StatusCode, value: &Value) -> Response {
    warp::reply::with_status(warp::reply::json(value), status).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, query: &[(&str, &str)]) -> Result<Said, String> {
        let query = query.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Said::read(&Payload(body.as_bytes().to_vec().into()), &query)
    }

    #[test]
    fn a_caller_says_parameters_and_whether_it_is_a_trial() {
        assert_eq!(read("", &[]), Ok(Said::default()));
        let said =
            read(r#"{"params": {"unit": "nginx", "in": 5}, "ref": {"x": []}}"#, &[]).unwrap();
        let params: Vec<_> = said.params.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(params, [("in", "5"), ("unit", "nginx")]);
        assert!(!said.dry_run);
        for (body, query, dry) in [
            ("{}", vec![("dry_run", "1")], true),
            ("{}", vec![("dry_run", "")], true),
            ("{}", vec![("dry_run", "0")], false),
            (r#"{"dry_run": true}"#, vec![], true),
        ] {
            assert_eq!(read(body, &query).unwrap().dry_run, dry, "{body} {query:?}");
        }
        assert!(read("unit=nginx", &[]).is_err());
        assert!(read(r#"{"params": {"unit": ["a"]}}"#, &[]).is_err());
    }
}
