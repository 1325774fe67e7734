mod example;
mod flow;
mod gallery;
mod jobs;
mod layers;
mod own_kinds;
mod sources;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::*;
use crate::{model::Zone, secret::Secret};

/// Secrets of a machine that has these variables and files.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<String, String>);

impl Secrets for Known {
    fn variable(&self, name: &str) -> Result<Secret, SecretError> {
        let value = self.0.get(name).ok_or_else(|| SecretError::NoVariable(name.to_owned()))?;
        Ok(Secret::new(value.clone()))
    }

    fn file(&self, path: &Path) -> Result<Secret, SecretError> {
        Ok(Secret::new(format!("content of {}", path.display())))
    }
}

pub(super) const EXAMPLE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/example.toml"));

pub(super) fn known() -> Known {
    let pairs = [("SMS_KEY", "sms-hunter2"), ("LITEMON_DB_PASSWORD", "db-hunter2")];
    Known(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
}

pub(super) fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

pub(super) fn loaded(text: &str, env: &[(&str, &str)]) -> Result<Loaded, Mistakes> {
    let inputs = Inputs::new(Vec::new(), environment(env), PathBuf::from("/srv"));
    load_texts(vec![("litemon.toml".into(), text.to_owned())], &inputs)
}

pub(super) fn planned_with(
    text: &str,
    env: &[(&str, &str)],
    kinds: &Kinds,
) -> Result<Plan, Mistakes> {
    let secrets = known();
    let machine = environment(&[("HOME", "/home/ops"), ("USER", "ops")]);
    let around = Surroundings::of(&machine, Zone::utc(), &secrets, kinds);
    loaded(text, env)?.plan(&around)
}

pub(super) fn planned(text: &str) -> Result<Plan, Mistakes> {
    planned_with(text, &[], &Kinds::builtin())
}

pub(super) fn mistakes(text: &str) -> String {
    planned(text).map(|_| ()).unwrap_err().to_string()
}
