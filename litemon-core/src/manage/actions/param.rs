//! Whether a value may be given to a parameter.

use std::collections::BTreeMap;

use regex::Regex;

use super::{Action, Param, ParamKind};
use crate::{manage::ManageError, model::Name};

/// The longest value of a parameter, in bytes.
const LONGEST: usize = 4096;

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

impl ParamKind {
    /// Whether this may be a value.
    ///
    /// # Errors
    /// What was expected, to stand behind "expected".
    pub fn accepts(&self, value: &str) -> Result<(), String> {
        let plain = value.len() <= LONGEST && !value.contains('\0');
        let good = plain
            && match self {
                Self::Choice(words) => words.iter().any(|word| word == value),
                Self::Number { min, max } => {
                    whole_number(value).is_some_and(|number| (*min..=*max).contains(&number))
                }
                Self::Text(pattern) => {
                    anchored(pattern).is_ok_and(|pattern| pattern.is_match(value))
                }
            };
        if good { Ok(()) } else { Err(self.expected()) }
    }

    /// What a value is to be: `one of start, stop`, `a whole number from 1 to 9`.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Number { min, max } => format!("a whole number from {min} to {max}"),
            Self::Text(pattern) => format!("a text that {pattern} matches as a whole"),
        }
    }
}

/// A number written in one way only, so that what was checked is what the command reads.
fn whole_number(value: &str) -> Option<i64> {
    let number = value.parse::<i64>().ok()?;
    (number.to_string() == value).then_some(number)
}

/// A pattern that has to match a text from its first to its last byte.
pub(super) fn anchored(pattern: &str) -> Result<Regex, regex::Error> {
    // Alone first: a group that is closed too early would let the anchors off.
    Regex::new(pattern)?;
    Regex::new(&format!(r"\A(?:{pattern})\z"))
}

/// Whether parameters are written as they have to be; else which is not, and why.
///
/// # Errors
/// The place of the first that is wrong, and what is wrong with it.
pub(crate) fn sound(params: &[Param]) -> Result<(), (usize, String)> {
    let mut variables = Vec::new();
    for (place, param) in params.iter().enumerate() {
        let variable = super::definition::variable(&param.name);
        let wrong = if Name::new(&param.name).is_err() {
            Some(format!("{:?} is not a name", param.name))
        } else if variables.contains(&variable) {
            Some(format!("{} is there twice", param.name))
        } else {
            unsound(param)
        };
        if let Some(message) = wrong {
            return Err((place, message));
        }
        variables.push(variable);
    }
    Ok(())
}

fn unsound(param: &Param) -> Option<String> {
    let Param { name, kind, default, .. } = param;
    match kind {
        ParamKind::Choice(words) if words.is_empty() => {
            return Some(format!("{name} has nothing to choose from"));
        }
        ParamKind::Number { min, max } if min > max => {
            return Some(format!("{name}: {min} is more than {max}"));
        }
        ParamKind::Text(pattern) => {
            if let Err(error) = anchored(pattern) {
                let line = error.to_string();
                let cause = line.lines().last().unwrap_or_default().trim().to_owned();
                return Some(format!("{name}: {pattern} is not a regular expression ({cause})"));
            }
        }
        _ => {}
    }
    let default = default.as_ref()?;
    let expected = kind.accepts(default).err()?;
    Some(format!("{name} cannot be {default:?} by default; expected {expected}"))
}
