//! A request as it is written, and checked.

use std::{path::PathBuf, sync::Arc};

use regex::Regex;
use reqwest::{Method, header::HeaderMap};
use url::Url;

use super::status::Statuses;
use crate::{
    http::{self, ClientSettings, Redirects},
    secret::Secret,
};

/// More redirects in a row than that lead nowhere.
const MOST_REDIRECTS: usize = 10;

/// Methods that make no request of their own kind, or change the connection.
const NO_METHODS: [Method; 2] = [Method::CONNECT, Method::TRACE];

/// What is asked, and what is a good answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpSettings {
    /// http or https. All but its scheme and host is kept from sight.
    pub url: Secret,
    /// The method, as `GET`.
    pub method: String,
    /// Headers.
    pub headers: Vec<(String, Secret)>,
    /// What is sent.
    pub body: Option<Secret>,
    /// Good statuses, as `200` or `200-299`; 200 to 399 when there are none.
    pub status: Vec<String>,
    /// A regular expression that the body has to match.
    pub expect: Option<String>,
    /// A regular expression that the body must not match.
    pub not_expect: Option<String>,
    /// How many redirects are followed; with 0 the redirect is the answer. What is secret goes to
    /// no other host.
    pub redirects: usize,
    /// A PEM file with the root certificates that are believed, and no others; the machine's when
    /// absent. It is read when the check runs.
    pub roots: Option<PathBuf>,
    /// Whether the system's proxy is used.
    pub proxy: bool,
    /// With fewer days until the end of the answer's certificate it is a warning.
    pub certificate_days: Option<f64>,
}

impl HttpSettings {
    /// A GET of this URL, to be answered with any status below 400.
    #[must_use]
    pub fn new(url: Secret) -> Self {
        Self {
            url,
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: None,
            status: Vec::new(),
            expect: None,
            not_expect: None,
            redirects: 5,
            roots: None,
            proxy: false,
            certificate_days: None,
        }
    }
}

/// The same, checked.
pub(super) struct Request {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Secret>,
    pub(super) status: Statuses,
    pub(super) expect: Option<Regex>,
    pub(super) not_expect: Option<Regex>,
    pub(super) client: ClientSettings,
    pub(super) certificate_days: Option<f64>,
}

type Wrong = Vec<(String, String)>;

/// Everything that is wrong, or the settings checked.
pub(super) fn check(settings: HttpSettings) -> Result<Arc<Request>, Wrong> {
    let mut wrong = Wrong::new();
    let url = note("url", http::parse_url(&settings.url), &mut wrong);
    let method = note("method", method(&settings.method), &mut wrong);
    let fields = settings.headers.iter().map(|(name, value)| (name.as_str(), value.expose()));
    let headers = note("headers", http::headers(fields), &mut wrong);
    let statuses = Statuses::read(&settings.status).map_err(|place| {
        let text = "expected a status or a range of them, as \"200\" or \"200-299\"";
        wrong.push((format!("status.{place}"), text.to_owned()));
    });
    let expect = expression("expect", settings.expect.as_deref(), &mut wrong);
    let not_expect = expression("not_expect", settings.not_expect.as_deref(), &mut wrong);
    if settings.redirects > MOST_REDIRECTS {
        wrong.push(("redirects".to_owned(), "expected 0 to 10".to_owned()));
    }
    if settings.certificate_days.is_some_and(|days| !days.is_finite() || days < 0.0) {
        wrong.push(("certificate_days".to_owned(), "expected a number of days".to_owned()));
    }
    let (Some(url), Some(method), Some(headers), Ok(status), true) =
        (url, method, headers, statuses, wrong.is_empty())
    else {
        return Err(wrong);
    };
    let login = !url.username().is_empty() || url.password().is_some();
    let stay = login || !headers.is_empty() || settings.body.is_some();
    let client = ClientSettings {
        roots: settings.roots,
        redirects: Redirects { limit: settings.redirects, stay },
        proxy: settings.proxy,
        // Whether it takes a new connection is a part of the question.
        keep: false,
        certificate: settings.certificate_days.is_some(),
    };
    let (body, certificate_days) = (settings.body, settings.certificate_days);
    Ok(Arc::new(Request {
        url,
        method,
        headers,
        body,
        status,
        expect,
        not_expect,
        client,
        certificate_days,
    }))
}

fn note<T>(key: &str, result: Result<T, String>, wrong: &mut Wrong) -> Option<T> {
    result.map_err(|text| wrong.push((key.to_owned(), text))).ok()
}

fn method(word: &str) -> Result<Method, String> {
    let known = Method::from_bytes(word.to_ascii_uppercase().as_bytes()).ok();
    let known = known.filter(|method| !NO_METHODS.contains(method));
    known.ok_or_else(|| "expected a method, as \"GET\", \"HEAD\" or \"POST\"".to_owned())
}

fn expression(key: &str, text: Option<&str>, wrong: &mut Wrong) -> Option<Regex> {
    let made = Regex::new(text?).map_err(|error| {
        let text = error.to_string();
        // Those before it draw a picture.
        let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
        format!("is no regular expression: {last}")
    });
    note(key, made, wrong)
}
