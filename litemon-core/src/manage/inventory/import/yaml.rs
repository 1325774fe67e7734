//! An Ansible inventory in YAML.

use serde_json::Value;

use super::{
    ImportError, MOST,
    ansible::{Inventory, Vars},
    range::expand,
};
use crate::manage::inventory::ServerDraft;

/// Groups inside groups, at most.
const DEEPEST: usize = 32;

/// The hosts of an inventory, with what their groups say of them.
///
/// # Errors
/// [`ImportError`] when it is not YAML, or not an inventory.
pub fn ansible_yaml(text: &str) -> Result<Vec<ServerDraft>, ImportError> {
    let tree: Value = serde_saphyr::from_str(text).map_err(|error| {
        let message = error.to_string();
        ImportError::whole(message.lines().next().unwrap_or("not YAML").to_owned())
    })?;
    let mut inventory = Inventory::default();
    for (name, group) in table(&tree, "the file")? {
        take(&mut inventory, name, group, 0)?;
    }
    inventory.servers()
}

fn take(
    inventory: &mut Inventory,
    name: &str,
    group: &Value,
    depth: usize,
) -> Result<(), ImportError> {
    if depth > DEEPEST {
        return Err(ImportError::whole("groups stand too deep inside one another"));
    }
    inventory.groups.entry(name.to_owned()).or_default();
    for (key, value) in table(group, name)? {
        match key {
            "hosts" => {
                for (pattern, vars) in table(value, name)? {
                    let vars = variables(vars, pattern)?;
                    for host in expand(pattern, MOST).map_err(ImportError::whole)? {
                        inventory.host(None, &host, vars.clone(), name)?;
                    }
                }
            }
            "vars" => {
                let vars = variables(value, name)?;
                inventory.groups.entry(name.to_owned()).or_default().vars.extend(vars);
            }
            "children" => {
                for (child, inner) in table(value, name)? {
                    let group = inventory.groups.entry(name.to_owned()).or_default();
                    group.children.insert(child.to_owned());
                    take(inventory, child, inner, depth + 1)?;
                }
            }
            other => {
                let message = format!("{name}: no key {other:?}; expected hosts, vars or children");
                return Err(ImportError::whole(message));
            }
        }
    }
    Ok(())
}

/// What stands in a table; nothing is an empty one.
fn table<'a>(value: &'a Value, of: &str) -> Result<Vec<(&'a str, &'a Value)>, ImportError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Object(map) => Ok(map.iter().map(|(key, value)| (key.as_str(), value)).collect()),
        _ => Err(ImportError::whole(format!("{of}: expected a table"))),
    }
}

/// Variables that are a text, a number or a switch; others say nothing about how to log in.
fn variables(value: &Value, of: &str) -> Result<Vars, ImportError> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(on) => Some(on.to_string()),
        _ => None,
    };
    let vars = table(value, of)?;
    Ok(vars.into_iter().filter_map(|(key, value)| Some((key.to_owned(), text(value)?))).collect())
}
