//! The environment layer: `LITEMON__WEB__LISTEN` is `web.listen`.

use std::collections::BTreeMap;

use figment::value::{Dict, Value};

use super::{KeyPath, mistake::Mistake, mistake::Place};

const PREFIX: &str = "LITEMON__";

/// What the environment says: a tree of values, and the variable behind each.
#[derive(Debug, Default)]
pub(crate) struct EnvLayer {
    pub(crate) tree: Dict,
    pub(crate) variables: BTreeMap<KeyPath, String>,
    pub(crate) mistakes: Vec<Mistake>,
}

impl EnvLayer {
    /// Reads the variables with the prefix. `files` is what the files say: names that differ from
    /// one there only in case, or by `_` for `-`, mean that one, as variables are upper case.
    pub(crate) fn new(environment: &BTreeMap<String, String>, files: &Dict) -> Self {
        let mut layer = Self::default();
        for (name, text) in environment {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            let words: Vec<&str> = rest.split("__").collect();
            if words.iter().any(|word| word.is_empty()) {
                layer.mistakes.push(Mistake {
                    place: Some(Place::Variable(name.clone())),
                    key: String::new(),
                    message:
                        "names no key; expected levels between \"__\", as LITEMON__WEB__LISTEN"
                            .to_owned(),
                });
                continue;
            }
            let path = resolve(&words, files);
            insert(&mut layer.tree, &path, value(text));
            layer.variables.insert(KeyPath::new(path), name.clone());
        }
        layer
    }
}

fn resolve(words: &[&str], files: &Dict) -> Vec<String> {
    let mut here = Some(files);
    let mut path = Vec::with_capacity(words.len());
    for word in words {
        let lower = word.to_ascii_lowercase();
        let same = |key: &&String| fold(key) == fold(word);
        let key = match here {
            Some(dict) if !dict.contains_key(&lower) => dict.keys().find(same).cloned(),
            _ => None,
        }
        .unwrap_or(lower);
        here = here.and_then(|dict| dict.get(&key)).and_then(Value::as_dict);
        path.push(key);
    }
    path
}

fn fold(word: &str) -> String {
    word.to_ascii_lowercase().replace('-', "_")
}

/// Text stays text (a password of digits is no number); lists and tables are written as in TOML.
fn value(text: &str) -> Value {
    if text.starts_with(['[', '{'])
        && let Ok(value) = text.parse::<toml_edit::Value>()
    {
        return super::load::from_toml(&value);
    }
    Value::from(text)
}

fn insert(tree: &mut Dict, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            tree.insert(last.clone(), value);
        }
        [head, rest @ ..] => {
            let inner = tree.entry(head.clone()).or_insert_with(|| Value::from(Dict::new()));
            if inner.as_dict().is_none() {
                *inner = Value::from(Dict::new());
            }
            if let Value::Dict(_, inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}
