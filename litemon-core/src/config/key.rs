use std::fmt;

/// The way to a value in the configuration: `servers.web-1.address`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(Vec<String>);

impl KeyPath {
    /// A path of these words, outermost first.
    #[must_use]
    pub fn new<I, S>(words: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        Self(words.into_iter().map(Into::into).collect())
    }

    /// The path one word further in.
    #[must_use]
    pub fn child(&self, word: impl Into<String>) -> Self {
        let mut words = self.0.clone();
        words.push(word.into());
        Self(words)
    }

    /// The path without its last word; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// The words, outermost first.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// Whether this is `other` or lies inside it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The path further in by a relative key such as `query.to`.
    pub(crate) fn join(&self, relative: &str) -> Self {
        let mut words = self.0.clone();
        words.extend(relative.split('.').filter(|word| !word.is_empty()).map(str::to_owned));
        Self(words)
    }
}

/// As it would be written in TOML: words that are not bare are quoted.
impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, word) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            let bare = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
            if !word.is_empty() && word.bytes().all(bare) {
                f.write_str(word)?;
            } else {
                write!(f, "{word:?}")?;
            }
        }
        Ok(())
    }
}
