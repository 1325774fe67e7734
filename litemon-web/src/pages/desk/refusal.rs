//! What could not be done, in the words of the reader.

use http::StatusCode;
use litemon_core::manage::ManageError;

use crate::words::Words;

/// The status and the line of what could not be done. Of a fault of litemon's own database, the
/// cause stands in the log.
pub(crate) fn said(words: &Words, error: &ManageError) -> (StatusCode, String) {
    let words = &words.accounts;
    match error {
        ManageError::Forbidden(_) => (StatusCode::UNPROCESSABLE_ENTITY, words.forbidden.into()),
        ManageError::NotFound { name, .. } => (StatusCode::NOT_FOUND, words.gone(name.as_str())),
        ManageError::Taken { name, .. } => (StatusCode::CONFLICT, words.taken(name.as_str())),
        ManageError::Invalid { message, .. } => (StatusCode::UNPROCESSABLE_ENTITY, message.clone()),
        ManageError::Conflict(why) => (StatusCode::CONFLICT, why.clone()),
        error => {
            tracing::warn!(error = %litemon_core::model::Failure::internal(error).message,
                "what was asked for could not be done");
            (StatusCode::SERVICE_UNAVAILABLE, words.away_hint.into())
        }
    }
}
