use crate::store::sql::Cause;

/// Why something was not done. Each text is one line for the one who asked for it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManageError {
    /// The principal may not do this.
    #[error("you may not {0}")]
    Forbidden(String),
    /// There is no such thing (any more).
    #[error("there is no {what} {name:?}")]
    NotFound {
        /// `user`, `server`, `job`, …
        what: &'static str,
        /// As it was asked for.
        name: String,
    },
    /// The name is in use.
    #[error("the {what} {name:?} is there already")]
    Taken {
        /// `user`, `server`, …
        what: &'static str,
        /// As it was asked for.
        name: String,
    },
    /// What was given cannot be accepted.
    #[error("{field}: {message}")]
    Invalid {
        /// Which field of the form or option of the command.
        field: &'static str,
        /// What is wrong with it, and what was expected.
        message: String,
    },
    /// It cannot be done now, as things are.
    #[error("{0}")]
    Conflict(String),
    /// A stored secret cannot be sealed or opened.
    #[error("{0}")]
    Vault(#[source] super::VaultError),
    /// The local database of litemon's own did not do what it was asked to.
    #[error("{place} cannot be {doing}")]
    Database {
        /// The file.
        place: String,
        /// `opened`, `read`, `written`.
        doing: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl From<super::VaultError> for ManageError {
    fn from(error: super::VaultError) -> Self {
        Self::Vault(error)
    }
}

impl ManageError {
    pub(super) fn database(place: String, doing: &'static str, cause: Cause) -> Self {
        Self::Database { place, doing, source: Box::new(cause) }
    }

    /// What was given in a field cannot be accepted.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field, message: message.into() }
    }
}
