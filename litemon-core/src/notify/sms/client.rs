//! The HTTP client: TLS by the machine's roots, no proxy, no redirect, a bounded answer.

use std::{error::Error, sync::Arc, time::Duration};

use reqwest::{
    RequestBuilder, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use rustls_platform_verifier::BuilderVerifierExt;
use serde_json::Value;
use url::Url;

use super::Method;

/// The most of an answer's body that is read.
const BODY_LIMIT: usize = 64 * 1024;

/// Connections are kept this long for the next message: shorter than gateways keep them, so that a
/// message does not meet one that is just being closed.
const IDLE: Duration = Duration::from_secs(15);

/// What is sent, rendered. No `Debug`: it holds secrets.
pub(super) struct Request {
    pub(super) query: Vec<(String, String)>,
    pub(super) form: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) json: Option<Value>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<String>,
    /// As much of it as is read.
    pub(super) body: String,
}

#[derive(Debug)]
pub(super) struct Client(reqwest::Client);

impl Client {
    /// One client with one pool of connections.
    pub(super) fn new() -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier)
            .map_err(|error| chain(&error))?
            .with_no_client_auth();
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(Policy::none())
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("litemon/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
            .map_err(|error| chain(&error.without_url()))
    }

    /// The request as it goes out. The error names a header whose value cannot be sent.
    pub(super) fn prepare(
        &self,
        url: &Url,
        method: Method,
        request: Request,
    ) -> Result<RequestBuilder, String> {
        let builder = match method {
            Method::Get => self.0.get(url.clone()),
            Method::Post => self.0.post(url.clone()),
        };
        fill(builder, request)
    }
}

/// Sends it and reads the answer. The error is one line without the URL; the caller sets the
/// deadline.
///
/// Cancel safety: dropping the future closes the connection.
pub(super) async fn exchange(request: RequestBuilder) -> Result<Answer, String> {
    let response = request.send().await;
    let mut response = response.map_err(|error| chain(&error.without_url()))?;
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = response.status();
    let body = body(&mut response).await?;
    Ok(Answer { status, retry_after, body })
}

fn fill(builder: RequestBuilder, request: Request) -> Result<RequestBuilder, String> {
    let mut builder = builder.headers(headers(&request.headers)?);
    if !request.query.is_empty() {
        builder = builder.query(&request.query);
    }
    if !request.form.is_empty() {
        builder = builder.form(&request.form);
    }
    if let Some(json) = &request.json {
        builder = builder.json(json);
    }
    Ok(builder)
}

fn headers(fields: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let wrong = || format!("the header {name} cannot hold this value");
        let key: HeaderName = name.parse().map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}

/// Reads up to the limit and no further: an endless body ends here.
async fn body(response: &mut reqwest::Response) -> Result<String, String> {
    let mut body = Vec::new();
    while body.len() < BODY_LIMIT {
        match response.chunk().await.map_err(|error| chain(&error.without_url()))? {
            Some(chunk) => {
                let room = BODY_LIMIT - body.len();
                body.extend(chunk.iter().take(room));
            }
            None => break,
        }
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// An error with its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // hyper repeats itself at every level.
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    line
}
