use std::{sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;

use super::reading::Reading;
use crate::{
    config::{
        TimeSpan,
        kind::{KindContext, ProbeKind, SettingError, SettingsMap},
        schema::settings_schema,
    },
    probe::{Recipe, uptime::Uptime},
};

/// `uptime`: how long the server has been running, in days.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UptimeKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// One that has run for less was restarted, and that is critical (0s: never).
    least: Option<TimeSpan>,
}

impl ProbeKind for UptimeKind {
    fn name(&self) -> &'static str {
        "uptime"
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut reading) = Reading::of::<Settings>(settings, context)?;
        let least = settings.least.map_or(Duration::ZERO, |span| span.0);
        let recipe = Uptime::new(context.device(), least);
        if recipe.is_none() {
            reading.wrong("kind", format!("is not for {} servers", context.device()));
        }
        reading.end(recipe)
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
