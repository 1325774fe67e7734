use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::reading::Reading;
use crate::{
    config::{
        kind::{KindContext, ProbeKind, SettingError, SettingsMap},
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
        let (settings, mut reading) = Reading::of::<Settings>(settings, context)?;
        let host = reading.host(settings.host.as_deref());
        let count = settings.count.unwrap_or(COUNT);
        if !(1..=MOST).contains(&count) {
            reading.wrong("count", format!("expected 1 to {MOST}"));
        }
        let loss = settings.loss.unwrap_or(0.0);
        if !(0.0..100.0).contains(&loss) {
            reading.wrong("loss", "expected a percentage, 0 to below 100");
        }
        reading.end(host.map(|host| Ping::new(host).count(count).loss(loss)))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
