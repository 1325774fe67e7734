use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// The name of a server, check, group, notifier or action: `[A-Za-z0-9][A-Za-z0-9._-]{0,62}`.
///
/// Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Arc<str>);

/// The text is not a [`Name`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a name: up to 63 letters, digits, '.', '_' and '-', the first a letter or digit"
)]
pub struct NameError(pub String);

impl Name {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// [`NameError`] when the text breaks the pattern.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let mut bytes = text.bytes();
        let head = bytes.next().is_some_and(|b| b.is_ascii_alphanumeric());
        let tail = bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if head && tail && text.len() <= 63 {
            Ok(Self(text.into()))
        } else {
            Err(NameError(text.to_owned()))
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.as_ref().to_owned()
    }
}

/// The full name of a check: `SERVER/CHECK`, or `messaging/…`, `stats/…`, `checks/…`.
///
/// The monitor's own faults (its journal, its store) are `litemon:…`, which no
/// configured check can be called. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckId(Arc<str>);

impl CheckId {
    /// `owner/name`.
    #[must_use]
    pub fn new(owner: &Name, name: &Name) -> Self {
        Self(format!("{owner}/{name}").into())
    }

    /// The check of a server that says whether it can be logged in to: `SERVER/ssh`.
    #[must_use]
    pub fn ssh(server: &Name) -> Self {
        Self(format!("{server}/ssh").into())
    }

    /// A part of the monitor itself, as `litemon:journal`.
    #[must_use]
    pub fn own(part: &'static str) -> Self {
        Self(format!("litemon:{part}").into())
    }

    /// Whether it is a part of the monitor itself.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.0.starts_with("litemon:")
    }

    /// Reads a full name, such as one typed by a person or kept in a database.
    ///
    /// # Errors
    /// [`NameError`] when it is neither `NAME/NAME` nor one of the monitor's own.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if let Some(part) = text.strip_prefix("litemon:") {
            Name::new(part)?;
            return Ok(Self(text.into()));
        }
        let (owner, name) = text.split_once('/').ok_or_else(|| NameError(text.to_owned()))?;
        Ok(Self::new(&Name::new(owner)?, &Name::new(name)?))
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the slash: the server, or `messaging`, `stats`, `checks`.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.split().0
    }

    /// What stands behind the slash.
    #[must_use]
    pub fn name(&self) -> &str {
        self.split().1
    }

    fn split(&self) -> (&str, &str) {
        self.0.split_once(['/', ':']).unwrap_or((&self.0, ""))
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for CheckId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
