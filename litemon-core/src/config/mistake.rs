use std::{fmt, path::PathBuf};

use super::KeyPath;
use crate::model::Name;

/// Where a mistake was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In a file.
    File {
        /// The file, as it was named or found.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
    },
    /// In an environment variable of that name.
    Variable(String),
    /// In a server that stands in no file.
    Managed(Name),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Managed(name) => write!(f, "managed server {name}"),
        }
    }
}

/// One thing that is wrong with the configuration. It never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistake {
    /// Where it was written; `None` when nothing was written at all.
    pub place: Option<Place>,
    /// The key; empty for a file that is not TOML.
    pub key: String,
    /// What is wrong and what was expected, in one line.
    pub message: String,
}

impl Mistake {
    /// Whether it says that a server stands in a file and was added while litemon ran, too.
    #[must_use]
    pub fn is_in_both(&self) -> bool {
        self.message.starts_with(IN_BOTH)
    }
}

/// How a mistake begins that is about a name in two places.
pub(crate) const IN_BOTH: &str = "is the name of a managed server too";

/// `litemon.toml:12:3: servers.web-1.adress: unknown key; did you mean "address"?`
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// Everything that is wrong with the configuration, in the order it was written; a line each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub(crate) const fn new(list: Vec<Mistake>) -> Self {
        Self(list)
    }

    /// Each mistake.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Never true of an error.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn lines(list: &[Mistake]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Whether a mistake is about the key or about what stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum At {
    Key,
    Value,
}

/// A mistake whose place is not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Draft {
    pub(crate) path: KeyPath,
    pub(crate) at: At,
    pub(crate) message: String,
    /// The word that was probably meant, in place of the path's last one.
    pub(crate) meant: Option<String>,
    /// It complains that something is not there.
    pub(crate) missing: bool,
    /// The keys that would have been valid in place of an unknown one.
    pub(crate) valid: Option<Vec<&'static str>>,
}

impl Draft {
    pub(crate) fn value(path: KeyPath, message: impl Into<String>) -> Self {
        Self {
            path,
            at: At::Value,
            message: message.into(),
            meant: None,
            missing: false,
            valid: None,
        }
    }

    pub(crate) fn key(path: KeyPath, message: impl Into<String>) -> Self {
        Self { at: At::Key, ..Self::value(path, message) }
    }

    pub(crate) fn missing(path: KeyPath, expected: &str) -> Self {
        let message = format!("is missing: {expected}");
        Self { missing: true, ..Self::key(path, message) }
    }

    /// A key that is not among `valid`.
    pub(crate) fn unknown_key(path: KeyPath, valid: &[&str]) -> Self {
        let word = path.words().last().cloned().unwrap_or_default();
        let meant = nearest(&word, valid).map(str::to_owned);
        let message = format!("unknown key; {}", expectation(meant.as_deref(), valid));
        Self { meant, ..Self::key(path, message) }
    }

    /// Whether it is there only because an earlier one took a value out: the key itself could not
    /// be read, the key that is missing was misspelt beside it, or a list lost an element.
    pub(crate) fn follows(&self, earlier: &[Self]) -> bool {
        earlier.iter().any(|cause| {
            let same = self.path.is_within(&cause.path) || cause.path.is_within(&self.path);
            let misspelt = cause.meant.as_ref().is_some_and(|meant| {
                cause.path.parent().is_some_and(|table| table.child(meant) == self.path)
            });
            let emptied = self.at == At::Value && cause.path.is_within(&self.path);
            self.missing && (same || misspelt) || emptied
        })
    }

    /// A word that is not among `valid`.
    pub(crate) fn unknown_word(path: KeyPath, what: &str, word: &str, valid: &[&str]) -> Self {
        let meant = nearest(word, valid);
        Self::value(path, format!("no {what} {word:?}; {}", expectation(meant, valid)))
    }
}

fn expectation(meant: Option<&str>, valid: &[&str]) -> String {
    match (meant, valid) {
        (Some(meant), _) => format!("did you mean {meant:?}?"),
        (None, []) => "there is none yet".to_owned(),
        (None, valid) => format!("expected {}", listed(valid)),
    }
}

/// `a, b or c`
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// The word nearest to a misspelt one, if any is near.
pub(crate) fn nearest<'a>(word: &str, valid: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    valid
        .iter()
        .map(|valid| (strsim::damerau_levenshtein(&word, &valid.to_lowercase()), *valid))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, valid)| valid)
}
