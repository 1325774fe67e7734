use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    config::{
        kind::{KindContext, ProbeKind, SettingError, SettingsMap, read_settings_partly},
        schema::settings_schema,
        values::CommandWords,
    },
    exec::Command,
    probe::{Recipe, plugin::Plugin},
};

/// `plugin`: a Nagios plugin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PluginKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A line for a shell, or a list of words for none. Exit 0 = ok, 1 = warning, 2 = critical, else
    /// unknown; the first line says why, and may end in `|` and performance data.
    command: Option<CommandWords>,
    /// Where it runs (the server it belongs to, else the monitor).
    on: Option<OnWord>,
    /// Whether it runs as root (false).
    sudo: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum OnWord {
    /// On the machine litemon runs on.
    Monitor,
    /// On the check's server.
    Server,
}

impl ProbeKind for PluginKind {
    fn name(&self) -> &'static str {
        "plugin"
    }

    fn measures_number(&self) -> bool {
        // It has limits of its own.
        false
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        if settings.on == Some(OnWord::Server) && context.server().is_none() {
            wrong.push(SettingError::new("on", "this check belongs to no server"));
        }
        let command = match settings.command {
            None => {
                let expected = "a shell line, or a list: the plugin and its arguments";
                wrong.push(SettingError::missing("command", expected));
                None
            }
            Some(words) => command(words, &mut wrong),
        };
        let Some(command) = command.filter(|_| wrong.is_empty()) else { return Err(wrong) };
        let plugin = Plugin::new(command, settings.sudo.unwrap_or(false));
        Ok(Arc::new(match settings.on {
            Some(OnWord::Monitor) => plugin.on_monitor(),
            Some(OnWord::Server) | None => plugin,
        }))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}

fn command(words: CommandWords, wrong: &mut Vec<SettingError>) -> Option<Command> {
    let (command, empty) = match words {
        CommandWords::Line(line) => (Command::shell(line.clone()), line.trim().is_empty()),
        CommandWords::Argv(words) => {
            let empty = words.first().is_none_or(String::is_empty);
            (Command::argv(words), empty)
        }
    };
    if empty {
        wrong.push(SettingError::new("command", "names no plugin"));
    }
    (!empty).then_some(command)
}
