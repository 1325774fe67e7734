//! `GET` or `POST /hooks/push/TOKEN`: something says how it is. Bodies are not read.

use std::{collections::BTreeMap, sync::Arc};

use http::{HeaderValue, Method, StatusCode, header::RETRY_AFTER};
use litemon_core::{
    model::Status,
    monitor::Pushed,
    probe::push::{Call, Token, TokenHash},
};
use warp::{Filter, filters::BoxedFilter, reply::Response};

use super::answer;
use crate::{
    gate::{Entry, Least},
    service::Site,
};

/// Their addresses. The token in them is all the proof there is.
pub(super) fn entries() -> Vec<Entry> {
    let entry = |method| Entry::filtered(method, "/hooks/push/{token}", Least::Anyone);
    [Method::GET, Method::POST].map(entry).into()
}

pub(super) fn routes(site: &Arc<Site>) -> BoxedFilter<(Response,)> {
    let site = Arc::clone(site);
    warp::path!("hooks" / "push" / String)
        .and(warp::get().or(warp::post()).unify())
        .and(warp::query::<BTreeMap<String, String>>())
        .then(move |token: String, query| {
            let site = Arc::clone(&site);
            async move { push(&site, &token, &query).await }
        })
        .boxed()
}

async fn push(site: &Site, token: &str, query: &BTreeMap<String, String>) -> Response {
    let call = match call(query) {
        Ok(call) => call,
        Err(line) => return answer(StatusCode::BAD_REQUEST, line),
    };
    let Some(monitor) = &site.handles.monitor else {
        return answer(StatusCode::SERVICE_UNAVAILABLE, "no monitor runs here");
    };
    let Ok(token) = Token::parse(token).map(|token: Token| -> TokenHash { token.hash() }) else {
        return answer(StatusCode::NOT_FOUND, "not found");
    };
    match monitor.push(&token, call).await {
        Ok(Pushed::Taken) => answer(StatusCode::OK, "ok"),
        Ok(Pushed::TooMany) => {
            let mut busy = answer(StatusCode::TOO_MANY_REQUESTS, "too many calls");
            busy.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            busy
        }
        Ok(_) => answer(StatusCode::NOT_FOUND, "not found"),
        Err(_) => answer(StatusCode::SERVICE_UNAVAILABLE, "the monitor has stopped"),
    }
}

/// What the caller says; other keys than ours are left alone.
fn call(query: &BTreeMap<String, String>) -> Result<Call, &'static str> {
    let mut call = Call::default();
    if let Some(word) = query.get("status") {
        call.status = Status::parse(word).ok_or("status is ok, warning, critical or unknown")?;
    }
    if let Some(text) = query.get("msg") {
        call.message.clone_from(text);
    }
    if let Some(number) = query.get("value").filter(|number| !number.is_empty()) {
        let number = number.parse().ok().filter(|number: &f64| number.is_finite());
        call.value = Some(number.ok_or("value is a number")?);
    }
    Ok(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Call, &'static str> {
        call(&pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    }

    #[test]
    fn a_call_says_how_it_is() {
        assert_eq!(read(&[]), Ok(Call::default()));
        let said = read(&[("status", "warning"), ("msg", "slow"), ("value", "3.5"), ("x", "y")]);
        let said = said.unwrap();
        assert_eq!((said.status, said.message.as_str()), (Status::Warning, "slow"));
        assert_eq!(said.value, Some(3.5));
        assert_eq!(read(&[("value", "")]), Ok(Call::default()));
        for wrong in [("status", "fine"), ("value", "1,5"), ("value", "NaN")] {
            assert!(read(&[wrong]).is_err(), "{wrong:?}");
        }
    }
}
