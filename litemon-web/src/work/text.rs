//! `/jobs/ID/output/SERVER`: what is kept of one server's output, as plain text.

use http::{HeaderValue, header::CONTENT_TYPE};
use litemon_core::{
    manage::{
        ManageError, Principal,
        jobs::{JobId, Jobs},
    },
    model::Name,
};
use warp::{Reply, reply::Response};

use super::{number, office};
use crate::{gate::Ask, pages::Trouble, plain::Plain, routes::refused};

/// More than is ever kept of an output.
const MOST: usize = 2 * 1024 * 1024;

/// Answers with the text.
pub(super) async fn text(ask: Ask) -> Response {
    match read(&ask).await {
        Ok(text) => {
            let mut response = text.into_response();
            let kind = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        Err(trouble) => refused(trouble),
    }
}

async fn read(ask: &Ask) -> Result<String, Trouble> {
    let (jobs, _) = office(ask)?;
    let id = number(ask)?;
    let by = ask.visitor.principal.as_ref().ok_or(Trouble::Forbidden)?;
    let server = Name::new(ask.segment(1)).map_err(|_| Trouble::NotFound)?;
    whole(jobs, by, id, &server).await.map_err(|error| match error {
        ManageError::NotFound { .. } => Trouble::NoJob,
        ManageError::Forbidden(_) => Trouble::Forbidden,
        _ => Trouble::JobsAway,
    })
}

async fn whole(
    jobs: &Jobs,
    by: &Principal,
    id: JobId,
    server: &Name,
) -> Result<String, ManageError> {
    let (mut text, mut plain, mut from) = (String::new(), Plain::default(), 0);
    while text.len() < MOST {
        let part = jobs.output(by, id, server, from).await?;
        if part.bytes.is_empty() {
            break;
        }
        if part.from > from {
            text.push_str("\n[…]\n");
        }
        text.push_str(&plain.feed(&part.bytes));
        from = part.next();
    }
    Ok(text)
}
