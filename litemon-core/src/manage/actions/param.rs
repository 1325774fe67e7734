//! Whether a value may be given to a parameter.

use std::collections::BTreeMap;

use super::{Action, Param};
use crate::manage::ManageError;

/// The field that mistakes name.
pub(super) const FIELD: &str = "param";

/// The values of all parameters of an action, in its order: given ones or those it has by itself.
///
/// # Errors
/// [`ManageError::Invalid`] names the first that is missing, unknown or may not be.
pub(super) fn values(
    action: &Action,
    given: &BTreeMap<String, String>,
) -> Result<Vec<(String, String)>, ManageError> {
    let known = |name: &&String| action.params.iter().any(|param| param.name == **name);
    if let Some(name) = given.keys().find(|name| !known(name)) {
        return Err(ManageError::invalid(FIELD, unknown(action, name)));
    }
    action.params.iter().map(|param| Ok((param.name.clone(), value(param, given)?))).collect()
}

fn unknown(action: &Action, name: &str) -> String {
    let names: Vec<&str> = action.params.iter().map(|param| param.name.as_str()).collect();
    if names.is_empty() {
        return format!("{} takes no parameters, so no {name:?}", action.name);
    }
    format!("{} has no parameter {name:?}; it takes {}", action.name, names.join(", "))
}

fn value(param: &Param, given: &BTreeMap<String, String>) -> Result<String, ManageError> {
    let value = given.get(&param.name).or(param.default.as_ref());
    let Some(value) = value else {
        let message = format!("{} is needed: {}", param.name, param.kind.expected());
        return Err(ManageError::invalid(FIELD, message));
    };
    match param.kind.accepts(value) {
        Ok(()) => Ok(value.clone()),
        Err(expected) => {
            let message = format!("{} cannot be {value:?}; expected {expected}", param.name);
            Err(ManageError::invalid(FIELD, message))
        }
    }
}
