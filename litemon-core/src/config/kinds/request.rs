//! What kinds that ask over HTTP have in common.

use std::collections::BTreeMap;

use crate::{
    config::{
        SecretSource,
        kind::{KindContext, SettingError},
    },
    secret::Secret,
};

/// A table of texts or secrets.
pub(super) type Secrets = BTreeMap<String, SecretSource>;

/// The URL that has to stand at `url`; what is wrong with its text is found out later.
pub(super) fn url(
    source: Option<&SecretSource>,
    expected: &str,
    context: &KindContext<'_>,
    wrong: &mut Vec<SettingError>,
) -> Option<Secret> {
    let Some(source) = source else {
        wrong.push(SettingError::missing("url", expected));
        return None;
    };
    secret("url", Some(source), context, wrong)
}

/// A secret that may be missing.
pub(super) fn secret(
    key: &str,
    source: Option<&SecretSource>,
    context: &KindContext<'_>,
    wrong: &mut Vec<SettingError>,
) -> Option<Secret> {
    context.secret(key, source?).map_err(|error| wrong.push(error)).ok()
}

/// All secrets of a table that can be had.
pub(super) fn secrets(
    key: &str,
    table: Option<Secrets>,
    context: &KindContext<'_>,
    wrong: &mut Vec<SettingError>,
) -> Vec<(String, Secret)> {
    let mut found = Vec::new();
    for (name, source) in table.unwrap_or_default() {
        match context.secret(&format!("{key}.{name}"), &source) {
            Ok(secret) => found.push((name, secret)),
            Err(error) => wrong.push(error),
        }
    }
    found
}

/// What a recipe says is wrong, as mistakes of the file.
pub(super) fn mistakes(wrong: Vec<(String, String)>) -> Vec<SettingError> {
    wrong.into_iter().map(|(key, text)| SettingError::new(key, text)).collect()
}
