//! Parts what belongs to a kind from what belongs to every check or notifier.

use figment::value::{Dict, Value};

use super::file::{CHECK_KEYS, ENTRY_KEYS, NOTIFIER_KEYS};

/// Moves the keys of kinds into the `settings` of each check and notifier, so that the rest can be
/// read strictly.
pub(crate) fn kinds_apart(mut tree: Dict) -> Dict {
    for holder in ["profiles", "groups", "servers"] {
        for_each(tree.get_mut(holder), &mut |table| {
            for section in ["resources", "services", "checks"] {
                for_each(table.get_mut(section), &mut check);
            }
        });
    }
    for section in ["messaging", "stats", "checks"] {
        for_each(tree.get_mut(section), &mut check);
    }
    if let Some(Value::Dict(_, kinds)) = tree.get_mut("notifiers") {
        for named in kinds.values_mut() {
            for_each(Some(named), &mut |table| apart(table, &NOTIFIER_KEYS));
        }
    }
    tree
}

fn for_each(value: Option<&mut Value>, action: &mut dyn FnMut(&mut Dict)) {
    let Some(Value::Dict(_, named)) = value else { return };
    for value in named.values_mut() {
        if let Value::Dict(_, table) = value {
            action(table);
        }
    }
}

fn check(table: &mut Dict) {
    let common: Vec<&str> = CHECK_KEYS.into_iter().chain(ENTRY_KEYS).collect();
    apart(table, &common);
}

fn apart(table: &mut Dict, common: &[&str]) {
    let (keep, settings) = std::mem::take(table)
        .into_iter()
        .partition::<Dict, _>(|(key, _)| common.contains(&key.as_str()));
    *table = keep;
    if !settings.is_empty() {
        table.insert("settings".to_owned(), Value::from(settings));
    }
}
