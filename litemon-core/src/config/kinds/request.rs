//! What kinds that ask over HTTP have in common.

use std::collections::BTreeMap;

use super::reading::{Planned, Reading};
use crate::{config::SecretSource, probe::Recipe, secret::Secret};

/// A table of texts or secrets.
pub(super) type Secrets = BTreeMap<String, SecretSource>;

impl Reading<'_> {
    /// All secrets of a table that can be had.
    pub(super) fn secrets(&mut self, key: &str, table: Option<Secrets>) -> Vec<(String, Secret)> {
        let table = table.unwrap_or_default().into_iter();
        let found = table.filter_map(|(name, source)| {
            let secret = self.secret(&format!("{key}.{name}"), Some(&source))?;
            Some((name, secret))
        });
        found.collect()
    }

    /// As [`Reading::end`], of a recipe that looks at its settings itself.
    pub(super) fn end_vetted(
        mut self,
        recipe: Result<impl Recipe, Vec<(String, String)>>,
    ) -> Planned {
        let recipe = self.vetted(recipe);
        self.end(recipe)
    }

    /// Keeps the mistakes of what looks at its settings itself.
    pub(super) fn vetted<T>(&mut self, made: Result<T, Vec<(String, String)>>) -> Option<T> {
        let made = made.map_err(|wrong| {
            for (key, message) in wrong {
                self.wrong(key, message);
            }
        });
        made.ok()
    }
}
