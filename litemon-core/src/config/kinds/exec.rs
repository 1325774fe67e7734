use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    config::{
        TimeSpan,
        kind::{
            KindContext, NotifierKind, PlannedNotifier, SettingError, SettingsMap,
            read_settings_partly,
        },
        schema::settings_schema,
    },
    model::EventKind,
    notify::exec::{ExecRecipe, ExecSettings, On},
};

/// `exec`: runs a command on the monitor or on the failing server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExecKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A program and its arguments; no shell unless you call one.
    command: Option<Vec<String>>,
    /// Where it runs ("monitor").
    on: Option<OnWord>,
    /// Whether it runs as root (false).
    sudo: Option<bool>,
    /// The longest it may take (30s).
    timeout: Option<TimeSpan>,
}

#[derive(Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum OnWord {
    /// On the machine litemon runs on.
    Monitor,
    /// On the failing server.
    Server,
}

impl NotifierKind for ExecKind {
    fn name(&self) -> &'static str {
        "exec"
    }

    fn default_events(&self) -> &'static [EventKind] {
        &[EventKind::Problem]
    }

    fn tells_people(&self) -> bool {
        false
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        _: &KindContext<'_>,
    ) -> Result<PlannedNotifier, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        match settings.command.as_deref() {
            None => wrong
                .push(SettingError::missing("command", "a list: the program and its arguments")),
            Some([program, ..]) if !program.is_empty() => {}
            Some(_) => wrong.push(SettingError::new("command", "names no program")),
        }
        let Some(command) = settings.command.filter(|_| wrong.is_empty()) else {
            return Err(wrong);
        };
        let on_server = settings.on == Some(OnWord::Server);
        let mut exec = ExecSettings::new(command);
        exec.on = if on_server { On::Server } else { On::Monitor };
        exec.sudo = settings.sudo.unwrap_or(false);
        exec.timeout = settings.timeout.map_or(exec.timeout, |span| span.0);
        let recipe = ExecRecipe::new(exec).map_err(|wrong| {
            wrong.into_iter().map(|(key, text)| SettingError::new(key, text)).collect::<Vec<_>>()
        })?;
        let recipe = Arc::new(recipe);
        Ok(match on_server {
            true => PlannedNotifier::on_server(recipe),
            false => PlannedNotifier::new(recipe),
        })
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
