use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    config::{
        kind::{KindContext, ProbeKind, SettingError, SettingsMap, read_settings_partly},
        schema::settings_schema,
    },
    model::CheckKind,
    probe::{Recipe, service::CommandService},
};

/// `service`: a command whose exit status says On or Off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A shell line; exit 0 = On. A signal, the time limit, 126 and 127 = Unknown; else Off.
    command: Option<String>,
    /// Whether the command runs as root (false).
    sudo: Option<bool>,
    /// A regular expression that the output has to match as well.
    expect: Option<String>,
}

impl ProbeKind for ServiceKind {
    fn name(&self) -> &'static str {
        "service"
    }

    fn check_kind(&self) -> CheckKind {
        CheckKind::Service
    }

    fn measures_number(&self) -> bool {
        false
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        _: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        if let Some(text) = &settings.expect {
            super::regex("expect", text, &mut wrong);
        }
        match &settings.command {
            None => wrong.push(SettingError::missing(
                "command",
                "a shell line whose exit status says whether it is On (0)",
            )),
            Some(command) if command.trim().is_empty() => {
                wrong.push(SettingError::new("command", "is empty; expected a shell line"));
            }
            Some(_) => {}
        }
        let Some(command) = settings.command.filter(|_| wrong.is_empty()) else {
            return Err(wrong);
        };
        CommandService::new(command, settings.sudo.unwrap_or(false), settings.expect)
            .map(|recipe| Arc::new(recipe) as Arc<dyn Recipe>)
            .map_err(|message| vec![SettingError::new("expect", message)])
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
