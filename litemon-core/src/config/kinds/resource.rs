use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    config::{
        kind::{KindContext, ProbeKind, SettingError, SettingsMap, read_settings_partly},
        schema::settings_schema,
        values::OneOrMany,
    },
    model::CheckKind,
    probe::{
        Recipe,
        device::DeviceResource,
        resource::{CommandResource, Cpu, Hdd, Mem},
    },
};

/// `resource`: a percentage. `cpu`, `mem` and `hdd` are built in; a `command` prints any other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceKind;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A shell line that prints one number, 0-100. cpu, mem and hdd have one built in.
    command: Option<String>,
    /// Whether the command runs as root (false).
    sudo: Option<bool>,
    /// Of hdd: mount points that are left out.
    exclude: Option<OneOrMany<String>>,
}

impl ProbeKind for ResourceKind {
    fn name(&self) -> &'static str {
        "resource"
    }

    fn check_kind(&self) -> CheckKind {
        CheckKind::Resource
    }

    fn plan(
        &self,
        settings: &SettingsMap,
        context: &KindContext<'_>,
    ) -> Result<Arc<dyn Recipe>, Vec<SettingError>> {
        let (settings, mut wrong) = read_settings_partly::<Settings>(settings);
        let Some(settings) = settings else { return Err(wrong) };
        let name = context.name().as_str();
        wrong.extend(misplaced(&settings, name));
        let device = context.device();
        if device.is_network() && settings.exclude.is_some() {
            wrong.push(SettingError::new("exclude", format!("is not for {device} devices")));
        }
        let of_device = DeviceResource::new(device, name);
        if device.is_network()
            && of_device.is_none()
            && settings.command.is_none()
            && built_in(name)
        {
            let expected = format!(
                "a command that prints one number, 0-100 ({device} devices do not tell their {name})"
            );
            wrong.push(SettingError::missing("command", expected));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        match (settings.command, name) {
            (Some(command), _) => {
                Ok(Arc::new(CommandResource::new(command, settings.sudo.unwrap_or(false))))
            }
            (None, _) if device.is_network() => match of_device {
                Some(recipe) => Ok(Arc::new(recipe)),
                None => Err(wrong),
            },
            (None, "cpu") => Ok(Arc::new(Cpu::new())),
            (None, "mem") => Ok(Arc::new(Mem::new())),
            (None, "hdd") => {
                Ok(Arc::new(Hdd::new(settings.exclude.map(|many| many.0).unwrap_or_default())))
            }
            (None, _) => Err(wrong),
        }
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}

fn misplaced(settings: &Settings, name: &str) -> Vec<SettingError> {
    let mut wrong = Vec::new();
    if settings.command.is_none() && !built_in(name) {
        wrong.push(SettingError::missing(
            "command",
            "a shell line that prints one number, 0-100 (only cpu, mem and hdd are built in)",
        ));
    }
    if settings.command.as_ref().is_some_and(|command| command.trim().is_empty()) {
        wrong.push(SettingError::new("command", "is empty; expected a shell line"));
    }
    if settings.exclude.is_some() && (name != "hdd" || settings.command.is_some()) {
        wrong.push(SettingError::new("exclude", "is for the built-in hdd only"));
    }
    if settings.sudo == Some(true) && settings.command.is_none() && built_in(name) {
        wrong.push(SettingError::new("sudo", "is for a command; the built-in needs no root"));
    }
    wrong
}

fn built_in(name: &str) -> bool {
    matches!(name, "cpu" | "mem" | "hdd")
}
