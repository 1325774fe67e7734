//! Statistics as they are written, and checked.

use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use reqwest::header::{AUTHORIZATION, HeaderMap};
use url::Url;

use super::range::Calendar;
use crate::{
    http::{self, ClientSettings, Redirects},
    secret::Secret,
};

/// More redirects in a row than that lead nowhere.
const MOST_REDIRECTS: usize = 10;

/// What is asked, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpStatsSettings {
    /// http or https. All but its scheme and host is kept from sight.
    pub url: Secret,
    /// The first day of the total, as `2015-01-01`.
    pub total_since: String,
    /// The parameters that say the first and the last day, both included.
    pub parameters: [String; 2],
    /// How they say it (strftime).
    pub date_format: String,
    /// Further parameters.
    pub query: Vec<(String, Secret)>,
    /// Headers.
    pub headers: Vec<(String, Secret)>,
    /// Sent as `Authorization: Bearer …`.
    pub token: Option<Secret>,
    /// Where the count stands in the answer: a JSON pointer (RFC 6901).
    pub count: String,
    /// The first day of a week, as `monday`.
    pub week_starts: String,
    /// How many redirects are followed. What is secret in a header goes to no other host.
    pub redirects: usize,
    /// Whether the system's proxy is used.
    pub proxy: bool,
}

impl HttpStatsSettings {
    /// A GET of this URL with `date1` and `date2`, that is answered with a `count`.
    #[must_use]
    pub fn new(url: Secret, total_since: impl Into<String>) -> Self {
        Self {
            url,
            total_since: total_since.into(),
            parameters: ["date1".to_owned(), "date2".to_owned()],
            date_format: "%Y-%m-%d".to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            token: None,
            count: "/count".to_owned(),
            week_starts: "monday".to_owned(),
            redirects: 3,
            proxy: false,
        }
    }
}

/// The same, checked.
pub(super) struct Asking {
    pub(super) url: Url,
    pub(super) parameters: [String; 2],
    pub(super) date_format: String,
    pub(super) query: Vec<(String, Secret)>,
    pub(super) headers: HeaderMap,
    pub(super) count: String,
    pub(super) calendar: Calendar,
    pub(super) client: ClientSettings,
}

type Wrong = Vec<(String, String)>;

/// Everything that is wrong, or the settings checked.
pub(super) fn check(settings: HttpStatsSettings) -> Result<Arc<Asking>, Wrong> {
    let mut wrong = Wrong::new();
    let mut note = |key: &str, text: &str| wrong.push((key.to_owned(), text.to_owned()));
    let url = http::parse_url(&settings.url).map_err(|text| note("url", &text)).ok();
    let total_since = day(&settings.total_since);
    if total_since.is_none() {
        note("total_since", "expected a day, as 2015-01-01");
    }
    let week_starts = weekday(&settings.week_starts);
    if week_starts.is_none() {
        note("week_starts", "expected a day of the week, as monday");
    }
    let [first, last] = &settings.parameters;
    if first.is_empty() || last.is_empty() || first == last {
        note("parameters", "expected two different names, as [\"date1\", \"date2\"]");
    }
    if !total_since.is_none_or(|day| writes(&settings.date_format, day)) {
        note("date_format", "expected a strftime format of a day, as %Y-%m-%d");
    }
    if !settings.count.is_empty() && !settings.count.starts_with('/') {
        note("count", "expected a JSON pointer, as /count or /data/0/count");
    }
    if settings.redirects > MOST_REDIRECTS {
        note("redirects", "expected 0 to 10");
    }
    let headers = headers(&settings).map_err(|(key, text)| note(key, &text)).ok();
    let (Some(url), Some(total_since), Some(week_starts), Some(headers), true) =
        (url, total_since, week_starts, headers, wrong.is_empty())
    else {
        return Err(wrong);
    };
    let secret = !headers.is_empty() || !url.username().is_empty() || url.password().is_some();
    let redirects = Redirects { limit: settings.redirects, stay: secret };
    Ok(Arc::new(Asking {
        url,
        parameters: settings.parameters,
        date_format: settings.date_format,
        query: settings.query,
        headers,
        count: settings.count,
        calendar: Calendar { week_starts, total_since },
        client: ClientSettings { redirects, proxy: settings.proxy, ..ClientSettings::default() },
    }))
}

fn day(text: &str) -> Option<Date> {
    Date::strptime("%Y-%m-%d", text).ok()
}

/// Whether the format can be filled from a day, and says something.
fn writes(format: &str, day: Date) -> bool {
    jiff::fmt::strtime::format(format, day).is_ok_and(|text| !text.trim().is_empty())
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

fn headers(settings: &HttpStatsSettings) -> Result<HeaderMap, (&'static str, String)> {
    let fields = settings.headers.iter().map(|(name, value)| (name.as_str(), value.expose()));
    let mut headers = http::headers(fields).map_err(|text| ("headers", text))?;
    if let Some(token) = &settings.token {
        if headers.contains_key(AUTHORIZATION) {
            return Err(("token", "headers have an authorization already".to_owned()));
        }
        let bearer = format!("Bearer {}", token.expose());
        let token = http::headers([(AUTHORIZATION.as_str(), bearer.as_str())]);
        headers.extend(token.map_err(|_| ("token", "cannot stand in a header".to_owned()))?);
    }
    Ok(headers)
}
