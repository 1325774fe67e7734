//! What is sent, as an HTTP request.

use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use url::Url;

use super::Method;
use crate::http;

/// The most of an answer's body that is read.
pub(super) const BODY_LIMIT: usize = 64 * 1024;

/// What is sent, rendered. No `Debug`: it holds secrets.
pub(super) struct Request {
    pub(super) query: Vec<(String, String)>,
    pub(super) form: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) json: Option<Value>,
}

impl Request {
    /// The request as it goes out. The error names a header whose value cannot be sent.
    pub(super) fn prepare(
        &self,
        client: &Client,
        url: &Url,
        method: Method,
    ) -> Result<RequestBuilder, String> {
        let builder = match method {
            Method::Get => client.get(url.clone()),
            Method::Post => client.post(url.clone()),
        };
        let fields = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut builder = builder.headers(http::headers(fields)?);
        if !self.query.is_empty() {
            builder = builder.query(&self.query);
        }
        if !self.form.is_empty() {
            builder = builder.form(&self.form);
        }
        if let Some(json) = &self.json {
            builder = builder.json(json);
        }
        Ok(builder)
    }
}
