//! What a request is made of, as it was written.

use std::path::PathBuf;

use crate::secret::Secret;

/// The variable that holds where a gateway reports what became of a message.
const DLR_URL: &str = "dlr_url";

/// The method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// `GET`
    #[default]
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    pub(super) const fn verb(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }

    pub(super) const fn has_body(self) -> bool {
        !matches!(self, Self::Get)
    }
}

/// A text of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateText {
    /// A template: `{{ to }}`, `{{ text }}`, and the fields of
    /// [`event_json`](crate::notify::event_json).
    Template(String),
    /// A secret, sent as it is.
    Secret(Secret),
}

/// A body that is written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyText {
    /// What it is. It decides how values are escaped: `application/json`, XML, HTML, a form; in any
    /// other they stand as they are.
    pub content_type: String,
    /// A template.
    pub text: String,
}

/// A request made of templates, and what its answer means.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RequestSettings {
    /// Where to. All but its scheme and host is kept from sight.
    pub url: Secret,
    /// Whether the URL is a template, from its path on.
    pub url_is_template: bool,
    /// The method.
    pub method: Method,
    /// Parameters added to the URL.
    pub query: Vec<(String, TemplateText)>,
    /// Fields of a form.
    pub form: Vec<(String, TemplateText)>,
    /// A JSON body whose strings are templates.
    pub json: Option<serde_json::Value>,
    /// A body that is written out.
    pub body: Option<BodyText>,
    /// Headers.
    pub headers: Vec<(String, TemplateText)>,
    /// A regular expression: a 2xx body that matches is accepted.
    pub success: Option<String>,
    /// A regular expression: a 2xx body that matches is kept by the far side for later.
    pub queued: Option<String>,
    /// A PEM file with the root certificates that are believed instead of the machine's.
    pub roots: Option<PathBuf>,
    /// Whether the proxy of the environment is used.
    pub proxy: bool,
}

impl RequestSettings {
    /// Whether a report about what is sent is asked for: its URL stands in a template.
    #[must_use]
    pub fn asks_for_reports(&self) -> bool {
        let asks = |text: &str| text.contains(DLR_URL);
        let fields = [&self.query, &self.form, &self.headers].into_iter().flatten();
        let templates = fields.filter_map(|(_, text)| match text {
            TemplateText::Template(text) => Some(text.as_str()),
            TemplateText::Secret(_) => None,
        });
        let bodies = self.body.iter().map(|body| body.text.as_str());
        templates.chain(bodies).any(asks)
            || self.json.as_ref().is_some_and(|json| asks(&json.to_string()))
            || self.url_is_template && asks(self.url.expose())
    }

    /// A GET of this URL, as it is.
    #[must_use]
    pub const fn new(url: Secret) -> Self {
        Self {
            url,
            url_is_template: false,
            method: Method::Get,
            query: Vec::new(),
            form: Vec::new(),
            json: None,
            body: None,
            headers: Vec::new(),
            success: None,
            queued: None,
            roots: None,
            proxy: false,
        }
    }
}
