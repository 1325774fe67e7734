//! `[templates]`, and `templates` of notifiers

use super::Planner;
use crate::{
    config::{KeyPath, TextTemplates},
    notify::wording::{Wording, WordingSettings},
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
    let mut settings = WordingSettings::default();
    settings.problem.clone_from(&written.problem);
    settings.escalated.clone_from(&written.escalated);
    settings.undelivered.clone_from(&written.undelivered);
    settings.recovery.clone_from(&written.recovery);
    settings.over.clone_from(&written.over);
    settings
}
