use std::{sync::Arc, time::Duration};

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
    policy::Remedy,
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
    /// With this or one of the next three it is a remedy: the most runs about one incident, and
    /// about one check within `period` (3).
    tries: Option<u32>,
    /// See `tries` (1h).
    period: Option<TimeSpan>,
    /// How long the check has to be OK again after a run; the next try is not made before (30s).
    verify: Option<TimeSpan>,
    /// What it did, in words for people, as "restarted nginx" ("ran NAME").
    says: Option<String>,
}

/// The most runs that are kept count of.
const MOST_TRIES: u32 = 20;
const LONGEST_PERIOD: Duration = Duration::from_secs(7 * 24 * 3600);
const LONGEST_VERIFY: Duration = Duration::from_secs(3600);
/// The most characters of `says`: the SMS has to say more than that.
const LONGEST_WORDS: usize = 60;

impl Settings {
    /// How it is limited and verified, if any of that was asked for.
    fn remedy(&self, wrong: &mut Vec<SettingError>) -> Option<Remedy> {
        let said = self.tries.is_some() || self.period.is_some();
        if !said && self.verify.is_none() && self.says.is_none() {
            return None;
        }
        let mut remedy = Remedy::default();
        remedy.tries = self.tries.unwrap_or(remedy.tries);
        remedy.period = self.period.map_or(remedy.period, |span| span.0);
        remedy.verify = self.verify.map_or(remedy.verify, |span| span.0);
        remedy.says = self.says.as_ref().map(|words| words.trim().to_owned());
        if !(1..=MOST_TRIES).contains(&remedy.tries) {
            wrong.push(SettingError::new("tries", format!("expected 1 to {MOST_TRIES}")));
        }
        let spans =
            [("period", remedy.period, LONGEST_PERIOD), ("verify", remedy.verify, LONGEST_VERIFY)];
        for (key, span, longest) in spans {
            if span < Duration::from_secs(1) || span > longest {
                let expected = format!("expected 1s to {}", TimeSpan(longest));
                wrong.push(SettingError::new(key, expected));
            }
        }
        let fits = |words: &String| {
            (1..=LONGEST_WORDS).contains(&words.chars().count())
                && !words.contains(char::is_control)
        };
        if !remedy.says.as_ref().is_none_or(fits) {
            let expected = format!("expected up to {LONGEST_WORDS} characters in one line");
            wrong.push(SettingError::new("says", expected));
        }
        Some(remedy)
    }
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
        let remedy = settings.remedy(&mut wrong);
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
        let planned = match on_server {
            true => PlannedNotifier::on_server(recipe),
            false => PlannedNotifier::new(recipe),
        };
        Ok(planned.heals(remedy))
    }

    fn schema(&self) -> serde_json::Value {
        settings_schema::<Settings>()
    }
}
