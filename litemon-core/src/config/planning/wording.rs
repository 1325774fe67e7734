//! `[templates]`, and `templates` of notifiers

use super::Planner;
use crate::{
    config::{KeyPath, TextTemplates},
    notify::wording::{Text, Wording, WordingSettings},
};

impl Planner<'_> {
    /// What notices read like with these templates, and for the rest with those of `[templates]`.
    /// `None` where that is litemon's own line.
    pub(super) fn wording(&mut self, own: &TextTemplates, at: &KeyPath) -> Option<Wording> {
        if let Err(wrong) = Wording::new(settings(own)) {
            for (key, text) in wrong {
                self.wrong(at.child(&key), text);
            }
            return None;
        }
        let all = settings(own).or(&settings(&self.config.templates));
        if all.is_empty() { None } else { Wording::new(all).ok() }
    }
}

fn settings(written: &TextTemplates) -> WordingSettings {
    let each = [
        (Text::Problem, &written.problem),
        (Text::Escalated, &written.escalated),
        (Text::Undelivered, &written.undelivered),
        (Text::Reminder, &written.reminder),
        (Text::Unacknowledged, &written.unacknowledged),
        (Text::Acknowledged, &written.acknowledged),
        (Text::Flapping, &written.flapping),
        (Text::RemedyFailed, &written.remedy_failed),
        (Text::Recovery, &written.recovery),
        (Text::Over, &written.over),
        (Text::Digest, &written.digest),
        (Text::Job, &written.job),
    ];
    each.into_iter().fold(WordingSettings::default(), |settings, (of, template)| match template {
        Some(template) => settings.with(of, template),
        None => settings,
    })
}
