use std::{path::PathBuf, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{host, port};
use crate::{
    config::{
        kind::{KindContext, ProbeKind, SettingError, SettingsMap, read_settings_partly},
        schema::settings_schema,
    },
    probe::{Recipe, tls::Tls},
};

/// `tls`: a certificate that is trusted, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TlsKind;

const PORT: u32 = 443;
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
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        let host = host(settings.host.as_deref(), context, &mut wrong);
        let (warn, critical) = limits(&settings, &mut wrong);
        let port = port(settings.port.unwrap_or(PORT), &mut wrong);
        if settings.roots.is_some() && settings.verify == Some(false) {
            wrong.push(SettingError::new("roots", "are not asked with verify = false"));
        }
        let (Some(host), Some(port)) = (host, port) else { return Err(wrong) };
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
            wrong.push(SettingError::new("server_name", message));
        }
        if wrong.is_empty() { Ok(Arc::new(tls)) } else { Err(wrong) }
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}

fn limits(settings: &Settings, wrong: &mut Vec<SettingError>) -> (f64, f64) {
    let warn = settings.warn_days.unwrap_or(WARN_DAYS);
    let critical = settings.critical_days.unwrap_or(CRITICAL_DAYS);
    for (key, days) in [("warn_days", warn), ("critical_days", critical)] {
        if !(0.0..=36_500.0).contains(&days) {
            wrong.push(SettingError::new(key, "expected a number of days, 0 to 36500"));
        }
    }
    if warn < critical {
        let (key, other) = match settings.warn_days {
            Some(_) => ("warn_days", format!("is below critical_days, {critical}")),
            None => ("critical_days", format!("is above warn_days, {warn}")),
        };
        wrong.push(SettingError::new(key, other));
    }
    (warn, critical)
}
