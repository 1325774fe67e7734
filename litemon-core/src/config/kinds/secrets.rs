//! Settings that are secrets. URLs may be, so that no mistake repeats them.

use super::reading::Reading;
use crate::{config::SecretSource, secret::Secret};

impl Reading<'_> {
    /// A secret that may be missing.
    pub(super) fn secret(&mut self, key: &str, source: Option<&SecretSource>) -> Option<Secret> {
        self.good(self.context.secret(key, source?))
    }

    /// What stands at `url`, whatever it is.
    pub(super) fn url(&mut self, source: Option<&SecretSource>, expected: &str) -> Option<Secret> {
        if source.is_none() {
            self.missing("url", expected);
        }
        self.secret("url", source)
    }
}
