use std::{path::PathBuf, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;

use super::reading::Reading;
use crate::{
    config::{
        kind::{KindContext, ProbeKind, SettingError, SettingsMap},
        schema::settings_schema,
    },
    probe::{Recipe, tls::Tls},
};

/// `tls`: a certificate that is trusted, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TlsKind;

const PORT: u16 = 443;
const WARN_DAYS: f64 = 21.0;
const CRITICAL_DAYS: f64 = 7.0;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Name or address (the server's).
    host: Option<String>,
    /// The port (443).
    port: Option<u32>,
    /// The name that is asked for and that the certificate has to be for (the host).
    server_name: Option<String>,
    /// PEM file with the root certificates that are trusted (the system's).
    roots: Option<PathBuf>,
    /// false: whoever signed it, only its end counts (true).
    verify: Option<bool>,
    /// With fewer days left it is a warning (21).
    warn_days: Option<f64>,
    /// With fewer days left it is critical (7).
    critical_days: Option<f64>,
}

impl ProbeKind for TlsKind {
    fn name(&self) -> &'static str {
        "tls"
    }

    fn measures_number(&self) -> bool {
        // Fewer days are worse, so it has limits of its own.
        false
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut reading) = Reading::of::<Settings>(settings, context)?;
        let host = reading.host(settings.host.as_deref());
        let (warn, critical) = limits(&settings, &mut reading);
        let port = reading.port(settings.port, Some(PORT));
        if settings.roots.is_some() && settings.verify == Some(false) {
            reading.wrong("roots", "are not asked with verify = false");
        }
        let Some((host, port)) = host.zip(port) else { return reading.end(None::<Tls>) };
        let mut tls = Tls::new(host, port).days(warn, critical);
        if let Some(name) = settings.server_name {
            tls = tls.server_name(name);
        }
        if let Some(path) = settings.roots {
            tls = tls.roots(context.path("roots", &path));
        }
        if settings.verify == Some(false) {
            tls = tls.unverified();
        }
        if let Err(message) = tls.vet() {
            reading.wrong("server_name", message);
        }
        reading.end(Some(tls))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}

fn limits(settings: &Settings, reading: &mut Reading<'_>) -> (f64, f64) {
    let warn = settings.warn_days.unwrap_or(WARN_DAYS);
    let critical = settings.critical_days.unwrap_or(CRITICAL_DAYS);
    for (key, days) in [("warn_days", warn), ("critical_days", critical)] {
        if !(0.0..=36_500.0).contains(&days) {
            reading.wrong(key, "expected a number of days, 0 to 36500");
        }
    }
    if warn < critical {
        let (key, other) = match settings.warn_days {
            Some(_) => ("warn_days", format!("is below critical_days, {critical}")),
            None => ("critical_days", format!("is above warn_days, {warn}")),
        };
        reading.wrong(key, other);
    }
    (warn, critical)
}
