use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{reading::Reading, request::Secrets};
use crate::{
    config::{
        SecretSource,
        kind::{KindContext, ProbeKind, SettingError, SettingsMap},
        schema::settings_schema,
    },
    model::CheckKind,
    probe::{
        Recipe,
        http_stats::{HttpStats, HttpStatsSettings},
    },
    secret::Secret,
};

/// `http_stats`: counts for ranges of days, fetched over HTTP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HttpStatsKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// http:// or https://; asked with the first and the last day of each range.
    url: Option<SecretSource>,
    /// First day of the total, as 2015-01-01.
    total_since: Option<String>,
    /// Names of the parameters for the first and the last day (["date1", "date2"]).
    parameters: Option<[String; 2]>,
    /// How a day is written, in strftime's letters (%Y-%m-%d).
    date_format: Option<String>,
    /// Further parameters; they may be secrets.
    query: Option<Secrets>,
    /// Headers; they may be secrets.
    headers: Option<Secrets>,
    /// Sent as "Authorization: Bearer …".
    token: Option<SecretSource>,
    /// JSON pointer to the count in the answer (/count).
    count: Option<String>,
    /// The first day of a week (monday).
    week_starts: Option<String>,
    /// How many redirects are followed, 0 to 10 (3).
    redirects: Option<usize>,
    /// Whether the proxy of the environment is used (false).
    proxy: Option<bool>,
}

impl ProbeKind for HttpStatsKind {
    fn name(&self) -> &'static str {
        "http_stats"
    }

    fn check_kind(&self) -> CheckKind {
        CheckKind::Statistic
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut reading) = Reading::of::<Settings>(settings, context)?;
        let url = reading.url(settings.url.as_ref(), "http://HOST… or https://HOST…");
        if settings.total_since.is_none() {
            let expected = "the first day of the total, as 2015-01-01";
            reading.missing("total_since", expected);
        }
        let query = reading.secrets("query", settings.query);
        let headers = reading.secrets("headers", settings.headers);
        let token = reading.secret("token", settings.token.as_ref());
        // What is missing is said already; the rest is to be looked at all the same.
        let url = url.unwrap_or_else(|| Secret::new("http://localhost".to_owned()));
        let since = settings.total_since.unwrap_or_else(|| "2015-01-01".to_owned());
        let usual = HttpStatsSettings::new(url, since);
        let recipe = HttpStats::new(HttpStatsSettings {
            parameters: settings.parameters.unwrap_or(usual.parameters),
            date_format: settings.date_format.unwrap_or(usual.date_format),
            query,
            headers,
            token,
            count: settings.count.unwrap_or(usual.count),
            week_starts: settings.week_starts.unwrap_or(usual.week_starts),
            redirects: settings.redirects.unwrap_or(usual.redirects),
            proxy: settings.proxy.unwrap_or(usual.proxy),
            url: usual.url,
            total_since: usual.total_since,
        });
        reading.end_vetted(recipe)
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
