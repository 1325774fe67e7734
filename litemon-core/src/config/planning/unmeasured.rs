//! Sections of one kind that is not among the kinds. Statistics are looked at for mistakes, and not
//! measured; others are a mistake.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Planner,
    checks::{Subject, Written},
    layers::{Effective, Section},
};
use crate::{
    config::{
        KeyPath, SecretSource, Unmeasured,
        file::{CHECK_KEYS, ENTRY_KEYS},
        kind::{SettingError, SettingsMap, read_settings_partly, setting_drafts},
        mistake::Draft,
        schema::settings_schema,
    },
    model::CheckKind,
};

/// Of `[stats.NAME]`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stats {
    /// http:// or https://; asked with date1 and date2.
    url: Option<SecretSource>,
    /// First day of the total, as 2015-01-01.
    total_since: Option<String>,
}

/// The schema of the settings in a section of one kind that is not among the kinds.
pub(crate) fn unmeasured_schema(section: &str) -> Option<serde_json::Value> {
    match section {
        "stats" => Some(settings_schema::<Stats>()),
        _ => None,
    }
}

impl Planner<'_> {
    /// Looks at a check of a section whose kind is not there.
    pub(super) fn not_measured(
        &mut self,
        section: Section,
        subject: &Subject<'_>,
        effective: &Effective,
    ) {
        if section != Section::Stats {
            let message = format!("this litemon is built without {}", section.word());
            self.drafts.push(Draft::key(subject.at.clone(), message));
            return;
        }
        let written = Written { at: subject.at.clone(), from: &effective.from };
        let wrong = self.stats(&subject.at, &effective.entry.settings.0);
        let common: Vec<&str> = CHECK_KEYS.into_iter().chain(ENTRY_KEYS).collect();
        self.drafts.extend(setting_drafts(wrong, &written, &common));
        let at =
            |key: &str| effective.from.get(key).cloned().unwrap_or_else(|| subject.at.child(key));
        let schedule = self.schedule(&effective.keys, &at);
        let notify = self.notify(&effective.keys, &subject.id, false, &at);
        let (id, kind) = (subject.id.clone(), CheckKind::Statistic);
        self.unmeasured.push(Unmeasured { id, kind, schedule, notify });
    }

    fn stats(&mut self, at: &KeyPath, settings: &SettingsMap) -> Vec<SettingError> {
        let (table, mut wrong) = read_settings_partly::<Stats>(settings);
        let table = table.unwrap_or_default();
        self.url(at, table.url.as_ref(), &["http", "https"]);
        let day = table.total_since.as_ref();
        if day.is_some_and(|day| day.parse::<jiff::civil::Date>().is_err()) {
            wrong.push(SettingError::new("total_since", "expected a day, as 2015-01-01"));
        }
        wrong
    }

    fn url(&mut self, at: &KeyPath, source: Option<&SecretSource>, schemes: &[&str]) {
        let at = at.child("url");
        let expected = format!("{}://HOST…", schemes.join("://HOST… or "));
        let Some(source) = source else {
            self.drafts.push(Draft::missing(at, &expected));
            return;
        };
        let Some(url) = self.secret(&at, source) else { return };
        let good = url::Url::parse(url.expose())
            .is_ok_and(|url| schemes.contains(&url.scheme()) && url.has_host());
        if !good {
            self.wrong(at, format!("expected {expected}"));
        }
    }
}
