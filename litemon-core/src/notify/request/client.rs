//! What is sent, rendered.

use reqwest::{Client, RequestBuilder, header::CONTENT_TYPE};
use serde_json::Value;
use url::Url;

use super::Method;
use crate::http;

/// The most of an answer's body that is read.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// What is sent. No `Debug`: it holds secrets.
pub(super) struct Request {
    pub(super) url: Url,
    pub(super) query: Vec<(String, String)>,
    pub(super) form: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) json: Option<Value>,
    /// Its content type, and its text.
    pub(super) body: Option<(String, String)>,
}

impl Request {
    /// The request as it goes out. The error names a header whose value cannot be sent.
    pub(super) fn prepare(self, client: &Client, method: Method) -> Result<RequestBuilder, String> {
        let fields = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers = http::headers(fields)?;
        let typed = headers.contains_key(CONTENT_TYPE);
        let mut builder = client.request(method.verb(), self.url).headers(headers);
        if !self.query.is_empty() {
            builder = builder.query(&self.query);
        }
        if !self.form.is_empty() {
            builder = builder.form(&self.form);
        }
        if let Some(json) = &self.json {
            builder = builder.json(json);
        }
        if let Some((content_type, text)) = self.body {
            builder = builder.body(text);
            if !typed {
                builder = builder.header(CONTENT_TYPE, content_type);
            }
        }
        Ok(builder)
    }
}
