//! From a merged tree to a typed table, with every mistake instead of the first.

use figment::{
    Figment, Metadata, Profile, Provider,
    error::{Actual, Kind},
    value::{Dict, Map, Value},
};
use serde::de::DeserializeOwned;

use super::{KeyPath, mistake::Draft};

/// As many mistakes as are looked for in one table; whoever made more has the wrong file.
const MOST: usize = 200;

/// Reads a table. Serde stops at the first mistake, so what it stumbles over is noted and taken
/// out, and it is asked again. `None` when something is missing that cannot be done without.
pub(crate) fn read<T: DeserializeOwned>(mut tree: Dict) -> (Option<T>, Vec<Draft>) {
    let mut drafts = Vec::new();
    for _ in 0..MOST {
        let error = match Figment::from(Tree(&tree)).extract_lossy::<T>() {
            Ok(table) => return (Some(table), drafts),
            Err(error) => error,
        };
        let (draft, goes_on) = draft(error);
        let culprit = draft.path.clone();
        // A table out of which something was taken may no longer make sense: that is no news.
        if !drafts.iter().any(|earlier: &Draft| earlier.path.is_within(&culprit)) {
            drafts.push(draft);
        }
        if !goes_on || !remove(&mut tree, culprit.words()) {
            break;
        }
    }
    (None, drafts)
}

struct Tree<'a>(&'a Dict);

impl Provider for Tree<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named("litemon")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.0.clone())]))
    }
}

/// The mistake, and whether taking its value out lets the reading go on. Values are never repeated:
/// any of them may be a secret in the wrong place.
fn draft(error: figment::Error) -> (Draft, bool) {
    let path = KeyPath::new(error.path);
    match error.kind {
        Kind::UnknownField(_, valid) => {
            let draft = Draft::unknown_key(path, valid);
            (Draft { valid: Some(valid.to_vec()), ..draft }, true)
        }
        Kind::UnknownVariant(word, valid) => {
            (Draft::unknown_word(path, "word", &word, valid), true)
        }
        Kind::MissingField(field) => {
            (Draft::missing(path.child(field), "it is required here"), false)
        }
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => (
            Draft::value(path, format!("found {}, expected {}", sort(&found), plain(&expected))),
            true,
        ),
        Kind::Message(message) => (Draft::value(path, message), true),
        _ => (Draft::value(path, "cannot be read"), true),
    }
}

const fn sort(found: &Actual) -> &'static str {
    match found {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) => "a whole number",
        Actual::Float(_) => "a number with a fraction",
        Actual::Char(_) | Actual::Str(_) => "a string",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "something else",
    }
}

/// Rust's words for types, in those of a configuration file.
fn plain(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a map" => "a table",
        "a sequence" => "a list",
        "path string" => "a path",
        other if other.starts_with("struct ") => "a table",
        other if other.starts_with("enum ") || other.starts_with("variant ") => "a word",
        other => other,
    }
}

fn remove(tree: &mut Dict, path: &[String]) -> bool {
    match path {
        [] => false,
        [last] => tree.remove(last).is_some(),
        [head, rest @ ..] => tree.get_mut(head).is_some_and(|value| remove_within(value, rest)),
    }
}

fn remove_within(value: &mut Value, path: &[String]) -> bool {
    match (value, path) {
        (Value::Dict(_, dict), path) => remove(dict, path),
        (Value::Array(_, list), [index, rest @ ..]) => {
            let Some(index) = index.parse().ok().filter(|index| *index < list.len()) else {
                return false;
            };
            match list.get_mut(index) {
                Some(inner) if !rest.is_empty() => remove_within(inner, rest),
                _ => {
                    list.remove(index);
                    true
                }
            }
        }
        _ => false,
    }
}
