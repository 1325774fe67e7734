use std::{path::PathBuf, sync::Arc, time::Duration};

use percent_encoding::percent_decode_str;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::reading::Reading;
use crate::{
    config::{
        SecretSource, TimeSpan,
        kind::{KindContext, ProbeKind, SettingError, SettingsMap},
        schema::settings_schema,
        values::Text,
    },
    model::CheckKind,
    probe::{
        Recipe,
        stomp::{StompRoundTrip, StompSettings, StompTls},
    },
    secret::Secret,
};

/// `stomp_round_trip`: a message is sent through a broker, and has to come back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StompKind;

const EXPECTED_URL: &str = "stomp://HOST:PORT or stomps://HOST:PORT";
const EXPECTED_DESTINATION: &str = "where the message goes, as /queue/litemon.msg1";
const SHORTEST: Duration = Duration::from_millis(100);

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// stomp://HOST:PORT (61613 when absent) or stomps://HOST:PORT (61614).
    url: Option<SecretSource>,
    /// The user (the one in the URL).
    login: Option<Text>,
    /// Its password (the one in the URL).
    passcode: Option<SecretSource>,
    /// The broker's virtual host ("/").
    vhost: Option<String>,
    /// Where the message is sent to and received from; of litemon's own.
    destination: Option<String>,
    /// A message that is not back by then, counted from the start of the run, is a failure (10s).
    expired: Option<TimeSpan>,
    /// A PEM file with the root certificate that signed the broker's (this machine's roots).
    tls_roots: Option<PathBuf>,
}

impl ProbeKind for StompKind {
    fn name(&self) -> &'static str {
        "stomp_round_trip"
    }

    fn check_kind(&self) -> CheckKind {
        CheckKind::Messaging
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut reading) = Reading::of::<Settings>(settings, context)?;
        let url = url(settings.url.as_ref(), &mut reading);
        let passcode = reading.secret("passcode", settings.passcode.as_ref());
        if settings.destination.as_deref().is_none_or(str::is_empty) {
            reading.missing("destination", EXPECTED_DESTINATION);
        }
        if settings.expired.is_some_and(|expired| expired.0 < SHORTEST) {
            let message = format!("is too short; expected at least {}", TimeSpan(SHORTEST));
            reading.wrong("expired", message);
        }
        let plain = url.as_ref().is_some_and(|url| url.scheme() == "stomp");
        if settings.tls_roots.is_some() && plain {
            reading.wrong("tls_roots", "is for stomps:// only");
        }
        let stomp = url.map(|url| resolved(settings, &url, passcode, context));
        for key in stomp.iter().flat_map(broken_lines) {
            reading.wrong(key, "expected a single line");
        }
        reading.end(stomp.map(StompRoundTrip::new))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}

fn resolved(
    settings: Settings,
    url: &Url,
    passcode: Option<Secret>,
    context: &KindContext<'_>,
) -> StompSettings {
    let tls = url.scheme() == "stomps";
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port().unwrap_or(if tls { 61614 } else { 61613 });
    let mut stomp = StompSettings::new(host, port, settings.destination.unwrap_or_default());
    stomp.tls = match settings.tls_roots {
        Some(path) => StompTls::Roots(context.path("tls_roots", &path)),
        None if tls => StompTls::System,
        None => StompTls::Off,
    };
    let in_url = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = Some(url.username()).filter(|user| !user.is_empty()).map(in_url);
    stomp.login = settings.login.map(|login| login.0).or(user);
    stomp.passcode = passcode.or_else(|| url.password().map(in_url).map(Secret::new));
    stomp.vhost = settings.vhost.unwrap_or(stomp.vhost);
    stomp.timeout = context.timeout().unwrap_or(stomp.timeout);
    stomp.expired = settings.expired.map_or(stomp.expired, |expired| expired.0);
    stomp
}

fn url(source: Option<&SecretSource>, reading: &mut Reading<'_>) -> Option<Url> {
    let secret = reading.url(source, EXPECTED_URL)?;
    let good = |url: &Url| {
        let bare = matches!(url.path(), "" | "/") && url.query().is_none();
        matches!(url.scheme(), "stomp" | "stomps") && url.has_host() && bare
    };
    let url = Url::parse(secret.expose()).ok().filter(good);
    if url.is_none() {
        reading.wrong("url", format!("expected {EXPECTED_URL}"));
    }
    url
}

/// The keys of what holds a line end: it would end a header.
fn broken_lines(stomp: &StompSettings) -> impl Iterator<Item = &'static str> {
    let texts = [
        ("login", stomp.login.as_deref()),
        ("passcode", stomp.passcode.as_ref().map(Secret::expose)),
        ("vhost", Some(stomp.vhost.as_str())),
        ("destination", Some(stomp.destination.as_str())),
    ];
    let bad = |text: &str| text.contains(['\n', '\r', '\0']);
    let bad = texts.into_iter().filter(move |(_, text)| text.is_some_and(bad));
    bad.map(|(key, _)| key)
}
