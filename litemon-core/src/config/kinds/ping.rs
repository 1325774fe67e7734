use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::host;
use crate::{
    config::{
        kind::{KindContext, ProbeKind, SettingError, SettingsMap, read_settings_partly},
        schema::settings_schema,
    },
    probe::{Recipe, ping::Ping},
};

/// `ping`: ICMP echo.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PingKind;

const COUNT: u16 = 3;
const MOST: u16 = 20;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Name or address (the server's).
    host: Option<String>,
    /// How many are sent in a run, 1 to 20 (3).
    count: Option<u16>,
    /// Percent of them that may be lost (0).
    loss: Option<f64>,
}

impl ProbeKind for PingKind {
    fn name(&self) -> &'static str {
        "ping"
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        let host = host(settings.host.as_deref(), context, &mut wrong);
        let count = settings.count.unwrap_or(COUNT);
        if !(1..=MOST).contains(&count) {
            wrong.push(SettingError::new("count", format!("expected 1 to {MOST}")));
        }
        let loss = settings.loss.unwrap_or(0.0);
        if !(0.0..100.0).contains(&loss) {
            wrong.push(SettingError::new("loss", "expected a percentage, 0 to below 100"));
        }
        let Some(host) = host.filter(|_| wrong.is_empty()) else { return Err(wrong) };
        Ok(Arc::new(Ping::new(host).count(count).loss(loss)))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
